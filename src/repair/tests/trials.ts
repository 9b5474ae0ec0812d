import type { FileEdit } from '../../core/patch.js'
import type { Rehearse } from '../../core/repairer.js'

/** Candidates are run in the order of their weight; a limit ends the search, and some runs after the first success. */
export interface TrialOptions<T> {
  readonly candidates: readonly T[]
  readonly rehearse: Rehearse
  readonly signal: AbortSignal
  /** Commands that must all pass, the fastest first. */
  readonly commands: readonly { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> }[]
  readonly timeoutMs: number
  readonly runsMax: number
  readonly totalMsMax: number
  edit(candidate: T): FileEdit
  /** How many more candidates are run once `survivors` have passed; decides whether another explanation could be as good. */
  isDecided(survivors: readonly T[], next: T, since: number): boolean
}

export interface TrialsResult<T> {
  readonly survivors: readonly T[]
  /** Candidates that were run. */
  readonly tried: number
  readonly isExhausted: boolean
}

/** Runs candidates until it is decided which of them pass, or the limits are reached. */
export async function runTrials<T>(options: TrialOptions<T>): Promise<TrialsResult<T>> {
  const { candidates, signal, runsMax, totalMsMax, isDecided } = options
  const survivors: T[] = []
  const spent = { runs: 0, ms: 0, isSpent: false }
  let tried = 0
  let firstAt = 0
  for (const candidate of candidates) {
    if (survivors.length > 0 && isDecided(survivors, candidate, tried - firstAt)) break
    if (spent.runs >= runsMax || spent.ms >= totalMsMax || spent.isSpent) break
    signal.throwIfAborted()
    tried += 1
    if (await passesAll(candidate, options, spent)) {
      if (survivors.length === 0) firstAt = tried
      survivors.push(candidate)
    }
  }
  return { survivors, tried, isExhausted: tried === candidates.length }
}

async function passesAll<T>(
  candidate: T,
  { rehearse, commands, timeoutMs, edit }: TrialOptions<T>,
  spent: { runs: number; ms: number; isSpent: boolean },
): Promise<boolean> {
  for (const { command, env } of commands) {
    spent.runs += 1
    const run = await rehearse(command, { edits: [edit(candidate)], env, timeoutMs })
    if (!run.ran) {
      spent.isSpent ||= run.spent
      return false
    }
    spent.ms += run.result.durationMs
    if (run.result.ending !== 'exited' || run.result.exitCode !== 0) return false
  }
  return true
}
