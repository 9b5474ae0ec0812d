import { builtInProperties, isBuiltInProperty } from '../code/built-in-names.js'
import { asNode, asNodes, type SyntaxNode } from '../code/syntax-node.js'
import { isTest } from '../imports/import-path.js'
import { childrenOf, isCall, isMember, keyOf, nameOf, propertyOf, type Source } from './runtime-source.js'

/** A place that gives an object a property: a key of a literal, a member of a class, an assignment to `a.b`. */
export interface Definition {
  readonly source: Source
  /** The name itself. */
  readonly node: SyntaxNode
  readonly kind: 'key' | 'method' | 'field' | 'assignment'
}

/** The names of properties that a project defines and uses. */
export interface ProjectNames {
  readonly definitions: ReadonlyMap<string, readonly Definition[]>
  /** How often a property is read, by name; tests count. */
  readonly reads: ReadonlyMap<string, number>
  /** How often a property is called, by name. */
  readonly calls: ReadonlyMap<string, number>
  /** Properties that are read of, or set on, an object of this name: what stands before the last dot. */
  readonly byOwner: ReadonlyMap<string, ReadonlyMap<string, number>>
}

export function namesIn(sources: readonly Source[]): ProjectNames {
  const names = {
    definitions: new Map<string, Definition[]>(),
    reads: new Map<string, number>(),
    calls: new Map<string, number>(),
    byOwner: new Map<string, Map<string, number>>(),
  }
  for (const source of sources) for (const node of source.parents.keys()) read(source, node, names)
  return names
}

interface Names extends ProjectNames {
  readonly definitions: Map<string, Definition[]>
  readonly reads: Map<string, number>
  readonly calls: Map<string, number>
  readonly byOwner: Map<string, Map<string, number>>
}

function read(source: Source, node: SyntaxNode, names: Names): void {
  const parent = source.parents.get(node)
  if (isMember(node)) {
    const name = propertyOf(node)
    const property = asNode(node['property'])
    if (name === undefined || property === undefined) return
    own(names, ownerOf(asNode(node['object'])), name)
    const isSet = parent?.type === 'AssignmentExpression' && parent['left'] === node && parent['operator'] === '='
    if (isSet) define(names, name, { source, node: property, kind: 'assignment' })
    else count(names.reads, name)
    if (isCall(parent) && parent['callee'] === node) count(names.calls, name)
    return
  }
  const name = keyOf(node)
  const key = asNode(node['key'])
  if (name === undefined || key === undefined) return
  switch (node.type) {
    case 'ObjectProperty':
      if (parent?.type === 'ObjectPattern') count(names.reads, name)
      else define(names, name, { source, node: key, kind: 'key' })
      return
    case 'ObjectMethod':
    case 'ClassMethod':
      return define(names, name, { source, node: key, kind: 'method' })
    case 'ClassProperty':
    case 'ClassAccessorProperty':
      return define(names, name, { source, node: key, kind: 'field' })
  }
}

function define(names: Names, name: string, definition: Definition): void {
  // A test says how things are used, not what there is.
  if (isTest(definition.source.path)) return
  names.definitions.set(name, [...(names.definitions.get(name) ?? []), definition])
}

/** The name of the object that a property belongs to: `options` of `this.options.depth`. */
export function ownerOf(object: SyntaxNode | undefined): string | undefined {
  if (object === undefined) return undefined
  if (object.type === 'ThisExpression') return 'this'
  return isMember(object) ? propertyOf(object) : nameOf(object)
}

function own(names: Names, owner: string | undefined, name: string): void {
  if (owner === undefined) return
  const known = names.byOwner.get(owner) ?? new Map<string, number>()
  count(known, name)
  names.byOwner.set(owner, known)
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** Whether nothing in the project defines a property, and it is read but once or twice: most likely it is misspelt. */
export function isUnknownProperty(scene: { names(): ProjectNames }, name: string): boolean {
  const { definitions, reads } = scene.names()
  return !definitions.has(name) && !isBuiltInProperty(name) && (reads.get(name) ?? 0) <= 2
}

/** Methods of the built-in kinds of value that have all the given properties but `except`; none when those say nothing. */
export function builtInMethodsLike(used: ReadonlySet<string>, except: string): readonly string[] {
  const telling = [...used].filter((name) => name !== except && builtInProperties.has(name))
  if (telling.length === 0) return []
  return [Array, String, Map, Set, WeakMap, Promise, RegExp, Date].flatMap(({ prototype }) =>
    telling.every((name) => name in prototype)
      ? Object.getOwnPropertyNames(prototype).filter((name) => name !== 'constructor')
      : [],
  )
}

/** Functions declared or assigned under a name anywhere in the sources. */
export function functionsNamed(source: Source, name: string): readonly SyntaxNode[] {
  const found: SyntaxNode[] = []
  for (const node of source.parents.keys()) {
    if (
      !/^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression|ObjectMethod|ClassMethod|ClassPrivateMethod)$/.test(
        node.type,
      )
    )
      continue
    if (functionName(source, node) === name) found.push(node)
  }
  return found
}

/** What a function is called: its own name, or that of the variable, property or member it is the value of. */
export function functionName(source: Source, node: SyntaxNode): string | undefined {
  const own =
    nameOf(node['id']) ?? (asNode(node['key']) === undefined ? undefined : (keyOf(node) ?? nameOf(asNode(node['key'])?.['id'])))
  if (own !== undefined) return own
  const parent = source.parents.get(node)
  if (parent?.type === 'VariableDeclarator') return nameOf(parent['id'])
  if (parent?.type === 'ObjectProperty' || parent?.type === 'ClassProperty') return keyOf(parent)
  if (parent?.type !== 'AssignmentExpression') return undefined
  const left = asNode(parent['left'])
  return isMember(left) ? propertyOf(left) : nameOf(left)
}

/** The name by which a call calls: `f` of `f()`, `a.f()` and `this.#f()`. */
export function calleeName(call: SyntaxNode): string | undefined {
  const callee = isCall(call) ? asNode(call['callee']) : undefined
  return isMember(callee) ? propertyOf(callee) : nameOf(callee)
}

/** The values a function returns, inner functions left out; an arrow's expression is one. */
export function returnsOf(node: SyntaxNode): readonly SyntaxNode[] {
  const body = asNode(node['body'])
  if (body === undefined) return []
  if (body.type !== 'BlockStatement') return [body]
  const found: SyntaxNode[] = []
  const open: SyntaxNode[] = [...asNodes(body['body'])].reverse()
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    if (/Function|Method|^Class/.test(at.type)) continue
    if (at.type === 'ReturnStatement') found.push(at)
    open.push(...childrenOf(at).toReversed())
  }
  return found
}
