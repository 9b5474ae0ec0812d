/**
 * About how many bytes a value takes that `structuredClone` has made; what is beyond `bytesMax` is not looked at. Engines differ, so
 * it is meant for bounds, not for accounts. What occurs twice counts once.
 */
export function dataBytes(value: unknown, bytesMax: number): number {
  const seen = new Set<object>()
  const left: unknown[] = [value]
  let bytes = 0
  while (left.length > 0 && bytes <= bytesMax) {
    const one = left.pop()
    bytes += ownBytes(one)
    if (typeof one !== 'object' || one === null || seen.has(one)) continue
    seen.add(one)
    for (const part of partsOf(one)) left.push(part)
  }
  return bytes
}

/** A value and its place in what holds it. */
const valueBytes = 16

function ownBytes(value: unknown): number {
  if (typeof value === 'string') return valueBytes + 2 * value.length
  if (typeof value === 'bigint') return valueBytes + value.toString(16).length
  // A view does not hold the buffer alone, but whatever holds it holds all of it.
  if (ArrayBuffer.isView(value)) return valueBytes + value.buffer.byteLength
  if (value instanceof ArrayBuffer) return valueBytes + value.byteLength
  return valueBytes
}

function partsOf(value: object): Iterable<unknown> {
  if (ArrayBuffer.isView(value)) return []
  if (value instanceof Map) return [...value.keys(), ...value.values()]
  if (value instanceof Set) return value
  if (value instanceof Error) return [value.message, value.stack, value.cause]
  return Array.isArray(value) ? value : [...Object.keys(value), ...Object.values(value)]
}
