/**
 * The lowest failure rate that `failures` of `calls` leave credible, 0..1. It holds however often one looks: the chance that it
 * *ever* exceeds the true rate of a stream of independent calls is at most `1 - confidence`. (An interval for one look, such as
 * Wilson's, is exceeded sooner or later if one looks after every call.) One failure in one call gives 0.025, not 1.
 *
 * It is the smallest rate that the mixture likelihood ratio with a uniform prior does not reject; Robbins (1970), "Statistical
 * methods related to the law of the iterated logarithm".
 *
 * @param failures - Whole, 0 to `calls`.
 * @param confidence - Above 0 and below 1.
 */
export function lowestFailureRatio(failures: number, calls: number, confidence: number): number {
  if (failures === 0) return 0
  const observed = failures / calls
  const limit = Math.log(1 / (1 - confidence))
  const mixture = logBeta(failures + 1, calls - failures + 1)
  const rejects = (ratio: number): boolean =>
    mixture - failures * Math.log(ratio) - (calls - failures) * Math.log1p(-ratio) >= limit
  // The evidence against a rate grows as the rate gets smaller; 40 halvings are more than a call could tell apart.
  let low = 0
  let high = observed
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2
    if (rejects(middle)) low = middle
    else high = middle
  }
  return low
}

function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b)
}

/** Logarithm of the gamma function for arguments of at least 1, by Stirling's series above 8; relative error below 1e-10. */
function logGamma(x: number): number {
  let shifted = x
  let product = 1
  for (; shifted < 8; shifted += 1) product *= shifted
  const inverse = 1 / shifted
  const square = inverse * inverse
  const series = inverse * (1 / 12 - square * (1 / 360 - square * (1 / 1_260 - square * (1 / 1_680))))
  return (shifted - 0.5) * Math.log(shifted) - shifted + Math.log(2 * Math.PI) / 2 + series - Math.log(product)
}
