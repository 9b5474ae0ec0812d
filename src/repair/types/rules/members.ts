import type { Declaration } from '../compiler.js'
import type { Idea, Scene } from '../scene.js'

/** Members that a type of the project lacks, or guards too well. */
export function* members({ ts, checker, node, code, message, tools }: Scene): Iterable<Idea> {
  if (ts.isIdentifier(node)) yield* lost(node.text)
  const missing = /Property '([^']{1,80})' is missing in type/.exec(message)?.[1]
  if (missing !== undefined || code === 2554 || code === 2345 || code === 2532) yield* optional(missing)
  if (code === 2341 || code === 2445 || code === 2540 || code === 4104) yield* freed()

  /** A member that is used and not declared; its type is what is read or written there. */
  function* lost(name: string): Iterable<Idea> {
    const { parent } = node
    const isMember = ts.isPropertyAccessExpression(parent) && parent.name === node
    const isKey = ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)
    const isBound = code === 2339 && !isMember && !isKey
    if (!isMember && !isKey && !isBound) return
    const type = isMember
      ? checker.getNonNullableType(checker.getTypeAtLocation(parent.expression))
      : isKey
        ? checker.getContextualType(parent.parent)
        : checker.getTypeAtLocation(parent.parent)
    for (const part of type === undefined ? [] : (type.types ?? [type]))
      for (const owner of part.symbol?.declarations ?? []) {
        if (
          tools.fileOf(owner).isDeclarationFile ||
          !(ts.isInterfaceDeclaration(owner) || ts.isTypeLiteralNode(owner) || ts.isClassDeclaration(owner))
        )
          continue
        for (const [text, prior] of typesOf(name, isMember, isKey)) {
          const sample = owner.members.at(-1) ?? owner.members[0]
          const source = tools.fileOf(owner).text
          const first = owner.members[0]
          const indent = first === undefined ? '  ' : (/[\t ]*$/.exec(source.slice(0, first.getStart()))?.[0] ?? '  ')
          const isReadonly = sample?.getText().startsWith('readonly ') === true ? 'readonly ' : ''
          const end = /[;,]$/.exec(sample?.getText() ?? ';')?.[0] ?? ''
          const position = first?.getStart() ?? owner.end - 1
          for (const mark of ['', '?']) {
            const line = `${isReadonly}${name}${mark}: ${text}${end}`
            const changes = [tools.inserted(owner, position, first === undefined ? `\n${indent}${line}\n` : `${line}\n${indent}`)]
            yield {
              kind: 'member',
              title: `Declare ${name}${mark}: ${text}`.slice(0, 110),
              changes,
              prior: mark === '' ? prior : prior - 0.1,
            }
          }
        }
      }
  }

  function typesOf(name: string, isMember: boolean, isKey: boolean): readonly (readonly [string, number])[] {
    const { parent } = node
    const value = isKey && 'initializer' in parent ? (parent.initializer as typeof node | undefined) : undefined // Keys have a value.
    const assigned =
      isMember && ts.isBinaryExpression(parent.parent) && parent.parent.left === parent ? parent.parent.right : undefined
    const context = isMember ? checker.getContextualType(parent) : undefined
    const found = value ?? assigned ?? (ts.isShorthandPropertyAssignment(parent) ? node : undefined)
    const type = found === undefined ? context : checker.getBaseTypeOfLiteralType(checker.getTypeAtLocation(found))
    const texts: (readonly [string, number])[] = []
    const text = type === undefined ? undefined : tools.written(type, node)
    if (text !== undefined) texts.push([text, 0.7])
    const isDeclared = (at: typeof node): at is Declaration =>
      (ts.isPropertySignature(at) || ts.isPropertyDeclaration(at) || ts.isParameter(at)) && 'type' in at
    for (const namesake of tools.below(tools.fileOf(node), isDeclared))
      if (namesake.name.getText() === name && namesake.type !== undefined && texts.length < 4)
        texts.push([namesake.type.getText(), 0.65])
    for (const plain of ['string', 'number', 'boolean']) if (!texts.some(([known]) => known === plain)) texts.push([plain, 0.35])
    return texts
  }

  /** A property or parameter that callers leave out. */
  function* optional(missing: string | undefined): Iterable<Idea> {
    const call = tools.above(node, ts.isCallExpression)
    const callee = call === undefined ? undefined : checker.getResolvedSignature(call)?.declaration
    const parameters =
      callee !== undefined && ts.isFunctionLike(callee) && code === 2554
        ? callee.parameters.slice(call?.arguments?.length ?? 0)
        : []
    const wanted = missing === undefined ? undefined : (checker.getContextualType(node) ?? checker.getTypeAtLocation(node))
    const properties =
      missing === undefined
        ? []
        : [wanted, ...typeNamed()].flatMap(
            (type) =>
              type
                ?.getProperties()
                .filter((symbol) => symbol.name === missing)
                .flatMap((symbol) => symbol.declarations ?? []) ?? [],
          )
    for (const declaration of [...parameters, ...properties]) {
      if (!ts.isParameter(declaration) && !ts.isPropertySignature(declaration) && !ts.isPropertyDeclaration(declaration)) continue
      if (
        tools.fileOf(declaration).isDeclarationFile ||
        declaration.questionToken !== undefined ||
        declaration.initializer !== undefined
      )
        continue
      const name = declaration.name.getText()
      yield {
        kind: 'optional',
        title: `Make ${name} optional`,
        changes: [tools.inserted(declaration, declaration.name.end, '?')],
        prior: 0.6,
      }
    }
  }
  function typeNamed(): readonly ReturnType<typeof checker.getTypeAtLocation>[] {
    const name = /required in type '(\w{1,80})'/.exec(message)?.[1]
    const declared = checker.getSymbolsInScope(node, ts.SymbolFlags['Type'] ?? 0).find((symbol) => symbol.name === name)
    return (declared?.declarations ?? []).map((declaration) => checker.getTypeAtLocation(declaration))
  }

  /** `private`, `protected` or `readonly` where others read or write. */
  function* freed(): Iterable<Idea> {
    for (const declaration of checker.getSymbolAtLocation(node)?.declarations ?? []) {
      if (tools.fileOf(declaration).isDeclarationFile || !('modifiers' in declaration)) continue
      for (const modifier of (declaration as Declaration).modifiers ?? []) {
        // `modifiers` is there.
        const text = modifier.getText()
        if (text !== (code === 2540 ? 'readonly' : code === 2341 ? 'private' : 'protected')) continue
        const { fileName: file, text: source } = tools.fileOf(modifier)
        const end = modifier.end + (/^\s+/.exec(source.slice(modifier.end))?.[0].length ?? 0)
        yield {
          kind: 'modifier',
          title: `Take ${text} from ${declaration.getText().slice(0, 40).split('\n')[0] ?? ''}`,
          changes: [{ file, start: modifier.getStart(), end, text: '' }],
          prior: 0.8,
        }
      }
    }
  }
}
