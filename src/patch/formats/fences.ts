/** A fenced block of a Markdown text. */
export interface Fence {
  /** What stands after the opening marks: a language, a title. */
  readonly info: string
  /** Content, without the indentation of the opening marks. */
  readonly lines: readonly string[]
  /** `false`: the text ends inside the block, so its end is missing. */
  readonly closed: boolean
  /** A line inside looks like the beginning of another fence: then it is unclear which marks close which. */
  readonly nested: boolean
  /** Index of the opening line in the text. */
  readonly at: number
  /** Index of the first line after the block. */
  readonly end: number
}

/** The fenced blocks of a text, in order (CommonMark 4.5, any indentation up to 12 spaces). */
export function fencesOf(lines: readonly string[]): readonly Fence[] {
  const fences: Fence[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const opening = openingOf(lines[at] ?? '')
    if (opening === undefined) continue
    const fence = readFence(lines, at, opening)
    fences.push(fence)
    at = fence.end - 1
  }
  return fences
}

interface Opening {
  readonly indent: number
  readonly marks: string
  readonly info: string
}

function openingOf(line: string): Opening | undefined {
  const [, indent = '', marks = ''] = /^( {0,12})(`{3,32}|~{3,32})/.exec(line) ?? []
  if (marks === '') return undefined
  const info = line.slice(indent.length + marks.length)
  return marks.startsWith('`') && info.includes('`') ? undefined : { indent: indent.length, marks, info: info.trim() }
}

function readFence(lines: readonly string[], at: number, { indent, marks, info }: Opening): Fence {
  const content: string[] = []
  let nested = false
  let end = at + 1
  for (; end < lines.length; end += 1) {
    const line = lines[end] ?? ''
    const inner = openingOf(line)
    const alike = inner !== undefined && inner.marks[0] === marks[0] && inner.marks.length >= marks.length
    if (alike && inner.info === '') return { info, lines: content, closed: true, nested, at, end: end + 1 }
    nested ||= alike
    content.push(withoutIndent(line, indent))
  }
  return { info, lines: content, closed: false, nested, at, end }
}

function withoutIndent(line: string, indent: number): string {
  let spaces = 0
  while (spaces < indent && line[spaces] === ' ') spaces += 1
  return line.slice(spaces)
}
