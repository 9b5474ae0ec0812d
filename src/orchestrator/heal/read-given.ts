import { HomeostatError, isHomeostatError } from '../../core/errors.js'
import type { Patch } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import { editsFromText } from '../../patch/formats/edits-from-text.js'
import { parsePatchText, type ParsedPatch } from '../../patch/formats/parse-patch-text.js'

/** A patch that was given and could be read. */
export interface GivenPatch {
  /**
   * What the observer is to see. A unified diff is audited as it was written, so that what only a diff can say (renames, modes, binary
   * parts) is seen; every other format comes down to edits, and is audited as these.
   */
  readonly audited: Patch | string
  /**
   * The patch that it makes of the project as it stands.
   *
   * @throws HS_PATCH_CONFLICT, HS_PATH_REFUSED, HS_PATCH_MALFORMED
   */
  patch(): Patch
}

/**
 * Reads a patch, or a text of one in any of the formats, once: what is audited and what is applied come from this one reading,
 * whatever happens to the caller's object meanwhile.
 *
 * @throws HS_PATCH_MALFORMED; for every format but a unified diff also HS_PATCH_CONFLICT, HS_PATH_REFUSED.
 */
export function readGiven(given: Patch | string, workspace: Workspace, id: string): GivenPatch {
  if (typeof given !== 'string') return known(structuredClone(given))
  const parsed = parsePatchText(given)
  if (parsed.format === 'unified-diff') return { audited: given, patch: () => patchOf(parsed, workspace, id) }
  return known(patchOf(parsed, workspace, id))
}

/**
 * What an audit alone is to see of a patch text. What cannot be read stays a text: the observer blocks it.
 *
 * @throws HS_PATCH_CONFLICT when a patch that is not a unified diff does not fit the files: what it would do is not known then.
 */
export function auditedForm(text: string, workspace: Workspace, id: string): Patch | string {
  try {
    return readGiven(text, workspace, id).audited
  } catch (error) {
    if (isHomeostatError(error, 'HS_PATCH_MALFORMED') || isHomeostatError(error, 'HS_PATH_REFUSED')) return text
    throw error
  }
}

function known(patch: Patch): GivenPatch {
  return { audited: patch, patch: () => patch }
}

function patchOf(parsed: ParsedPatch, workspace: Workspace, id: string): Patch {
  const { edits, actions } = editsFromText(parsed, {
    read: (path) => workspace.read(path),
    modeOf: (path) => workspace.stat(path)?.mode,
  })
  const [first, ...others] = new Set([...edits, ...actions].map(({ path }) => path))
  if (first === undefined) throw new HomeostatError('HS_PATCH_MALFORMED', { reason: 'it changes nothing' })
  return {
    id,
    title: `Edit ${first}${others.length === 0 ? '' : ` and ${others.length} more`}`.slice(0, 120),
    strategy: 'given',
    edits,
    actions,
  }
}
