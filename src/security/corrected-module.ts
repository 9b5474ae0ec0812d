import { isBuiltin } from 'node:module'
import { editDistance } from '../core/similar-name.js'
import type { AuditedFile } from './audited-file.js'
import type { Use } from './uses.js'

/**
 * Whether a use stands on a line that only spells the name of a module of Node rightly that the patch found there misspelt:
 * `node:sf` to `node:fs`. The file meant to use that module before the patch as well, and could not be loaded.
 */
export function correctsModule({ after, removed }: AuditedFile, use: Use): boolean {
  const line = after?.lineTextAt(use.start) ?? ''
  if (line.length > lineLengthMax) return false
  return [...line.matchAll(/(["'])((?:node:)?[a-z][a-z0-9_/]{0,40})\1/g)].some(({ 2: module = '', index }) => {
    const [lead, rest] = [line.slice(0, index + 1), line.slice(index + 1 + module.length)]
    return (
      isBuiltin(module) &&
      removed.some(({ text }) => {
        const isSame = text.length > lead.length + rest.length && text.startsWith(lead) && text.endsWith(rest)
        return isSame && isMisspelt(text.slice(lead.length, text.length - rest.length), module)
      })
    )
  })
}

const lineLengthMax = 500

/** No other module of Node, and no more than a slip of the keys away. */
function isMisspelt(written: string, module: string): boolean {
  const name = module.replace(/^node:/, '')
  const distanceMax = name.length >= 8 ? 2 : 1
  const bare = written.replace(/^[a-z]{2,6}:/, '')
  return !isBuiltin(written) && /^[\w:/-]{1,50}$/.test(written) && editDistance(bare, name, distanceMax) <= distanceMax
}
