/** Deeper values are not measured: a stack is bounded too. */
const depthMax = 200

/**
 * About how many bytes a value takes in memory, guessed high: text counts two bytes a character, and what is reached twice counts
 * twice. `Infinity` as soon as it is more than `bytesMax`, or nested more than 200 deep, which a cycle is as well.
 *
 * @throws what a getter throws.
 */
export function sizeOf(value: unknown, bytesMax: number, depth = 0): number {
  if (typeof value === 'string') return 24 + 2 * value.length
  if (typeof value === 'object') return value === null ? 8 : sizeOfObject(value, bytesMax, depth)
  if (typeof value === 'bigint') return 32
  return typeof value === 'function' ? 64 : 8
}

// Loops without closures: this is on the path of every `set`.
function sizeOfObject(value: object, bytesMax: number, depth: number): number {
  if (depth >= depthMax) return Infinity
  let bytes = 40
  if (Array.isArray(value)) {
    const items: readonly unknown[] = value
    if (items.length * 8 > bytesMax) return Infinity
    for (let index = 0; index < items.length && bytes <= bytesMax; index += 1) {
      const item = items[index]
      bytes += 8 + sizeOf(item, bytesMax - bytes, depth + 1)
    }
    return bytes <= bytesMax ? bytes : Infinity
  }
  // One question for most values, instead of four.
  if (Object.getPrototypeOf(value) !== Object.prototype) {
    if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) {
      bytes += 160 + value.byteLength
      return bytes <= bytesMax ? bytes : Infinity
    }
    if (value instanceof Map || value instanceof Set) bytes += sizeOfMembers(value, bytesMax, depth)
  }
  // Inherited names count too, which is what makes a guess high and this loop fast.
  for (const name in value) {
    // A member is read as JSON would read it; nothing is written.
    bytes += 16 + sizeOf((value as Readonly<Record<string, unknown>>)[name], bytesMax - bytes, depth + 1)
    if (bytes > bytesMax) return Infinity
  }
  return bytes <= bytesMax ? bytes : Infinity
}

function sizeOfMembers(members: Iterable<unknown>, bytesMax: number, depth: number): number {
  let bytes = 0
  for (const member of members) {
    bytes += 32 + sizeOf(member, bytesMax - bytes, depth + 1)
    if (bytes > bytesMax) return Infinity
  }
  return bytes
}

/**
 * Whether JSON gives an equal value back: text, finite numbers, booleans, `null`, arrays and plain objects of these. A member that is
 * `undefined` may get lost, since reading it gives the same afterwards. Only for values that {@link sizeOf} found finite.
 */
export function isPlainData(value: unknown): boolean {
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object') return typeof value === 'string' || typeof value === 'boolean'
  if (value === null) return true
  if (Array.isArray(value)) {
    // Not `every`, which passes over holes.
    for (let index = 0; index < value.length; index += 1) if (!isPlainData(value[index])) return false
    return true
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) return false
  return Object.values(value).every((member) => member === undefined || isPlainData(member))
}

/** The text in a value, its names left out: that two values are of one shape does not make them alike. At most `charsMax` characters. */
export function textIn(value: unknown, charsMax: number): string {
  const parts: string[] = []
  let left = charsMax
  const visit = (member: unknown, depth: number): void => {
    if (left <= 0 || depth > depthMax) return
    if (typeof member === 'string') {
      parts.push(member.slice(0, left))
      left -= member.length + 1
    } else if (typeof member === 'object' && member !== null && !ArrayBuffer.isView(member)) {
      for (const child of member instanceof Map || member instanceof Set ? member.values() : Object.values(member)) {
        if (left <= 0) return
        visit(child, depth + 1)
      }
    }
  }
  visit(value, 0)
  return parts.join('\n')
}
