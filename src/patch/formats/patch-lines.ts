import { readName } from '../../core/diff-paths.js'
import { malformed } from '../../core/diff-reader.js'

/**
 * The lines of a patch text, without their LF. A text whose every line ends in CR LF went through an editor or a mail: it is read
 * as if it had only LF. The byte order mark of the text itself does not count.
 *
 * Bounds: 8 MiB of characters, 400 000 lines.
 *
 * @throws HS_PATCH_MALFORMED
 */
export function patchLines(text: string): readonly string[] {
  if (text.length > lengthMax) throw malformed(`it is longer than ${lengthMax} characters`, 1)
  const nul = text.indexOf('\0')
  if (nul >= 0) throw malformed('it holds a NUL character', text.slice(0, nul).split('\n').length)
  const lines = (text.startsWith('\ufeff') ? text.slice(1) : text).split('\n')
  if (lines.length > linesMax) throw malformed(`it has more than ${linesMax} lines`, linesMax)
  const ended = lines.slice(0, -1)
  const crLf = ended.length > 0 && ended.every((line) => line.endsWith('\r'))
  return crLf ? lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)) : lines
}

/** How many files one patch may name, in every format. */
export const filesMax = 5_000

/**
 * The path that a line of its own names: bare when there is no space in it nor anything that Markdown uses, else in C quotes as git
 * writes it. `undefined` when the line is no such path. Whether it may be touched is not judged.
 */
export function readPathLine(line: string): string | undefined {
  if (line.startsWith('"')) return line.endsWith('"') ? readName(line) : undefined
  return bare.test(line) ? line : undefined
}

/** The line that {@link readPathLine} reads. */
export function printPathLine(path: string): string {
  return bare.test(path) ? path : `"${path.replace(/["\\]/g, '\\$&')}"`
}

const lengthMax = 8 * 1024 * 1024
const linesMax = 400_000

const bare = /^(?![-+*=]{3}|~{3}|@@)[^\s"`*#:<>|\\]{1,4096}$/u
