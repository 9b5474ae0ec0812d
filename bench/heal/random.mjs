/** Numbers in 0..1 that depend on the seed alone (mulberry32, seeded by FNV-1a). */
export function randomOf(seed) {
  let state = 0x811c9dc5
  for (const char of String(seed)) state = Math.imul(state ^ char.codePointAt(0), 0x01000193)
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export function shuffled(values, random) {
  const result = [...values]
  for (let last = result.length - 1; last > 0; last -= 1) {
    const other = Math.floor(random() * (last + 1))
    ;[result[last], result[other]] = [result[other], result[last]]
  }
  return result
}

/** Every name once before any name twice: a few cases then show many kinds of damage. */
export function spread(values, nameOf, random) {
  const groups = new Map()
  for (const value of shuffled(values, random)) groups.set(nameOf(value), [...(groups.get(nameOf(value)) ?? []), value])
  const rows = shuffled([...groups.values()], random)
  const rounds = Math.max(0, ...rows.map((row) => row.length))
  return Array.from({ length: rounds }, (_, round) => rows.flatMap((row) => row.slice(round, round + 1))).flat()
}
