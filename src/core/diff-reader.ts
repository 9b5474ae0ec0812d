import { HomeostatError } from './errors.js'

/** Reads a diff line by line. A diff whose every line ends in CR LF is read as if it had only LF. */
export interface DiffReader {
  /** The next line without its LF, not consumed; `undefined` at the end. */
  peek(): string | undefined
  /**
   * Consumes a line.
   *
   * @throws HS_PATCH_MALFORMED when there is none.
   */
  next(): string
  /** The number of the next line, counted from 1. */
  readonly line: number
  /** A mistake in the line read last. */
  malformed(reason: string): HomeostatError<'HS_PATCH_MALFORMED'>
}

/** A reader at the top of `text`. */
export function createDiffReader(text: string): DiffReader {
  const eolLength = everyLineEndsInCrLf(text) ? 2 : 1
  let offset = 0
  let line = 1
  let peeked: string | undefined

  const peek = (): string | undefined => {
    if (peeked === undefined && offset < text.length) {
      const end = text.indexOf('\n', offset)
      peeked = end < 0 ? text.slice(offset) : text.slice(offset, end + 1 - eolLength)
    }
    return peeked
  }
  return {
    peek,
    next() {
      const current = peek()
      if (current === undefined) throw malformed('it ends too early', line)
      if (line > linesMax) throw malformed(`it has more than ${linesMax} lines`, line)
      const end = text.indexOf('\n', offset)
      offset = end < 0 ? text.length : end + 1
      line += 1
      peeked = undefined
      return current
    },
    get line() {
      return line
    },
    malformed: (reason) => malformed(reason, line - 1),
  }
}

/** The error for a mistake in line `line` of a diff. */
export function malformed(reason: string, line: number): HomeostatError<'HS_PATCH_MALFORMED'> {
  return new HomeostatError('HS_PATCH_MALFORMED', { reason, line: Math.max(1, line) })
}

const linesMax = 400_000

/** Such a diff went through an editor or a mail: what its files end their lines with can no longer be told. */
function everyLineEndsInCrLf(text: string): boolean {
  let lines = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', end + 1)) {
    if (text[end - 1] !== '\r') return false
    lines += 1
  }
  return lines > 0
}
