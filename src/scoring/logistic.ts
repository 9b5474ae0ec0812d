/** 1 / (1 + e^-x); never overflows. */
export function logistic(logOdds: number): number {
  return 1 / (1 + Math.exp(-logOdds))
}

/** The log odds of a probability, kept within ±`logOddsMax` so that 0 and 1 stay finite. */
export function logOddsOf(probability: number): number {
  return Math.max(-logOddsMax, Math.min(logOddsMax, Math.log(probability / (1 - probability))))
}

/** What one answer costs in log loss (natural logarithm), from its log odds. */
export function logLossOf(logOdds: number, correct: number): number {
  const margin = correct === 1 ? logOdds : -logOdds
  // log(1 + e^-m) without overflow on either side.
  return margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin
}

/** Beyond it the logistic function is 0 or 1 to the last bit but a few. */
const logOddsMax = 34
