import { createHash } from 'node:crypto'
import type { FileEdit } from '../core/patch.js'
import { printable } from '../core/text.js'
import { hunksBetween } from './edit-hunks.js'

/**
 * Edits as git would show them; `git apply` and our own strict parser read it back to the same edits. Edits that change
 * nothing are left out.
 *
 * @param options - `context`: unchanged lines shown around each change, 3 by default; with fewer than 1, insertions cannot be
 *   placed again by anyone.
 */
export function renderDiff(edits: readonly FileEdit[], { context = 3 }: { readonly context?: number } = {}): string {
  return edits
    .filter((edit) => edit.before !== edit.after)
    .map((edit) => renderEdit(edit, context))
    .join('')
}

/**
 * A diff for people: each line printable, bounded to 2 000 characters and, when `enabled`, coloured with standard terminal
 * colours. Not for machines: what cannot be shown is replaced.
 */
export function colourDiff(diffText: string, enabled: boolean): string {
  return diffText
    .split('\n')
    .map((line) => {
      const clean = printable(line.replace(/\r$/, ''), 2_000)
      const colour = enabled && clean !== '' ? colourOf(clean) : undefined
      return colour === undefined ? clean : `\u001b[${colour}m${clean}\u001b[0m`
    })
    .join('\n')
}

/** Select Graphic Rendition codes: bold, cyan, green, red. */
function colourOf(line: string): number | undefined {
  if (/^(?:diff --git |--- |\+\+\+ |index |new file mode |deleted file mode )/.test(line)) return 1
  if (line.startsWith('@@')) return 36
  if (line.startsWith('+')) return 32
  return line.startsWith('-') ? 31 : undefined
}

function renderEdit({ path, before, after }: FileEdit, context: number): string {
  const lines = [`diff --git ${name(`a/${path}`)} ${name(`b/${path}`)}`]
  if (before === null) lines.push('new file mode 100644')
  if (after === null) lines.push('deleted file mode 100644')
  lines.push(`index ${blobOf(before)}..${blobOf(after)}`)
  const hunks = hunksBetween(before ?? '', after ?? '', context)
  // Git ends a name that holds a space with a tab, for parsers that look for a time after a space.
  const tab = path.includes(' ') ? '\t' : ''
  if (hunks.length > 0) {
    lines.push(`--- ${before === null ? '/dev/null' : name(`a/${path}`) + tab}`)
    lines.push(`+++ ${after === null ? '/dev/null' : name(`b/${path}`) + tab}`)
  }
  return `${[...lines, ...hunks.flatMap((hunk) => [hunk.header, ...hunk.lines])].join('\n')}\n`
}

/** In C quotes where git would not read it bare. */
function name(path: string): string {
  return /["\\]/.test(path) ? `"${path.replace(/["\\]/g, '\\$&')}"` : path
}

/** Git's id of a file's content; of no file, zeros. */
function blobOf(text: string | null): string {
  if (text === null) return '0'.repeat(40)
  const bytes = Buffer.from(text)
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex')
}
