import { asNode, nodesOf, type SyntaxNode, textOf } from '../code/syntax-node.js'
import { parseSource, spliced } from './import-literals.js'

/**
 * A source text with one variable under another name wherever it stands; `undefined` where that cannot be told to be safe: the
 * new name is there already, the old one is also a name of something else, or is what an object is seen by from outside.
 */
export function withRenamedVariable(text: string, path: string, [from, to]: readonly [string, string]): string | undefined {
  const tree = parseSource(text, path)
  if (tree === undefined) return undefined
  const places = new Map<number, SyntaxNode>()
  const foreign = new Set<number>()
  for (const node of nodesOf(tree)) {
    if (isNamed(node, to) || (node.type === 'JSXIdentifier' && node['name'] === from)) return undefined
    // A short member `{ a }` names a variable and a key at once; so does what another module passes on.
    if (node['shorthand'] === true && textOf(node['key']) === from) return undefined
    if (node.type === 'ExportNamedDeclaration' && asNode(node['source']) !== undefined && mentions(node, from)) return undefined
    for (const field of ['key', 'property'] as const) {
      const name = node['computed'] === true ? undefined : asNode(node[field])
      if (name !== undefined && isNamed(name, from)) foreign.add(name.start)
    }
    if (isNamed(node, from)) places.set(node.start, node)
  }
  const own = [...places.values()].filter(({ start }) => !foreign.has(start))
  if (own.length === 0) return undefined
  // An identifier with a type beside it ends behind the type.
  return spliced(
    text,
    own.map(({ start }) => ({ start, end: start + from.length, text: to })),
  )
}

function isNamed(node: SyntaxNode, name: string): boolean {
  return node.type === 'Identifier' && node['name'] === name
}

function mentions(top: SyntaxNode, name: string): boolean {
  for (const node of nodesOf(top)) if (isNamed(node, name)) return true
  return false
}
