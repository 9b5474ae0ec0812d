import { HomeostatError } from '../../core/errors.js'
import { sha256 } from '../../core/hash.js'
import type { Action, FileEdit } from '../../core/patch.js'
import { safePath } from '../../core/path.js'
import { chmodsFromDiff, editsFromDiff, type ReadText } from '../apply-diff.js'
import { conflict } from '../place-lines.js'
import { editsFromSearchReplace } from '../search-replace.js'
import type { PatchSection } from './apply-patch-format.js'
import { elision } from './elision.js'
import type { ParsedPatch } from './parse-patch-text.js'
import { withChunks } from './place-chunks.js'
import { editFromWholeFile } from './whole-file.js'

/** What a patch meets: the present files. */
export interface PresentFiles {
  readonly read: ReadText
  /** Permission bits; `undefined` when there is no such file. */
  readonly modeOf: (path: string) => number | undefined
}

/** The edits and changes of mode that a patch makes of the present files, whichever its format. */
export interface TextEdits {
  readonly edits: readonly FileEdit[]
  readonly actions: readonly Extract<Action, { kind: 'chmod' }>[]
}

/**
 * What a patch makes of the present files. Old lines are found where they stand as whole lines exactly once (of a unified diff: where it
 * says, when that matches); the files keep their line endings, byte order marks and missing final line endings.
 *
 * @throws HS_PATCH_CONFLICT when something does not match; HS_PATH_REFUSED; HS_PATCH_MALFORMED when a whole file is only an
 *   excerpt, or leaves something out.
 */
export function editsFromText(patch: ParsedPatch, { read, modeOf }: PresentFiles): TextEdits {
  switch (patch.format) {
    case 'unified-diff':
      return { edits: editsFromDiff(patch.files, read), actions: chmodsFromDiff(patch.files, modeOf) }
    case 'search-replace':
      return { edits: editsFromSearchReplace(patch.blocks, read).map(complete), actions: [] }
    case 'whole-file':
      return { edits: patch.files.map((file) => complete(editFromWholeFile(file, read))).filter(changes), actions: [] }
    case 'apply-patch':
      return {
        edits: patch.sections.flatMap((section) => editsOfSection(section, read)).filter(changes),
        actions: chmodsFromDiff(patch.sections.flatMap(movedFile), modeOf),
      }
  }
}

function changes({ before, after }: FileEdit): boolean {
  return before !== after
}

/** People write all they mean; who writes "the rest stays as it was" means something that is not there. */
function complete(edit: FileEdit): FileEdit {
  const line = elision(edit)
  if (line === undefined) return edit
  throw new HomeostatError('HS_PATCH_MALFORMED', {
    reason: `the text for ${edit.path} leaves something out ("${line.trim().slice(0, 80)}"); write out every line`,
  })
}

function editsOfSection(section: PatchSection, read: ReadText): readonly FileEdit[] {
  const path = safePath(section.path)
  const before = read(path)
  if (section.kind === 'add') {
    if (before !== undefined) throw conflict(path, 'it exists already')
    return [{ path, before: null, after: section.text, baseHash: null }]
  }
  if (before === undefined) throw conflict(path, 'it does not exist, or is not a text file')
  const baseHash = sha256(before)
  if (section.kind === 'delete') return [{ path, before, after: null, baseHash }]
  const after = withChunks(before, section.chunks, path)
  if (section.movedTo === undefined) return [{ path, before, after, baseHash }]
  const movedTo = safePath(section.movedTo)
  if (read(movedTo) !== undefined) throw conflict(movedTo, 'it exists already')
  return [
    { path, before, after: null, baseHash },
    { path: movedTo, before: null, after, baseHash: null },
  ]
}

/** A file that moves stays executable: of that only the paths have to be known. */
function movedFile(section: PatchSection): Parameters<typeof chmodsFromDiff>[0] {
  if (section.kind !== 'update' || section.movedTo === undefined) return []
  return [{ kind: 'rename', oldPath: section.path, newPath: section.movedTo, binary: false, hunks: [], line: 1 }]
}
