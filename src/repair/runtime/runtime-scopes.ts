import { asNode, asNodes, type SyntaxNode, isFunction } from '../code/syntax-node.js'
import { childrenOf, nameOf, type Source } from './runtime-source.js'

export type BindingKind = 'import' | 'const' | 'let' | 'var' | 'function' | 'class' | 'parameter' | 'catch'

/** A name that a file declares. */
export interface Binding {
  readonly name: string
  readonly kind: BindingKind
  /** The identifier in the declaration. */
  readonly node: SyntaxNode
  /** The declarator, function, class, specifier or clause that it is part of. */
  readonly declaration: SyntaxNode
  /** Where the name is used, assignments included, the declaration itself not. */
  readonly references: readonly SyntaxNode[]
}

/** Which name means what in a file. */
export interface Scopes {
  readonly bindings: readonly Binding[]
  /** Names that are used and not declared in the file, with every place. Names that the runtime provides are among them. */
  readonly unresolved: ReadonlyMap<string, readonly SyntaxNode[]>
  /** What a name means at a place. */
  lookup(name: string, at: SyntaxNode): Binding | undefined
  /** Everything that can be named at a place, the nearest declarations first; what an inner name hides is left out. */
  visible(at: SyntaxNode): readonly Binding[]
}

/** Reads the scopes of a file: declarations, and the places that use them. Types are left out, they do not exist at run time. */
export function scopesOf(source: Source): Scopes {
  const root: Scope = { names: new Map(), isFunction: true }
  const scopes = new Map<SyntaxNode, Scope>([[source.top, root]])
  const uses: { readonly node: SyntaxNode; readonly scope: Scope }[] = []
  const declared = new Set<SyntaxNode>()
  const open: { readonly node: SyntaxNode; readonly scope: Scope }[] = [{ node: source.top, scope: root }]
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const { node } = entry
    let { scope } = entry
    for (const found of declarationsOutside(node)) declare(found, scope, declared)
    if (opensScope(node, source.parents.get(node))) {
      scope = { parent: scope, names: new Map(), isFunction: isFunction(node) || node.type === 'StaticBlock' }
      scopes.set(node, scope)
      for (const found of declarationsInside(node)) declare(found, scope, declared)
    }
    if (nameOf(node) !== undefined) uses.push({ node, scope })
    for (const child of valueChildren(node).toReversed()) open.push({ node: child, scope })
  }
  const unresolved = new Map<string, SyntaxNode[]>()
  for (const { node, scope } of uses) {
    if (declared.has(node) || !isReference(node, source)) continue
    const name = nameOf(node) ?? ''
    const binding = resolve(name, scope)
    if (binding !== undefined) binding.references.push(node)
    else unresolved.set(name, [...(unresolved.get(name) ?? []), node])
  }
  const scopeAt = (at: SyntaxNode): Scope => {
    for (let node: SyntaxNode | undefined = at; node !== undefined; node = source.parents.get(node)) {
      const scope = scopes.get(node)
      if (scope !== undefined) return scope
    }
    return root
  }
  return {
    bindings: [...scopes.values()].flatMap(({ names }) => [...names.values()]),
    unresolved,
    lookup: (name, at) => resolve(name, scopeAt(at)),
    visible: (at) => visibleIn(scopeAt(at)),
  }
}

/** The identifiers that a declaration or parameter binds: `a`, `{ a, b: c }`, `[a, ...b]`, `a = 1`. */
function boundNames(pattern: SyntaxNode | undefined): readonly SyntaxNode[] {
  if (pattern === undefined) return []
  if (pattern.type === 'Identifier') return [pattern]
  const parts = [...asNodes(pattern['properties']), ...asNodes(pattern['elements'])]
  const single = ['value', 'argument', 'left', 'parameter'].flatMap((field) => asNode(pattern[field]) ?? [])
  return [...parts, ...single].flatMap(boundNames)
}

interface Scope {
  readonly parent?: Scope
  readonly names: Map<string, MutableBinding>
  readonly isFunction: boolean
}

type MutableBinding = Binding & { readonly references: SyntaxNode[] }

type Declaration = Pick<Binding, 'kind' | 'node' | 'declaration'>

function declare({ kind, node, declaration }: Declaration, scope: Scope, declared: Set<SyntaxNode>): void {
  const name = nameOf(node)
  if (name === undefined) return
  declared.add(node)
  let home = scope
  while (kind === 'var' && !home.isFunction && home.parent !== undefined) home = home.parent
  if (!home.names.has(name)) home.names.set(name, { name, kind, node, declaration, references: [] })
}

