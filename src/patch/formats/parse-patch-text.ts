import { isHomeostatError } from '../../core/errors.js'
import type { FileDiff } from '../../core/file-diff.js'
import { canonicalJson } from '../../core/hash.js'
import { parseDiff } from '../../core/parse-diff.js'
import type { SearchReplace } from '../search-replace.js'
import { beginMark, printApplyPatch, readApplyPatch, type PatchSection } from './apply-patch-format.js'
import { printBlockFormat, readBlockFormat } from './block-format.js'
import { printFileFormat, readFileFormat } from './file-format.js'
import { patchLines } from './patch-lines.js'
import { opensBlock } from './search-replace-blocks.js'
import type { WholeFile } from './whole-file.js'

/** A patch text as it was read, before it meets any file. */
export type ParsedPatch =
  | { readonly format: 'unified-diff'; readonly files: readonly FileDiff[] }
  | { readonly format: 'search-replace'; readonly blocks: readonly SearchReplace[] }
  | { readonly format: 'whole-file'; readonly files: readonly WholeFile[] }
  | { readonly format: 'apply-patch'; readonly sections: readonly PatchSection[] }

/**
 * Reads a patch in the one format that it is in: a unified diff (plain or of git), search-and-replace blocks, whole files, or the
 * `apply_patch` format. Every line must mean something in that format; a text with two readings has none.
 *
 * Bounds: 8 MiB of characters, 400 000 lines, 5 000 files.
 *
 * @throws HS_PATCH_MALFORMED with the line.
 * @example
 * ```ts
 * const patch = parsePatchText('src/a.js\n<<<<<<< SEARCH\nlet a\n=======\nlet a = 1\n>>>>>>> REPLACE\n')
 * expect(patch).toEqual({
 *   format: 'search-replace',
 *   blocks: [{ path: 'src/a.js', search: 'let a\n', replace: 'let a = 1\n' }],
 * })
 * ```
 */
export function parsePatchText(text: string): ParsedPatch {
  const lines = patchLines(text)
  switch (formatOf(lines)) {
    case 'apply-patch':
      return { format: 'apply-patch', sections: readApplyPatch(lines) }
    case 'search-replace':
      return { format: 'search-replace', blocks: readBlockFormat(lines) }
    case 'whole-file':
      return { format: 'whole-file', files: readFileFormat(lines) }
    case 'unified-diff':
      return { format: 'unified-diff', files: parseDiff(text) }
  }
}

/**
 * The text that {@link parsePatchText} reads to the same patch. A unified diff is printed from edits: see `renderDiff`.
 *
 * @throws RangeError for what the format cannot say.
 */
export function printPatchText(patch: PrintablePatch): string {
  const text = printed(patch)
  // Reading it back is the one check that forgets nothing: marks in a text, a missing last line ending, a path with a line feed.
  if (!readsAs(text, patch)) throw new RangeError(`Cannot print the patch: the format "${patch.format}" cannot say it`)
  return text
}

/** A patch in a format that has a printer of its own. */
export type PrintablePatch = Exclude<ParsedPatch, { readonly format: 'unified-diff' }>

function printed(patch: PrintablePatch): string {
  switch (patch.format) {
    case 'apply-patch':
      return printApplyPatch(patch.sections)
    case 'search-replace':
      return printBlockFormat(patch.blocks)
    case 'whole-file':
      return printFileFormat(patch.files)
  }
}

function readsAs(text: string, patch: PrintablePatch): boolean {
  try {
    return shown(parsePatchText(text)) === shown(patch)
  } catch (error) {
    if (isHomeostatError(error, 'HS_PATCH_MALFORMED')) return false
    throw error
  }
}

/** Line numbers say where something stood, not what it means. */
function shown(patch: ParsedPatch): string {
  const withoutLines: unknown = JSON.parse(JSON.stringify(patch, (name, value: unknown) => (name === 'line' ? undefined : value)))
  return canonicalJson(withoutLines)
}

/**
 * The first line that is not blank tells diffs and the `apply_patch` format apart from the rest, for no path begins so. A
 * text with a block is not whole files, and their reader refuses one that has a block inside: so no text has two formats.
 */
function formatOf(lines: readonly string[]): ParsedPatch['format'] {
  const first = lines.find((line) => line.trim() !== '') ?? ''
  if (first === beginMark) return 'apply-patch'
  if (/^(?:diff --git |--- )/.test(first)) return 'unified-diff'
  if (lines.some(opensBlock)) return 'search-replace'
  return lines.some((line) => /^(?:`{3}|~{3})/.test(line)) ? 'whole-file' : 'unified-diff'
}
