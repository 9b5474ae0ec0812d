import type { Metrics, ReliabilityBin } from './metrics.js'

type Reliability = Pick<Metrics, 'reliability' | 'samples' | 'ece' | 'brier'>

const side = 320
const margin = 40

/**
 * A reliability diagram as an SVG document: probability to the right, share of right answers up, one dot for each bin, its area by the
 * number of answers. Dots on the diagonal are calibrated.
 *
 * @example
 * ```ts
 * const reliability = [{ from: 0.6, to: 0.9, samples: 40, confidence: 0.75, accuracy: 0.8 }]
 * expect(reliabilitySvg({ reliability, samples: 40, ece: 0.05, brier: 0.16 })).toContain('<circle')
 * ```
 */
export function reliabilitySvg({ reliability, samples, ece, brier }: Reliability): string {
  const x = (ratio: number): string => (margin + ratio * side).toFixed(1)
  const y = (ratio: number): string => (margin + (1 - ratio) * side).toFixed(1)
  const ticks = [0, 0.25, 0.5, 0.75, 1].map(
    (tick) =>
      `<text x="${x(tick)}" y="${margin + side + 16}" text-anchor="middle">${tick}</text>` +
      `<text x="${margin - 6}" y="${y(tick)}" text-anchor="end" dominant-baseline="middle">${tick}</text>`,
  )
  const dots = reliability.map(
    (bin) =>
      `<circle cx="${x(bin.confidence)}" cy="${y(bin.accuracy)}" r="${radiusOf(bin, samples)}" fill="#2563eb" fill-opacity="0.7">` +
      `<title>${sentence(bin)}</title></circle>`,
  )
  const size = side + 2 * margin
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${size} ${size}" font-family="sans-serif" font-size="11" role="img">`,
    `<title>Reliability: ${samples} answers, ECE ${ece.toFixed(3)}, Brier ${brier.toFixed(3)}</title>`,
    `<rect x="${margin}" y="${margin}" width="${side}" height="${side}" fill="none" stroke="#94a3b8"/>`,
    `<line x1="${x(0)}" y1="${y(0)}" x2="${x(1)}" y2="${y(1)}" stroke="#94a3b8" stroke-dasharray="4 4"/>`,
    ...ticks,
    ...dots,
    `<text x="${margin + side / 2}" y="${size - 6}" text-anchor="middle">stated probability</text>`,
    `<text x="12" y="${margin - 14}">share that was right</text>`,
    '</svg>',
  ].join('\n')
}

const barWidth = 20

/** The same as text: for each bin the probability, the share that was right, a bar of it, and where the bar should end. */
export function reliabilityText({ reliability, samples, ece, brier }: Reliability): string {
  const lines = reliability.map(({ confidence, accuracy, samples: count }) => {
    const mark = Math.round(confidence * barWidth)
    const bar = Array.from({ length: barWidth + 1 }, (_, at) =>
      at === mark ? '|' : at < Math.round(accuracy * barWidth) ? '#' : ' ',
    ).join('')
    return `${confidence.toFixed(2)}  ${accuracy.toFixed(2)}  ${bar}  ${count}`
  })
  return [
    `stated  right (# right, | stated)  answers`,
    ...lines,
    `ECE ${ece.toFixed(3)}, Brier ${brier.toFixed(3)}, ${samples} answers`,
  ].join('\n')
}

/** The area says how many; 15 equal bins get a radius of 6. */
function radiusOf({ samples }: ReliabilityBin, total: number): string {
  return Math.min(14, 6 * Math.sqrt((15 * samples) / Math.max(1, total))).toFixed(1)
}

function sentence({ confidence, accuracy, samples }: ReliabilityBin): string {
  return `${samples} answers: stated ${confidence.toFixed(3)}, right ${accuracy.toFixed(3)}`
}
