/** One replacement in a text. Offsets count UTF-16 units of the text before any edit. */
export interface TextEdit {
  readonly start: number
  /** Exclusive; equal to `start` for an insertion. */
  readonly end: number
  readonly text: string
  /** What it does, as the start of a sentence: `Insert the missing ","`. */
  readonly what: string
}

/** The text after `edits`, which do not overlap; insertions at one place keep their order. */
export function applyEdits(text: string, edits: readonly TextEdit[]): string {
  const ordered = [...edits].sort((a, b) => a.start - b.start || a.end - b.end)
  let result = ''
  let from = 0
  for (const edit of ordered) {
    result += text.slice(from, edit.start) + edit.text
    from = edit.end
  }
  return result + text.slice(from)
}

/** One line for people: what the first edit does, and how many more there are. */
export function describeEdits(edits: readonly TextEdit[]): string {
  const first = edits[0]
  if (first === undefined) return 'Change nothing'
  const others = edits.length - 1
  if (others === 0) return first.what
  if (edits.every((edit) => edit.what === first.what)) return `${first.what} (${edits.length} times)`
  return `${first.what}, and ${others} more ${others === 1 ? 'edit' : 'edits'}`
}

/** For a description that goes on from another. */
export function lowerFirst(sentence: string): string {
  return sentence.slice(0, 1).toLowerCase() + sentence.slice(1)
}

/** Where `edits` change `text`, for people: `line 10, column 58`, and the second place or how many more there are. */
export function placeOf(text: string, edits: readonly TextEdit[]): string {
  const [first, second] = edits
  const place = placeAt(text, first?.start ?? 0)
  if (second === undefined) return place
  return edits.length === 2 ? `${place} and ${placeAt(text, second.start)}` : `${place} and ${edits.length - 1} more places`
}

/** Line and column of an offset, both counted from 1, the column in UTF-16 units. */
function placeAt(text: string, offset: number): string {
  let line = 1
  let lineStart = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    line += 1
    lineStart = at + 1
  }
  return `line ${line}, column ${offset - lineStart + 1}`
}
