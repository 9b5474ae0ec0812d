/** The value of a JSON text, or `undefined`: what providers send may be HTML, cut, or nothing. */
export function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}
