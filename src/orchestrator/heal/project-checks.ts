import type { CommandResult, Workspace } from '../../core/ports.js'
import type { ValidationCheck } from '../../core/validation.js'
import { objectOf, parseObject } from '../../repair/dependencies/dependency-manifest.js'
import { packageManagerOf } from '../../repair/package-manager.js'
import { passes } from './progress.js'

/** A command of the project's own that a patch must not break. */
export interface ProjectCheck {
  readonly name: string
  readonly command: readonly string[]
}

const checkScripts = ['test', 'typecheck', 'lint'] as const

/** The scripts of package.json that say whether the project is well, without the one that `command` runs anyway. */
export function projectChecks(workspace: Workspace, command: readonly string[]): readonly ProjectCheck[] {
  const scripts = objectOf(parseObject(workspace.read('package.json'))?.['scripts'])
  if (scripts === undefined) return []
  const { manager } = packageManagerOf(workspace, '')
  return checkScripts.flatMap((name) => {
    const isReal = typeof scripts[name] === 'string' && !scripts[name].includes('no test specified')
    return isReal && !runsScript(command, name) ? [{ name, command: [manager, 'run', name] }] : []
  })
}

/** Runs the checks one after the other in the patched copy; only one that fails is run on the tree as it was, to see whether it did before. */
export async function runChecks(
  checks: readonly ProjectCheck[],
  patched: (command: readonly string[]) => Promise<CommandResult>,
  original: (command: readonly string[]) => Promise<CommandResult>,
): Promise<readonly ValidationCheck[]> {
  const done: ValidationCheck[] = []
  for (const { name, command } of checks) {
    const after = await patched(command)
    const check = checkOf(name, command, after)
    if (check.passed) done.push(check)
    else done.push({ ...check, passedBefore: checkOf(name, command, await original(command)).passed })
  }
  return done
}

/** How a check ended, as the validation report tells it. */
export function checkOf(name: string, command: readonly string[], run: CommandResult): ValidationCheck {
  return { name, command, passed: passes(run), exitCode: run.exitCode, durationMs: run.durationMs }
}

function runsScript([program, verb, name]: readonly string[], script: string): boolean {
  if (program === undefined || !['npm', 'pnpm', 'yarn', 'bun'].includes(program)) return false
  return verb === script || (script === 'test' && verb === 't') || ((verb === 'run' || verb === 'run-script') && name === script)
}
