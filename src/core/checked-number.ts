/**
 * The value, when it is a number from `min` to `max`.
 *
 * @throws RangeError otherwise, also for `NaN` and for what is no number.
 */
export function within(name: string, value: number, min: number, max: number = Number.MAX_SAFE_INTEGER): number {
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw new RangeError(`Cannot use ${String(value)} as "${name}": it must be a number from ${min} to ${max}`)
}

/**
 * The value, when it is a whole number from `min` to `max`.
 *
 * @throws RangeError otherwise.
 */
export function whole(name: string, value: number, min: number, max?: number): number {
  if (!Number.isInteger(value)) throw new RangeError(`Cannot use ${String(value)} as "${name}": it must be a whole number`)
  return within(name, value, min, max)
}
