import { HomeostatError } from '../../core/errors.js'
import { sha256 } from '../../core/hash.js'
import type { FileEdit } from '../../core/patch.js'
import { safePath } from '../../core/path.js'
import type { ReadText } from '../../patch/apply-diff.js'
import type { Fence } from './reply-fences.js'
import { pathOfComment, pathOfFence } from './reply-path.js'

/** A fenced block that may be a whole file. */
export interface WholeFile {
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
): readonly WholeFile[] {
  return fences.flatMap((fence): readonly WholeFile[] => {
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
 * The edit that a whole file asks for; it keeps the line endings, the byte order mark and the missing final line ending of
 * the file it replaces.
 *
 * @throws HS_PATH_REFUSED; HS_PATCH_MALFORMED when the block is cut off, or only an excerpt of the file.
 */
export function editFromWholeFile(file: WholeFile & { readonly path: string }, read: ReadText): FileEdit {
  const path = safePath(file.path)
  if (!file.fence.closed) throw unusable(`the block for ${path} is not closed: the reply ends too early`)
  if (file.fence.nested) throw unusable(`the block for ${path} holds another fence, so it is unclear where it ends`)
  const before = read(path)
  if (before === undefined) return { path, before: null, after: `${file.lines.join('\n')}\n`, baseHash: null }
  // The line with the path may be the file's own.
  const lines =
    file.fence.lines.length > file.lines.length && significant(before)[0] === file.fence.lines[0]?.trim()
      ? file.fence.lines
      : file.lines
  if (!isWhole(lines, before, true)) throw unusable(`the block for ${path} is an excerpt, not the whole file`)
  return { path, before, after: inStyleOf(before, lines), baseHash: sha256(before) }
}

/**
 * Whether a text stands for all of a file rather than for a part: it keeps most of its lines, or its first and last ones and about
 * its length.
 *
 * @param tiny - The answer for a file of three lines or fewer, of which nothing can be told.
 */
export function isWhole(lines: readonly string[], before: string, tiny: boolean): boolean {
  const old = significant(before)
  const fresh = lines.map((line) => line.trim()).filter((line) => line !== '')
  if (old.length <= 3) return tiny
  const left = new Map<string, number>()
  for (const line of fresh) left.set(line, (left.get(line) ?? 0) + 1)
  let kept = 0
  for (const line of old) {
    const count = left.get(line) ?? 0
    if (count > 0) kept += 1
    left.set(line, count - 1)
  }
  const sameEnds = old[0] === fresh[0] && old.at(-1) === fresh.at(-1)
  return kept >= old.length * 0.6 || (sameEnds && fresh.length >= old.length * 0.5)
}

/** A line by which an edit stands for text that it leaves out, if it has one that was not in the file before. */
export function elision({ before, after }: FileEdit): string | undefined {
  if (after === null) return undefined
  const suspects = after.split('\n').filter((line) => line.length <= 300 && isElision(line))
  if (suspects.length === 0) return undefined
  const old = new Set(before?.split('\n').map((line) => line.trim()))
  return suspects.find((line) => !old.has(line.trim()))
}

const leftOut =
  /\b(?:existing|rest of|remaining|remainder|unchanged|same as|as before|omitted|snipp?e?d?|other (?:code|methods|functions|imports|tests))\b/i
const comment = /^(?:\/\/|#|\/\*|\*|<!--|--|;|\{\/\*|""")/

/** `...` alone, or a comment that speaks of the rest: `// ... existing code ...`, `# rest of the file unchanged`. */
function isElision(line: string): boolean {
  const text = line.trim()
  const said = text.replace(/^[^\w.…]+/, '').replace(/[^\w.…]+$/, '')
  if (/^(?:\.{3}|…)$/.test(said)) return said === text || comment.test(text)
  const trails = /^(?:\.{3}|…)|(?:\.{3}|…)$/.test(said)
  // Words side by side are no code: `...existing` and `[...remaining, x]` are.
  if (/^[[(<{]?\s?(?:\.{3}|…)(?:\s?[a-z]+ [a-z.…]| \([a-z ]{1,80}\)$)/i.test(text) && leftOut.test(said)) return true
  if (!comment.test(text) || !leftOut.test(said)) return false
  return trails || /\b(?:rest of|remaining|remainder)\b.{0,60}\b(?:unchanged|same|here|omitted|as before)\b/i.test(said)
}

function significant(text: string): readonly string[] {
  return text
    .replace(/^\ufeff/, '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

function inStyleOf(before: string, lines: readonly string[]): string {
  const crLf = before.split('\r\n').length * 2 > before.split('\n').length
  const eol = crLf ? '\r\n' : '\n'
  const mark = before.startsWith('\ufeff') && lines[0]?.startsWith('\ufeff') !== true ? '\ufeff' : ''
  return `${mark}${lines.join(eol)}${before.endsWith('\n') || before === '' ? eol : ''}`
}

function unusable(reason: string): HomeostatError {
  return new HomeostatError('HS_PATCH_MALFORMED', { reason })
}
