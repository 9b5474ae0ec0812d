import type { Rule } from './rule.js'

/** Finds, for a line, the rules one of whose hints it holds. */
export interface HintIndex {
  /** In the order of the rules, which is the order in which they are asked. */
  rulesFor(line: string): readonly Rule[]
}

/**
 * An index of hints by their first two characters: one pass over a line, whatever the number of rules. Asking every hint of
 * every rule for every line took most of the time of a classification.
 */
export function createHintIndex(rules: readonly Rule[]): HintIndex {
  const buckets: Entry[][] = []
  /** Number of the bucket of a hash, counted from 1. */
  const bucketOf = new Uint16Array(hashes)
  /** Rules that read every line: a hint of fewer than two characters says nothing. */
  const everywhere: number[] = []
  for (const [order, rule] of rules.entries()) {
    if (rule.hints.some((hint) => hint.length < 2)) everywhere.push(order)
    for (const hint of new Set(rule.hints)) {
      if (hint.length < 2) continue
      const hash = hashAt(hint, 0)
      const bucket = buckets[(bucketOf[hash] ?? 0) - 1]
      if (bucket === undefined) bucketOf[hash] = buckets.push([{ hint, order }])
      else bucket.push({ hint, order })
    }
  }
  // The line in which a rule was found last: cheaper than a new set for every line.
  const seenIn = new Int32Array(rules.length)
  let lineNumber = 0

  return {
    // Written plainly, for it looks at every character of an output.
    rulesFor(line) {
      lineNumber += 1
      const found: number[] = []
      for (const order of everywhere) {
        seenIn[order] = lineNumber
        found.push(order)
      }
      for (let at = 0; at < line.length - 1; at += 1) {
        const number = bucketOf[hashAt(line, at)]
        if (number === undefined || number === 0) continue
        for (const { hint, order } of buckets[number - 1] ?? none) {
          if (seenIn[order] === lineNumber || !line.startsWith(hint, at)) continue
          seenIn[order] = lineNumber
          found.push(order)
        }
      }
      if (found.length > 1) found.sort((a, b) => a - b)
      return found.flatMap((order) => rules[order] ?? [])
    },
  }
}

interface Entry {
  readonly hint: string
  /** Of the rule among all. */
  readonly order: number
}

const none: readonly Entry[] = []
const hashes = 65_536

/** Of two characters; exact for Latin letters, and told apart by the comparison after it for all others. */
function hashAt(text: string, at: number): number {
  return ((text.charCodeAt(at) & 255) << 8) | (text.charCodeAt(at + 1) & 255)
}
