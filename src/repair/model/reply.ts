import { isHomeostatError } from '../../core/errors.js'
import type { FileEdit } from '../../core/patch.js'
import { foldedPath } from '../../core/path.js'
import { oneLine } from '../../core/text.js'
import type { ReadText } from '../../patch/apply-diff.js'
import { elision } from '../../patch/formats/elision.js'
import { fencesOf } from '../../patch/formats/fences.js'
import { isWhole } from '../../patch/formats/whole-file.js'
import { editsFromSearchReplace } from '../../patch/search-replace.js'
import { diffsOf, editsFromDiffs, isDiff } from './reply-diff.js'
import { declaredIntent, talkedIntent, type Intent } from './reply-intent.js'
import { readSearchReplace } from './reply-search-replace.js'
import { editFromBlock, wholeFilesOf, type WholeFileBlock } from './reply-whole-file.js'

/** What the reply of a language model is. */
export type ParsedReply =
  | {
      readonly kind: 'patch'
      readonly edits: readonly FileEdit[]
      readonly form: 'unified-diff' | 'search-replace' | 'whole-file'
    }
  | Intent
  /** Nothing that can be applied; `reason` says why, in a clause that a model can be told. */
  | { readonly kind: 'prose'; readonly reason: string }

export interface ReplyOptions {
  /** Paths that the model was shown. */
  readonly files: readonly string[]
  /** The present text of a file; `undefined` when there is none. May throw HS_PATH_REFUSED for what must not be replaced. */
  readonly read: ReadText
  /** Longer replies are not read. */
  readonly bytesMax: number
}

/**
 * Reads a reply: unified diffs, search-and-replace blocks, or whole fenced files. All of its blocks count, or none. Talk, a
 * refusal, an excerpt, a text with "the rest stays as it was" in it is no patch. The edits fit the present files exactly; they
 * are not judged otherwise.
 */
export function parseReply(text: string, options: ReplyOptions): ParsedReply {
  if (text.length > options.bytesMax || Buffer.byteLength(text) > options.bytesMax)
    return prose(`the reply is longer than ${options.bytesMax} bytes`)
  if (!text.isWellFormed() || text.includes('\0')) return prose('the reply is not plain text')
  const declared = declaredIntent(text)
  if (declared !== undefined) return declared
  try {
    return patchOf(text, options) ?? talkedIntent(text) ?? prose('the reply holds no patch in one of the three forms')
  } catch (error) {
    if (!isHomeostatError(error)) throw error
    return prose(error.message)
  }
}

const filesMax = 20

function patchOf(text: string, { files, read }: ReplyOptions): ParsedReply | undefined {
  const shown = new Set(files)
  const only = files.length === 1 ? files[0] : undefined
  const { blocks, problem, rest } = readSearchReplace(
    text
      .replace(/^\ufeff/, '')
      .replaceAll('\r\n', '\n')
      .split('\n'),
    only,
  )
  if (problem !== undefined) return prose(problem)
  const fences = fencesOf(rest)
  const diffs = diffsOf(rest, fences)
  const whole = wholeFilesOf(
    rest,
    fences.filter((fence) => !isDiff(fence)),
    shown,
  )
  if (blocks.length > 0 && diffs.length > 0) return mixed
  if (blocks.length > 0) return combined('search-replace', editsFromSearchReplace(blocks, read), whole)
  if (diffs.length > 0) return combined('unified-diff', editsFromDiffs(diffs, read), whole)
  return wholePatch(whole, only, read)
}

const mixed = prose('the reply mixes several forms of patch; use one')

/** Beside a patch, a block with a path repeats what the patch does; for another file it would be left out silently. */
function combined(
  form: 'unified-diff' | 'search-replace',
  edits: readonly FileEdit[],
  whole: readonly WholeFileBlock[],
): ParsedReply {
  if (whole.some(({ path }) => path !== undefined && edits.every((edit) => edit.path !== path))) return mixed
  return checked(form, edits)
}

function wholePatch(whole: readonly WholeFileBlock[], only: string | undefined, read: ReadText): ParsedReply | undefined {
  const [first, ...others] = whole
  if (first === undefined) return undefined
  const named = whole.filter((file): file is WholeFileBlock & { readonly path: string } => file.path !== undefined)
  if (named.length > 0) {
    if (new Set(named.map(({ path }) => foldedPath(path))).size < named.length)
      return prose('the reply has two blocks for one file')
    return checked(
      'whole-file',
      named.map((file) => editFromBlock(file, read)),
    )
  }
  const before = only === undefined ? undefined : read(only)
  if (only === undefined || before === undefined) return prose('a block does not say which file it is')
  if (others.length > 0) return prose('the reply has several blocks that do not say which file they are')
  // Without a name there must be no doubt.
  if (!isWhole(first.lines, before, false))
    return prose('a block does not say which file it is, and is not the whole of the one shown')
  return checked('whole-file', [editFromBlock({ ...first, path: only }, read)])
}

function checked(form: 'unified-diff' | 'search-replace' | 'whole-file', given: readonly FileEdit[]): ParsedReply {
  const edits = given.filter(({ before, after }) => before !== after)
  if (edits.length === 0) return prose('the patch changes nothing')
  if (edits.length > filesMax) return prose(`the patch touches more than ${filesMax} files`)
  for (const edit of edits) {
    const line = elision(edit)
    if (line !== undefined)
      return prose(`the text for ${edit.path} leaves something out ("${line.trim().slice(0, 80)}"); write out every line`)
  }
  return { kind: 'patch', edits, form }
}

function prose(reason: string): { readonly kind: 'prose'; readonly reason: string } {
  return { kind: 'prose', reason: oneLine(reason) }
}
