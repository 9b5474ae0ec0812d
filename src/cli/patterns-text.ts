import type { KnowledgeAnalysis, Prediction, SearchHit, Tally } from '../memory/index.js'
import { duration } from './terminal.js'

/** A prediction for people: `  dependency: 4 of 5 worked, more than 45 % in all likelihood, about 1.2 s`. */
export function predictionText({ strategy, worked, failed, lowerBound, costMsMean, match, recipe }: Prediction): string {
  const kind = recipe === undefined ? 'no recipe' : `recipe ${recipe.kind}`
  const where = match === 'similar' ? ', at faults like this one' : ''
  return `  ${strategy}: ${rate(worked, failed, lowerBound)}${where}, about ${duration(costMsMean)}, ${kind}\n`
}

/** A pattern that a search found. */
export function hitText({ category, code, shape, strategy, parameters, worked, failed, lowerBound }: SearchHit): string {
  const named = Object.entries(parameters).map(([name, value]) => `${name}=${value}`)
  return `${category} ${code} ${shape}\n  ${[strategy, ...named].join(' ')}: ${rate(worked, failed, lowerBound)}\n`
}

/** An analysis for people. */
export function analysisText({
  patterns,
  attempts,
  byCategory,
  byStrategy,
  recurring,
  trend,
  advice,
}: KnowledgeAnalysis): string {
  if (attempts === 0) return 'nothing was learnt yet\n'
  return [
    `${attempts} attempts, ${patterns} patterns\n`,
    section('by category', byCategory.map(tallyText)),
    section('by strategy', byStrategy.map(tallyText)),
    section(
      'met again and again',
      recurring.map(
        ({ category, code, shape, attempts: times, best }) =>
          `${category} ${code} ${shape}: ${times} attempts, ${best === undefined ? 'nothing worked' : `best is ${best.strategy}`}`,
      ),
    ),
    section(
      'over time',
      trend.map(
        ({ fromEpochMs, attempts: times, successRatio, costMsMedian }) =>
          `from ${new Date(fromEpochMs).toISOString()}: ${Math.round(successRatio * times)} of ${times} worked, median ${duration(costMsMedian)}`,
      ),
    ),
    section(
      'advice',
      advice.map(({ text }) => text),
    ),
  ].join('')
}

function section(title: string, lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${title}\n${lines.map((line) => `  ${line}\n`).join('')}`
}

function tallyText({ name, worked, failed, lowerBound, costMsMean }: Tally): string {
  return `${name}: ${rate(worked, failed, lowerBound)}, about ${duration(costMsMean)}`
}

function rate(worked: number, failed: number, lowerBound: number): string {
  return `${worked} of ${worked + failed} worked, more than ${Math.floor(lowerBound * 100)} % in all likelihood`
}
