import { HomeostatError } from '../../core/errors.js'
import type { FileEdit } from '../../core/patch.js'
import { safePath } from '../../core/path.js'
import type { ReadText } from '../../patch/apply-diff.js'
import type { Fence } from '../../patch/formats/fences.js'
import { editFromWholeFile, significant } from '../../patch/formats/whole-file.js'
import { pathOfComment, pathOfFence } from './reply-path.js'

/** A fenced block that may be a whole file. */
export interface WholeFileBlock {
  /** `undefined`: the reply does not say which. */
  readonly path: string | undefined
  readonly lines: readonly string[]
  readonly fence: Fence
}

/** The blocks of a reply that may be whole files: those with a path, and those in no language of a shell or of talk. */
export function wholeFilesOf(
  lines: readonly string[],
  fences: readonly Fence[],
  shown: ReadonlySet<string>,
): readonly WholeFileBlock[] {
  return fences.flatMap((fence): readonly WholeFileBlock[] => {
    if (fence.lines.every((line) => line.trim() === '')) return []
    const named = pathOfFence(fence, lines)
    if (named !== undefined && (named.how === 'sole' || shown.has(named.path)))
      return [{ path: named.path, lines: fence.lines, fence }]
    const [first = '', ...others] = fence.lines
    const commented = pathOfComment(first)
    if (commented !== undefined) return [{ path: commented, lines: others, fence }]
    return /^(?:ba|z|fi|power)?sh(?:ell)?\b|^(?:console|terminal|text|txt|plaintext|output|log|diff|patch)\b/i.test(fence.info)
      ? []
      : [{ path: undefined, lines: fence.lines, fence }]
  })
}

/**
 * The edit that a block asks for; the file it replaces keeps its style.
 *
 * @throws HS_PATH_REFUSED; HS_PATCH_MALFORMED when the block is cut off, or only an excerpt of the file.
 */
export function editFromBlock(file: WholeFileBlock & { readonly path: string }, read: ReadText): FileEdit {
  const path = safePath(file.path)
  if (!file.fence.closed) throw unusable(`the block for ${path} is not closed: the reply ends too early`)
  if (file.fence.nested) throw unusable(`the block for ${path} holds another fence, so it is unclear where it ends`)
  const before = read(path)
  // The line with the path may be the file's own.
  const lines =
    before !== undefined && file.fence.lines.length > file.lines.length && significant(before)[0] === file.fence.lines[0]?.trim()
      ? file.fence.lines
      : file.lines
  return editFromWholeFile({ path, text: `${lines.join('\n')}\n` }, read)
}

function unusable(reason: string): HomeostatError {
  return new HomeostatError('HS_PATCH_MALFORMED', { reason })
}
