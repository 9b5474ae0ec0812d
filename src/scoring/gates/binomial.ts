/** P(X <= successes) of a binomial variable, summed from its terms in logarithms. */
export function binomialTail(successes: number, trials: number, probability: number): number {
  if (successes >= trials) return 1
  const logOdds = Math.log(probability) - Math.log1p(-probability)
  let logTerm = trials * Math.log1p(-probability)
  let sum = Math.exp(logTerm)
  for (let k = 1; k <= successes; k += 1) {
    logTerm += Math.log((trials - k + 1) / k) + logOdds
    sum += Math.exp(logTerm)
  }
  return Math.min(1, sum)
}
