import { windowOf } from '../../repair/model/model-files.js'
import { envelopeJson, headOf, jsonBytesOf } from './envelope-json.js'
import type { EnvelopeCut, EnvelopeDocument } from './envelope-schema.js'

/** A part of a request that may be cut: it knows what it costs as a whole, and gives as much of itself as it may cost. */
export interface Part<T> {
  /** Its place in the document, for saying that it was cut. */
  readonly name: string
  /** What all of it costs, in bytes of JSON. */
  readonly bytes: number
  take(bytesMax: number): Taken<T>
}

export interface Taken<T> {
  readonly value: T
  readonly cut: EnvelopeCut | undefined
}

type FileExcerpt = EnvelopeDocument['context']['files'][number]

/** A text that is ready to be sent, and how many bytes of it were left out before. */
export interface CoveredText {
  readonly text: string
  readonly bytesDropped: number
}

/** A text, of which the beginning is kept. */
export function textPart(name: string, { text, bytesDropped }: CoveredText): Part<string> {
  return {
    name,
    bytes: jsonBytesOf(text),
    take(bytesMax) {
      const value = headOf(text, bytesMax)
      return { value, cut: cutOf(name, { text, bytesDropped }, value) }
    },
  }
}

/** A file, of which the lines around one are kept; `undefined` when not even that one fits. */
export function filePart(
  file: CoveredText & { readonly path: string; readonly line: number },
  facts: Pick<FileExcerpt, 'bracketSurplus'>,
): Part<FileExcerpt | undefined> {
  const { path, text } = file
  const name = `context.files ${path}`
  const frame = jsonCost({ path, text: '', firstLine: 1e9, lastLine: 1e9, lines: 1e9, ...facts })
  return {
    name,
    bytes: frame + jsonBytesOf(text),
    take(bytesMax) {
      const shown = windowOf({ ...file, bytesMax: bytesMax - frame, bytesOf: jsonBytesOf })
      if (shown === undefined) return { value: undefined, cut: cutOf(name, file, '') }
      return { value: { ...shown, ...facts }, cut: cutOf(name, file, shown.text) }
    },
  }
}

/** A list, of which the last ones are kept, in their order. */
export function listPart<T>(name: string, items: readonly T[]): Part<readonly T[]> {
  const costs = items.map(jsonCost)
  const bytes = costs.reduce((sum, cost) => sum + cost, 0)
  return {
    name,
    bytes,
    take(bytesMax) {
      let [first, left] = [items.length, bytesMax]
      while (first > 0 && (costs[first - 1] ?? 0) <= left) left -= costs[(first -= 1)] ?? 0
      const kept = costs.slice(first).reduce((sum, cost) => sum + cost, 0)
      return { value: items.slice(first), cut: first === 0 ? undefined : sized(name, bytes, kept) }
    },
  }
}

/** What saying that a part was cut costs at most. */
export function cutBytesOf(name: string): number {
  return jsonCost(sized(name, 1e9, 1e9))
}

function cutOf(name: string, { text, bytesDropped }: CoveredText, kept: string): EnvelopeCut | undefined {
  if (kept === text && bytesDropped === 0) return undefined
  return sized(name, Buffer.byteLength(text) + bytesDropped, Buffer.byteLength(kept))
}

function sized(part: string, bytes: number, kept: number): EnvelopeCut {
  return { part, bytes, kept, reason: 'size' }
}

/** As a member of a list, with its comma. */
function jsonCost(value: unknown): number {
  return Buffer.byteLength(envelopeJson(value)) + 1
}
