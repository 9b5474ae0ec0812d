import { malformed } from '../../core/diff-reader.js'
import type { DiffLine } from '../../core/file-diff.js'
import { foldedPath } from '../../core/path.js'
import { filesMax } from './patch-lines.js'

/** Lines of a file to be changed, found by themselves. */
export interface Chunk {
  /** Lines that stand above in the file, from the outermost inwards: `class A`, `run() {`. Indentation aside. */
  readonly anchors: readonly string[]
  readonly lines: readonly DiffLine[]
  /** The last line of the chunk is the last line of the file. */
  readonly atEnd: boolean
  /** Where it begins in the patch, counted from 1. */
  readonly line: number
}

/** What a section of the `apply_patch` format does to one file. Paths are not judged. */
export type PatchSection =
  | { readonly kind: 'add'; readonly path: string; readonly text: string }
  | { readonly kind: 'delete'; readonly path: string }
  | { readonly kind: 'update'; readonly path: string; readonly movedTo?: string; readonly chunks: readonly Chunk[] }

/** The line that begins the format. */
export const beginMark = '*** Begin Patch'

/**
 * Reads the `apply_patch` format of OpenAI's Codex, strictly: from `*** Begin Patch` to `*** End Patch` every line must mean something,
 * and no file is named twice. Its grammar is in `codex-rs/apply-patch` of github.com/openai/codex; what that program finds by likeness
 * is left to whoever places the chunks.
 *
 * @throws HS_PATCH_MALFORMED with the line.
 */
export function readApplyPatch(lines: readonly string[]): readonly PatchSection[] {
  const cursor = { at: 0 }
  skipBlank(lines, cursor)
  if (lines[cursor.at] !== beginMark) throw malformed(`it does not begin with "${beginMark}"`, cursor.at + 1)
  cursor.at += 1
  const sections: PatchSection[] = []
  const named = new Set<string>()
  while (lines[cursor.at] !== endMark) {
    const start = cursor.at
    const section = readSection(lines, cursor)
    const paths = section.kind === 'update' && section.movedTo !== undefined ? [section.path, section.movedTo] : [section.path]
    for (const path of paths.map(foldedPath)) {
      if (named.has(path)) throw malformed('a second section for one path', start + 1)
      named.add(path)
    }
    if (sections.push(section) > filesMax) throw malformed(`it has more than ${filesMax} files`, start + 1)
  }
  cursor.at += 1
  skipBlank(lines, cursor)
  if (cursor.at < lines.length) throw malformed(`a line follows "${endMark}"`, cursor.at + 1)
  return sections
}

/** The text that {@link readApplyPatch} reads to the same sections, line numbers aside. */
export function printApplyPatch(sections: readonly PatchSection[]): string {
  return [beginMark, ...sections.flatMap(printedSection), endMark].map((line) => `${line}\n`).join('')
}

const endMark = '*** End Patch'
const endOfFile = '*** End of File'
const [add, remove, update, move] = ['*** Add File: ', '*** Delete File: ', '*** Update File: ', '*** Move to: '] as const

interface Cursor {
  at: number
}

function readSection(lines: readonly string[], cursor: Cursor): PatchSection {
  const header = lines[cursor.at]
  if (header === undefined || (header === '' && cursor.at === lines.length - 1))
    throw malformed(`it ends without "${endMark}"`, cursor.at + 1)
  const path = pathAfter(header, cursor.at, [add, remove, update])
  cursor.at += 1
  if (header.startsWith(add)) return { kind: 'add', path, text: addedText(lines, cursor) }
  if (header.startsWith(remove)) return { kind: 'delete', path }
  const next = lines[cursor.at] ?? ''
  const movedTo = next.startsWith(move) ? pathAfter(next, cursor.at, [move]) : undefined
  if (movedTo !== undefined) cursor.at += 1
  const chunks = readChunks(lines, cursor)
  if (chunks.length === 0 && movedTo === undefined) throw malformed('the section changes nothing', cursor.at)
  return { kind: 'update', path, ...(movedTo !== undefined && { movedTo }), chunks }
}

