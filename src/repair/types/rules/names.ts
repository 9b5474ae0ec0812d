import type { Node, Type, TypeSymbol } from '../compiler.js'
import type { Idea, Scene } from '../scene.js'

/** A name that is not there: one that reads alike. */
export function* names({ ts, checker, node, code, tools }: Scene): Iterable<Idea> {
  if (!ts.isIdentifier(node) || code === 6133) return
  const wanted = node.text
  const { parent } = node
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node
  const isKey = (ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)) && parent.name === node
  const seen = new Set<string>()
  for (const name of isMember ? members() : isKey ? keys() : scope()) {
    if (name === wanted || seen.has(name)) continue
    seen.add(name)
    const likeness = tools.likeness(wanted, name)
    if (likeness === 0) continue
    const changes = [tools.replaced(node, ts.isShorthandPropertyAssignment(parent) ? `${name}: ${wanted}` : name)]
    yield { kind: 'misspelt', title: `Write ${name} instead of ${wanted}`, changes, prior: 0.3 + 0.66 * likeness }
  }

  function members(): readonly string[] {
    if (!ts.isPropertyAccessExpression(parent)) return []
    const type = checker.getNonNullableType(checker.getTypeAtLocation(parent.expression))
    return type.getApparentProperties().map((symbol) => symbol.name)
  }
  function keys(): readonly string[] {
    const type = checker.getContextualType(parent.parent)
    const parts = type === undefined ? [] : (type.types ?? [type])
    return parts.flatMap((part) => part.getApparentProperties().map((symbol) => symbol.name))
  }
  function scope(): readonly string[] {
    const isType = tools.above(node, ts.isTypeNode) !== undefined
    const flags = (isType ? ts.SymbolFlags['Type'] : ts.SymbolFlags['Value']) ?? 0
    return checker.getSymbolsInScope(node, flags).map((symbol) => symbol.name)
  }
}

/** A dot that was lost: `Mathceil` for `Math.ceil`, `thisqueue` for `this.queue`, `options.listlength` for `options.list.length`. */
export function* lostDots({ ts, checker, node, code, tools }: Scene): Iterable<Idea> {
  if (!ts.isIdentifier(node) || node.text.length > 80 || code === 6133) return
  const { text, parent } = node
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node
  if (!isMember && 'name' in parent && parent.name === node) return
  const types = isMember ? ofMembers(checker.getTypeAtLocation(parent.expression)) : inSight()
  for (let cut = 1; cut < text.length; cut += 1) {
    const type = types.get(text.slice(0, cut))
    const rest = text.slice(cut)
    // Of a union that was narrowed, one part is enough: whether the path can be reached is the compiler's business.
    if (
      type === undefined ||
      !(type.types ?? [type]).some((part) => part.getApparentProperties().some((symbol) => symbol.name === rest))
    )
      continue
    const path = `${text.slice(0, cut)}.${rest}`
    yield { kind: 'lost dot', title: `Write ${path} instead of ${text}`, changes: [tools.replaced(node, path)], prior: 0.97 }
  }

  function ofMembers(type: Type): ReadonlyMap<string, Type> {
    const members = checker.getNonNullableType(type).getApparentProperties()
    return new Map(
      members
        .filter(({ name }) => text.startsWith(name))
        .map((symbol) => [symbol.name, checker.getTypeOfSymbolAtLocation(symbol, node)]),
    )
  }
  function inSight(): ReadonlyMap<string, Type> {
    const found = new Map<string, Type>()
    for (const symbol of checker.getSymbolsInScope(node, ts.SymbolFlags['Value'] ?? 0))
      if (text.startsWith(symbol.name)) found.set(symbol.name, checker.getTypeOfSymbolAtLocation(symbol, node))
    const owner = tools.above(node, ts.isClassDeclaration)
    if (owner !== undefined) found.set('this', checker.getTypeAtLocation(owner))
    return found
  }
}

/**
 * A name whose declaration is misspelt rather than its uses: nothing else uses what is declared. The exporting file, too,
 * may be the one that is wrong.
 */
export function* declaredNames({ ts, checker, files, node, code, tools }: Scene): Iterable<Idea> {
  if (!ts.isIdentifier(node) || code === 6133) return
  const { text: wanted, parent } = node
  const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node
  const uses = files.reduce((sum, { text }) => sum + countOf(text, wanted), 0)
  for (const symbol of isMember ? membersOf(parent.expression) : isImported() ? exported() : inScope()) {
    const likeness = tools.likeness(wanted, symbol.name)
    const [declaration, ...others] = symbol.declarations ?? []
    if (likeness < 0.5 || declaration === undefined || others.length > 0 || !('name' in declaration)) continue
    const name = declaration.name as Node // Declarations are named by nodes.
    const home = tools.fileOf(declaration)
    if (home.isDeclarationFile || !files.includes(home) || !ts.isIdentifier(name) || name.text !== symbol.name) continue
    // Where others use the name as it is declared, it is the use that is wrong.
    const places = files.reduce((sum, { text }) => sum + countOf(text, symbol.name), 0)
    if (places > 1) continue
    yield {
      kind: 'misspelt declaration',
      title: `Declare ${wanted} instead of ${symbol.name}`,
      changes: [tools.replaced(name, wanted)],
      prior: uses > 1 ? Math.min(0.975, 0.48 + 0.6 * likeness) : 0.25 + 0.6 * likeness,
    }
  }

  function membersOf(owner: Node): readonly TypeSymbol[] {
    return checker.getNonNullableType(checker.getTypeAtLocation(owner)).getProperties()
  }
  function isImported(): boolean {
    return code === 2305 || code === 2724 || code === 2614
  }
  function exported(): readonly TypeSymbol[] {
    const statement = tools.above(node, (at): at is Node & { readonly moduleSpecifier: Node } => 'moduleSpecifier' in at)
    const module = statement === undefined ? undefined : checker.getSymbolAtLocation(statement.moduleSpecifier)
    return module === undefined ? [] : checker.getExportsOfModule(module)
  }
  function inScope(): readonly TypeSymbol[] {
    const isType = tools.above(node, ts.isTypeNode) !== undefined
    return checker.getSymbolsInScope(node, (isType ? ts.SymbolFlags['Type'] : ts.SymbolFlags['Value']) ?? 0)
  }
  function countOf(text: string, name: string): number {
    let count = 0
    for (let at = text.indexOf(name); at !== -1 && count < 100; at = text.indexOf(name, at + name.length))
      if (!/[\w$]/.test(text.slice(at - 1, at)) && !/[\w$]/.test(text.slice(at + name.length, at + name.length + 1))) count += 1
    return count
  }
}

