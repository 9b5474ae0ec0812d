import type { Node } from '../compiler.js'
import type { Idea, Scene } from '../scene.js'

/** A property that an object lacks: of a value in sight with that name and a fitting type. */
export function* properties({ ts, checker, file, files, node, message, tools }: Scene): Iterable<Idea> {
  const missing = missingNames()
  if (missing.length === 0) return
  const around = [
    tools.above(node, ts.isObjectLiteralExpression),
    ...tools.below(node.parent, ts.isObjectLiteralExpression),
    ...tools.below(node.parent.parent ?? node, ts.isObjectLiteralExpression),
  ]
  for (const literal of new Set(around.slice(0, 8))) {
    if (literal === undefined) continue
    const type = checker.getContextualType(literal)
    const values = missing.map((name) => valuesFor(name, literal, type))
    if (values.some((list) => list.length === 0)) continue
    for (let pick = 0; pick < 4; pick += 1) {
      const chosen = values.map((list) => list[Math.min(pick, list.length - 1)] ?? { text: '', prior: 0 })
      const text = chosen.map((value) => value.text).join(', ')
      const last = literal.properties.at(-1)
      const isLines = last !== undefined && /\n/.test(file.text.slice(literal.getStart(), last.getStart()))
      const indent = last === undefined ? '' : (/[\t ]*$/.exec(file.text.slice(0, last.getStart()))?.[0] ?? '')
      const insert = last === undefined ? ` ${text} ` : isLines ? `,\n${indent}${text}` : `, ${text}`
      const changes = [tools.inserted(literal, last?.end ?? literal.getStart() + 1, insert)]
      yield {
        kind: 'property',
        title: `Give ${missing.join(', ')}`.slice(0, 100),
        changes,
        prior: Math.min(...chosen.map((value) => value.prior)),
      }
    }
  }

  function missingNames(): readonly string[] {
    const one = /Property '([\w$]{1,80})' is missing in type/.exec(message)?.[1]
    if (one !== undefined) return [one]
    const list = /is missing the following properties from type [^:]{1,200}: ([\w$, ]{1,200})$/m.exec(message)?.[1]
    return list === undefined ? [] : list.split(', ').slice(0, 4)
  }

  function valuesFor(
    name: string,
    literal: Node,
    type: ReturnType<typeof checker.getContextualType>,
  ): readonly { readonly text: string; readonly prior: number }[] {
    const parts = type === undefined ? [] : (type.types ?? [type])
    const symbol = parts.flatMap((part) => part.getProperties()).find((property) => property.name === name)
    const wanted = symbol === undefined ? undefined : checker.getTypeOfSymbolAtLocation(symbol, literal)
    const fits = (found: ReturnType<typeof checker.getTypeAtLocation>): boolean =>
      wanted === undefined || checker.isTypeAssignableTo(found, wanted)
    const inSight = tools.visible(literal).filter(({ type: found }) => fits(found))
    const own = inSight.filter((value) => value.name === name).map(() => ({ text: name, prior: 0.9 }))
    const members = inOwners(literal)
      .filter(({ member, type: found }) => member === name && fits(found))
      .map(({ text }) => ({ text: `${name}: ${text}`, prior: 0.8 }))
    const alike = inSight
      .filter((value) => value.name !== name && tools.kinship(value.name, name) > 0.3)
      .map((value) => ({ text: `${name}: ${value.name}`, prior: 0.55 }))
    const elsewhere = files
      .flatMap((other) => tools.below(other, ts.isPropertyAssignment))
      .filter(
        (property) => property.name.getText() === name && property.initializer !== undefined && property.getText().length < 60,
      )
      .filter((property) => property.initializer !== undefined && fits(checker.getTypeAtLocation(property.initializer)))
      .map((property) => ({ text: property.getText(), prior: 0.4 }))
    return [...own, ...members, ...alike, ...likeSiblings(), ...elsewhere].slice(0, 5)

    /** What several of the other properties are, this one may be, too: `Object.create(null)`. */
    function likeSiblings(): readonly { readonly text: string; readonly prior: number }[] {
      const values =
        tools.above(literal, ts.isObjectLiteralExpression)?.properties.flatMap(({ initializer }) => initializer ?? []) ?? []
      const texts = values.map((value) => value.getText())
      const shared = values.filter((value, index) => texts.indexOf(value.getText()) < index && value.getText().length < 40)
      const fitting = shared.find((value) => fits(checker.getTypeAtLocation(value)))
      return fitting === undefined ? [] : [{ text: `${name}: ${fitting.getText()}`, prior: shared.length > 2 ? 0.7 : 0.45 }]
    }
  }

  function inOwners(
    literal: Node,
  ): readonly { readonly text: string; readonly member: string; readonly type: ReturnType<typeof checker.getTypeAtLocation> }[] {
    return [
      ...tools
        .visible(literal)
        .filter(({ name }) => /^[a-z_$][\w$]{0,40}$/.test(name))
        .slice(0, 40)
        .map((value) => ({ ...value, text: value.name })),
    ].flatMap(({ text, type }) =>
      checker
        .getNonNullableType(type)
        .getProperties()
        .slice(0, 60)
        .map((symbol) => ({
          text: `${text}.${symbol.name}`,
          member: symbol.name,
          type: checker.getTypeOfSymbolAtLocation(symbol, literal),
        })),
    )
  }
}

