import { languageOf, type Language } from './language.js'
import { maskText, type Beginning, type MaskedText } from './masked-text.js'
import { parseScript, type ScriptTree } from './script-tree.js'
import { surroundingsOf, wholeFile, type Surroundings } from './surroundings.js'

/** One line of a file as it stands on one side of a patch. */
export interface SideLine {
  /** Counted from 1, in the file of that side. */
  readonly number: number
  readonly text: string
  /** The patch adds it (after) or removes it (before). */
  readonly touched: boolean
}

/**
 * A file before or after a patch: the whole of it, or those lines that a diff shows. Views of it are made when they are
 * first asked for.
 */
export interface Side {
  readonly text: string
  /** The text is the whole file. */
  readonly whole: boolean
  readonly language: Language
  readonly masked: MaskedText
  /** The syntax tree of each piece; `undefined` when one does not parse, or the file is not JavaScript or TypeScript. */
  readonly trees: readonly ScriptTree[] | undefined
  /** The number of the line that holds the character at `offset`. */
  lineAt(offset: number): number
  lineTextAt(offset: number): string
  /** Whether any line of the range was added or removed. */
  touches(start: number, end: number): boolean
}

/**
 * A side from its lines in order. Where the numbers jump, a new piece begins, which is read by itself.
 *
 * @param whole - The lines are the whole file.
 */
export function sideOf(path: string, lines: readonly SideLine[], whole: boolean): Side {
  const text = lines.map((line) => line.text).join('\n')
  const starts: number[] = []
  const touchedUpTo: number[] = [0]
  let length = 0
  for (const line of lines) {
    starts.push(length)
    length += line.text.length + 1
    touchedUpTo.push((touchedUpTo.at(-1) ?? 0) + (line.touched ? 1 : 0))
  }
  const language = languageOf(path)
  const pieces = lazy(() => piecesOf(lines, starts, text.length))
  const masked = lazy(() =>
    joined(
      pieces().map((piece) => ({
        at: piece.start,
        mask: maskText(text.slice(piece.start, piece.end), language, piece.beginning),
      })),
    ),
  )
  const trees = lazy(() => parsePieces(path, whole ? text : masked().plain, pieces(), whole ? undefined : masked().code))
  const indexAt = (offset: number): number => lastAtOrBelow(starts, offset)
  return {
    text,
    whole,
    language,
    get masked() {
      return masked()
    },
    get trees() {
      return trees()
    },
    lineAt: (offset) => lines[indexAt(offset)]?.number ?? 1,
    lineTextAt: (offset) => lines[indexAt(offset)]?.text ?? '',
    touches: (start, end) => (touchedUpTo[indexAt(Math.max(start, end - 1)) + 1] ?? 0) > (touchedUpTo[indexAt(start)] ?? 0),
  }
}

interface Piece {
  readonly start: number
  readonly end: number
  readonly beginning: Beginning
}

function piecesOf(lines: readonly SideLine[], starts: readonly number[], length: number): readonly Piece[] {
  const pieces: Piece[] = []
  let start = 0
  let first = 0
  for (const [index, line] of lines.entries()) {
    const next = lines[index + 1]
    if (next !== undefined && next.number === line.number + 1) continue
    const end = starts[index + 1] === undefined ? length : (starts[index + 1] ?? 0) - 1
    const head = lines[first]
    // A line that the patch itself adds is not taken for the inside of a comment.
    pieces.push({ start, end, beginning: head === undefined || head.number === 1 ? 'file' : head.touched ? 'code' : 'comment' })
    start = end + 1
    first = index + 1
  }
  return pieces
}

/** The views of the pieces as one, joined by the line ends that stand between them. */
function joined(parts: readonly { readonly at: number; readonly mask: MaskedText }[]): MaskedText {
  const moved = (pick: (mask: MaskedText) => MaskedText['strings']): MaskedText['strings'] =>
    parts.flatMap(({ at, mask }) => pick(mask).map(({ start, end }) => ({ start: start + at, end: end + at })))
  return {
    code: parts.map(({ mask }) => mask.code).join('\n'),
    plain: parts.map(({ mask }) => mask.plain).join('\n'),
    comments: moved((mask) => mask.comments),
    strings: moved((mask) => mask.strings),
    regexes: moved((mask) => mask.regexes),
  }
}

/**
 * @param text - Of pieces, the view without comments: one may begin above a piece or end below it.
 * @param code - The masked text, for pieces of a file; absent: the text is a whole file.
 */
function parsePieces(path: string, text: string, pieces: readonly Piece[], code?: string): readonly ScriptTree[] | undefined {
  const trees: ScriptTree[] = []
  for (const { start, end } of pieces) {
    const surroundings = (): readonly Surroundings[] => (code === undefined ? wholeFile : surroundingsOf(code.slice(start, end)))
    const tree = parseScript(path, text.slice(start, end), { start, fragment: code !== undefined, surroundings })
    if (tree === undefined) return undefined
    trees.push(tree)
  }
  return trees
}

/** The index of the greatest value that is not above `value`; 0 when all are. */
function lastAtOrBelow(sorted: readonly number[], value: number): number {
  let low = 0
  let high = sorted.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if ((sorted[middle] ?? 0) <= value) low = middle
    else high = middle - 1
  }
  return low
}

function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}