function pathAfter(header: string, at: number, marks: readonly string[]): string {
  const mark = marks.find((candidate) => header.startsWith(candidate))
  if (mark === undefined) throw malformed('the line begins no file section', at + 1)
  return header.slice(mark.length)
}

function addedText(lines: readonly string[], cursor: Cursor): string {
  const start = cursor.at
  while (lines[cursor.at]?.startsWith('+') === true) cursor.at += 1
  return lines
    .slice(start, cursor.at)
    .map((line) => `${line.slice(1)}\n`)
    .join('')
}

function readChunks(lines: readonly string[], cursor: Cursor): readonly Chunk[] {
  const chunks: Chunk[] = []
  while (cursor.at < lines.length && lines[cursor.at]?.startsWith('*** ') === false) {
    if (lines[cursor.at] === '' && cursor.at === lines.length - 1) break // the end of the text, which comes too early
    if (chunks.at(-1)?.atEnd === true) throw malformed('a chunk follows the end of the file', cursor.at + 1)
    if (chunks.length > 0 && !isAnchor(lines[cursor.at])) throw malformed('the line belongs to no chunk', cursor.at + 1)
    chunks.push(readChunk(lines, cursor))
  }
  return chunks
}

function readChunk(lines: readonly string[], cursor: Cursor): Chunk {
  const line = cursor.at + 1
  const anchors: string[] = []
  for (; isAnchor(lines[cursor.at]); cursor.at += 1) {
    const anchor = (lines[cursor.at] ?? '').slice('@@ '.length)
    if (anchor !== '') anchors.push(anchor)
  }
  const changed: DiffLine[] = []
  for (let read = readLine(lines, cursor.at); read !== undefined; read = readLine(lines, cursor.at)) {
    changed.push(read)
    cursor.at += 1
  }
  if (changed.every(({ kind }) => kind === 'context')) throw malformed('the chunk changes nothing', line)
  const atEnd = lines[cursor.at] === endOfFile
  if (atEnd) cursor.at += 1
  return { anchors, lines: changed, atEnd, line }
}

function isAnchor(line: string | undefined): boolean {
  return line === '@@' || line?.startsWith('@@ ') === true
}

/** An empty line is an empty line of context whose one space was stripped; the last one of the text is none. */
function readLine(lines: readonly string[], at: number): DiffLine | undefined {
  const line = lines[at]
  const kind = line === '' ? (at < lines.length - 1 ? 'context' : undefined) : kinds.get(line?.[0] ?? '')
  if (line === undefined || kind === undefined) return undefined
  const text = line.slice(1)
  return text.endsWith('\r') ? { kind, text: text.slice(0, -1), eol: '\r\n' } : { kind, text, eol: '\n' }
}

const kinds: ReadonlyMap<string, DiffLine['kind']> = new Map([
  [' ', 'context'],
  ['+', 'add'],
  ['-', 'remove'],
])

function skipBlank(lines: readonly string[], cursor: Cursor): void {
  while (cursor.at < lines.length && lines[cursor.at]?.trim() === '') cursor.at += 1
}

function printedSection(section: PatchSection): readonly string[] {
  if (section.kind === 'delete') return [remove + section.path]
  if (section.kind === 'add')
    return [
      add + section.path,
      ...section.text
        .split('\n')
        .slice(0, -1)
        .map((line) => `+${line}`),
    ]
  const { path, movedTo, chunks } = section
  return [update + path, ...(movedTo === undefined ? [] : [move + movedTo]), ...chunks.flatMap(printedChunk)]
}

const marks = { context: ' ', add: '+', remove: '-' } as const

function printedChunk({ anchors, lines, atEnd }: Chunk): readonly string[] {
  return [
    ...(anchors.length === 0 ? ['@@'] : anchors.map((anchor) => `@@ ${anchor}`)),
    ...lines.map(({ kind, text, eol }) => `${marks[kind]}${text}${eol === '\r\n' ? '\r' : ''}`),
    ...(atEnd ? [endOfFile] : []),
  ]
}
