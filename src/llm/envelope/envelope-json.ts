import { canonicalJson } from '../../core/hash.js'

/**
 * {@link canonicalJson} in which nothing is hidden and nothing speaks to a model's chat template: invisible and control
 * characters, and the beginnings of special tokens (`<|`, `</s>`, `[INST]`), are written as escapes. It reads back as the same value.
 */
export function envelopeJson(value: unknown): string {
  return escaped(canonicalJson(value))
}

/** What a text costs inside an {@link envelopeJson}, in bytes of UTF-8, the quotes aside. */
export function jsonBytesOf(text: string): number {
  return Buffer.byteLength(escaped(JSON.stringify(text))) - 2
}

/** The longest beginning of a text that costs at most `bytesMax` ({@link jsonBytesOf}), of whole lines where there are any. */
export function headOf(text: string, bytesMax: number): string {
  if (bytesMax <= 0) return ''
  // Every UTF-16 unit costs at least a byte.
  const start = text.slice(0, bytesMax)
  if (start.length === text.length && jsonBytesOf(text) <= bytesMax) return text
  let [fits, tooLong] = [0, start.length + 1]
  while (tooLong - fits > 1) {
    const middle = (fits + tooLong) >> 1
    if (jsonBytesOf(start.slice(0, middle)) <= bytesMax) fits = middle
    else tooLong = middle
  }
  const head = start.slice(0, fits)
  const end = head.lastIndexOf('\n') + 1
  return end > 0 ? head.slice(0, end) : head.replace(/[\ud800-\udbff]$/, '')
}

function escaped(json: string): string {
  return json.replace(hidden, escapeOf).replace(specialTokens, escapeOf)
}

function escapeOf(found: string): string {
  let escapes = ''
  for (let index = 0; index < found.length; index += 1) escapes += `\\u${found.charCodeAt(index).toString(16).padStart(4, '0')}`
  return escapes
}

/** All that Unicode calls ignorable, DEL, C1 and the line separators; JSON itself escapes what is below the blank. */
const hidden = /[\u007f-\u009f\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu

/** As the chat templates of open models have them; providers take them as text, servers of local models may not. */
const specialTokens = /<(?=\||\/?s>|\/?(?:bos|eos|unk|pad)>|(?:start|end)_of_turn)|\[(?=\/?(?:INST|SYS|TOOL|AVAILABLE_TOOLS)\b)/gi