/** A name that another file of the project declares and does not export. */
export function* unexported({ ts, checker, files, node, code, tools }: Scene): Iterable<Idea> {
  if (!ts.isIdentifier(node) || (code !== 2305 && code !== 2724 && code !== 2614 && code !== 2459)) return
  const statement = tools.above(node, (at): at is Node & { readonly moduleSpecifier: Node } => 'moduleSpecifier' in at)
  const module = statement === undefined ? undefined : checker.getSymbolAtLocation(statement.moduleSpecifier)
  const home = files.find((file) => file === module?.declarations?.[0])
  for (const declared of home?.statements ?? []) {
    const variables = tools.below(declared, ts.isVariableDeclaration).filter((one) => one.parent.parent === declared)
    const names = 'name' in declared ? [declared.name as Node] : variables.map(({ name }) => name) // Names are nodes.
    if (!names.some((name) => name?.getText() === node.text) || /^export\b/.test(declared.getText())) continue
    const changes = [tools.inserted(declared, declared.getStart(), 'export ')]
    yield { kind: 'export', title: `Export ${node.text}`, changes, prior: 0.96 }
  }
}

/** A text that is none of those allowed: the one that reads alike. */
export function* literals({ ts, checker, node, tools }: Scene): Iterable<Idea> {
  for (const literal of tools.below(node.parent, ts.isStringLiteral).slice(0, 8)) {
    for (const text of allowed(literal)) {
      const likeness = text === literal.text ? 0 : tools.likeness(text, literal.text)
      if (likeness === 0) continue
      const quote = literal.getText().slice(0, 1)
      if (text.includes(quote) || text.includes('\\') || /[\r\n]/.test(text)) continue
      const changes = [tools.replaced(literal, `${quote}${text}${quote}`)]
      yield {
        kind: 'misspelt text',
        title: `Write "${text}" instead of "${literal.text}"`,
        changes,
        prior: 0.3 + 0.64 * likeness,
      }
    }
  }

  function allowed(literal: typeof node): readonly string[] {
    const { parent } = literal
    const other = ts.isBinaryExpression(parent) ? (parent.left === literal ? parent.right : parent.left) : undefined
    const type = other === undefined ? checker.getContextualType(literal) : checker.getTypeAtLocation(other)
    const flag = ts.TypeFlags['StringLiteral'] ?? 0
    const parts = type === undefined ? [] : (type.types ?? [type])
    const found = parts.flatMap((part) => ((part.flags & flag) !== 0 && typeof part.value === 'string' ? [part.value] : []))
    return found.length > 0 ? found : cases(parent)
  }
  function cases(clause: typeof node): readonly string[] {
    const choice = clause.parent?.parent
    if (clause.kind !== ts.SyntaxKind['CaseClause'] || choice === undefined || !('expression' in choice)) return []
    const type = checker.getTypeAtLocation(choice.expression as typeof node) // A switch has an expression.
    return (type.types ?? [type]).flatMap((part) => (typeof part.value === 'string' ? [part.value] : []))
  }
}

/** `import type { type A }` says it twice: the names keep theirs. */
export function* typeOnly({ ts, node, code, tools }: Scene): Iterable<Idea> {
  const statement = code === 2206 || code === 2207 ? tools.above(node, ts.isImportDeclaration) : undefined
  const twice = /^import\s+type\b/.exec(statement?.getText() ?? '')?.[0]
  if (statement === undefined || twice === undefined) return
  const { file, start } = tools.replaced(statement, '')
  yield {
    kind: 'type import',
    title: 'Say type only once',
    changes: [{ file, start, end: start + twice.length, text: 'import' }],
    prior: 0.9,
  }
}

/** A value of the wrong type: another name in sight whose type fits. */
export function* otherName({ ts, checker, node, code, tools }: Scene): Iterable<Idea> {
  if (code === 6133) return
  for (const name of tools.below(node, ts.isIdentifier).slice(0, 6)) {
    const { parent } = name
    if (ts.isPropertyAccessExpression(parent) && parent.name === name) continue
    if ('name' in parent && parent.name === name && !ts.isShorthandPropertyAssignment(parent)) continue
    const wanted = checker.getContextualType(name)
    const others = tools
      .visible(name)
      .filter(({ name: other, type }) => other !== name.text && wanted !== undefined && checker.isTypeAssignableTo(type, wanted))
      .map((other) => ({ ...other, near: Math.max(tools.likeness(name.text, other.name), tools.kinship(name.text, other.name)) }))
      .filter(({ near }) => near > 0)
    for (const { name: other, near } of others.slice(0, 6)) {
      const text = ts.isShorthandPropertyAssignment(parent) ? `${name.text}: ${other}` : other
      const changes = [tools.replaced(name, text)]
      yield { kind: 'other name', title: `Use ${other} instead of ${name.text}`, changes, prior: 0.25 + 0.5 * near }
    }
  }
}
