/** What one attempt at healing left behind. */
export interface HealingAttempt {
  /** Errors that are left: a count, or a sum weighted by severity; 0 or more. */
  readonly errors: number
  /** How sure its author is, 0..1. It can hold a promotion back, and never makes up for errors. */
  readonly confidence?: number | undefined
  /** Of the code, 0..1. It breaks ties between equally many errors, and can hold a promotion back. */
  readonly quality?: number | undefined
  /** Lines that the errors are in, for their density; 0 or more. */
  readonly lines?: number | undefined
  /** What is being healed (`syntax`, a fingerprint); counts of one kind are never compared with those of another. 1 to 200 characters. */
  readonly kind?: string | undefined
  /** When it ended; for people and records, no decision depends on it. */
  readonly atMs?: number | undefined
}

const kindLengthMax = 200

/**
 * A frozen copy of an attempt, with its own fields only.
 *
 * @throws TypeError when it, or its kind, is of the wrong type; RangeError when a number is out of range or none.
 */
export function checkedAttempt(attempt: HealingAttempt): HealingAttempt {
  if (typeof attempt !== 'object' || attempt === null) {
    throw new TypeError(`Cannot use ${attempt === null ? 'null' : typeof attempt} as an attempt: it must be an object`)
  }
  const { errors, confidence, quality, lines, kind, atMs } = attempt
  within('errors', errors, Number.MAX_SAFE_INTEGER)
  if (confidence !== undefined) within('confidence', confidence, 1)
  if (quality !== undefined) within('quality', quality, 1)
  if (lines !== undefined) within('lines', lines, Number.MAX_SAFE_INTEGER)
  if (atMs !== undefined) within('atMs', atMs, Number.MAX_SAFE_INTEGER)
  if (kind !== undefined) checkKind(kind)
  return Object.freeze({
    errors,
    ...(confidence !== undefined && { confidence }),
    ...(quality !== undefined && { quality }),
    ...(lines !== undefined && { lines }),
    ...(kind !== undefined && { kind }),
    ...(atMs !== undefined && { atMs }),
  })
}

/** Errors in each line; `undefined` when the lines were not counted. An empty file counts as one line. */
export function densityOf({ errors, lines }: HealingAttempt): number | undefined {
  return lines === undefined ? undefined : errors / Math.max(1, lines)
}

function within(name: string, value: number, max: number): void {
  if (typeof value === 'number' && value >= 0 && value <= max) return
  throw new RangeError(`Cannot use ${String(value)} as "${name}" of an attempt: it must be a number from 0 to ${max}`)
}

function checkKind(kind: string): void {
  if (typeof kind !== 'string') throw new TypeError(`Cannot use a ${typeof kind} as "kind" of an attempt: it must be a string`)
  if (kind === '' || kind.length > kindLengthMax) {
    throw new RangeError(`Cannot use a "kind" of ${kind.length} characters: allowed are 1 to ${kindLengthMax}`)
  }
}
