import { HomeostatError } from '../core/errors.js'
import { sha256 } from '../core/hash.js'
import type { Action, FileEdit, Patch } from '../core/patch.js'
import { safePath } from '../core/path.js'
import type { Change } from '../core/ports.js'
import { hunksBetween } from './edit-hunks.js'

/**
 * A patch as changes for the journal: bytes, hashes and modes. A change of mode of a file that is also written becomes part of
 * the write. Install actions are no changes of their own: what they did arrives as edits and trees.
 *
 * @throws HS_PATH_REFUSED; HS_PATCH_CONFLICT when two edits name one path, a text cannot be written as UTF-8, or an edit's
 *   base hash is not that of its text.
 */
export function changesOf(patch: Pick<Patch, 'edits' | 'actions'>): readonly Change[] {
  const modes = new Map(patch.actions.filter(isChmod).map((action) => [action.path, action]))
  const changes = new Map<string, Change>()
  for (const edit of patch.edits) {
    if (changes.has(edit.path)) throw conflict(edit.path, 'two edits name it')
    const change = changeOf(edit, modes.get(edit.path))
    if (change !== undefined) changes.set(edit.path, change)
  }
  for (const { path, modeBefore, mode } of modes.values()) {
    if (!changes.has(path)) changes.set(path, { kind: 'chmod', path: safePath(path), modeBefore, mode })
  }
  return [...changes.values()]
}

/** Real lines added and removed by the edits, in all. */
export function lineCount(edits: readonly FileEdit[]): number {
  const lines = edits.flatMap(({ before, after }) => hunksBetween(before ?? '', after ?? '', 0).flatMap((hunk) => hunk.lines))
  return lines.filter((line) => line.startsWith('+') || line.startsWith('-')).length
}

function isChmod(action: Action): action is Extract<Action, { kind: 'chmod' }> {
  return action.kind === 'chmod'
}

/** `undefined`: the edit changes nothing. */
function changeOf({ path, before, after, baseHash }: FileEdit, chmod: { readonly mode: number } | undefined): Change | undefined {
  const safe = safePath(path)
  if (baseHash !== (before === null ? null : sha256(before)))
    throw conflict(path, 'the edit was made from other bytes than it says')
  if (before === after) return undefined
  if (after === null) return baseHash === null ? undefined : { kind: 'remove', path: safe, baseHash }
  if (/\p{Cs}/u.test(after)) throw conflict(path, 'its new text holds half a character, which UTF-8 cannot write')
  return { kind: 'write', path: safe, bytes: Buffer.from(after), baseHash, ...(chmod === undefined ? {} : { mode: chmod.mode }) }
}

function conflict(path: string, reason: string): HomeostatError {
  return new HomeostatError('HS_PATCH_CONFLICT', { path, reason })
}
