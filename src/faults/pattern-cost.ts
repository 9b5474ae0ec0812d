import {
  anyChar,
  overlap,
  readRegex,
  UnreadableRegex,
  type CharSet,
  type RegexNode,
  type RegexPart,
  type RegexSequence,
} from './regex-tree.js'

/** Patterns of others see this much of a line: their cost grows with its square at worst, so it must be short. */
export const patternLineLengthMax = 500
/** Steps that a pattern may need for one line in the worst case, about: two choices of a place in the line, and some more. */
const stepsMax = 1_000_000
const pathsMax = 64
const partsMax = 400

/** What is known of a pattern before it is tried on anything. */
export interface PatternCost {
  /** Why it may take too long; absent when it cannot. */
  readonly refusal: string | undefined
  /** A line that holds none of these cannot match. The empty text is in every line. */
  readonly hints: readonly string[]
}

/** One part of a way through the expression. */
interface Element {
  readonly set: CharSet
  readonly literal: string | undefined
  /** It is there at least once. */
  readonly needed: boolean
  /** How many lengths it can have. */
  readonly choices: number
}

/**
 * Judges what a backtracking matcher may need for one line. Two repeated parts compete when the one can take over the
 * characters of the other and of all that must stand between them; their choices multiply. A repeated group must have only
 * one way to match a text. The judgement errs on the side of refusing.
 */
export function costOf(pattern: RegExp): PatternCost {
  try {
    const paths = readRegex(pattern).flatMap((branch) => pathsOf(branch))
    if (paths.length > pathsMax) throw new UnreadableRegex(`it has more than ${pathsMax} combinations of alternatives`)
    // A pattern that is anchored nowhere is tried at every character of the line.
    const steps = Math.max(...paths.map((path) => stepsOf(path)))
    const refusal =
      steps > stepsMax
        ? 'its repeated parts compete for the same characters: give them bounds, or classes that differ'
        : undefined
    const literals = paths.map((path) => longestLiteral(path))
    return { refusal, hints: literals.some((literal) => literal.length < 2) ? [''] : [...new Set(literals)] }
  } catch (error) {
    if (error instanceof UnreadableRegex) return { refusal: error.message, hints: [''] }
    throw error
  }
}

type Path = readonly (Element | 'start' | 'end')[]

/** Every way through a sequence that takes other alternatives. */
function pathsOf(sequence: RegexSequence): Path[] {
  let paths: Path[] = [[]]
  for (const part of sequence) {
    const next = waysOf(part)
    paths = paths.flatMap((path) => next.map((way) => [...path, ...way]))
    if (paths.length > pathsMax) throw new UnreadableRegex(`it has more than ${pathsMax} combinations of alternatives`)
    if (paths.some((path) => path.length > partsMax)) throw new UnreadableRegex(`it has more than ${partsMax} parts`)
  }
  return paths
}

function waysOf(part: RegexPart): Path[] {
  const { node, min, max } = part
  if (node.kind === 'edge') return [node.source === '^' ? ['start'] : node.source === '$' ? ['end'] : []]
  if (node.kind === 'char') return [repeated(node.set, node.literal, part)]
  if (node.look) {
    if (node.branches.some((branch) => branch.some(varies))) throw new UnreadableRegex('it repeats a part inside a look around')
    return [[]]
  }
  if (max <= 1) return [...(min === 0 ? [[]] : []), ...node.branches.flatMap((branch) => pathsOf(branch))]
  return [repeated(soleWay(node.branches), undefined, part)]
}

function repeated(set: CharSet, literal: string | undefined, { min, max }: RegexPart): Path {
  if (max === 0) return []
  const choices = Math.min(max, patternLineLengthMax) - Math.min(min, patternLineLengthMax) + 1
  return [{ set, literal: min === 1 && max === 1 ? literal : undefined, needed: min > 0, choices }]
}

/** The characters of a group that is repeated, if it matches every text in one way only. */
function soleWay(branches: readonly RegexSequence[]): CharSet {
  const refuse = (): never => {
    throw new UnreadableRegex(
      'it repeats a group that can match the same text in several ways: repeat a class of characters instead',
    )
  }
  const firsts: CharSet[] = []
  let all: CharSet = anyChar.map(() => false)
  for (const branch of branches) {
    const chars = branch.filter(({ node }) => node.kind !== 'edge')
    if (chars.length === 0 || chars.some(varies)) refuse()
    const sets = chars.map(({ node }) => (node.kind === 'char' ? node.set : refuse()))
    const [first = anyChar] = sets
    if (firsts.some((other) => overlap(other, first))) refuse()
    firsts.push(first)
    for (const set of sets) all = all.map((has, index) => has || set[index] === true)
  }
  return all
}

function varies({ node, min, max }: RegexPart): boolean {
  return min !== max || max === Number.POSITIVE_INFINITY || hasChoice(node)
}

function hasChoice(node: RegexNode): boolean {
  return node.kind === 'group' && (node.branches.length > 1 || node.branches.some((branch) => branch.some(varies)))
}

/** The product of choices along the most expensive chain of parts that compete, each with the next. */
function stepsOf(path: Path): number {
  const anchored = path[0] === 'start'
  const start: Element = { set: anyChar, literal: undefined, needed: false, choices: patternLineLengthMax }
  const elements = [...(anchored ? [] : [start]), ...path.filter((one) => typeof one === 'object')]
  const last = path.at(-1)
  const open = typeof last === 'object' ? last : openBefore(path)
  const best: number[] = []
  for (const [index, element] of elements.entries()) {
    if (element.choices === 1 || (element === open && element.choices > 1)) {
      best.push(1)
      continue
    }
    let before = 1
    for (let at = 0; at < index; at += 1)
      if ((elements[at]?.choices ?? 1) > 1 && compete(elements, at, index)) before = Math.max(before, best[at] ?? 1)
    best.push(before * element.choices)
  }
  return Math.max(1, ...best)
}

/** What stands before the end of the line and takes every character cannot fail there. */
function openBefore(path: Path): Element | undefined {
  const before = path.at(-2)
  return path.at(-1) === 'end' && typeof before === 'object' && anyChar.every((has, index) => !has || before.set[index] === true)
    ? before
    : undefined
}

function compete(elements: readonly Element[], from: number, to: number): boolean {
  const [first, second] = [elements[from]?.set ?? anyChar, elements[to]?.set ?? anyChar]
  if (!overlap(first, second)) return false
  for (let at = from + 1; at < to; at += 1) {
    const between = elements[at]
    if (between === undefined || !between.needed) continue
    if (!overlap(between.set, first) || !overlap(between.set, second)) return false
  }
  return true
}

function longestLiteral(path: Path): string {
  let longest = ''
  let current = ''
  for (const element of path) {
    if (typeof element !== 'object') continue
    current = element.literal === undefined ? '' : current + element.literal
    if (current.length > longest.length) longest = current
  }
  return longest
}
