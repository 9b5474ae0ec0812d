import type { Compressor } from './compressor.js'
import { isPlainData } from './value-size.js'

/** A value as compressed JSON. */
export interface PackedValue {
  readonly bytes: Uint8Array
  /** Of the JSON. */
  readonly plainBytes: number
}

/** Less is not worth the time that each reading takes. */
const sizeRatioMax = 0.9

/** The value compressed; `undefined` when JSON would not give it back as it is, or it hardly becomes smaller. @throws what the compressor throws */
export function pack(value: unknown, compressor: Compressor): PackedValue | undefined {
  if (!isPlainData(value)) return undefined
  const plain = new TextEncoder().encode(JSON.stringify(value))
  const bytes = compressor.compress(plain)
  return bytes.length <= plain.length * sizeRatioMax ? { bytes, plainBytes: plain.length } : undefined
}

/** The value again, in a copy of its own. @throws what the compressor throws; SyntaxError when it is no JSON */
export function unpack({ bytes, plainBytes }: PackedValue, compressor: Compressor): unknown {
  const plain = compressor.decompress(bytes, plainBytes)
  if (plain.length !== plainBytes)
    throw new RangeError(`Cannot unpack a value: it has ${plain.length} bytes instead of ${plainBytes}`)
  return JSON.parse(decoder.decode(plain))
}

const decoder = new TextDecoder('utf-8', { fatal: true })
