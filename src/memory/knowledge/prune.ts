import { allPatterns } from './all-patterns.js'
import type { KnowledgeStore, Replacement } from './knowledge-store.js'
import { bare, type Pattern } from './pattern.js'
import { probabilityOf } from './posterior.js'

/** When the detail of a pattern is given up. Its counts never are. */
export interface PruneOptions {
  /** Not seen for longer than this, milliseconds. */
  readonly ageMsMax: number
  /** Less likely to work than this, 0..1. */
  readonly confidenceMin: number
  /** So many details stay in any case, the best ones. */
  readonly keepMin: number
  /** More details than this never stay, the best ones do. */
  readonly patternsMax: number
}

export interface PruneReport {
  /** Patterns that lost their detail and kept their counts. */
  readonly stripped: number
  /** Patterns whose counts were added to the sum of their category and strategy, because there are too many. */
  readonly summedUp: number
  /** Lines of the log that were dropped. */
  readonly forgotten: number
  /** Patterns that still have their detail. */
  readonly kept: number
}

/** Bare counts that are kept for each pattern with detail. */
const tracesPerPattern = 10
/** Different sums; further strategies share one for each category. */
const sumsMax = 500

/**
 * Makes room without changing what is known: details go, counts stay. Only where there are far too many patterns do the oldest
 * bare counts become sums of their category and strategy; the totals stay true even then.
 */
export async function prune(store: KnowledgeStore, options: PruneOptions, nowEpochMs: number): Promise<PruneReport> {
  const oldest = nowEpochMs - options.ageMsMax
  const detailed: Valued[] = []
  for await (const pattern of allPatterns(store))
    if (pattern.detail !== undefined) detailed.push({ pattern, value: valueOf(pattern, options.ageMsMax, nowEpochMs) })
  detailed.sort((a, b) => b.value - a.value)
  const given = detailed.filter(
    ({ pattern }, index) =>
      index >= options.patternsMax ||
      (index >= options.keepMin && (pattern.lastEpochMs < oldest || probabilityOf(pattern) < options.confidenceMin)),
  )
  const stripped = await store.replace(given.map(({ pattern }) => ({ from: pattern, to: bare(pattern) })))
  return {
    stripped,
    summedUp: await sumUp(store, options.patternsMax * tracesPerPattern),
    forgotten: await store.forget(oldest),
    kept: detailed.length - stripped,
  }
}

interface Valued {
  readonly pattern: Pattern
  readonly value: number
}

/** How likely it is to work, times how likely its fault is to come back: half for each age limit that went by. */
function valueOf(pattern: Pattern, ageMsMax: number, nowEpochMs: number): number {
  const ageMs = Math.max(0, nowEpochMs - pattern.lastEpochMs)
  return probabilityOf(pattern) * 2 ** -(ageMs / Math.max(1, ageMsMax))
}

async function sumUp(store: KnowledgeStore, tracesMax: number): Promise<number> {
  const traces: Pattern[] = []
  const sums = new Set<string>()
  for await (const pattern of allPatterns(store)) {
    if (pattern.form === '*') sums.add(`${pattern.category} ${pattern.strategy}`)
    else if (pattern.detail === undefined) traces.push(pattern)
  }
  if (traces.length <= tracesMax) return 0
  traces.sort((a, b) => a.lastEpochMs - b.lastEpochMs)
  return store.replace(traces.slice(0, traces.length - tracesMax).map((pattern) => summedUp(pattern, sums)))
}

function summedUp(pattern: Pattern, sums: Set<string>): Replacement {
  const key = `${pattern.category} ${pattern.strategy}`
  const known = sums.has(key) || sums.size < sumsMax
  if (known) sums.add(key)
  return {
    from: pattern,
    to: { ...pattern, classId: `*${pattern.category}`, code: '*', form: '*', strategy: known ? pattern.strategy : '*' },
  }
}
