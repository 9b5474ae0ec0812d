import { HomeostatError } from '../../core/errors.js'
import { sha256 } from '../../core/hash.js'
import type { FileEdit } from '../../core/patch.js'
import { safePath } from '../../core/path.js'
import type { ReadText } from '../apply-diff.js'
import { changeOf, presentText, withChanges } from '../place-lines.js'

/** All lines of one file, as they are to be. */
export interface WholeFile {
  readonly path: string
  /** Whole lines, each with its line ending; the line endings of a file that exists are its own. */
  readonly text: string
}

/**
 * The edit that a whole file asks for. A file that exists keeps its line endings, its byte order mark and its missing final line
 * ending.
 *
 * @throws HS_PATH_REFUSED; HS_PATCH_MALFORMED when the text is only an excerpt of the file.
 */
export function editFromWholeFile({ path: given, text }: WholeFile, read: ReadText): FileEdit {
  const path = safePath(given)
  const before = read(path)
  if (before === undefined) return { path, before: null, after: text, baseHash: null }
  if (!isWhole(text.split('\n'), before, true)) throw excerpt(`the text for ${path} is an excerpt, not the whole file`)
  const present = presentText(before)
  const after = before === '' ? text : withChanges(present, [{ change: { lines: changeOf(before, text) }, at: 0 }], path)
  return { path, before, after, baseHash: sha256(before) }
}

/**
 * Whether a text stands for all of a file rather than for a part: it keeps most of its lines, or its first and last ones and about
 * its length.
 *
 * @param tiny - The answer for a file of three lines or fewer, of which nothing can be told.
 */
export function isWhole(lines: readonly string[], before: string, tiny: boolean): boolean {
  const old = significant(before)
  const fresh = lines.map((line) => line.trim()).filter((line) => line !== '')
  if (old.length <= 3) return tiny
  const left = new Map<string, number>()
  for (const line of fresh) left.set(line, (left.get(line) ?? 0) + 1)
  let kept = 0
  for (const line of old) {
    const count = left.get(line) ?? 0
    if (count > 0) kept += 1
    left.set(line, count - 1)
  }
  const sameEnds = old[0] === fresh[0] && old.at(-1) === fresh.at(-1)
  return kept >= old.length * 0.6 || (sameEnds && fresh.length >= old.length * 0.5)
}

/** The lines of a text that are not blank, without what surrounds them. */
export function significant(text: string): readonly string[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function excerpt(reason: string): HomeostatError {
  return new HomeostatError('HS_PATCH_MALFORMED', { reason })
}
