import type { Fault } from '../../core/fault.js'

/** A text that the fault tells by name; `undefined` when it does not, or tells nothing by it. */
export function detailOf({ details }: Fault, name: string): string | undefined {
  const value = Object.hasOwn(details, name) ? details[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}
