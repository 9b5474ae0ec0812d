import { conflict, onlyPlaceOf, presentText, withChanges, type PresentText } from '../place-lines.js'
import type { Chunk } from './apply-patch-format.js'

/**
 * The text with chunks made real. The old lines of each must be there as whole lines, once and nowhere else, in the order of the
 * chunks, below its anchors. Anchors do not choose between two places: they only confirm the one.
 *
 * @throws HS_PATCH_CONFLICT
 */
export function withChunks(before: string, chunks: readonly Chunk[], path: string): string {
  const present = presentText(before)
  const linesOf = createLineIndex(present)
  const placed = chunks.map((chunk) => {
    const name = `the chunk at line ${chunk.line} of the patch`
    const at = onlyPlaceOf({ lines: chunk.lines, name }, present, path)
    const length = chunk.lines.filter((line) => line.kind !== 'add').length
    if (chunk.atEnd && at + length < present.lines.length) throw conflict(path, `${name} is not at the end of the file`)
    confirmAnchors(chunk, { at, path, name, linesOf })
    return { change: chunk, at }
  })
  return withChanges(present, placed, path)
}

interface Found {
  readonly at: number
  readonly path: string
  readonly name: string
  readonly linesOf: (text: string) => readonly number[]
}

/** From the innermost outwards, each anchor at its last place above: if any choice of places confirms, this one does. */
function confirmAnchors({ anchors }: Chunk, { at, path, name, linesOf }: Found): void {
  let below = at
  for (const anchor of anchors.toReversed()) {
    const place = lastBelow(linesOf(anchor.trim()), below)
    if (place === undefined) throw conflict(path, `${name} is not below its anchor "${anchor.trim().slice(0, 60)}"`)
    below = place
  }
}

/** The largest of ascending numbers that is less than `limit`. */
function lastBelow(numbers: readonly number[], limit: number): number | undefined {
  let [low, high] = [0, numbers.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((numbers[middle] ?? limit) < limit) low = middle + 1
    else high = middle
  }
  return numbers[low - 1]
}

/** Where each text stands, indentation aside; made at the first use, for most patches have no anchors. */
function createLineIndex({ lines }: PresentText): (text: string) => readonly number[] {
  let index: Map<string, number[]> | undefined
  return (text) => {
    if (index === undefined) {
      index = new Map()
      for (const [at, line] of lines.entries()) {
        const bare = line.text.trim()
        const known = index.get(bare)
        if (known === undefined) index.set(bare, [at])
        else known.push(at)
      }
    }
    return index.get(text) ?? []
  }
}
