import type { Workspace } from '../../core/ports.js'
import { isCodeFile, isReadable } from '../code/code-parse.js'
import { asNode, asNodes, type SyntaxNode, isFunction } from '../code/syntax-node.js'
import { parseSource } from '../imports/import-literals.js'

/** A parsed file of the project, in which one can look up from a node as well as down. */
export interface Source {
  readonly path: string
  readonly text: string
  readonly top: SyntaxNode
  /** Every node but the top, with the node it is a part of. In the order of the text. */
  readonly parents: ReadonlyMap<SyntaxNode, SyntaxNode>
}

/** Parses a file; `undefined` when there is none, it is no code, too large, or too damaged. */
export function readSource(workspace: Workspace, path: string): Source | undefined {
  const text = isCodeFile(path) ? workspace.read(path) : undefined
  return text === undefined ? undefined : sourceOf(path, text)
}

/** The same for a text at hand. */
function sourceOf(path: string, text: string): Source | undefined {
  const top = isReadable(text) ? parseSource(text, path) : undefined
  return top === undefined ? undefined : { path, text, top, parents: parentsIn(top) }
}

/** What a node is a part of, the nearest first. */
export function* ancestorsOf({ parents }: Source, node: SyntaxNode): Iterable<SyntaxNode> {
  for (let above = parents.get(node); above !== undefined; above = parents.get(above)) yield above
}

/** The nearest node of a kind that `node` is a part of. */
export function enclosing(source: Source, node: SyntaxNode, kind: (above: SyntaxNode) => boolean): SyntaxNode | undefined {
  for (const above of ancestorsOf(source, node)) if (kind(above)) return above
  return undefined
}

/** The function a node belongs to, or the whole program. */
export function functionAround(source: Source, node: SyntaxNode): SyntaxNode {
  return enclosing(source, node, isFunction) ?? source.top
}

/** The statement a node belongs to. */
export function statementAround(source: Source, node: SyntaxNode): SyntaxNode | undefined {
  return isStatement(node) ? node : enclosing(source, node, isStatement)
}

function isStatement({ type }: SyntaxNode): boolean {
  return /Statement$|^VariableDeclaration$|^(?:Function|Class|Export\w+|Import)Declaration$/.test(type)
}

type MemberNode = SyntaxNode & { readonly type: 'MemberExpression' | 'OptionalMemberExpression' }
type CallNode = SyntaxNode & { readonly type: 'CallExpression' | 'OptionalCallExpression' | 'NewExpression' }

/** `a.b`, `a?.b`, `a[b]`. */
export function isMember(node: SyntaxNode | undefined): node is MemberNode {
  return node?.type === 'MemberExpression' || node?.type === 'OptionalMemberExpression'
}

/** `f()`, `f?.()`, `new F()`. */
export function isCall(node: SyntaxNode | undefined): node is CallNode {
  return node?.type === 'CallExpression' || node?.type === 'OptionalCallExpression' || node?.type === 'NewExpression'
}

/** The name behind the dot; `undefined` for `a[b]`. */
export function propertyOf(member: SyntaxNode): string | undefined {
  const property = asNode(member['property'])
  if (member['computed'] === true || property === undefined) return undefined
  return nameOf(property) ?? nameOf(property['id'])
}

/** The name of an identifier. */
export function nameOf(value: unknown): string | undefined {
  const node = asNode(value)
  const name = node?.type === 'Identifier' || node?.type === 'JSXIdentifier' ? node['name'] : undefined
  return typeof name === 'string' ? name : undefined
}

/** The key of a property or method that is not computed: an identifier, or a text between quotes. */
export function keyOf(node: SyntaxNode): string | undefined {
  const key = asNode(node['key'])
  if (node['computed'] === true || key === undefined) return undefined
  const value = key.type === 'StringLiteral' ? key['value'] : undefined
  return typeof value === 'string' ? value : nameOf(key)
}

/** Whether a node is a part of another, or is it. */
export function within(inner: SyntaxNode, outer: SyntaxNode | undefined): boolean {
  return outer !== undefined && outer.start <= inner.start && inner.end <= outer.end
}

/** The text of a node. */
export function textIn({ text }: Source, node: SyntaxNode): string {
  return text.slice(node.start, node.end)
}

/** Offset of a place that counts lines and columns from 1; `undefined` beyond the end. */
function offsetAt(text: string, line: number, column = 1): number | undefined {
  let start = 0
  for (let at = 1; at < line; at += 1) {
    start = text.indexOf('\n', start) + 1
    if (start === 0) return undefined
  }
  return start + column - 1 > text.length ? undefined : start + Math.max(0, column - 1)
}

/** Nodes that begin on a line, the nearest to the column first. */
export function nodesAt(source: Source, line: number, column?: number): readonly SyntaxNode[] {
  const start = offsetAt(source.text, line)
  if (start === undefined) return []
  const newline = source.text.indexOf('\n', start)
  const end = newline === -1 ? source.text.length : newline
  const at = start + (column ?? 1) - 1
  const distance = (node: SyntaxNode): number => {
    const place = asNode(node['property'])?.start ?? node.start
    return column === undefined ? place : Math.min(Math.abs(place - at), Math.abs(node.start - at) + 0.5)
  }
  return [...source.parents.keys()]
    .filter((node) => placesOf(node).some((place) => place >= start && place <= end))
    .sort((a, b) => distance(a) - distance(b) || a.end - a.start - (b.end - b.start))
}

/** A chain of calls over several lines begins on the first of them, and its property stands on a later one. */
function placesOf(node: SyntaxNode): readonly number[] {
  const property = isMember(node) ? asNode(node['property']) : undefined
  const callee = isCall(node) ? asNode(asNode(node['callee'])?.['property']) : undefined
  return [node.start, ...(property === undefined ? [] : [property.start]), ...(callee === undefined ? [] : [callee.start])]
}

/** Without the brackets and type assertions round an expression. */
export function bare(node: SyntaxNode): SyntaxNode {
  let inner = node
  while (/^(?:TS(?:As|Satisfies|NonNull)Expression|TSTypeAssertion|ParenthesizedExpression)$/.test(inner.type)) {
    const next = asNode(inner['expression'])
    if (next === undefined) break
    inner = next
  }
  return inner
}

function parentsIn(top: SyntaxNode): ReadonlyMap<SyntaxNode, SyntaxNode> {
  const parents = new Map<SyntaxNode, SyntaxNode>()
  const open: SyntaxNode[] = [top]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const children = childrenOf(node)
    for (const child of children) parents.set(child, node)
    for (const child of children.toReversed()) open.push(child)
  }
  return parents
}

/** The nodes directly below one. */
export function childrenOf(node: SyntaxNode): readonly SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (const value of Object.values(node)) {
    const child = asNode(value)
    if (child === undefined) children.push(...asNodes(value))
    else children.push(child)
  }
  return children
}
