/**
 * Number of single-character insertions, deletions, replacements and swaps of neighbours that turn `a` into `b`
 * (optimal string alignment: Damerau 1964, restricted). Stops counting at `distanceMax` and answers `distanceMax + 1`.
 */
export function editDistance(a: string, b: string, distanceMax: number): number {
  if (Math.abs(a.length - b.length) > distanceMax) return distanceMax + 1
  let older: number[] = []
  let old = Array.from({ length: b.length + 1 }, (_, column) => column)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1] ? 0 : 1
      let best = Math.min(at(old, column) + 1, at(current, column - 1) + 1, at(old, column - 1) + same)
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, at(older, column - 2) + 1)
      current.push(best)
    }
    if (Math.min(...current) > distanceMax) return distanceMax + 1
    older = old
    old = current
  }
  return Math.min(at(old, b.length), distanceMax + 1)
}

/** The candidates nearest to `name`, nearest first, as far as a misspelling goes: one edit for each three characters. */
export function similarNames(name: string, candidates: Iterable<string>, limit = 3): readonly string[] {
  const distanceMax = Math.max(1, Math.floor(name.length / 3))
  const near: { candidate: string; distance: number }[] = []
  for (const candidate of candidates) {
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase(), distanceMax)
    if (distance <= distanceMax) near.push({ candidate, distance })
  }
  return near
    .sort((x, y) => x.distance - y.distance || (x.candidate < y.candidate ? -1 : 1))
    .slice(0, limit)
    .map((entry) => entry.candidate)
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY
}
