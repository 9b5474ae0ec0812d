/**
 * The value of a field of something thrown, which may be anything: `undefined` when it has no such field, or when reading it
 * throws.
 */
export function fieldOf(thrown: unknown, name: string): unknown {
  if ((typeof thrown !== 'object' && typeof thrown !== 'function') || thrown === null) return undefined
  try {
    return Reflect.get(thrown, name) as unknown
  } catch {
    // A getter of a stranger's object: no field is as good as an unreadable one.
    return undefined
  }
}

/** The HTTP status that an error carries, where HTTP clients put it. */
export function statusOf(error: unknown): number | undefined {
  const candidates = [fieldOf(error, 'status'), fieldOf(error, 'statusCode'), fieldOf(fieldOf(error, 'response'), 'status')]
  return candidates.find((status): status is number => typeof status === 'number' && status >= 100 && status <= 599)
}

/** Whether the target answered that this request is wrong: an HTTP status 4xx that does not get better by waiting. */
export function isRequestError(error: unknown): boolean {
  const status = statusOf(error)
  return status !== undefined && status >= 400 && status < 500 && !transientStatuses.has(status)
}

/** Request Timeout, Conflict, Too Early, Too Many Requests. */
const transientStatuses: ReadonlySet<number> = new Set([408, 409, 425, 429])
