import type { CommandResult, Workspace } from '../../core/ports.js'
import type { ValidationCheck } from '../../core/validation.js'
import { packageManagerOf } from '../../repair/package-manager.js'

/** A command of the project's own that a patch must not break. */
export interface ProjectCheck {
  readonly name: string
  readonly command: readonly string[]
}

const checkScripts = ['test', 'typecheck', 'lint'] as const

/** The scripts of package.json that say whether the project is well, without the one that `command` runs anyway. */
export function projectChecks(workspace: Workspace, command: readonly string[]): readonly ProjectCheck[] {
  const scripts = scriptsOf(workspace)
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

export function checkOf(
  name: string,
  command: readonly string[],
  { ending, exitCode, durationMs }: CommandResult,
): ValidationCheck {
  return { name, command, passed: ending === 'exited' && exitCode === 0, exitCode, durationMs }
}

function scriptsOf(workspace: Workspace): Readonly<Record<string, unknown>> | undefined {
  try {
    const manifest: unknown = JSON.parse((workspace.read('package.json') ?? '{}').replace(/^\ufeff/, ''))
    const scripts = typeof manifest === 'object' && manifest !== null && 'scripts' in manifest ? manifest.scripts : undefined
    // A record of unknown values is all that is claimed of it.
    return typeof scripts === 'object' && scripts !== null ? (scripts as Record<string, unknown>) : undefined
  } catch {
    // A manifest that does not parse names no scripts; that it is broken is the fault being healed.
    return undefined
  }
}

function runsScript([program, verb, name]: readonly string[], script: string): boolean {
  if (program === undefined || !['npm', 'pnpm', 'yarn', 'bun'].includes(program)) return false
  return verb === script || (script === 'test' && verb === 't') || ((verb === 'run' || verb === 'run-script') && name === script)
}
