import { readHunks } from './diff-hunks.js'
import { noFile, readName, readNamePairs, withoutPrefixes, type NamePair } from './diff-paths.js'
import { createDiffReader, malformed, type DiffReader } from './diff-reader.js'
import type { FileDiff, Hunk } from './file-diff.js'
import { foldedPath } from './path.js'

export type { FileDiff, Hunk } from './file-diff.js'

/**
 * Reads a unified diff, plain or of git, strictly: what is audited and what is applied is this one result, so nothing in the
 * text may be open to two readings. Text outside file sections, wrong counts, two sections for one path (case folded) and
 * names that differ are refused; blank lines between sections are not. An empty text has no sections.
 *
 * Bounds: 8 MiB of characters, 400 000 lines, 5 000 files.
 *
 * @throws HS_PATCH_MALFORMED with the line, on any inconsistency.
 */
export function parseDiff(text: string): readonly FileDiff[] {
  if (text.length > lengthMax) throw malformed(`it is longer than ${lengthMax} characters`, 1)
  const nul = text.indexOf('\0')
  if (nul >= 0) throw malformed('it holds a NUL character', text.slice(0, nul).split('\n').length)
  const reader = createDiffReader(text)
  const files: FileDiff[] = []
  const seen = new Set<string>()
  for (let line = reader.peek(); line !== undefined; line = reader.peek()) {
    if (line === '') {
      reader.next()
      continue
    }
    const file = readSection(reader)
    for (const path of pathsOf(file)) {
      if (seen.has(path)) throw malformed('a second section for one path', file.line)
      seen.add(path)
    }
    if (files.push(file) > filesMax) throw malformed(`it has more than ${filesMax} files`, file.line)
  }
  return files
}

const lengthMax = 8 * 1024 * 1024
const filesMax = 5_000

/** What a section claims for itself; the source of a copy stays free for others. */
function pathsOf(file: FileDiff): Set<string> {
  const paths = [file.kind === 'copy' ? null : file.oldPath, file.newPath]
  return new Set(paths.flatMap((path) => (path === null ? [] : [foldedPath(path)])))
}

function readSection(reader: DiffReader): FileDiff {
  const line = reader.line
  const first = reader.peek() ?? ''
  if (first.startsWith('diff --git ')) return readGitSection(reader)
  if (!first.startsWith('--- ')) throw malformed('the line belongs to no file section', line)
  const written = readWrittenNames(reader)
  const paths = withoutPrefixes(written)
  if (paths.old !== null && paths.new !== null && paths.old !== paths.new)
    throw malformed('the old and the new name differ', line)
  const kind = kindOf(paths.old, paths.new, line)
  return { kind, oldPath: paths.old, newPath: paths.new, binary: false, hunks: checkedHunks(readHunks(reader), kind, line), line }
}

function kindOf(oldPath: string | null, newPath: string | null, line: number): 'create' | 'delete' | 'modify' {
  if (oldPath === null && newPath === null) throw malformed('both names are /dev/null', line)
  if (oldPath === null) return 'create'
  return newPath === null ? 'delete' : 'modify'
}

/** The names of the `---` and `+++` lines. */
function readWrittenNames(reader: DiffReader): NamePair {
  const old = readName(reader.next().slice('--- '.length))
  if (old === undefined) throw reader.malformed('the old name cannot be read')
  const line = reader.next()
  const name = line.startsWith('+++ ') ? readName(line.slice('+++ '.length)) : undefined
  if (name === undefined) throw reader.malformed('no readable "+++" line follows the "---" line')
  return { old, new: name }
}

/** A file that appears or disappears has exactly one hunk, and it is one-sided. */
function checkedHunks(hunks: readonly Hunk[], kind: FileDiff['kind'], line: number): readonly Hunk[] {
  const [first] = hunks
  if (first === undefined) throw malformed('the names are followed by no hunk', line)
  if (kind === 'create' && (hunks.length > 1 || first.oldStart + first.oldLines > 0))
    throw malformed('a new file has old lines', line)
  if (kind === 'delete' && (hunks.length > 1 || first.oldStart !== 1 || first.newStart + first.newLines > 0)) {
    throw malformed('a removed file has new lines, or does not begin at line 1', line)
  }
  return hunks
}

function readGitSection(reader: DiffReader): FileDiff {
  const line = reader.line
  const pairs = readNamePairs(reader.next().slice('diff --git '.length))
  const headers = readHeaders(reader)
  const written = reader.peek()?.startsWith('--- ') === true ? readWrittenNames(reader) : undefined
  const kind = gitKind(headers, written, line)
  const { old, new: name } = gitPaths({ pairs, headers, written, kind, line })
  const hunks = written === undefined ? [] : checkedHunks(readHunks(reader), kind, line)
  const binary = written === undefined && readBinary(reader)
  if (!binary && hunks.length === 0 && headers.size === 0) throw malformed('the section changes nothing', line)
  return {
    kind,
    oldPath: kind === 'create' ? null : old,
    newPath: kind === 'delete' ? null : name,
    ...indexed(headers, kind, line),
    binary,
    hunks,
    line,
  }
}

const headerNames = [
  'old mode',
  'new mode',
  'deleted file mode',
  'new file mode',
  'copy from',
  'copy to',
  'rename from',
  'rename to',
  'similarity index',
  'dissimilarity index',
  'index',
] as const

