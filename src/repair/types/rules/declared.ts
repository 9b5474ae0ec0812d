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
