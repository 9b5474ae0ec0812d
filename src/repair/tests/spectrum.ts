import type { RunCoverage } from './coverage-script.js'
import { isFunction, type SyntaxNode } from '../code/syntax-node.js'
import { nameOf, nodeIn, treeOf, walk, type Placed } from './syntax-tree.js'

/** How often each part of a text was executed: up to an offset, so many times. Offsets rise. */
type Spans = readonly (readonly [number, number])[]

export interface SpectrumOptions {
  /** A run of all tests. */
  readonly all: RunCoverage
  /** Runs of one failing test each, or of failing files. */
  readonly failing: readonly RunCoverage[]
  readonly read: (path: string) => string | undefined
}

/**
 * How suspicious places are, after what failing and other tests executed (spectrum-based localisation, with the measure of
 * Ochiai as Abreu et al. 2006 use it). One cause is assumed: what some failing test never executed is hardly suspicious.
 */
export class Spectrum {
  readonly #all: (path: string) => Spans | undefined
  readonly #failing: readonly ((path: string) => Spans | undefined)[]
  readonly #paths: readonly string[]

  constructor({ all, failing, read }: SpectrumOptions) {
    this.#all = spansOf(all, read)
    this.#failing = failing.map((run) => spansOf(run, read))
    this.#paths = Object.keys(failing[0]?.files ?? all.files)
  }

  /** Files that failing tests executed. */
  get paths(): readonly string[] {
    return this.#paths
  }

  /** 0..1 for an offset in a file; 0: no failing test came there. */
  suspicion(path: string, offset: number): number {
    const total = countAt(this.#all(path), offset)
    if (this.#failing.length === 0) return total > 0 ? 0.5 : 0
    const counts = this.#failing.map((spans) => countAt(spans(path), offset))
    const reached = counts.filter((count) => count > 0).length / counts.length
    if (reached === 0) return 0
    const most = Math.max(...counts)
    const share = most / Math.max(most, total)
    return reached ** 3 * (0.4 + 0.6 * Math.sqrt(share))
  }
}

function spansOf(run: RunCoverage, read: SpectrumOptions['read']): (path: string) => Spans | undefined {
  const known = new Map<string, Spans | undefined>()
  return (path) => {
    if (known.has(path)) return known.get(path)
    const file = Object.hasOwn(run.files, path) ? run.files[path] : undefined
    const text = read(path)
    const spans =
      file === undefined || text === undefined ? undefined : 'spans' in file ? file.spans : mapped(path, text, file.functions)
    known.set(path, spans)
    return spans
  }
}

function countAt(spans: Spans | undefined, offset: number): number {
  if (spans === undefined) return 0
  let low = 0
  let high = spans.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((spans[middle]?.[0] ?? 0) > offset) high = middle
    else low = middle + 1
  }
  return spans[low]?.[1] ?? 0
}

/** Where a tool has rewritten the code, its functions are found again by their names and their order. */
function mapped(path: string, text: string, functions: readonly (readonly [string, number])[]): Spans | undefined {
  const root = treeOf(path, text)
  if (root === undefined) return undefined
  const left = new Map<string, number[]>()
  for (const [name, count] of functions.slice(1)) left.set(name, [...(left.get(name) ?? []), count])
  const counts = new Float64Array(text.length).fill(functions[0]?.[1] ?? 1)
  walk(root, (placed) => {
    if (!isFunction(placed.node)) return
    const named = left.get(functionName(placed))
    const count = named?.shift()
    if (count !== undefined) counts.fill(count, placed.node.start, placed.node.end)
  })
  return runsOf(counts)
}

/** Counts of characters as runs of the same count, each by its end. */
export function runsOf(counts: Float64Array): readonly (readonly [number, number])[] {
  const spans: [number, number][] = []
  for (const [at, count] of counts.entries()) {
    const last = spans.at(-1)
    if (last?.[1] === count) last[0] = at + 1
    else spans.push([at + 1, count])
  }
  return spans
}

/** The name that V8 gives to a function: its own, or that of what it is assigned to. */
function functionName({ node, parents }: Placed): string {
  const own = nodeIn(node, 'id') ?? nodeIn(node, 'key')
  if (own !== undefined) return nameOf(own)
  const parent: SyntaxNode | undefined = parents.at(-1)
  if (parent === undefined) return ''
  return nameOf(nodeIn(parent, 'id') ?? nodeIn(parent, 'key') ?? nodeIn(parent, 'left'))
}
