import { sha256 } from '../core/hash.js'
import type { FileEdit } from '../core/patch.js'
import { foldedPath, safePath } from '../core/path.js'
import type { ReadText } from './apply-diff.js'
import { changeOf, conflict, onlyPlaceOf, presentText, withChanges } from './place-lines.js'

/** Lines of a file, and the lines that take their place. One final line ending in either text does not count. */
export interface SearchReplace {
  readonly path: string
  /** Whole lines; empty: the file is new. */
  readonly search: string
  readonly replace: string
}

/**
 * What search-and-replace blocks make of the present files. Each search text must match whole lines exactly once (line endings
 * and the byte order mark aside) in the file as it is now; blocks of one file must not overlap. Lines that a block begins and ends
 * with on both sides stay as they are; new lines end as the file's own lines do.
 *
 * @throws HS_PATCH_CONFLICT, HS_PATH_REFUSED
 */
export function editsFromSearchReplace(blocks: readonly SearchReplace[], read: ReadText): readonly FileEdit[] {
  const files = new Map<string, SearchReplace[]>()
  for (const block of blocks) {
    const path = safePath(block.path)
    const key = foldedPath(path)
    const known = files.get(key)
    if (known === undefined) files.set(key, [block])
    else if (known[0]?.path === path) known.push(block)
    else throw conflict(path, 'two blocks write its name differently')
  }
  return [...files.values()].flatMap((group) => editOf(group, read))
}

function editOf(blocks: readonly SearchReplace[], read: ReadText): readonly FileEdit[] {
  const [first] = blocks
  if (first === undefined) return []
  const { path } = first
  const before = read(path)
  if (before === undefined) {
    if (blocks.length > 1 || first.search !== '') throw conflict(path, 'it does not exist, or is not a text file')
    return [{ path, before: null, after: first.replace, baseHash: null }]
  }
  const after = replaced(path, before, blocks)
  return after === before ? [] : [{ path, before, after, baseHash: sha256(before) }]
}

function replaced(path: string, before: string, blocks: readonly SearchReplace[]): string {
  const present = presentText(before)
  const placed = blocks.map(({ search, replace }) => {
    if (search === '') throw conflict(path, 'it exists already, and a search text is empty')
    const change = {
      lines: changeOf(search, replace),
      name: `the search text "${search.trim().split('\n', 1).join('').slice(0, 60)}…"`,
    }
    return { change, at: onlyPlaceOf(change, present, path) }
  })
  return withChanges(
    present,
    placed.toSorted((a, b) => a.at - b.at),
    path,
  )
}
