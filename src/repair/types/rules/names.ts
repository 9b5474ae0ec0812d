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
