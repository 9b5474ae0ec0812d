import { catalogue, type Catalogue, type ErrorCode } from './error-catalogue.js'

export type { ErrorCode } from './error-catalogue.js'

/** What a code's message is made of: the typed details of its row in the catalogue. */
export type ErrorDetails<C extends ErrorCode> = Parameters<Catalogue[C]['say']>[0]

const marker = Symbol.for('homeostat.error')

/**
 * The one error class of homeostat. Match on {@link code}; the class differs when two copies of the package are loaded,
 * the code and {@link isHomeostatError} do not. Every code is explained in `docs/errors.md`.
 */
export class HomeostatError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'HomeostatError'
  /** Stable, documented in `docs/errors.md`. */
  readonly code: C
  /** Whether the same request can succeed later, unchanged. */
  readonly retryable: boolean
  /** The values the message was made of, for machines. */
  readonly details: ErrorDetails<C>
  readonly [marker] = true

  constructor(code: C, details: ErrorDetails<C>, options?: { readonly cause?: unknown }) {
    const row = catalogue[code]
    // The details fit the row: the signature ties both to C, which the compiler cannot follow through an index.
    super((row.say as (details: ErrorDetails<C>) => string)(details), options)
    this.code = code
    this.retryable = row.retryable
    this.details = details
  }
}

/** Whether `error` is ours, and of the given code if one is named; also across two loaded copies of the package. */
export function isHomeostatError<C extends ErrorCode = ErrorCode>(error: unknown, code?: C): error is HomeostatError<C> {
  if (typeof error !== 'object' || error === null || !(marker in error)) return false
  return code === undefined || (error as { code?: unknown }).code === code
}
