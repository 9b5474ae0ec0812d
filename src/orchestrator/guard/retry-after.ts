import { fieldOf } from './error-shape.js'

/** Errors are looked at with their causes, this deep: clients wrap what the transport threw. */
const depthMax = 4

/** A header longer than any delay or date is not one. */
const valueLengthMax = 100

/**
 * How long the target asks to be left alone, read from an error of a usual shape: the headers `retry-after-ms` and
 * `retry-after` (seconds, or an HTTP date) in `headers` or `response.headers`, as `Headers`, `Map` or plain object; the fields
 * `retryAfterMs` and `retryAfter` (seconds) of the error or of its `details`; the same of its causes.
 *
 * @param epochMs - The present time, for dates; milliseconds since 1970.
 * @returns Milliseconds, at least 0; `undefined` when it does not ask.
 */
export function retryAfterMsOf(error: unknown, epochMs: number): number | undefined {
  let current = error
  for (let depth = 0; depth < depthMax && current !== undefined; depth += 1) {
    const headers = [fieldOf(current, 'headers'), fieldOf(fieldOf(current, 'response'), 'headers')]
    const fields = [current, fieldOf(current, 'details')]
    const found = firstOf([
      ...headers.map((from) => milliseconds(header(from, 'retry-after-ms'))),
      ...fields.map((from) => milliseconds(fieldOf(from, 'retryAfterMs'))),
      ...headers.map((from) => secondsOrDate(header(from, 'retry-after'), epochMs)),
      ...fields.map((from) => secondsOrDate(fieldOf(from, 'retryAfter'), epochMs)),
    ])
    if (found !== undefined) return found
    current = fieldOf(current, 'cause')
  }
  return undefined
}

function firstOf(values: readonly (number | undefined)[]): number | undefined {
  return values.find((value) => value !== undefined)
}

function header(headers: unknown, name: string): unknown {
  const get = fieldOf(headers, 'get')
  if (typeof get === 'function') {
    try {
      return Reflect.apply(get, headers, [name]) as unknown
    } catch {
      // It only looked like a header list.
      return undefined
    }
  }
  return (
    fieldOf(headers, name) ??
    fieldOf(
      headers,
      name.replace(/(^|-)[a-z]/g, (start) => start.toUpperCase()),
    )
  )
}

function milliseconds(value: unknown): number | undefined {
  const number = numeric(value)
  return number === undefined ? undefined : Math.max(0, number)
}

function secondsOrDate(value: unknown, epochMs: number): number | undefined {
  const seconds = numeric(value)
  if (seconds !== undefined) return Math.max(0, seconds * 1_000)
  const text = one(value)
  if (typeof text !== 'string' || text.length > valueLengthMax) return undefined
  const dateMs = Date.parse(text)
  return Number.isNaN(dateMs) ? undefined : Math.max(0, dateMs - epochMs)
}

function numeric(value: unknown): number | undefined {
  const single = one(value)
  if (typeof single === 'number') return Number.isFinite(single) ? single : undefined
  if (typeof single !== 'string' || single.length > valueLengthMax || !/^\s*-?\d+(?:\.\d+)?\s*$/.test(single)) return undefined
  return Number(single)
}

/** Node gives repeated headers as a list; the first one counts. */
function one(value: unknown): unknown {
  return Array.isArray(value) ? (value[0] as unknown) : value
}
