import type { SyntaxNode } from '../code/syntax-node.js'
import type { RunCoverage } from './coverage-script.js'
import { runsOf } from './spectrum.js'
import { nodesIn, treeOf, walk, type Placed } from './syntax-tree.js'

/** A text that tells where it is executed, and the part of the original that each of its probes speaks for. */
export interface ProbedText {
  readonly text: string
  /** By the number of the probe, in the order of the text; a later one lies behind an earlier one or within it. */
  readonly places: readonly (readonly [start: number, end: number])[]
}

/** Probes of one text at most: each costs the tests a little time. */
const probesMax = 5_000

/**
 * Puts a probe before each statement and each branch of an expression. Where a tool rewrites the code before it runs, offsets that
 * V8 counts are not those of the file; what stands in the source itself goes through every tool. `undefined` for a text that does
 * not parse.
 *
 * @param first - The number of the first probe; further ones count on.
 */
export function probed(path: string, text: string, first: number): ProbedText | undefined {
  const root = treeOf(path, text)
  if (root === undefined) return undefined
  const found = probesIn(root).slice(0, probesMax)
  const inserts = found.flatMap(({ start, end, kind }, at): readonly Insert[] => {
    const call = `${seen}(${first + at})`
    // At one place, what closes comes before what opens; the outer opens first and closes last.
    const [opens, closes] = [at + 1, -at - 1]
    if (kind === 'statement') return [{ at: start, order: opens, text: `${call};` }]
    const [head, tail] = kind === 'body' ? [`{${call};`, '\n}'] : [`(${call},`, ')']
    return [
      { at: start, order: opens, text: head },
      { at: end, order: closes, text: tail },
    ]
  })
  let from = 0
  let body = ''
  for (const insert of inserts.sort((a, b) => a.at - b.at || a.order - b.order)) {
    body += text.slice(from, insert.at) + insert.text
    from = insert.at
  }
  const isTyped = /\.(?:[mc]?ts|tsx)$/i.test(path)
  const whole = `${isTyped ? '// @ts-nocheck\n' : ''}${body}${text.slice(from)}\nfunction ${seen}(at) { globalThis.process?.${seen}?.(at) }\n`
  return treeOf(path, whole) === undefined
    ? undefined
    : { text: whole, places: found.map(({ from: began, end }) => [began, end]) }
}

/** A file with probes in it. */
export interface ProbedFile extends ProbedText {
  readonly path: string
  readonly before: string
  readonly first: number
}

/** Files that get probes, and their length in all, at most. */
const filesMax = 60
const lengthMax = 1_500_000

/** Puts probes into files, as far as they parse; the numbers go on from one to the next. */
export function probedFiles(paths: readonly string[], read: (path: string) => string | undefined): readonly ProbedFile[] {
  const files: ProbedFile[] = []
  let first = 0
  let length = 0
  for (const path of paths) {
    if (files.length >= filesMax) break
    const before = read(path)
    if (before === undefined || length + before.length > lengthMax) continue
    const file = probed(path, before, first)
    if (file === undefined) continue
    files.push({ ...file, path, before, first })
    first += file.places.length
    length += before.length
  }
  return files
}

/** The run with what its probes counted in place of what V8 did. Files that it did not execute are left out. */
export function withProbes(run: RunCoverage, files: readonly ProbedFile[]): RunCoverage {
  const counts = new Map(run.probes)
  const told = files.flatMap(({ path, before, first, places }) => {
    const reached = places.map((place, at) => ({ place, count: counts.get(first + at) ?? 0 }))
    return reached.some(({ count }) => count > 0) ? [[path, { spans: spansOf(reached, before.length) }] as const] : []
  })
  return { ...run, files: Object.fromEntries(told) }
}

/** What is outside of all statements that have a probe ran once, when the file was loaded. */
function spansOf(
  reached: readonly { readonly place: readonly [number, number]; readonly count: number }[],
  length: number,
): readonly (readonly [number, number])[] {
  const counts = new Float64Array(length).fill(1)
  for (const { place, count } of reached) counts.fill(count, ...place)
  return runsOf(counts)
}

const seen = 'homeostatSeen'

interface Probe {
  readonly start: number
  /** Where the part begins that it speaks for. */
  readonly from: number
  readonly end: number
  /** `body`: a statement that needs a block; `value`: an expression. */
  readonly kind: 'statement' | 'body' | 'value'
}

interface Insert {
  readonly at: number
  readonly order: number
  readonly text: string
}

function probesIn(root: SyntaxNode): readonly Probe[] {
  const probes: Probe[] = []
  walk(root, (placed) => {
    const kind = probeKind(placed)
    if (kind === undefined) return
    const { start, end } = placed.node
    probes.push({ start, end, from: kind === 'statement' ? blockStart(placed) : start, kind })
  })
  return probes
}

/** The first statement of a block speaks for its brace, too. */
function blockStart({ node, parents }: Placed): number {
  const parent = parents.at(-1)
  const isFirst = parent?.type === 'BlockStatement' && nodesIn(parent, 'body')[0] === node
  return isFirst ? parent.start : node.start
}

function probeKind({ node, parents, field }: Placed): Probe['kind'] | undefined {
  const parent = parents.at(-1)
  if (parent === undefined) return undefined
  switch (parent.type) {
    case 'BlockStatement':
    case 'StaticBlock':
    case 'SwitchCase':
      return (field === 'body' || field === 'consequent') && isStatement(node) ? 'statement' : undefined
    case 'IfStatement':
    case 'ForStatement':
    case 'ForOfStatement':
    case 'ForInStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
      return /^(?:body|consequent|alternate)$/.test(field) && isStatement(node) && node.type !== 'BlockStatement'
        ? 'body'
        : undefined
    case 'ConditionalExpression':
      return field === 'test' ? undefined : 'value'
    case 'LogicalExpression':
      return field === 'right' ? 'value' : undefined
    case 'ArrowFunctionExpression':
      return field === 'body' && node.type !== 'BlockStatement' ? 'value' : undefined
    default:
      return undefined
  }
}

/** Declarations that are known before the first statement runs keep their place. */
function isStatement(node: SyntaxNode): boolean {
  return node.type === 'VariableDeclaration' ? node['declare'] !== true : /Statement$/.test(node.type)
}
