import type { Call, Declaration, Node, Type } from '../compiler.js'
import type { Idea, Scene } from '../scene.js'

/** What is declared with the wrong type, or without one: the type of what is really there. */
export function* annotations({ ts, checker, file, files, node, code, message, tools }: Scene): Iterable<Idea> {
  if (code === 6133 || code === 2304 || code === 2552) return
  const target = targetOf()
  if (code === 7006 || code === 7005 || code === 7034 || code === 7031 || code === 7008) yield* untyped()
  else {
    for (const declaration of involved()) yield* retyped(declaration)
    if (code === 2322 || code === 2345) yield* narrowed()
  }

  /** A variable without a type, whose initial value says less than what it is used for: `const list = []`. */
  function* narrowed(): Iterable<Idea> {
    const wanted = typesSaid()[1]
    const [name] = ts.isIdentifier(node) ? [node] : tools.below(node, ts.isIdentifier)
    for (const declaration of name === undefined ? [] : (checker.getSymbolAtLocation(name)?.declarations ?? [])) {
      if (!ts.isVariableDeclaration(declaration) || tools.fileOf(declaration).isDeclarationFile) continue
      if (wanted === undefined || declaration.type !== undefined || !ts.isIdentifier(declaration.name)) continue
      yield annotated(declaration, `: ${wanted}`, 0.75)
    }
  }

  function* untyped(): Iterable<Idea> {
    const declaration = tools.above(node, isDeclaration)
    if (declaration === undefined || declaration.type !== undefined) return
    const name = declaration.name.getText()
    const counts = new Map<string, number>()
    for (const other of files)
      for (const namesake of tools.below(other, isDeclaration)) {
        if (namesake === declaration || namesake.type === undefined || namesake.name.getText() !== name) continue
        const text = `${namesake.questionToken === undefined ? '' : '?'}: ${namesake.type.getText()}`
        counts.set(text, (counts.get(text) ?? 0) + (other === file ? 2 : 1))
      }
    const byCount = [...counts].sort((a, b) => b[1] - a[1]).slice(0, 4)
    const sum = byCount.reduce((total, [, count]) => total + count, 0)
    for (const [text, count] of byCount) yield annotated(declaration, text, 0.35 + (0.4 * count) / sum)
    const passed = typesPassed(declaration)
    if (passed !== undefined) yield annotated(declaration, `: ${passed}`, 0.6)
    for (const plain of ['string', 'number', 'boolean', 'unknown']) yield annotated(declaration, `: ${plain}`, 0.3)
  }

  function annotated(declaration: Declaration, text: string, prior: number): Idea {
    const { parent } = declaration
    const isBare = ts.isArrowFunction(parent) && !file.text.slice(parent.getStart(), declaration.getStart()).includes('(')
    const name = declaration.name.getText()
    const changes = isBare
      ? [tools.replaced(declaration, `(${name}${text})`)]
      : [tools.inserted(declaration, declaration.name.end, text)]
    return { kind: 'annotation', title: `Declare ${name}${text}`.slice(0, 100), changes, prior }
  }

  /** The type that the callers of a function pass there. */
  function typesPassed(declaration: Declaration): string | undefined {
    const owner = declaration.parent
    if (!ts.isFunctionLike(owner)) return undefined
    const index = owner.parameters.indexOf(declaration)
    const name = (owner.name ?? ('name' in owner.parent ? (owner.parent.name as Node) : undefined))?.getText() // Names are nodes.
    const calls = files
      .flatMap((other) => tools.below(other, ts.isCallExpression))
      .filter((call) => name !== undefined && call.expression.getText().endsWith(name))
    const argument = calls.map((call) => call.arguments?.[index]).find((passed) => passed !== undefined)
    return argument === undefined
      ? undefined
      : tools.written(checker.getBaseTypeOfLiteralType(checker.getTypeAtLocation(argument)), declaration)
  }

  function* retyped(declaration: Declaration): Iterable<Idea> {
    const { type } = declaration
    if (type === undefined) return
    const old = type.getText()
    const name = declaration.name === undefined ? 'the function' : declaration.name.getText().slice(0, 40)
    for (const { text, worth } of wantedTypes(declaration)) {
      if (text === old || text === `${old} | undefined`) continue
      const isNarrow = /never\[\]|\b(?:true|false)\b|^["'\d{]/.test(text)
      const prior = isNarrow ? 0.25 : worth - (ts.isParameter(declaration) ? 0.05 : 0)
      yield { kind: 'type', title: `Declare ${name} as ${text}`.slice(0, 110), changes: [tools.replaced(type, text)], prior }
    }
    const [source] = typesSaid()
    if (source !== undefined && declaration === target && !old.includes(source) && !/[&?]|=>/.test(old + source))
      yield {
        kind: 'wider type',
        title: `Allow ${source} for ${name}`.slice(0, 110),
        changes: [tools.replaced(type, `${source} | ${old}`)],
        prior: 0.5,
      }
    for (const part of ['undefined', 'null'])
      if (message.includes(part) && !new RegExp(`\\b${part}\\b`).test(old) && declaration.questionToken === undefined) {
        const wrapped = /=>/.test(old) ? `(${old})` : old
        yield {
          kind: 'wider type',
          title: `Allow ${part} for ${name}`,
          changes: [tools.replaced(type, `${wrapped} | ${part}`)],
          prior: 0.75,
        }
      }
    if (/readonly|ReadonlyArray/.test(message) && /\[\]$/.test(old) && !old.startsWith('readonly '))
      yield {
        kind: 'readonly',
        title: `Declare ${name} as readonly`,
        changes: [tools.inserted(type, type.getStart(), 'readonly ')],
        prior: 0.8,
      }
    const isInferable = [ts.isVariableDeclaration, ts.isPropertyDeclaration].some((guard) => guard(declaration))
    if (isInferable && declaration.initializer !== undefined)
      yield {
        kind: 'no type',
        title: `Let the compiler infer the type of ${name}`,
        changes: [{ file: tools.fileOf(type).fileName, start: declaration.name.end, end: type.end, text: '' }],
        prior: 0.45,
      }
  }

  /** What the message says is there, and what is really assigned, passed or returned, with the trust that each deserves. */
  function* wantedTypes(declaration: Declaration): Iterable<{ readonly text: string; readonly worth: number }> {
    const seen = new Set<string>()
    const isNew = (text: string | undefined): text is string => text !== undefined && !seen.has(text) && seen.add(text).size > 0
    const [source, ...others] = typesSaid()
    if (isNew(source)) yield { text: source, worth: declaration === target ? 0.8 : 0.55 }
    const used = [declaration.initializer, ts.isFunctionLike(declaration) ? returned(declaration) : undefined]
    for (const value of used) {
      const type: Type | undefined = value === undefined ? undefined : checker.getTypeAtLocation(value)
      const text = type === undefined ? undefined : tools.written(checker.getBaseTypeOfLiteralType(type), declaration)
      if (isNew(text)) yield { text, worth: 0.7 }
    }
    for (const text of others.slice(0, 3)) if (isNew(text)) yield { text, worth: 0.4 }
    for (const namesake of tools.below(file, isDeclaration)) {
      const text = namesake.name?.getText() === declaration.name?.getText() ? namesake.type?.getText() : undefined
      if (seen.size < 8 && isNew(text)) yield { text, worth: 0.6 }
    }
    for (const plain of ['string', 'number', 'boolean']) if (seen.size < 8 && isNew(plain)) yield { text: plain, worth: 0.35 }
  }
  /** The types in the message that can be written: first that of the value, then what it should have been. */
  function typesSaid(): readonly string[] {
    return [...message.matchAll(/[Tt]ype '([^']{1,120})'/g)].map(([, text = '']) => text).filter(isSound)
  }
  /** What the value in question is given to: the parameter of an argument, the variable of an initial value. */
  function targetOf(): Node | undefined {
    if (code === 2345) {
      const call = tools.above(node, isCall)
      const index = (call?.arguments ?? []).findIndex(
        (argument) => argument.getStart() <= node.getStart() && node.end <= argument.end,
      )
      const callee = call === undefined ? undefined : checker.getResolvedSignature(call)?.declaration
      return callee !== undefined && index >= 0 && ts.isFunctionLike(callee) ? callee.parameters[index] : undefined
    }
    if (code !== 2322) return undefined
    return ts.isReturnStatement(node) || tools.above(node, ts.isReturnStatement) !== undefined
      ? tools.above(node, ts.isFunctionLike)
      : tools.above(node, isDeclaration)
  }
  function isCall(at: Node): at is Call {
    return ts.isCallExpression(at) || ts.isNewExpression(at)
  }
  function isSound(text: string): boolean {
    return !/\b(?:any|never|unknown)\b|\.\.\.|^["']|^(?:undefined|null|void)$/.test(text)
  }
  function returned(owner: Node): Node | undefined {
    return tools
      .below(owner, ts.isReturnStatement)
      .find((statement) => statement.expression !== undefined && tools.above(statement, ts.isFunctionLike) === owner)?.expression
  }

  /** Declarations that take part in the error: round it, and of the names in it. */
  function involved(): readonly Declaration[] {
    const near = [tools.above(node, isDeclaration), tools.above(node, ts.isFunctionLike)]
    const names = [...tools.below(node, ts.isIdentifier), ...tools.below(node.parent, ts.isIdentifier)].slice(0, 10)
    const meant = names.flatMap((name) => {
      const symbol = checker.getSymbolAtLocation(name)
      const real =
        symbol !== undefined && (symbol.flags & (ts.SymbolFlags['Alias'] ?? 0)) !== 0 ? checker.getAliasedSymbol(symbol) : symbol
      return real?.declarations ?? []
    })
    const call = tools.above(node, isCall)
    const callee = call === undefined ? undefined : checker.getResolvedSignature(call)?.declaration
    const parameters = callee !== undefined && ts.isFunctionLike(callee) ? callee.parameters : []
    const owned = [target, ...near, ...meant, ...parameters].filter(
      (at): at is Declaration => at !== undefined && (isDeclaration(at) || ts.isFunctionLike(at)),
    )
    return [...new Set(owned)].filter((at) => !tools.fileOf(at).isDeclarationFile).slice(0, 8)
  }
  function isDeclaration(at: Node): at is Declaration {
    return ts.isParameter(at) || ts.isVariableDeclaration(at) || ts.isPropertyDeclaration(at) || ts.isPropertySignature(at)
  }
}

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
