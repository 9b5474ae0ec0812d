/** What may stand between the double quotes of a JSON string. */
export const wellFormed = /^(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*$/

/** Escapes, raw control characters and quotes; a legal escape is matched so that its second character is not met again. */
export const suspicious = /\\(?:u[\dA-Fa-f]{4}|[^])?|[\u0000-\u001f"]/g

/** The legal form of what {@link suspicious} found; `undefined` when it is legal as it is. */
export function legalForm(found: string): string | undefined {
  if (!found.startsWith('\\'))
    return found === '"' ? '\\"' : (controlEscapes.get(found) ?? `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
  if (/^\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4})$/.test(found)) return undefined
  const next = found.slice(1)
  if (next === "'" || next === '`') return next
  if (next === '\n' || next === '\r') return ''
  return next < ' ' ? `\\\\${controlEscapes.get(next) ?? ''}` : `\\\\${next}`
}

const controlEscapes: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
  ['\b', '\\b'],
  ['\f', '\\f'],
])
