import type { KnownSignal } from '../known-signals.js'

/** What is known about an answer, by name; `undefined`, not a number, or out of its range counts as missing. */
export type Signals = Readonly<Record<string, number | boolean | undefined>>

/** The value of an own member, or `undefined` when it is missing or not a finite number or claim. */
export function readNumber(signals: Signals, name: string): number | undefined {
  if (!Object.hasOwn(signals, name)) return undefined
  const given: unknown = signals[name]
  if (typeof given === 'number') return given - given === 0 ? clamped(given) : undefined
  return typeof given === 'boolean' ? Number(given) : undefined
}

/** The value of a known signal, or `undefined` when it is missing or out of its range. */
export function readKnown(signals: Signals, { name, range: [min, max] }: KnownSignal): number | undefined {
  const value = readNumber(signals, name)
  return value !== undefined && value >= min && value <= max ? value : undefined
}

/** What a value adds in log odds. A registry of one's own may be wrong: what is no number adds nothing, and nothing adds more than 50. */
export function worthOf({ logOdds }: KnownSignal, value: number): number {
  const worth = logOdds(value)
  return Number.isNaN(worth) ? 0 : Math.max(-worthMax, Math.min(worthMax, worth)) + 0 // turns -0 into 0
}

const worthMax = 50

/** So far from zero, all values are alike; differences of clamped values do not overflow. */
const magnitudeMax = 1e150

function clamped(value: number): number {
  return value > magnitudeMax ? magnitudeMax : value < -magnitudeMax ? -magnitudeMax : value
}
