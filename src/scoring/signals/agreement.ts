import { editDistance } from '../../core/similar-name.js'
import type { Signals } from './signal-value.js'

const samplesMax = 20
const comparedLengthMax = 400

/**
 * Signals from answering the same question several times: how many other samples agree with this answer. The question of how sure a
 * model is has no better answer that needs nothing but text.
 *
 * @param answer - The one that is judged.
 * @param samples - The others, without it; the first 20 count, and of each the first 400 characters by edit distance.
 * @returns `agreementExact`, `agreementNormalised`, `agreementByEdit`; nothing without other samples.
 * @example
 * ```ts
 * expect(agreementSignals('42', ['42', ' 42. ', '43'])).toEqual({
 *   agreementExact: 1 / 3,
 *   agreementNormalised: 2 / 3,
 *   agreementByEdit: 2.5 / 3,
 * })
 * ```
 */
export function agreementSignals(answer: string, samples: readonly string[]): Signals {
  const others = samples.slice(0, samplesMax)
  if (others.length === 0) return {}
  const normal = normalised(answer)
  const mean = (of: (other: string) => number): number => others.reduce((sum, other) => sum + of(other), 0) / others.length
  return {
    agreementExact: mean((other) => Number(other === answer)),
    agreementNormalised: mean((other) => Number(normalised(other) === normal)),
    agreementByEdit: mean((other) => likeness(normal, normalised(other))),
  }
}

/** Without case, spacing and punctuation at the ends, which say nothing about the answer. */
function normalised(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .replace(/^[\s"'`*.,;:!?]+|[\s"'`*.,;:!?]+$/g, '')
}

/** 1 for the same text, 0 for nothing in common. */
function likeness(a: string, b: string): number {
  const [left, right] = [a.slice(0, comparedLengthMax), b.slice(0, comparedLengthMax)]
  const length = Math.max(left.length, right.length)
  return length === 0 ? 1 : 1 - editDistance(left, right, length) / length
}
