import type { Patch } from '../../core/patch.js'
import type { CommandResult, Workspace } from '../../core/ports.js'
import type { AbsentCheck, ValidationCheck } from '../../core/validation.js'
import { objectOf, parseObject } from '../../repair/dependencies/dependency-manifest.js'
import { packageManagerOf } from '../../repair/package-manager.js'
import { faultsOf, isInEdited, passes } from './progress.js'

/** A command of the project's own that a patch must not break. */
export interface ProjectCheck {
  readonly name: string
  readonly command: readonly string[]
}

/** What the project itself can say of a patch, and what it cannot. */
export interface ProjectChecks {
  readonly checks: readonly ProjectCheck[]
  readonly absent: readonly AbsentCheck[]
}

/** What a project may have, by the names that scripts of package.json usually give it; the first of them is taken. */
const known: readonly { readonly name: string; readonly scripts: readonly string[] }[] = [
  { name: 'test', scripts: ['test'] },
  { name: 'typecheck', scripts: ['typecheck', 'type-check', 'check-types', 'test:types', 'types', 'tsc'] },
  { name: 'lint', scripts: ['lint'] },
  { name: 'docs', scripts: ['test:docs', 'docs:test', 'doctest'] },
]

/** The checks of a project that say whether it is well, without the one that `command` runs anyway. */
export function projectChecks(workspace: Workspace, command: readonly string[]): ProjectChecks {
  const scripts = objectOf(parseObject(workspace.read('package.json'))?.['scripts']) ?? {}
  const { manager } = packageManagerOf(workspace, '')
  const checks: ProjectCheck[] = []
  const absent: AbsentCheck[] = [neverMeasured]
  for (const { name, scripts: names } of known) {
    const script = names.find((one) => typeof scripts[one] === 'string' && !scripts[one].includes('no test specified'))
    if (script === undefined) {
      const compiler = name === 'typecheck' ? compilerOf(workspace) : undefined
      if (compiler !== undefined) checks.push({ name, command: compiler })
      else absent.push({ name, reason: `package.json has no script ${names.map((one) => `"${one}"`).join(' or ')}` })
    } else if (!runsScript(command, script)) checks.push({ name, command: [manager, 'run', script] })
  }
  return { checks, absent }
}

/** What nobody measures is said, never implied. */
const neverMeasured: AbsentCheck = { name: 'coverage', reason: 'whether the tests still reach as many lines is not measured' }

/** The project's own compiler, where it has one and a configuration for it. */
function compilerOf(workspace: Workspace): readonly string[] | undefined {
  const compiler = 'node_modules/typescript/bin/tsc'
  if (workspace.stat('tsconfig.json') === undefined || workspace.stat(compiler) === undefined) return undefined
  return ['node', compiler, '--noEmit', '--project', 'tsconfig.json']
}

/**
 * Runs the checks one after the other in the patched copy; only one that fails is run on the tree as it was, to see whether it did
 * before, and with the same faults.
 *
 * @param edits - Of the patch: only in their files a fault can be new because of it.
 */
export async function runChecks(
  checks: readonly ProjectCheck[],
  edits: Patch['edits'],
  patched: (command: readonly string[]) => Promise<CommandResult>,
  original: (command: readonly string[]) => Promise<CommandResult>,
): Promise<readonly ValidationCheck[]> {
  const done: ValidationCheck[] = []
  for (const { name, command } of checks) {
    const after = await patched(command)
    const check = checkOf(name, command, after)
    if (check.passed) done.push(check)
    else done.push({ ...check, ...comparedWith(await original(command), after, { command, edits }) })
  }
  return done
}

/** What a check that fails showed on the tree as it was. */
function comparedWith(
  before: CommandResult,
  after: CommandResult,
  { command, edits }: { readonly command: readonly string[]; readonly edits: Patch['edits'] },
): Pick<ValidationCheck, 'passedBefore' | 'newFaults' | 'faultsInEdited'> {
  if (passes(before)) return { passedBefore: true }
  const shown = faultsOf(before, command)
  const known = new Set(shown.map(({ fingerprint }) => fingerprint))
  // A file that did not parse hid its other faults, and what shows elsewhere may have been hidden as well.
  const isHidden = shown.some(({ category }) => category === 'syntax')
  const inEdited = faultsOf(after, command).filter((fault) => isInEdited(fault, edits))
  const newFaults = isHidden ? 0 : inEdited.filter((fault) => !known.has(fault.fingerprint)).length
  return { passedBefore: false, newFaults, faultsInEdited: inEdited.length }
}

/** Whether a check speaks against a patch: it passed before, or shows a fault that was not there. */
export function isBroken({ passed, passedBefore, newFaults = 0 }: ValidationCheck): boolean {
  return !passed && (passedBefore !== false || newFaults > 0)
}

/** How a check ended, as the validation report tells it. */
export function checkOf(name: string, command: readonly string[], run: CommandResult): ValidationCheck {
  return { name, command, passed: passes(run), exitCode: run.exitCode, durationMs: run.durationMs }
}

function runsScript([program, verb, name]: readonly string[], script: string): boolean {
  if (program === undefined || !['npm', 'pnpm', 'yarn', 'bun'].includes(program)) return false
  return verb === script || (script === 'test' && verb === 't') || ((verb === 'run' || verb === 'run-script') && name === script)
}
