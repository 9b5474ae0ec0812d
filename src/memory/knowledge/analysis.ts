import type { FaultCategory } from '../../core/fault.js'
import { allPatterns } from './all-patterns.js'
import type { KnowledgeStore } from './knowledge-store.js'
import type { LoggedExperience, Pattern } from './pattern.js'
import { posteriorOf, type Posterior } from './posterior.js'

/** How a group of attempts went. */
export interface Tally extends Posterior {
  readonly name: string
  readonly worked: number
  readonly failed: number
  /** Of one attempt. */
  readonly costMsMean: number
}

/** A class of faults that was met again and again. */
export interface Recurring {
  readonly classId: string
  readonly category: FaultCategory
  readonly code: string
  readonly shape: string
  readonly attempts: number
  /** The strategy most likely to work, and its rate is above this in all likelihood. */
  readonly best?: { readonly strategy: string; readonly lowerBound: number }
}

/** A tenth of the log, in the order of time. */
export interface TrendPoint {
  readonly fromEpochMs: number
  readonly toEpochMs: number
  readonly attempts: number
  /** 0..1. */
  readonly successRatio: number
  readonly costMsMedian: number
}

export interface Advice {
  readonly kind: 'strategy-weak' | 'category-large' | 'class-unhealed' | 'prune'
  /** A sentence a person can act on. */
  readonly text: string
}

export interface KnowledgeAnalysis {
  readonly patterns: number
  readonly attempts: number
  readonly byCategory: readonly Tally[]
  readonly byStrategy: readonly Tally[]
  /** Met three times and more, most often first; at most five. */
  readonly recurring: readonly Recurring[]
  /** Whether it gets better: ten parts of the log, the oldest first. */
  readonly trend: readonly TrendPoint[]
  readonly advice: readonly Advice[]
}

const trendPoints = 10
const recurringMax = 5
const adviceMax = 12

/** What there is to learn from all that was learnt. */
export async function analysisOf(
  store: KnowledgeStore,
  { patternsMax, logMax }: { readonly patternsMax: number; readonly logMax: number },
): Promise<KnowledgeAnalysis> {
  const categories = new Map<string, Sum>()
  const strategies = new Map<string, Sum>()
  const classes = new Map<string, ClassSum>()
  let patterns = 0
  for await (const pattern of allPatterns(store)) {
    if (pattern.detail !== undefined) patterns += 1
    add(categories, pattern.category, pattern)
    add(strategies, pattern.strategy, pattern)
    if (pattern.form !== '*') addToClass(classes, pattern)
  }
  const byCategory = talliesOf(categories)
  const byStrategy = talliesOf(strategies)
  const attempts = byCategory.reduce((sum, { worked, failed }) => sum + worked + failed, 0)
  const met = [...classes.values()].filter((one) => one.attempts >= 3).sort((a, b) => b.attempts - a.attempts)
  return {
    patterns,
    attempts,
    byCategory,
    byStrategy,
    recurring: met.slice(0, recurringMax).map(recurringOf),
    trend: trendOf(await store.recent(logMax)),
    advice: [
      ...byStrategy.filter(isWeak).map(weakAdvice),
      ...met.filter(({ worked }) => worked === 0).map(unhealedAdvice),
      ...byCategory.filter(({ worked, failed }) => attempts >= 10 && worked + failed > 0.3 * attempts).map(largeAdvice(attempts)),
      ...(patterns > 0.9 * patternsMax ? [pruneAdvice(patterns, patternsMax)] : []),
    ].slice(0, adviceMax),
  }
}

interface Sum {
  worked: number
  failed: number
  plausibilitySum: number
  costMs: number
}

interface ClassSum {
  readonly classId: string
  readonly category: FaultCategory
  readonly code: string
  shape: string
  attempts: number
  worked: number
  readonly strategies: Map<string, Sum>
}

function add(sums: Map<string, Sum>, name: string, { worked, failed, plausibilitySum, costMs }: Pattern): void {
  const sum = sums.get(name) ?? { worked: 0, failed: 0, plausibilitySum: 0, costMs: 0 }
  sum.worked += worked
  sum.failed += failed
  sum.plausibilitySum += plausibilitySum
  sum.costMs += costMs
  sums.set(name, sum)
}

function addToClass(classes: Map<string, ClassSum>, pattern: Pattern): void {
  const { classId, category, code, worked, failed, detail, strategy } = pattern
  const sum = classes.get(classId) ?? { classId, category, code, shape: '', attempts: 0, worked: 0, strategies: new Map() }
  sum.shape ||= detail?.shape ?? ''
  sum.attempts += worked + failed
  sum.worked += worked
  add(sum.strategies, strategy, pattern)
  classes.set(classId, sum)
}

function talliesOf(sums: ReadonlyMap<string, Sum>): readonly Tally[] {
  return [...sums]
    .map(([name, sum]) => ({
      name,
      worked: sum.worked,
      failed: sum.failed,
      costMsMean: sum.costMs / Math.max(1, sum.worked + sum.failed),
      ...posteriorOf(sum),
    }))
    .sort((a, b) => b.worked + b.failed - (a.worked + a.failed) || (a.name < b.name ? -1 : 1))
}

function recurringOf({ classId, category, code, shape, attempts, worked, strategies }: ClassSum): Recurring {
  const [best] = [...strategies]
    .map(([strategy, sum]) => ({ strategy, lowerBound: posteriorOf(sum).lowerBound }))
    .sort((a, b) => b.lowerBound - a.lowerBound)
  return { classId, category, code, shape, attempts, ...(worked > 0 && best !== undefined && { best }) }
}

function trendOf(log: readonly LoggedExperience[]): readonly TrendPoint[] {
  const points = Math.min(trendPoints, log.length)
  return Array.from({ length: points }, (_, index) => {
    const part = log.slice(Math.floor((index * log.length) / points), Math.floor(((index + 1) * log.length) / points))
    const times = part.map(({ epochMs }) => epochMs)
    const costs = part.map(({ costMs }) => costMs).sort((a, b) => a - b)
    return {
      fromEpochMs: Math.min(...times),
      toEpochMs: Math.max(...times),
      attempts: part.length,
      successRatio: part.filter(({ worked }) => worked).length / part.length,
      costMsMedian: costs[Math.floor(costs.length / 2)] ?? 0,
    }
  })
}

function isWeak({ worked, failed, upperBound }: Tally): boolean {
  return worked + failed >= 5 && upperBound < 0.3
}

function weakAdvice({ name, worked, failed }: Tally): Advice {
  return {
    kind: 'strategy-weak',
    text: `The strategy "${name}" worked in ${worked} of ${worked + failed} attempts; ask it later, or not at all`,
  }
}

function unhealedAdvice({ category, code, shape, attempts }: ClassSum): Advice {
  return {
    kind: 'class-unhealed',
    text: `Nothing worked in ${attempts} attempts at ${category} ${code}${shape === '' ? '' : ` (${shape})`}; a person should look at it`,
  }
}

function largeAdvice(all: number): (tally: Tally) => Advice {
  return ({ name, worked, failed }) => ({
    kind: 'category-large',
    text: `${Math.round((100 * (worked + failed)) / all)} % of all attempts are at faults of the category "${name}"; look for a common cause`,
  })
}

function pruneAdvice(patterns: number, patternsMax: number): Advice {
  return { kind: 'prune', text: `${patterns} of at most ${patternsMax} patterns are kept; prune, or allow more` }
}
