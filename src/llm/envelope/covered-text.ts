import type { Cover } from './cover.js'
import type { CoveredText } from './envelope-parts.js'

/** Longer texts are not read to their end. */
const lengthMax = 1024 * 1024
/** Longer than any form of a secret: so much of an end without a line break may hold the beginning of one. */
const tailLength = 64 * 1024

/** A text as it may be sent. It is covered before it is cut: half a key has no form any more. */
export function coveredText(text: string, cover: Cover): CoveredText {
  if (text.length <= lengthMax) return { text: cover.cover(text), bytesDropped: 0 }
  const head = text.slice(0, lengthMax)
  const end = head.lastIndexOf('\n') + 1
  const read = head.slice(0, end > lengthMax - tailLength ? end : lengthMax - tailLength)
  return { text: cover.cover(read), bytesDropped: Buffer.byteLength(text) - Buffer.byteLength(read) }
}
