import { wilsonInterval } from '../../breaker/trend/wilson.js'
import type { World } from '../../core/world.js'
import { untilAborted } from '../abort.js'

/** How a service has fared so far: counts that only grow. */
export interface ServiceCounts {
  readonly calls: number
  /** Of these, the ones that failed. */
  readonly failures: number
}

/** Reads how the service fares that the healed project runs as. */
export type Telemetry = (options: { readonly signal: AbortSignal }) => Promise<ServiceCounts>

export interface WatchOptions {
  readonly telemetry: Telemetry
  /** What it said before the patch was applied. */
  readonly before: ServiceCounts
  /** How long, and how often, it is looked at. */
  readonly durationMs: number
  readonly intervalMs: number
  readonly world: World
  readonly signal: AbortSignal
}

/** What a watch saw. `regression`: why the patch has to go. `blind`: why nobody can say. */
export type Watched = { readonly kind: 'well' } | { readonly kind: 'regression' | 'blind'; readonly reason: string }

/** A chance of about one in 740, one-sided, that a share at the bound is as good as it was; it is asked a few times in a row. */
const sigmas = 3
/** So few calls say nothing either way. */
const callsMin = 5

/**
 * Looks for a while at how the service fares after a patch, and ends at once when it fares worse than before beyond doubt: the
 * intervals of the two failure rates do not touch (Wilson, three standard deviations each).
 */
export async function watch({ telemetry, before, durationMs, intervalMs, world, signal }: WatchOptions): Promise<Watched> {
  const startedMs = world.clock.monoMs()
  let seen = false
  for (let leftMs = durationMs; leftMs > 0; leftMs = durationMs - (world.clock.monoMs() - startedMs)) {
    await world.clock.sleep(Math.min(intervalMs, leftMs), signal)
    const now = await readCounts(telemetry, signal)
    if (typeof now === 'string') return { kind: 'blind', reason: now }
    const since = { calls: now.calls - before.calls, failures: now.failures - before.failures }
    if (since.calls < 0 || since.failures < 0) return { kind: 'blind', reason: 'the counts of the telemetry went back' }
    seen ||= since.calls >= callsMin
    if (seen && isWorse(before, since)) return { kind: 'regression', reason: wordsFor(before, since) }
  }
  return seen ? { kind: 'well' } : { kind: 'blind', reason: `the service had fewer than ${callsMin} calls meanwhile` }
}

/** What the telemetry says; in words why it says nothing of use. */
export async function readCounts(telemetry: Telemetry, signal: AbortSignal): Promise<ServiceCounts | string> {
  try {
    const { calls, failures } = await untilAborted(telemetry({ signal }), signal)
    const isSound = Number.isFinite(calls) && failures >= 0 && failures <= calls
    return isSound ? { calls, failures } : `the telemetry said ${String(failures)} failures in ${String(calls)} calls`
  } catch (error) {
    signal.throwIfAborted()
    return `the telemetry failed: ${error instanceof Error ? error.message : String(error)}`
  }
}

function isWorse(before: ServiceCounts, since: ServiceCounts): boolean {
  const highest = before.calls === 0 ? 0 : wilsonInterval(before.failures, before.calls, sigmas).high
  return wilsonInterval(since.failures, since.calls, sigmas).low > highest
}

function wordsFor(before: ServiceCounts, since: ServiceCounts): string {
  const share = ({ calls, failures }: ServiceCounts): string =>
    `${failures} of ${calls} calls (${calls === 0 ? 0 : ((100 * failures) / calls).toPrecision(2)} %)`
  return `since the patch ${share(since)} failed, before it ${share(before)}, so it was rolled back`
}