type Headers = ReadonlyMap<string, string>

function readHeaders(reader: DiffReader): Headers {
  const headers = new Map<string, string>()
  for (;;) {
    const line = reader.peek() ?? ''
    const name = headerNames.find((candidate) => line.startsWith(`${candidate} `))
    if (name === undefined) return headers
    reader.next()
    if (headers.has(name)) throw reader.malformed(`"${name}" stands there twice`)
    headers.set(name, line.slice(name.length + 1))
  }
}

function gitKind(headers: Headers, written: NamePair | undefined, line: number): FileDiff['kind'] {
  const kinds = new Set<FileDiff['kind']>()
  if (headers.has('new file mode') || written?.old === noFile) kinds.add('create')
  if (headers.has('deleted file mode') || written?.new === noFile) kinds.add('delete')
  if (headers.has('rename from') || headers.has('rename to')) kinds.add('rename')
  if (headers.has('copy from') || headers.has('copy to')) kinds.add('copy')
  if (kinds.size > 1) throw malformed(`it cannot be ${[...kinds].join(' and ')} at once`, line)
  return [...kinds][0] ?? 'modify'
}

interface GitNames {
  readonly pairs: readonly NamePair[]
  readonly headers: Headers
  readonly written: NamePair | undefined
  readonly kind: FileDiff['kind']
  readonly line: number
}

/** The one pair of names on which all header lines agree. */
function gitPaths({ pairs, headers, written, kind, line }: GitNames): NamePair {
  const moved = kind === 'rename' || kind === 'copy' ? movedPaths(headers, kind, line) : undefined
  for (const pair of pairs) {
    if (written !== undefined && written.old !== (kind === 'create' ? noFile : pair.old)) continue
    if (written !== undefined && written.new !== (kind === 'delete' ? noFile : pair.new)) continue
    const bare = withoutPrefixes(pair)
    if (bare.old === null || bare.new === null) continue
    if (
      moved === undefined
        ? bare.old === bare.new
        : [bare, pair].some((names) => names.old === moved.old && names.new === moved.new)
    ) {
      return moved ?? { old: bare.old, new: bare.new }
    }
  }
  throw malformed('the names in its header lines differ or cannot be read', line)
}

function movedPaths(headers: Headers, kind: 'rename' | 'copy', line: number): NamePair {
  const old = readName(headers.get(`${kind} from`) ?? '')
  const name = readName(headers.get(`${kind} to`) ?? '')
  if (old === undefined || name === undefined || old === name)
    throw malformed(`"${kind} from" and "${kind} to" do not name two files`, line)
  return { old, new: name }
}

/** Modes and the old object id. */
function indexed(headers: Headers, kind: FileDiff['kind'], line: number): Pick<FileDiff, 'oldMode' | 'newMode' | 'oldBlob'> {
  if (headers.has('old mode') !== headers.has('new mode')) throw malformed('"old mode" and "new mode" belong together', line)
  if (headers.has('old mode') && (kind === 'create' || kind === 'delete'))
    throw malformed('a file that appears or goes has one mode', line)
  const index = headers.get('index')
  const match = index === undefined ? undefined : /^([0-9a-f]{4,64})\.\.[0-9a-f]{4,64}(?: ([0-7]{6}))?$/.exec(index)
  if (match === null) throw malformed('the "index" line cannot be read', line)
  const [, oldBlob, mode] = match ?? []
  const oldMode =
    kind === 'create' ? undefined : readMode(headers.get('old mode') ?? headers.get('deleted file mode') ?? mode, line)
  const newMode = kind === 'delete' ? undefined : readMode(headers.get('new mode') ?? headers.get('new file mode') ?? mode, line)
  return {
    ...(oldMode === undefined ? {} : { oldMode }),
    ...(newMode === undefined ? {} : { newMode }),
    ...(oldBlob === undefined || kind === 'create' ? {} : { oldBlob }),
  }
}

function readMode(octal: string | undefined, line: number): number | undefined {
  if (octal === undefined) return undefined
  if (!/^[0-7]{6}$/.test(octal)) throw malformed('a file mode has six octal digits', line)
  return Number.parseInt(octal, 8)
}

/** `GIT binary patch` with its base-85 blocks, or `Binary files … differ`; the content is skipped. */
function readBinary(reader: DiffReader): boolean {
  const line = reader.peek() ?? ''
  if (/^Binary files .{1,9000} differ$/.test(line)) {
    reader.next()
    return true
  }
  if (line !== 'GIT binary patch') return false
  reader.next()
  if (!readBinaryBlock(reader)) throw reader.malformed('a binary patch has no data')
  readBinaryBlock(reader)
  return true
}

function readBinaryBlock(reader: DiffReader): boolean {
  if (!/^(?:literal|delta) \d{1,15}$/.test(reader.peek() ?? '')) return false
  reader.next()
  while (/^[A-Za-z][0-9A-Za-z!#$%&()*+;<=>?@^_`{|}~-]{5,65}$/.test(reader.peek() ?? '')) reader.next()
  if ((reader.peek() ?? '') !== '') throw malformed('binary data cannot be read', reader.line)
  if (reader.peek() === '') reader.next()
  return true
}
