/** How often a series changes sides, and how likely that is by chance. */
export interface Alternation {
  /** Stretches of values on one side of their mean; values equal to it belong to none. */
  readonly runs: number
  /** How likely values in random order have that many runs, or more, 0..1: small means it swings to and fro. */
  readonly pValue: number
}

/**
 * Whether a series swings to and fro more than chance would let it: the exact runs test of Wald and Wolfowitz (1940) about the
 * mean, upper tail. The mean does not depend on the order, so the test is exact whatever the values are.
 */
export function alternation(values: readonly number[]): Alternation {
  // Compared without a division, which would put a count that equals the mean on one side or the other.
  const total = values.reduce((sum, value) => sum + value, 0)
  const sides = values.map((value) => Math.sign(value * values.length - total)).filter((side) => side !== 0)
  const runs = sides.filter((side, index) => side !== sides[index - 1]).length
  const above = sides.filter((side) => side > 0).length
  return { runs, pValue: chanceOfRuns(runs, above, sides.length - above) }
}

/** How likely `many` values of one side and `others` of the other have at least so many runs. */
function chanceOfRuns(runsMin: number, many: number, others: number): number {
  if (many === 0 || others === 0) return 1
  let ways = 0
  for (let runs = runsMin; runs <= many + others; runs += 1) {
    const half = runs >> 1
    ways +=
      runs % 2 === 0
        ? 2 * choose(many - 1, half - 1) * choose(others - 1, half - 1)
        : choose(many - 1, half) * choose(others - 1, half - 1) + choose(many - 1, half - 1) * choose(others - 1, half)
  }
  return Math.min(1, ways / choose(many + others, many))
}

/** Exact up to some 50 things: every step is a whole number below 2^53. */
function choose(things: number, taken: number): number {
  if (taken < 0 || taken > things) return 0
  let ways = 1
  for (let index = 1; index <= taken; index += 1) ways = (ways * (things - taken + index)) / index
  return ways
}
