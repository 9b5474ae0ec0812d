/** Longest key of one level, in characters: long enough for names and hashes, too short to fill a memory with. */
const keyLengthMax = 256

/** Control characters: they have no place in a name, and one of them separates the keys of a path. */
// oxlint-disable-next-line no-control-regex
const controls = /[\u0000-\u001f\u007f]/

/**
 * The key, when it can name a circuit or a category: 1 to 256 characters, none of them a control character, and not
 * `__proto__`, so that whoever builds an object from a snapshot is safe.
 *
 * @throws TypeError when it is not a string; RangeError when it is not such a key.
 */
export function checkedKey(what: string, key: unknown): string {
  if (typeof key !== 'string') throw new TypeError(`Cannot use a key of type ${typeof key} as "${what}": it must be a string`)
  if (key.length === 0 || key.length > keyLengthMax)
    throw new RangeError(`Cannot use a key of ${key.length} characters as "${what}": allowed are 1 to ${keyLengthMax}`)
  if (controls.test(key) || key === '__proto__')
    throw new RangeError(`Cannot use ${JSON.stringify(key)} as "${what}": control characters and "__proto__" are not allowed`)
  return key
}
