/**
 * JSON with comments as plain JSON: comments, trailing commas and a leading byte order mark go. What is not valid with
 * comments is not valid in the answer either.
 */
export function plainJson(text: string): string {
  const pieces: string[] = []
  let comma = -1
  for (const match of text.matchAll(parts)) {
    const part = match[0]
    if (part.startsWith('//')) continue
    if (part.startsWith('/*')) {
      if (part.length < 4 || !part.endsWith('*/')) return text
      pieces.push(' ')
      continue
    }
    if ((part === '}' || part === ']') && comma !== -1) pieces[comma] = ''
    if (part.trim() !== '') comma = part === ',' ? pieces.length : -1
    pieces.push(part)
  }
  if (pieces[0]?.startsWith('\ufeff') === true) pieces[0] = pieces[0].slice(1)
  return pieces.join('')
}

/** Comments, strings, punctuation, white space, and runs of anything else. What lacks its end runs on: linear time. */
const parts = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|"(?:[^"\\\n]|\\.)*"?|[{}[\],/]|[\s\ufeff]+|[^\s{}[\],/"\ufeff]+/g
