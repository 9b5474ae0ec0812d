import type { Clock } from '../core/world.js'

/** When to check, and whom to tell. */
export interface HealthCheckOptions {
  /** From the end of one check to the start of the next. */
  readonly intervalMs: number
  /** Ends the checks. */
  readonly signal: AbortSignal
  readonly clock: Clock
  /** Hears what a check threw. */
  readonly failed: (error: unknown) => void
}

/** Checks at once and then again and again, one check at a time, until the signal aborts. Does not keep the process alive. */
export async function checkHealth(
  check: () => unknown,
  { intervalMs, signal, clock, failed }: HealthCheckOptions,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await check()
    } catch (error) {
      failed(error)
    }
    // It rejects when the signal aborts, which ends the loop.
    await clock.sleep(intervalMs, signal, { background: true }).catch(() => undefined)
  }
}