/** What a node declares for the scope it stands in. */
function declarationsOutside(node: SyntaxNode): readonly Declaration[] {
  const id = asNode(node['id'])
  switch (node.type) {
    case 'VariableDeclaration': {
      const kind = node['kind'] === 'var' || node['kind'] === 'let' ? node['kind'] : 'const'
      return asNodes(node['declarations']).flatMap((declaration) =>
        boundNames(asNode(declaration['id'])).map((name) => ({ kind, node: name, declaration })),
      )
    }
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
      return id === undefined ? [] : [{ kind: 'function', node: id, declaration: node }]
    case 'ClassDeclaration':
    case 'TSEnumDeclaration':
    case 'TSModuleDeclaration':
      return id === undefined ? [] : [{ kind: 'class', node: id, declaration: node }]
    case 'TSImportEqualsDeclaration':
      return id === undefined ? [] : [{ kind: 'import', node: id, declaration: node }]
    case 'ImportSpecifier':
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier': {
      const local = asNode(node['local'])
      return local === undefined ? [] : [{ kind: 'import', node: local, declaration: node }]
    }
    default:
      return []
  }
}

/** What a node declares for its own inside. */
function declarationsInside(node: SyntaxNode): readonly Declaration[] {
  const id = asNode(node['id'])
  if (isFunction(node)) {
    const parameters = asNodes(node['params']).flatMap(boundNames)
    const own =
      node.type === 'FunctionExpression' && id !== undefined ? [{ kind: 'function', node: id, declaration: node } as const] : []
    return [...parameters.map((name) => ({ kind: 'parameter', node: name, declaration: node }) as const), ...own]
  }
  if (node.type === 'CatchClause')
    return boundNames(asNode(node['param'])).map((name) => ({ kind: 'catch', node: name, declaration: node }))
  return node.type === 'ClassExpression' && id !== undefined ? [{ kind: 'class', node: id, declaration: node }] : []
}

function opensScope(node: SyntaxNode, parent: SyntaxNode | undefined): boolean {
  if (node.type === 'BlockStatement') return parent === undefined || (!isFunction(parent) && parent.type !== 'CatchClause')
  return (
    isFunction(node) ||
    /^(?:For(?:In|Of)?Statement|SwitchStatement|CatchClause|ClassExpression|StaticBlock|TSModuleBlock)$/.test(node.type)
  )
}

/** Children that exist at run time. */
function valueChildren(node: SyntaxNode): readonly SyntaxNode[] {
  if (/^TS(?:As|Satisfies|NonNull|Instantiation)Expression$|^TSTypeAssertion$/.test(node.type)) {
    const expression = asNode(node['expression'])
    return expression === undefined ? [] : [expression]
  }
  return childrenOf(node).filter(({ type }) => !type.startsWith('TS') || runsInType.test(type))
}

const runsInType =
  /^TS(?:AsExpression|SatisfiesExpression|NonNullExpression|InstantiationExpression|TypeAssertion|EnumDeclaration|EnumBody|EnumMember|ModuleDeclaration|ModuleBlock|ExportAssignment|ParameterProperty|ImportEqualsDeclaration)$/

/** Whether an identifier is used as a value, and not as the name of a property, a label or a module's export. */
function isReference(node: SyntaxNode, source: Source): boolean {
  const parent = source.parents.get(node)
  if (parent === undefined) return false
  if (node.type === 'JSXIdentifier')
    return /^JSX(?:Opening|Closing)Element$/.test(parent.type) && /^[A-Z_$]/.test(nameOf(node) ?? '')
  const isNamed = parent['computed'] !== true
  switch (parent.type) {
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return parent['property'] !== node || !isNamed
    case 'ObjectProperty':
    case 'ObjectMethod':
    case 'ClassMethod':
    case 'ClassProperty':
    case 'ClassAccessorProperty':
      return parent['key'] !== node || !isNamed
    case 'ExportSpecifier':
      return parent['local'] === node && asNode(source.parents.get(parent)?.['source']) === undefined
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
      return parent['label'] !== node
    case 'PrivateName':
    case 'MetaProperty':
    case 'ImportSpecifier':
    case 'ExportNamespaceSpecifier':
    case 'ImportAttribute':
    case 'TSEnumMember':
      return parent['initializer'] === node
    default:
      return true
  }
}

function resolve(name: string, scope: Scope): MutableBinding | undefined {
  for (let home: Scope | undefined = scope; home !== undefined; home = home.parent) {
    const binding = home.names.get(name)
    if (binding !== undefined) return binding
  }
  return undefined
}

function visibleIn(scope: Scope): readonly Binding[] {
  const seen = new Map<string, Binding>()
  for (let home: Scope | undefined = scope; home !== undefined; home = home.parent)
    for (const [name, binding] of home.names) if (!seen.has(name)) seen.set(name, binding)
  return [...seen.values()]
}
