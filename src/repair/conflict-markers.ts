/** A text with conflict markers, resolved both ways. */
export interface ConflictSides {
  /** What stood before the merge in the branch merged into (between `<<<<<<<` and `=======`). */
  readonly ours: string
  /** What the merged branch brings (between `=======` and `>>>>>>>`). */
  readonly theirs: string
  /** The line of the first marker, counted from 1. */
  readonly line: number
  readonly conflicts: number
}

/**
 * Both resolutions of the conflict markers that Git leaves in a text (`diff3` style included); `undefined` when there is no
 * complete conflict, or a marker stands where none can.
 */
export function conflictMarkers(text: string): ConflictSides | undefined {
  if (!text.includes('<<<<<<<')) return undefined
  let side: Side = 'both'
  let ours = ''
  let theirs = ''
  let line = 0
  let conflicts = 0
  let firstLine = 0
  for (const row of linesOf(text)) {
    line += 1
    const next = markerOf(row)
    if (next === undefined) {
      if (side === 'both' || side === 'ours') ours += row
      if (side === 'both' || side === 'theirs') theirs += row
      continue
    }
    if (!mayFollow[next].includes(side)) return undefined
    if (next === 'ours') {
      conflicts += 1
      if (firstLine === 0) firstLine = line
    }
    side = next
  }
  return side === 'both' && conflicts > 0 ? { ours, theirs, line: firstLine, conflicts } : undefined
}

type Side = 'both' | 'ours' | 'base' | 'theirs'

/** Where a marker that opens the key's side may stand. */
const mayFollow: Readonly<Record<Side, readonly Side[]>> = {
  ours: ['both'],
  base: ['ours'],
  theirs: ['ours', 'base'],
  both: ['theirs'],
}

function markerOf(row: string): Side | undefined {
  if (/^<{7}(?: |\r?\n?$)/.test(row)) return 'ours'
  if (/^\|{7}(?: |\r?\n?$)/.test(row)) return 'base'
  if (/^={7}\r?\n?$/.test(row)) return 'theirs'
  if (/^>{7}(?: |\r?\n?$)/.test(row)) return 'both'
  return undefined
}

function* linesOf(text: string): Generator<string> {
  let from = 0
  while (from < text.length) {
    const end = text.indexOf('\n', from)
    const to = end === -1 ? text.length : end + 1
    yield text.slice(from, to)
    from = to
  }
}
