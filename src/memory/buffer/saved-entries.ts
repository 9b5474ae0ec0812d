import { sha256 } from '../../core/hash.js'
import { weightMax } from './buffer-options.js'
import { frequencyMax } from './eviction-queue.js'

/** An entry as it is saved. */
export interface SavedEntry {
  readonly key: string
  /** Worth × cost. */
  readonly weight: number
  readonly frequency: number
  /** Milliseconds since 1970; `null`: never. */
  readonly expiresEpochMs: number | null
  /** By which it is found, where it was given. */
  readonly text: string | null
  /** Of the JSON in `bytes`; `null`: it is not compressed. */
  readonly plainBytes: number | null
  /** The value, as JSON or as compressed JSON. */
  readonly bytes: Uint8Array
}

/** Entries read back, or why they cannot be. */
export type ReadEntries = { readonly entries: readonly SavedEntry[] } | { readonly problem: string }

const format = 'homeostat-memory'
const version = 1
const headBytesMax = 1_024

/**
 * The file: a line of JSON about all of it with the SHA-256 of what follows; then for each entry a line of JSON and the bytes of the
 * value with a line feed.
 *
 * @param compressor - The name of the one that made the compressed values; `null`: there is none.
 * @param bytesMax - Entries that no longer fit are left out.
 */
export function writeEntries(entries: Iterable<SavedEntry>, compressor: string | null, bytesMax: number): Uint8Array {
  const parts: Uint8Array[] = []
  let left = bytesMax - headBytesMax
  for (const { bytes, ...head } of entries) {
    const line = Buffer.from(`${JSON.stringify({ ...head, bytes: bytes.length })}\n`)
    left -= line.length + bytes.length + 1
    if (left < 0) break
    parts.push(line, bytes, lineFeed)
  }
  const body = Buffer.concat(parts)
  const head = JSON.stringify({ format, version, compressor, bytes: body.length, sha256: sha256(body) })
  return Buffer.concat([Buffer.from(`${head}\n`), body])
}

/** Reads what {@link writeEntries} wrote; believes nothing. */
export function readEntries(file: Uint8Array, compressor: string | null): ReadEntries {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength)
  const headEnd = bytes.subarray(0, headBytesMax).indexOf(0x0a)
  const head = headEnd < 0 ? undefined : recordIn(bytes, 0, headEnd)
  if (head?.['format'] !== format) return { problem: 'it is something else' }
  if (head['version'] !== version)
    return { problem: `it has version ${shown(head['version'])}, and this one understands version ${version} only` }
  const body = bytes.subarray(headEnd + 1)
  if (head['bytes'] !== body.length) return { problem: `it has ${body.length} bytes instead of ${shown(head['bytes'])}` }
  if (head['sha256'] !== sha256(body)) return { problem: 'it was changed after it was written' }
  const read = readBody(body)
  if (read === undefined) return { problem: 'it is malformed' }
  if (head['compressor'] !== compressor && read.some(({ plainBytes }) => plainBytes !== null))
    return { problem: `it is compressed by ${shown(head['compressor'])}, which is not the one in use` }
  return { entries: read }
}

function readBody(body: Buffer): readonly SavedEntry[] | undefined {
  const entries: SavedEntry[] = []
  for (let offset = 0; offset < body.length;) {
    const lineEnd = body.indexOf(0x0a, offset)
    const entry = lineEnd < 0 ? undefined : entryOf(recordIn(body, offset, lineEnd), body.subarray(lineEnd + 1))
    if (entry === undefined) return undefined
    entries.push(entry)
    offset = lineEnd + 2 + entry.bytes.length
    if (body[offset - 1] !== 0x0a) return undefined
  }
  return entries
}

function entryOf(record: Readonly<Record<string, unknown>> | undefined, rest: Buffer): SavedEntry | undefined {
  if (record === undefined) return undefined
  const { key, weight, frequency, expiresEpochMs, text, plainBytes, bytes } = record
  if (typeof key !== 'string' || !isWithin(weight, 0, weightMax.worth * weightMax.costMs)) return undefined
  if (!isWhole(frequency, 1, frequencyMax) || !isWhole(bytes, 0, rest.length)) return undefined
  if (expiresEpochMs !== null && !isWithin(expiresEpochMs, 0, Number.MAX_SAFE_INTEGER)) return undefined
  if (plainBytes !== null && !isWhole(plainBytes, 0, Number.MAX_SAFE_INTEGER)) return undefined
  if (text !== null && typeof text !== 'string') return undefined
  // A copy: a view would keep the whole file in memory.
  return { key, weight, frequency, expiresEpochMs, text, plainBytes, bytes: new Uint8Array(rest.subarray(0, bytes)) }
}

function recordIn(bytes: Buffer, start: number, end: number): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8', start, end))
    // Any object may be asked for any name.
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined
  } catch {
    return undefined
  }
}

function isWithin(value: unknown, min: number, max: number): value is number {
  return typeof value === 'number' && value >= min && value <= max
}

function isWhole(value: unknown, min: number, max: number): value is number {
  return isWithin(value, min, max) && Number.isInteger(value)
}

function shown(value: unknown): string {
  return typeof value === 'string' || typeof value === 'number' ? String(value).slice(0, 40) : 'unknown'
}

const lineFeed = Buffer.from('\n')
