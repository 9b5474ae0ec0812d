/** One line of a text, with the way it ends; `''`: the text ends there without a line ending. */
export interface TextLine {
  readonly text: string
  readonly eol: '\n' | '\r\n' | ''
}

const byteOrderMark = '\ufeff'

/** A text as lines; a carriage return that no line feed follows is content. Joined again they are the same text. */
export function splitLines(text: string): readonly TextLine[] {
  const lines: TextLine[] = []
  for (let offset = 0; offset < text.length;) {
    const end = text.indexOf('\n', offset)
    if (end < 0) {
      lines.push({ text: text.slice(offset), eol: '' })
      break
    }
    const crLf = end > offset && text[end - 1] === '\r'
    lines.push({ text: text.slice(offset, crLf ? end - 1 : end), eol: crLf ? '\r\n' : '\n' })
    offset = end + 1
  }
  return lines
}

/** The text that {@link splitLines} took apart. */
export function joinLines(lines: readonly TextLine[]): string {
  return lines.map((line) => line.text + line.eol).join('')
}

/** How most lines of a text end; LF when there are none. */
export function ownEol(lines: readonly TextLine[]): '\n' | '\r\n' {
  let crLf = 0
  let lf = 0
  for (const { eol } of lines) {
    if (eol === '\r\n') crLf += 1
    else if (eol === '\n') lf += 1
  }
  return crLf > lf ? '\r\n' : '\n'
}

/** The text of line `index`, without the byte order mark that the first line may begin with. */
function bareText(line: TextLine, index: number): string {
  return index === 0 && line.text.startsWith(byteOrderMark) ? line.text.slice(1) : line.text
}

/** Finds blocks of whole lines in a text, whatever the lines end with. */
export interface BlockFinder {
  /** Whether the block stands at line `index` (from 0). */
  matchesAt(block: readonly string[], index: number): boolean
  /**
   * Where the only occurrence of the block begins; otherwise how many there are, `2` standing for more than one, and
   * `too-many` when the lines are so alike that looking would take too long. A block of no lines is nowhere.
   */
  findOnly(block: readonly string[]): { readonly at: number } | { readonly count: 0 | 2 | 'too-many' }
}

/** Comparisons of one line with one line, for all searches in one text together. */
const comparisonsMax = 5_000_000

/** A finder for one text. */
export function createBlockFinder(lines: readonly TextLine[]): BlockFinder {
  const texts = lines.map(bareText)
  let places: Map<string, number[]> | undefined
  let comparisons = 0

  const matchesAt = (block: readonly string[], index: number): boolean => {
    if (index < 0 || index + block.length > texts.length) return false
    return block.every((text, offset) => {
      comparisons += 1
      return texts[index + offset] === bare(text, index + offset)
    })
  }
  /** The line of the block that stands at the fewest places: few candidates have to be compared in full. */
  const anchorOf = (
    block: readonly string[],
    known: ReadonlyMap<string, readonly number[]>,
  ): { offset: number; at: readonly number[] } => {
    let anchor: { offset: number; at: readonly number[] } | undefined
    for (const [offset, text] of block.entries()) {
      const at = known.get(bare(text, offset)) ?? []
      if (anchor === undefined || at.length < anchor.at.length) anchor = { offset, at }
    }
    return anchor ?? { offset: 0, at: [] }
  }
  return {
    matchesAt,
    findOnly(block) {
      places ??= placesOf(texts)
      const { offset, at } = anchorOf(block, places)
      let found: number | undefined
      for (const line of at) {
        if (comparisons > comparisonsMax) return { count: 'too-many' }
        if (!matchesAt(block, line - offset)) continue
        if (found !== undefined) return { count: 2 }
        found = line - offset
      }
      return found === undefined ? { count: 0 } : { at: found }
    },
  }
}

/** Only where the text begins can a byte order mark be one. */
function bare(text: string, index: number): string {
  return index === 0 && text.startsWith(byteOrderMark) ? text.slice(1) : text
}

function placesOf(texts: readonly string[]): Map<string, number[]> {
  const places = new Map<string, number[]>()
  for (const [index, text] of texts.entries()) {
    const at = places.get(text)
    if (at === undefined) places.set(text, [index])
    else at.push(index)
  }
  return places
}

/** A block that was found, and what takes its place. */
export interface Replacement {
  /** First line replaced, from 0. */
  readonly at: number
  readonly length: number
  readonly lines: readonly TextLine[]
}

/** The lines with all replacements done, in the order of the text. `undefined`: two of them overlap or are out of order. */
export function replaceBlocks(lines: readonly TextLine[], replacements: readonly Replacement[]): readonly TextLine[] | undefined {
  const result: TextLine[] = []
  let next = 0
  for (const { at, length, lines: fresh } of replacements) {
    if (at < next) return undefined
    for (let index = next; index < at; index += 1) pushLine(result, lines[index])
    for (const line of fresh) result.push(line)
    next = at + length
  }
  for (let index = next; index < lines.length; index += 1) pushLine(result, lines[index])
  return result
}

function pushLine(lines: TextLine[], line: TextLine | undefined): void {
  if (line !== undefined) lines.push(line)
}
