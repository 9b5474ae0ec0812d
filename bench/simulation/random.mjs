/**
 * A seeded source of numbers in [0, 1): xoshiro128** (Blackman and Vigna 2018, public domain), seeded through splitmix32.
 * The same words give the same numbers on every machine, so every figure of the simulation can be made again.
 */
export function seeded(...words) {
  let state = hash(words.join('/'))
  const next = () => {
    state = (state + 0x9e3779b9) | 0
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return mixed ^ (mixed >>> 15)
  }
  let [a, b, c, d] = [next(), next(), next(), next() | 1]
  return () => {
    const scrambled = Math.imul(rotate(Math.imul(b, 5), 7), 9)
    const shifted = b << 9
    c ^= a
    d ^= b
    b ^= c
    a ^= d
    c ^= shifted
    d = rotate(d, 11)
    return (scrambled >>> 0) / 4_294_967_296
  }
}

/** A standard normal number (Box and Muller 1958; the second of the pair is thrown away to keep the source stateless). */
export function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

const rotate = (word, bits) => (word << bits) | (word >>> (32 - bits))

/** FNV-1a: words of a seed to 32 bits. */
function hash(text) {
  let state = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) state = Math.imul(state ^ text.charCodeAt(index), 0x01000193)
  return state
}
