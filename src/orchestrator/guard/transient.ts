import { isHomeostatError } from '../../core/errors.js'
import { fieldOf, isRequestError } from './error-shape.js'

/**
 * Whether another attempt may help, as far as the error tells: not when it says that it is not retryable, when the target
 * answered that the request is wrong, or when it is a programmer's mistake.
 */
export function isTransient(error: unknown): boolean {
  if (isHomeostatError(error)) return error.retryable
  if (fieldOf(error, 'retryable') === false || fieldOf(error, 'isRetryable') === false) return false
  return !isRequestError(error) && !isProgrammersMistake(error)
}

/** A `TypeError` is one, except that `fetch` throws it when the network fails: its message or the code of its cause tells. */
function isProgrammersMistake(error: unknown): boolean {
  if (!(error instanceof TypeError) || networkMessages.has(error.message)) return false
  const code = fieldOf(fieldOf(error, 'cause'), 'code')
  return typeof code !== 'string' || !networkCode.test(code)
}

/** What undici says: when there is no connection, and when it ends too early. */
const networkMessages: ReadonlySet<string> = new Set(['fetch failed', 'terminated'])

/** `ECONNRESET`, `EAI_AGAIN`, `UND_ERR_SOCKET`, but not Node's own `ERR_INVALID_URL`. */
const networkCode = /^(?:UND_ERR_|E(?!RR_)[A-Z])/
