import { sha256 } from '../../core/hash.js'

/** A mark that occurs in none of the texts: a hash of them, which no text can foresee as it could foresee a counter. */
export function markFor(texts: readonly string[]): string {
  let mark = sha256(texts.join('\0')).slice(0, 24)
  while (texts.some((text) => text.includes(mark))) mark = sha256(mark).slice(0, 24)
  return mark
}

/** A text as data for a model: between two lines that hold the mark. */
export function framed(mark: string, title: string, text: string): string {
  return `BEGIN ${mark} ${title}\n${text}${text.endsWith('\n') ? '' : '\n'}END ${mark}\n`
}
