/** Hears about a listener that threw, or whose promise rejected. */
export type ListenerErrorHandler = (error: unknown) => void

/**
 * Calls a listener so that it can hurt nobody: what it throws, or rejects with later, goes to `report`, and what `report`
 * throws becomes a process warning.
 */
export function callListener(listener: () => unknown, report: ListenerErrorHandler): void {
  try {
    const result = listener()
    if (isThenable(result)) void Promise.resolve(result).catch((error: unknown) => tell(report, error))
  } catch (error) {
    tell(report, error)
  }
}

/** The default {@link ListenerErrorHandler}: a process warning, which neither hides the mistake nor ends the process. */
export function warnOfListener(error: unknown): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : 'it threw something that is not an Error'
  process.emitWarning(`A listener failed and was survived: ${text}`, { code: 'HS_LISTENER_FAILED' })
}

function tell(report: ListenerErrorHandler, error: unknown): void {
  try {
    report(error)
  } catch (second) {
    warnOfListener(second)
  }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
