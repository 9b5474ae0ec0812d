/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import { isotonic } from './isotonic.js'

/** The two probabilities of an answer: if it were wrong, and if it were right. The true one is between them on average. */
export type ProbabilityPair = readonly [number, number]

const placesMax = 100

/**
 * Venn-Abers prediction (Vovk and Petej 2012) on scores put into at most a hundred places of equal mass: for each place, the level of
 * isotonic regression there when one more answer with that score is wrong, and when it is right.
 *
 * @param scores - Any monotone scale; from weights that have not seen the task.
 * @param correct - 1 for right.
 * @returns The pair of a score, by binary search.
 */
export function vennAbers(scores: Float64Array, correct: Uint8Array): (score: number) => ProbabilityPair {
  const order = Int32Array.from(scores.keys()).sort((a, b) => (scores[a] as number) - (scores[b] as number))
  const size = Math.ceil(order.length / placesMax)
  const edges: number[] = []
  const sums: number[] = []
  const weights: number[] = []
  let previous = Number.NaN
  order.forEach((row) => {
    const score = scores[row] as number
    // Equal scores share a place.
    if (edges.length === 0 || ((weights.at(-1) ?? 0) >= size && score !== previous)) {
      edges.push(score)
      sums.push(0)
      weights.push(0)
    }
    const place = edges.length - 1
    sums[place] = (sums[place] as number) + (correct[row] as number)
    weights[place] = (weights[place] as number) + 1
    previous = score
  })
  const pairs = edges.map((_, place): ProbabilityPair => [levelAt(place, 0), levelAt(place, 1)])
  return (score) => pairs[placeOf(edges, score)] ?? [0, 1]

  function levelAt(place: number, right: 0 | 1): number {
    const levels = isotonic(
      sums.map((sum, at) => (at === place ? sum + right : sum)),
      weights.map((weight, at) => (at === place ? weight + 1 : weight)),
    )
    return levels.find(({ to }) => to >= place)?.value ?? right
  }
}

/** The last place that begins at or below `score`. */
function placeOf(edges: readonly number[], score: number): number {
  let low = 0
  let high = edges.length
  while (high - low > 1) {
    const middle = (low + high) >> 1
    if ((edges[middle] as number) <= score) low = middle
    else high = middle
  }
  return low
}