/** A generic type without its arguments: those in scope, or those the project writes elsewhere. */
export function* typeArguments({ ts, files, node, code, tools, checker }: Scene): Iterable<Idea> {
  if (code !== 2314 && code !== 2558 && code !== 2707) return
  const reference = tools.above(node, ts.isTypeReferenceNode)
  const name = (reference?.typeName ?? node).getText()
  const texts = new Map<string, number>()
  for (const file of files)
    for (const other of tools.below(file, ts.isTypeReferenceNode)) {
      if (other.typeArguments === undefined || other.typeName.getText() !== name) continue
      const text = other.typeArguments.map((type) => type.getText()).join(', ')
      texts.set(text, (texts.get(text) ?? 0) + 1)
    }
  const parameters = checker.getSymbolsInScope(node, ts.SymbolFlags['TypeParameter'] ?? 0).map((symbol) => symbol.name)
  if (parameters.length > 0) texts.set(parameters.join(', '), (texts.get(parameters.join(', ')) ?? 0) + 1)
  for (const parameter of parameters) texts.set(parameter, (texts.get(parameter) ?? 0) + 1)
  for (const plain of ['string', 'unknown', 'void']) if (!texts.has(plain)) texts.set(plain, 0)
  const sum = [...texts.values()].reduce((total, count) => total + count, 1)
  const at = reference?.typeName ?? node
  const old = reference?.typeArguments
  for (const [text, count] of [...texts].sort((a, b) => b[1] - a[1]).slice(0, 10)) {
    const changes =
      old === undefined
        ? [tools.inserted(at, at.end, `<${text}>`)]
        : [{ file: tools.fileOf(at).fileName, start: at.end, end: reference?.end ?? at.end, text: `<${text}>` }]
    yield { kind: 'type argument', title: `Write ${name}<${text}>`.slice(0, 110), changes, prior: 0.3 + (0.55 * count) / sum }
  }
}

/** A text that is read as any text: `as const` keeps it what it is. No other `as` is sound. */
export function* constants({ ts, checker, node, code, tools }: Scene): Iterable<Idea> {
  if (code !== 2322 && code !== 2345) return
  for (const name of tools.below(node.parent, ts.isIdentifier).slice(0, 6))
    for (const declaration of checker.getSymbolAtLocation(name)?.declarations ?? []) {
      if (!ts.isVariableDeclaration(declaration) && !ts.isPropertyAssignment(declaration)) continue
      const { initializer } = declaration
      if (initializer === undefined || tools.fileOf(declaration).isDeclarationFile || !/^["'[{\d]/.test(initializer.getText()))
        continue
      yield {
        kind: 'as const',
        title: `Keep ${declaration.name.getText()} to the letter with as const`.slice(0, 110),
        changes: [tools.inserted(initializer, initializer.end, ' as const')],
        prior: 0.55,
      }
    }
}

/** A class that lost what it extends: the class of the project that has these members. */
export function* heritage({ ts, checker, files, node, code, tools }: Scene): Iterable<Idea> {
  if (code !== 2339 && code !== 2335 && code !== 2663 && code !== 4112 && code !== 2551 && code !== 17011) return
  const owner = tools.above(node, ts.isClassDeclaration)
  if (owner === undefined || owner.name === undefined || (owner.heritageClauses ?? []).length > 0) return
  const names = new Set(
    tools
      .visible(owner)
      .filter(({ type }) => type.getConstructSignatures().length > 0)
      .map(({ name }) => name),
  )
  const written = new Map<string, number>()
  for (const file of files)
    for (const [, name = ''] of file.text.matchAll(/\bextends ([A-Z]\w{0,60})\b/g))
      written.set(name, (written.get(name) ?? 0) + 1)
  for (const symbol of checker.getSymbolsInScope(owner, ts.SymbolFlags['Value'] ?? 0))
    if (
      /^[A-Z]/.test(symbol.name) &&
      checker.getTypeOfSymbolAtLocation(symbol, owner).getConstructSignatures().length > 0 &&
      (names.has(symbol.name) || symbol.name === 'Error')
    )
      written.set(symbol.name, (written.get(symbol.name) ?? 0) + 1)
  for (const [name, count] of [...written].sort((a, b) => b[1] - a[1]).slice(0, 10)) {
    if (name === owner.name.getText()) continue
    yield {
      kind: 'extends',
      title: `Extend ${name}`,
      changes: [tools.inserted(owner, owner.name.end, ` extends ${name}`)],
      prior: Math.min(0.8, 0.5 + count * 0.05),
    }
  }
}

/** An operator that its sides do not allow. */
export function* operators({ ts, node, code, tools }: Scene): Iterable<Idea> {
  if (code !== 2362 && code !== 2363 && code !== 2365 && code !== 2367 && code !== 2447) return
  const binary = tools.above(node, ts.isBinaryExpression)
  if (binary === undefined) return
  const old = binary.operatorToken.getText()
  const others: Readonly<Record<string, readonly string[]>> = {
    '-': ['+'],
    '*': ['+'],
    '/': ['+'],
    '&': ['&&'],
    '|': ['||'],
    '+': ['-'],
  }
  for (const text of others[old] ?? [])
    yield {
      kind: 'operator',
      title: `Write ${text} instead of ${old}`,
      changes: [tools.replaced(binary.operatorToken, text)],
      prior: 0.75,
    }
}
