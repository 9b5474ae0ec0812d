import type { Fault } from '../../core/fault.js'
import type { FileEdit } from '../../core/patch.js'
import type { CommandResult } from '../../core/ports.js'
import { oneLine } from '../../core/text.js'
import { classify } from '../../faults/classify.js'
import { fingerprintOf } from '../../faults/fingerprint.js'
import type { Step, Trial } from './trial.js'

/** At least one fault, the root first. */
export type Faults = readonly [Fault, ...Fault[]]

/** The command ended by itself, with success. */
export function passes(run: CommandResult): boolean {
  return run.ending === 'exited' && run.exitCode === 0
}

/** The faults of a failed run; never empty, for a command that failed has failed at something. */
export function faultsOf(run: CommandResult, command: readonly string[]): Faults {
  const exitCode = run.exitCode ?? 1
  const report = { output: run.output, command: command.join(' ') }
  const [root, ...others] = classify({ ...report, exitCode: exitCode === 0 ? 1 : exitCode })
  if (root === undefined)
    throw new RangeError(`Cannot classify a failed run of "${report.command}": classify() gave nothing for exit code ${exitCode}`)
  return run.ending === 'timed-out' ? [timedOut(run), root, ...others] : [root, ...others]
}

/** The code of a command that was stopped at its time limit. */
export const timedOutCode = 'TIMED_OUT'

/** What a command that hangs printed says little about why; that it hangs comes first. */
function timedOut({ durationMs, output }: CommandResult): Fault {
  const evidence = output
    .trimEnd()
    .split('\n')
    .slice(-12)
    .map((line) => oneLine(line, 300))
    .filter((line) => line !== '')
  const fault = {
    category: 'runtime',
    code: timedOutCode,
    message: `The command did not end within ${Math.round(durationMs / 1_000)} s and was stopped, with everything it had started`,
    details: {},
  } as const
  return { ...fault, severity: 'high', transient: false, fingerprint: fingerprintOf(fault), evidence }
}

/** The fault is gone, and what shows now is not just the same damaged file complaining elsewhere. */
export function advances(fault: Fault, next: Faults): boolean {
  if (next.some(({ fingerprint }) => fingerprint === fault.fingerprint)) return false
  const [root] = next
  return !(
    fault.category === 'syntax' &&
    root.category === 'syntax' &&
    fault.location !== undefined &&
    root.location?.file === fault.location.file
  )
}

/** What a wrong choice can lead to: code that runs and does something else, or an error in a file that was edited. */
const consequences: readonly Fault['category'][] = ['test', 'runtime', 'build']

/** Whether a choice made in the trial may have led to the fault. */
export function mayBeOurs(fault: Fault, trial: Trial): boolean {
  return trial.steps.some((step) => mayFollowFrom(fault, step))
}

/** Whether this step may have led to the fault: it is what a wrong choice anywhere can lead to, or it is in a file of the step. */
export function mayFollowFrom(fault: Fault, { proposal }: Step): boolean {
  return consequences.includes(fault.category) || isInEdited(fault, proposal.edits)
}

/** Whether the fault is in a file that a step of the trial edited. */
export function causedByUs(fault: Fault, trial: Trial): boolean {
  return trial.steps.some(({ proposal }) => isInEdited(fault, proposal.edits))
}

/** Whether the fault is in one of the edited files. */
export function isInEdited({ location }: Fault, edits: readonly Pick<FileEdit, 'path'>[]): boolean {
  const file = location?.file
  return file !== undefined && edits.some(({ path }) => file === path || file.endsWith(`/${path}`))
}

/** A path as the workspace names it, if it is an absolute one inside. */
export function relativeTo(root: string, file: string): string {
  return file.startsWith(`${root}/`) ? file.slice(root.length + 1) : file
}
