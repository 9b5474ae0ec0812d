import CircuitBreaker from 'opossum'

/** The codes that opossum puts on its own errors. */
export type OpossumErrorCode = 'EOPENBREAKER' | 'ETIMEDOUT' | 'ESEMLOCKED' | 'ESHUTDOWN'

/** An error as opossum makes it: with its `code`, and recognised by `CircuitBreaker.isOurError`. */
export function opossumError(message: string, code: OpossumErrorCode, cause?: unknown): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause })
  return Object.assign(error, { code }, ourMark())
}

let mark: object | undefined

/**
 * opossum marks its errors with a private symbol. It is read off one of its errors, so that everyone who asks opossum
 * recognises ours too; nothing else of that breaker is used, and it is shut down at once.
 */
function ourMark(): object {
  if (mark !== undefined) return mark
  let symbols: readonly symbol[] = []
  const lender = new CircuitBreaker(() => Promise.resolve(), {
    timeout: false,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  })
  lender.once('reject', (error) => {
    symbols = Object.getOwnPropertySymbols(error)
  })
  lender.open()
  lender.fire().catch(ignore)
  lender.shutdown()
  mark = Object.fromEntries(symbols.map((symbol) => [symbol, true]))
  return mark
}

/** The lender's rejection is what we asked for. */
function ignore(): void {}
