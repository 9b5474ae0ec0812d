/**
 * The value below which a standard normal variable lies with the given probability, to 0.00045.
 * Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.23.
 *
 * @param probability - In (0, 1).
 */
export function normalQuantile(probability: number): number {
  const tail = Math.min(probability, 1 - probability)
  const t = Math.sqrt(-2 * Math.log(tail))
  const size = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)))
  return probability < 0.5 ? -size : size
}
