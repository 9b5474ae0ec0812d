/**
 * A unified diff whose hunk headers count the lines that are really there: models miscount. A blank line inside a hunk is taken
 * for blank context, one at its end for none. `undefined` when a line in a hunk is no line of one.
 */
export function recountedDiff(diff: string): string | undefined {
  const lines = diff.split('\n')
  const result: string[] = []
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? ''
    const header = hunkHeader.exec(line)
    const end = header === null ? at + 1 : hunkEnd(lines, at + 1)
    if (header === null) result.push(line)
    else {
      const hunk = recounted(header, lines.slice(at + 1, end))
      if (hunk === undefined) return undefined
      result.push(...hunk)
    }
    at = end
  }
  return `${result.join('\n')}\n`
}

const hunkHeader = /^@@ -(\d{1,9})(?:,\d{1,9})? \+(\d{1,9})(?:,\d{1,9})? @@(.*)$/

/** A removed line may look like a name (`-- x`): a name is followed by the other name. */
function hunkEnd(lines: readonly string[], start: number): number {
  let at = start
  while (at < lines.length) {
    const line = lines[at] ?? ''
    if (line.startsWith('diff --git ') || hunkHeader.test(line)) break
    if (line.startsWith('--- ') && lines[at + 1]?.startsWith('+++ ') === true) break
    at += 1
  }
  return at
}

function recounted([, oldStart = '', newStart = '', rest = '']: RegExpExecArray, body: readonly string[]): string[] | undefined {
  const lines = body.slice(0, body.findLastIndex((line) => line !== '') + 1).map((line) => (line === '' ? ' ' : line))
  if (lines.some((line) => !' +-\\'.includes(line.slice(0, 1)))) return undefined
  const count = (marks: string): number => lines.filter((line) => marks.includes(line.slice(0, 1))).length
  return [`@@ -${oldStart},${count(' -')} +${newStart},${count(' +')} @@${rest}`, ...lines]
}
