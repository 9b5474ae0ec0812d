/** Patches: read, rendered, applied as journaled transactions, taken back to the exact bytes. */
export type { FileDiff } from '../core/file-diff.js'
export { parseDiff } from '../core/parse-diff.js'
export type { Action, FileEdit, PackageManager, PackageRequest, Patch } from '../core/patch.js'
export { safePath, type SafePath } from '../core/path.js'
export type { Change, FileStat, FileSystem } from '../core/ports.js'
export type { Seal } from '../core/seal.js'
export { chmodsFromDiff, editsFromDiff } from './apply-diff.js'
export { changesDigest } from './changes-digest.js'
export type { Chunk, PatchSection } from './formats/apply-patch-format.js'
export { editsFromText, type PresentFiles, type TextEdits } from './formats/edits-from-text.js'
export { parsePatchText, printPatchText, type ParsedPatch, type PrintablePatch } from './formats/parse-patch-text.js'
export type { WholeFile } from './formats/whole-file.js'
export {
  openJournal,
  type Journal,
  type JournalOptions,
  type Recovery,
  type RollbackConflict,
  type RollbackReport,
  type Transaction,
} from './journal.js'
export { changesOf, lineCount } from './plan.js'
export { colourDiff, renderDiff } from './render.js'
export { editsFromSearchReplace, type SearchReplace } from './search-replace.js'
