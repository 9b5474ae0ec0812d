/** Mulberry32 (Tommy Ettinger, 2017, public domain algorithm): the same seed, the same texts. */
export function generator(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const syllables = ['ba', 'cor', 'del', 'es', 'fin', 'gra', 'ho', 'in', 'jo', 'ka', 'lo', 'mer', 'no', 'or', 'pa', 'qui']
const words = syllables.flatMap((a) => syllables.flatMap((b) => syllables.slice(0, 6).map((c) => a + b + c)))

/** A word, some more often than others. */
function word(random: () => number): string {
  return words[Math.floor(random() ** 2 * words.length)] ?? ''
}

/** A message as tools write it. */
export function message(random: () => number): string {
  const of = (): string => word(random)
  const kinds = [
    () => `Error: Cannot find module '${of()}-${of()}' imported from /app/src/${of()}/index.js`,
    () => `src/${of()}/${of()}.ts(12,7): error TS2322: Type '${of()}' is not assignable to type '${of()}'.`,
    () => `TypeError: Cannot read properties of undefined (reading '${of()}') at ${of()} (/app/lib/${of()}.js:10:5)`,
    () => `npm error ERESOLVE could not resolve ${of()}@1.2.3, found ${of()}-${of()}@4.5.6`,
    () => `AssertionError: expected ${of()} ${of()} to equal ${of()} ${of()}`,
  ]
  return (kinds[Math.floor(random() * kinds.length)] ?? of)()
}

/** Forty words or so. */
export function prose(random: () => number): string {
  return Array.from({ length: 40 }, () => word(random)).join(' ')
}

/** The text with a share of its words changed. */
export function changed(text: string, share: number, random: () => number): string {
  return text
    .split(' ')
    .map((one) => (random() < share ? word(random) : one))
    .join(' ')
}
