import { HomeostatError } from '../core/errors.js'
import { sha256 } from '../core/hash.js'
import type { FileEdit } from '../core/patch.js'
import { foldedPath, safePath } from '../core/path.js'
import type { ReadText } from './apply-diff.js'
import { createBlockFinder, joinLines, ownEol, replaceBlocks, splitLines, type Replacement, type TextLine } from './text-lines.js'

/** Lines of a file, and the lines that take their place. One final line ending in either text does not count. */
export interface SearchReplace {
  readonly path: string
  /** Whole lines; empty: the file is new. */
  readonly search: string
  readonly replace: string
}

/**
 * What search-and-replace blocks make of the present files. Each search text must match whole lines exactly once (line endings
 * and the byte order mark aside) in the file as it is now; blocks of one file must not overlap. New lines end as the file's
 * own lines do.
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
  const lines = splitLines(before)
  const finder = createBlockFinder(lines)
  const eol = ownEol(lines)
  const replacements = blocks.map(({ search, replace }): Replacement => {
    const wanted = splitLines(search).map((line) => line.text)
    if (wanted.length === 0) throw conflict(path, 'it exists already, and a search text is empty')
    const found = finder.findOnly(wanted)
    if ('at' in found)
      return {
        at: found.at,
        length: wanted.length,
        lines: styled(splitLines(replace), lines, { at: found.at, length: wanted.length, eol }),
      }
    throw conflict(
      path,
      `the search text "${wanted[0]?.trim().slice(0, 60)}…" is there ${found.count === 0 ? 'nowhere' : 'more than once'}`,
    )
  })
  const result = replaceBlocks(
    lines,
    replacements.toSorted((a, b) => a.at - b.at),
  )
  if (result === undefined) throw conflict(path, 'two search texts overlap')
  return joinLines(result)
}

/** New lines with the file's line ending, its byte order mark, and its missing final line ending. */
function styled(
  fresh: readonly TextLine[],
  lines: readonly TextLine[],
  where: { readonly at: number; readonly length: number; readonly eol: '\n' | '\r\n' },
): readonly TextLine[] {
  const result = fresh.map((line): TextLine => ({ text: line.text, eol: where.eol }))
  const [first] = result
  if (first !== undefined && where.at === 0 && lines[0]?.text.startsWith('\ufeff') === true && !first.text.startsWith('\ufeff'))
    result[0] = { ...first, text: `\ufeff${first.text}` }
  const last = result.at(-1)
  if (last !== undefined && where.at + where.length === lines.length && lines.at(-1)?.eol === '')
    result[result.length - 1] = { ...last, eol: '' }
  return result
}

function conflict(path: string, reason: string): HomeostatError {
  return new HomeostatError('HS_PATCH_CONFLICT', { path, reason })
}
