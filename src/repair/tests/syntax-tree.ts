import { parse, type ParserPlugin } from '@babel/parser'
import { isReadable } from '../code/code-parse.js'
import { asNode, asNodes, type SyntaxNode } from '../code/syntax-node.js'

/** A node with the nodes around it, the nearest last, and the field of the parent in which it stands. */
export interface Placed {
  readonly node: SyntaxNode
  readonly parents: readonly SyntaxNode[]
  readonly field: string
}

/** The tree of a file; `undefined` when it does not parse or is too large to be worth it. */
export function treeOf(path: string, text: string): SyntaxNode | undefined {
  if (!isReadable(text)) return undefined
  const isTyped = /\.(?:[mc]?ts|tsx)$/i.test(path)
  const attempts: readonly (readonly ParserPlugin[])[] = isTyped
    ? [
        ['typescript', 'decorators', ...(path.endsWith('x') ? (['jsx'] as const) : [])],
        ['typescript', 'jsx'],
      ]
    : [['jsx'], ['flow', 'jsx']]
  for (const plugins of attempts) {
    try {
      const file: unknown = parse(text, {
        plugins: [...plugins],
        sourceType: 'unambiguous',
        allowReturnOutsideFunction: true,
        attachComment: false,
      }).program
      return asNode(file)
    } catch {
      // The next dialect may read it; a file that none reads is no candidate.
    }
  }
  return undefined
}

/** Calls `visit` with every node, parents first. Type annotations are left out: they change nothing at run time. */
export function walk(root: SyntaxNode, visit: (placed: Placed) => void): void {
  const stack: Placed[] = [{ node: root, parents: [], field: '' }]
  for (let placed = stack.pop(); placed !== undefined; placed = stack.pop()) {
    const { node, parents } = placed
    if (/^(?:TS(?!As|NonNull|Satisfies|Enum|Module|Export|Parameter)|Type|Flow|Import(?:Declaration|Specifier))/.test(node.type))
      continue
    visit(placed)
    const around = [...parents, node]
    const below = childrenOf(node)
    for (let at = below.length - 1; at >= 0; at -= 1) {
      const child = below[at]
      if (child !== undefined) stack.push({ node: child.node, field: child.field, parents: around })
    }
  }
}

/** The node in a field; `undefined` when there is none. */
export function nodeIn(node: SyntaxNode, field: string): SyntaxNode | undefined {
  return asNode(node[field])
}

/** The nodes of a field that holds a list; holes are left out. */
export function nodesIn(node: SyntaxNode, field: string): readonly SyntaxNode[] {
  return asNodes(node[field])
}

/** The text of a field; `''` when it holds none. */
export function wordIn(node: SyntaxNode, field: string): string {
  const value = node[field]
  return typeof value === 'string' ? value : ''
}

/** The name that a node calls or reads last: `b` of `a.b`, `f` of `f`. */
export function nameOf(node: SyntaxNode | undefined): string {
  if (node === undefined) return ''
  if (node.type === 'Identifier') return wordIn(node, 'name')
  if (node.type === 'MemberExpression' || node.type === 'OptionalMemberExpression')
    return node['computed'] === true ? '' : nameOf(nodeIn(node, 'property'))
  return ''
}

function childrenOf(node: SyntaxNode): readonly { readonly node: SyntaxNode; readonly field: string }[] {
  const found: { node: SyntaxNode; field: string }[] = []
  for (const [field, value] of Object.entries(node)) {
    if (field === 'loc' || field === 'extra' || field === 'typeAnnotation' || field === 'returnType') continue
    const one = asNode(value)
    found.push(...(one === undefined ? asNodes(value) : [one]).map((child) => ({ node: child, field })))
  }
  return found
}
