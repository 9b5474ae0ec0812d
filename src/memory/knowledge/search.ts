import type { FaultCategory } from '../../core/fault.js'
import { allPatterns } from './all-patterns.js'
import type { KnowledgeStore } from './knowledge-store.js'
import type { Pattern } from './pattern.js'
import { posteriorOf, probabilityOf } from './posterior.js'

/** A pattern that a search found. */
export interface SearchHit {
  readonly classId: string
  readonly category: FaultCategory
  readonly code: string
  readonly shape: string
  readonly strategy: string
  readonly parameters: Readonly<Record<string, string>>
  readonly worked: number
  readonly failed: number
  /** Mean of the rate of success, and what it is above in all likelihood, 0..1. */
  readonly probability: number
  readonly lowerBound: number
  readonly lastEpochMs: number
  /** Share of the words of the query that were found, times the rate of success and what is left of it with age; 0..1. */
  readonly relevance: number
}

const wordsMax = 16

/** Patterns that hold words of the query in what they are about, the most relevant first. Looks at all of them. */
export async function searchIn(
  store: KnowledgeStore,
  query: string,
  { limit, ageMsMax, nowEpochMs }: { readonly limit: number; readonly ageMsMax: number; readonly nowEpochMs: number },
): Promise<readonly SearchHit[]> {
  const words = [...new Set(query.slice(0, 1_000).toLowerCase().split(/\s+/))].filter((word) => word !== '').slice(0, wordsMax)
  let found: Found[] = []
  for await (const pattern of allPatterns(store)) {
    const text = textOf(pattern)
    const matched = words.filter((word) => text.includes(word)).length
    if (matched === 0 && words.length > 0) continue
    const freshness = 2 ** -(Math.max(0, nowEpochMs - pattern.lastEpochMs) / Math.max(1, ageMsMax))
    const share = words.length === 0 ? 1 : matched / words.length
    found.push({ pattern, relevance: share * probabilityOf(pattern) * freshness })
    if (found.length > limit * 4 + 100) found = best(found, limit)
  }
  return best(found, limit).map(hitOf)
}

interface Found {
  readonly pattern: Pattern
  readonly relevance: number
}

function best(found: readonly Found[], limit: number): Found[] {
  return [...found].sort((a, b) => b.relevance - a.relevance).slice(0, limit)
}

function textOf({ category, code, strategy, detail }: Pattern): string {
  const parameters = detail === undefined ? [] : Object.values(detail.parameters)
  return [category, code, strategy, detail?.tool ?? '', detail?.shape ?? '', ...parameters].join(' ').toLowerCase()
}

function hitOf({ pattern, relevance }: Found): SearchHit {
  const { classId, category, code, strategy, worked, failed, lastEpochMs, detail } = pattern
  const { probability, lowerBound } = posteriorOf(pattern)
  return {
    classId,
    category,
    code,
    shape: detail?.shape ?? '',
    strategy,
    parameters: detail?.parameters ?? {},
    worked,
    failed,
    probability,
    lowerBound,
    lastEpochMs,
    relevance,
  }
}
