/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

/** One level of a non-decreasing step function. */
export interface Level {
  /** The first and the last place that the level covers. */
  readonly from: number
  readonly to: number
  readonly value: number
}

/**
 * The non-decreasing function nearest to the given means in squares, by pooling neighbours that are in the wrong order (Ayer,
 * Brunk, Ewing, Reid and Silverman 1955).
 *
 * @param sums - For each place, in ascending order of the score: the sum of its values.
 * @param weights - For each place: how many values these are; places without any get the level around them.
 */
export function isotonic(sums: ArrayLike<number>, weights: ArrayLike<number>): readonly Level[] {
  const pools: { from: number; to: number; sum: number; weight: number }[] = []
  for (let place = 0; place < sums.length; place += 1) {
    let pool = { from: place, to: place, sum: sums[place] as number, weight: weights[place] as number }
    for (let before = pools.at(-1); before !== undefined; before = pools.at(-1)) {
      const inOrder = before.weight > 0 && pool.weight > 0 && before.sum * pool.weight < pool.sum * before.weight
      if (inOrder) break
      pools.pop()
      pool = { from: before.from, to: pool.to, sum: before.sum + pool.sum, weight: before.weight + pool.weight }
    }
    pools.push(pool)
  }
  return pools.map(({ from, to, sum, weight }) => ({ from, to, value: weight > 0 ? sum / weight : 0 }))
}
