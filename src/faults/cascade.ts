import { whole, within } from '../core/checked-number.js'
import { faultCategories, faultSeverities, type Fault, type FaultCategory } from '../core/fault.js'

/** One fault of a chain in which each repair led to the next fault. */
export interface CascadeLink extends Pick<Fault, 'category' | 'severity' | 'code' | 'message'> {
  /** Of the repair that was made for it: a probability. */
  readonly confidence: number
}

/**
 * Why a chain should end. `depth`: it is as long as it may be. `repeating`: the last three faults are the same.
 * `losing-confidence`: over the last three repairs it fell each time. `worsening`: over the last three faults the severity rose each time.
 */
export type CascadeReason = 'depth' | 'repeating' | 'losing-confidence' | 'worsening'

/** Whether another repair of the same session makes sense, and if not, why; a reason for a person and for a machine. */
export type CascadeVerdict = { readonly stop: false } | { readonly stop: true; readonly reason: CascadeReason }

/** What a chain looks like as a whole. */
export interface CascadeAnalysis {
  readonly depth: number
  /** Faults by category; every category is there. */
  readonly distribution: Readonly<Record<FaultCategory, number>>
  /** Of the confidence, by least squares over the chain; `unknown` with fewer than two links. */
  readonly confidenceTrend: 'rising' | 'steady' | 'falling' | 'unknown'
  /** The category and code seen most often, the first of several; absent when the chain is empty. */
  readonly mostCommon?: { readonly category: FaultCategory; readonly code: string; readonly count: number }
  readonly recommendation: 'continue' | 'switch-strategy' | 'escalate' | 'rollback'
}

/** How many links a trend needs. */
const linksWindow = 3
/** The slope of the confidence, per repair, that counts as a change. */
const slopeMin = 0.02

/**
 * Judges the chain of one session, oldest first. It keeps nothing: two sessions cannot disturb each other.
 *
 * @param chain - Each link was met after a repair of the one before it.
 * @param options - `depthMax`: 1 to 50, default 5.
 * @throws RangeError when a confidence is not in [0, 1], or `depthMax` is out of range.
 * @throws TypeError when a category or severity does not exist.
 */
export function judgeCascade(
  chain: readonly CascadeLink[],
  { depthMax = 5 }: { readonly depthMax?: number } = {},
): CascadeVerdict {
  whole('depthMax', depthMax, 1, 50)
  for (const link of chain) check(link)
  if (chain.length >= depthMax) return { stop: true, reason: 'depth' }
  const recent = chain.slice(-linksWindow)
  if (recent.length < linksWindow) return { stop: false }
  const [first] = recent
  if (recent.every((link) => link.category === first?.category && link.message === first.message))
    return { stop: true, reason: 'repeating' }
  if (rises(recent.map((link) => -link.confidence))) return { stop: true, reason: 'losing-confidence' }
  if (rises(recent.map((link) => -faultSeverities.indexOf(link.severity)))) return { stop: true, reason: 'worsening' }
  return { stop: false }
}

/**
 * Describes the chain of one session, and says what follows from it.
 *
 * @throws RangeError and TypeError as {@link judgeCascade} does.
 */
export function analyseCascade(chain: readonly CascadeLink[], options: { readonly depthMax?: number } = {}): CascadeAnalysis {
  const verdict = judgeCascade(chain, options)
  const mostCommon = commonest(chain)
  return {
    depth: chain.length,
    distribution: distributionOf(chain),
    confidenceTrend: trendOf(chain.map((link) => link.confidence)),
    ...(mostCommon === undefined ? {} : { mostCommon }),
    recommendation: verdict.stop ? recommendations[verdict.reason] : 'continue',
  }
}

/** A fault that stays needs another idea; one that gets worse, the last good state; all else, a person. */
const recommendations: Readonly<Record<CascadeReason, CascadeAnalysis['recommendation']>> = {
  depth: 'escalate',
  repeating: 'switch-strategy',
  'losing-confidence': 'escalate',
  worsening: 'rollback',
}

function check({ category, severity, confidence }: CascadeLink): void {
  within('confidence', confidence, 0, 1)
  if (!faultCategories.includes(category)) throw new TypeError(`Cannot judge a fault of the category "${String(category)}"`)
  if (!faultSeverities.includes(severity)) throw new TypeError(`Cannot judge a fault of the severity "${String(severity)}"`)
}

function rises(values: readonly number[]): boolean {
  return values.every((value, index) => index === 0 || value > (values[index - 1] ?? value))
}

function distributionOf(chain: readonly CascadeLink[]): Readonly<Record<FaultCategory, number>> {
  const counts: Record<FaultCategory, number> = {
    dependency: 0,
    syntax: 0,
    test: 0,
    build: 0,
    runtime: 0,
    network: 0,
    permission: 0,
    configuration: 0,
    deployment: 0,
  }
  for (const link of chain) counts[link.category] += 1
  return counts
}

function commonest(chain: readonly CascadeLink[]): CascadeAnalysis['mostCommon'] {
  const counts = new Map<string, { readonly category: FaultCategory; readonly code: string; readonly count: number }>()
  for (const { category, code } of chain) {
    const kind = `${category} ${code}`
    counts.set(kind, { category, code, count: (counts.get(kind)?.count ?? 0) + 1 })
  }
  let most: CascadeAnalysis['mostCommon']
  for (const kind of counts.values()) if (most === undefined || kind.count > most.count) most = kind
  return most
}

function trendOf(values: readonly number[]): CascadeAnalysis['confidenceTrend'] {
  if (values.length < 2) return 'unknown'
  const middle = (values.length - 1) / 2
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  let above = 0
  let below = 0
  for (const [index, value] of values.entries()) {
    above += (index - middle) * (value - mean)
    below += (index - middle) ** 2
  }
  const slope = above / below
  return slope > slopeMin ? 'rising' : slope < -slopeMin ? 'falling' : 'steady'
}
