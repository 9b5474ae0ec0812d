import type { See, TextIn } from './fact.js'
import { lastName } from './script-names.js'
import { childOf, listOf, type Node, type Place } from './script-tree.js'

/** The module of an `import` or `export … from`. What is only a type is gone when the code runs. */
export function seeSource({ node }: Place, see: See): void {
  if (node['importKind'] === 'type' || node['exportKind'] === 'type') return
  seeLiteral(childOf(node, 'source'), 'module-reference', see)
}

/** Modules that are required, and files that are read by a literal path. */
export function seeCallReference({ node }: Place, see: See): void {
  const callee = childOf(node, 'callee')
  const [first] = listOf(node, 'arguments')
  if (callee?.type === 'Import') return seeLiteral(first, 'module-reference', see)
  const name = lastName(callee) ?? ''
  const owner = lastName(childOf(callee, 'object')) ?? ''
  if ((name === 'require' && owner === '') || (name === 'resolve' && owner === 'require'))
    seeLiteral(first, 'module-reference', see)
  else if (readers.test(name)) seeLiteral(first, 'file-reference', see)
}

/** `new URL('./data.json', import.meta.url)`: relative to the file it stands in. */
export function seeUrlReference({ node }: Place, see: See, textIn: TextIn): void {
  const [path, base] = listOf(node, 'arguments')
  if (lastName(childOf(node, 'callee')) !== 'URL' || base === undefined) return
  if (/^import\s*\.\s*meta\s*\.\s*url$/.test(textIn(base).slice(0, 60))) seeLiteral(path, 'own-file-reference', see)
}

const readers = /^(?:readFile|readFileSync|createReadStream|readdir|readdirSync|opendir|opendirSync)$/

function seeLiteral(node: Node | undefined, kind: Parameters<See>[0], see: See): void {
  if (node?.type === 'StringLiteral') see(kind, node)
}
