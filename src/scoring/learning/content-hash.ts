/** A hash in two halves of 32 bits each; a sum of hashes does not depend on the order of the summands. */
export interface Hash {
  high: number
  low: number
}

const bits = new Float64Array(1)
const words = new Uint32Array(bits.buffer)

/** A whole number of 0..2^53-1 for a text: equal texts give equal numbers, in every process. Not for secrets. */
export function hashText(text: string): number {
  let high = 0x9e3779b9
  let low = 0x85ebca6b
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    high = Math.imul(high ^ unit, 0x01000193)
    low = Math.imul(low + unit, 0xcc9e2d51) ^ (low >>> 15)
  }
  return joined(scramble(high ^ text.length), scramble(low ^ high))
}

/** Adds the pair of a name (its hash) and a value to `sum`, so that the order of pairs does not matter. */
export function addPair(sum: Hash, name: number, value: number): void {
  bits[0] = value + 0 // -0 and 0 are the same value
  const [first = 0, second = 0] = words
  const low = scramble((name | 0) ^ Math.imul(first, 0xcc9e2d51) ^ second)
  sum.low = (sum.low + low) | 0
  sum.high = (sum.high + scramble(low ^ Math.imul(second, 0x1b873593) ^ first ^ (name / 2 ** 32))) | 0
}

/** One number of 0..2^53-1 for both halves. */
export function joined(high: number, low: number): number {
  return (high >>> 11) * 2 ** 32 + (low >>> 0)
}

/** Spreads every bit over all of them: the finalizer of MurmurHash3 (Appleby, public domain). */
export function scramble(word: number): number {
  let mixed = word ^ (word >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
