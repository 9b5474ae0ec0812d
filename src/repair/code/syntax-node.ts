/** A node of the syntax tree, as far as this room looks into it: fields by name, unknown until asked. */
export type SyntaxNode = Readonly<Record<string, unknown>> & {
  readonly type: string
  readonly start: number
  readonly end: number
}

/** The value as a node, if it is one. */
export function asNode(value: unknown): SyntaxNode | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || !('start' in value) || !('end' in value))
    return undefined
  // The three fields that the type demands were just checked, and any other may be read as unknown.
  return typeof value.type === 'string' && typeof value.start === 'number' && typeof value.end === 'number'
    ? (value as SyntaxNode)
    : undefined
}

/** The nodes in a list of nodes. */
export function asNodes(value: unknown): readonly SyntaxNode[] {
  return Array.isArray(value) ? value.flatMap((item) => asNode(item) ?? []) : []
}

/** Every node below `top`, itself included, in the order of the text. */
export function* nodesOf(top: SyntaxNode): Iterable<SyntaxNode> {
  const open: SyntaxNode[] = [top]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    yield node
    // Own stack instead of recursion: a long chain of operators nests deeper than the call stack is.
    for (const value of Object.values(node).reverse()) open.push(...childrenOf(value))
  }
}

/** The text of an identifier or of a literal, quotes and escapes resolved. */
export function textOf(value: unknown): string | undefined {
  const node = asNode(value)
  const text = node?.type === 'Identifier' ? node['name'] : node?.['value']
  return typeof text === 'string' ? text : undefined
}

/** Whether the node is a function of any kind. */
export function isFunction({ type }: SyntaxNode): boolean {
  return /^(?:Function(?:Declaration|Expression)|ArrowFunctionExpression|ObjectMethod|Class(?:Private)?Method)$/.test(type)
}

function childrenOf(value: unknown): readonly SyntaxNode[] {
  const node = asNode(value)
  return node === undefined ? asNodes(value).toReversed() : [node]
}
