import { HomeostatError } from '../../core/errors.js'
import { canonicalJson } from '../../core/hash.js'
import { allPatterns } from './all-patterns.js'
import { readPattern } from './knowledge-shapes.js'
import type { KnowledgeStore } from './knowledge-store.js'
import { bare, type Pattern } from './pattern.js'

const header = { format: 'homeostat-knowledge', version: 1 } as const
/** More than any store keeps, and as much as is held at once while it is read. */
const linesMax = 100_000
const lineLengthMax = 128 * 1024

export interface ImportReport {
  /** Patterns that were read. */
  readonly patterns: number
  /** Attempts behind them. */
  readonly attempts: number
}

/** Everything that was learnt, as JSON lines: first what it is, then one pattern in each. Equal knowledge gives equal lines. */
export async function* exportLines(store: KnowledgeStore): AsyncGenerator<string, void> {
  yield `${JSON.stringify(header)}\n`
  for await (const pattern of allPatterns(store)) yield `${canonicalJson(pattern)}\n`
}

/**
 * Adds what another knowledge base exported. All lines are checked before the first is added.
 *
 * @param options - `recipes: false` takes the counts and leaves what could be done again.
 * @throws HS_INPUT_INVALID with the number of the line.
 */
export async function importLines(
  store: KnowledgeStore,
  lines: AsyncIterable<string> | Iterable<string>,
  { recipes, signal }: { readonly recipes: boolean; readonly signal?: AbortSignal | undefined },
): Promise<ImportReport> {
  const patterns: Pattern[] = []
  let number = 0
  for await (const line of lines) {
    signal?.throwIfAborted()
    number += 1
    if (number > linesMax) throw invalid(number, `at most ${linesMax} lines are taken`)
    if (line.length > lineLengthMax) throw invalid(number, `it is longer than ${lineLengthMax} characters`)
    if (line.trim() === '') continue
    const value = parsed(line, number)
    if (number === 1) checkHeader(value)
    else patterns.push(readPattern(value, `line ${number}`))
  }
  if (number === 0) throw invalid(1, 'there is none')
  for (const pattern of patterns) {
    signal?.throwIfAborted()
    await store.add(recipes ? pattern : withoutRecipe(pattern))
  }
  return { patterns: patterns.length, attempts: patterns.reduce((sum, { worked, failed }) => sum + worked + failed, 0) }
}

function parsed(line: string, number: number): unknown {
  try {
    return JSON.parse(line)
  } catch (error) {
    throw invalid(number, 'it is not JSON', error)
  }
}

function checkHeader(value: unknown): void {
  const isObject = typeof value === 'object' && value !== null
  if (!isObject || !('format' in value) || value.format !== header.format)
    throw invalid(1, `it does not say {"format":"${header.format}"}`)
  if (!('version' in value) || value.version !== header.version) throw invalid(1, `only version ${header.version} is understood`)
}

function withoutRecipe(pattern: Pattern): Pattern {
  if (pattern.detail === undefined) return pattern
  const { recipe: _, ...detail } = pattern.detail
  return { ...bare(pattern), detail }
}

function invalid(number: number, reason: string, cause?: unknown): HomeostatError {
  return new HomeostatError('HS_INPUT_INVALID', { what: `line ${number} of the knowledge`, reason }, { cause })
}
