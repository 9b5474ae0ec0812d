/** Above this many the bounds no longer change visibly, and the continued fraction takes longer. */
const weightMax = 100_000

/**
 * The value below which a Beta(`a`, `b`) variable lies with the given probability, to 2^-40.
 *
 * @param probability - In (0, 1).
 * @param a - Greater than 0, as is `b`.
 */
export function betaQuantile(probability: number, a: number, b: number): number {
  const scale = Math.min(1, weightMax / (a + b))
  let low = 0
  let high = 1
  for (let step = 0; step < 40; step += 1) {
    const middle = (low + high) / 2
    if (betaBelow(middle, a * scale, b * scale) < probability) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(X <= x) of a Beta(`a`, `b`) variable: the regularised incomplete beta function, DLMF 8.17. */
export function betaBelow(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // The fraction converges quickly on this side of the mean only; the other side is its mirror.
  if (x > (a + 1) / (a + b + 2)) return 1 - betaBelow(1 - x, b, a)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x)) / a
  return Math.min(1, front / fraction(x, a, b))
}

/** The continued fraction DLMF 8.17.22, from the front by the modified Lentz method (Thompson and Barnett, 1986). */
function fraction(x: number, a: number, b: number): number {
  let value = 1
  let c = 1
  let d = 0
  for (let n = 1; n <= 2_000; n += 1) {
    const m = Math.floor(n / 2)
    const term =
      n % 2 === 0 ? (m * (b - m) * x) / ((a + n - 1) * (a + n)) : -((a + m) * (a + b + m) * x) / ((a + n - 1) * (a + n))
    d = 1 / nonZero(1 + term * d)
    c = nonZero(1 + term / c)
    value *= c * d
    if (Math.abs(c * d - 1) < 1e-12) break
  }
  return value
}

function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value
}

/** Stirling's series, DLMF 5.11.1, after moving the argument up to where four terms are exact to 1e-12. */
function logGamma(x: number): number {
  let shift = 0
  let y = x
  while (y < 12) {
    shift += Math.log(y)
    y += 1
  }
  const inverse = 1 / (y * y)
  const series = (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse / 1680))) / y
  return (y - 0.5) * Math.log(y) - y + Math.log(2 * Math.PI) / 2 + series - shift
}
