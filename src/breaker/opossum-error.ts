import CircuitBreaker from 'opossum'

/** The codes that opossum puts on its own errors. */
export type OpossumErrorCode = 'EOPENBREAKER' | 'ETIMEDOUT' | 'ESEMLOCKED' | 'ESHUTDOWN'

/** An error as opossum makes it: with its `code`, and recognised by `CircuitBreaker.isOurError`. */
export function opossumError(message: string, code: OpossumErrorCode, cause?: unknown): Error {
  const error = new Error(message, cause === undefined ? undefined : { cause })
  Object.defineProperty(error, 'code', { value: code, enumerable: true, configurable: true, writable: true })
  for (const mark of ourErrorMarks())
    Object.defineProperty(error, mark, { value: true, enumerable: true, configurable: true, writable: true })
  return error
}

let marks: readonly symbol[] | undefined

/**
 * opossum marks its errors with a private symbol. It is read off one of its errors, so that everyone who asks opossum
 * recognises ours too; nothing else of that breaker is used, and it is shut down at once.
 */
function ourErrorMarks(): readonly symbol[] {
  if (marks !== undefined) return marks
  const lender = new CircuitBreaker(() => Promise.resolve(), {
    timeout: false,
    rollingPercentilesEnabled: false,
    enableSnapshots: false,
  })
  lender.once('reject', (error) => {
    marks = Object.getOwnPropertySymbols(error)
  })
  lender.open()
  lender.fire().catch(ignore)
  lender.shutdown()
  marks ??= []
  return marks
}

/** The lender's rejection is what we asked for. */
function ignore(): void {}
