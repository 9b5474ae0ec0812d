import { structuredPatch } from 'diff'

/** A hunk as it stands in a diff, without its final line feed. */
export interface RenderedHunk {
  readonly header: string
  readonly lines: readonly string[]
}

/**
 * The differences between two texts, by lines.
 *
 * @param context - Unchanged lines around each difference.
 */
export function hunksBetween(before: string, after: string, context: number): readonly RenderedHunk[] {
  if (before === after) return []
  const patch = structuredPatch('', '', before, after, '', '', { context, maxEditLength: editLengthMax })
  if (patch === undefined) return [wholeHunk(before, after)]
  return patch.hunks.map((hunk) => ({
    header: `@@ -${range(hunk.oldStart, hunk.oldLines)} +${range(hunk.newStart, hunk.newLines)} @@`,
    lines: hunk.lines,
  }))
}

/** Beyond so many lines added and removed the shortest difference costs too much; then the whole text is replaced. */
const editLengthMax = 1_000

/** A range of no lines is named by the line before it. */
function range(start: number, lines: number): string {
  if (lines === 1) return String(start)
  return `${lines === 0 ? start - 1 : start},${lines}`
}

function wholeHunk(before: string, after: string): RenderedHunk {
  const [removed, added] = [marked('-', before), marked('+', after)]
  const count = (lines: readonly string[]): number => lines.filter((line) => !line.startsWith('\\')).length
  return { header: `@@ -${range(1, count(removed))} +${range(1, count(added))} @@`, lines: [...removed, ...added] }
}

function marked(mark: '+' | '-', text: string): readonly string[] {
  if (text === '') return []
  const lines = text.split('\n').map((line) => mark + line)
  if (text.endsWith('\n')) return lines.slice(0, -1)
  return [...lines, '\\ No newline at end of file']
}
