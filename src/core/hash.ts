import { hash } from 'node:crypto'

/** SHA-256 of bytes or of a text's UTF-8, as 64 hex digits. */
export function sha256(content: Uint8Array | string): string {
  return hash('sha256', content, 'hex')
}

/**
 * JSON with the keys of every object sorted, so that equal content gives equal text; members that are `undefined` are left
 * out, as `JSON.stringify` does.
 */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) => {
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    return Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)))
  })
}
