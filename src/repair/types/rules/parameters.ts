import type { Call, Declaration, FunctionLike, Node } from '../compiler.js'
import type { Idea, Scene } from '../scene.js'

/** A parameter that a function uses and does not take any more: at the place where its callers pass one value too many. */
export function* lostParameters({ ts, checker, files, node, code, tools }: Scene): Iterable<Idea> {
  if (!ts.isIdentifier(node) || (code !== 2304 && code !== 2552 && code !== 18004)) return
  let at: Node | undefined = node
  for (let depth = 0; depth < 3 && at !== undefined; depth += 1) {
    const owner: FunctionLike | undefined = tools.above(at, ts.isFunctionLike)
    if (owner?.body !== undefined) yield* takenBy(owner, node.text)
    at = owner?.parent
  }

  function* takenBy(owner: FunctionLike, name: string): Iterable<Idea> {
    const { parameters } = owner
    const calls = callsOf(owner)
    const isCalledWithMore = calls.some((call) => (call.arguments?.length ?? 0) === parameters.length + 1)
    const context = checker.getContextualType(owner)?.getCallSignatures()[0]?.parameters.length ?? 0
    if (!isCalledWithMore && context <= parameters.length) return
    for (let index = parameters.length; index >= 0; index -= 1) {
      if (!isCalledWithMore && index < parameters.length) return
      const text = isCalledWithMore ? typed(name, calls, index, owner) : name
      const next = parameters[index]
      const last = parameters.at(-1)
      const position = next?.getStart() ?? last?.end ?? openBracketOf(owner)
      if (text === undefined || position === undefined) continue
      const changes = [
        tools.inserted(owner, position, next === undefined ? (last === undefined ? text : `, ${text}`) : `${text}, `),
      ]
      const prior = fits(calls, index, parameters) ? 0.92 : 0.4
      yield { kind: 'lost parameter', title: `Take a parameter ${text}`.slice(0, 110), changes, prior }
    }
  }

  function callsOf(owner: FunctionLike): readonly Call[] {
    const named = owner.name ?? ('name' in owner.parent ? (owner.parent.name as Node | undefined) : undefined) // Names are nodes.
    const name = named?.getText()
    const isCall = (each: Node): each is Call => ts.isCallExpression(each) || ts.isNewExpression(each)
    return name === undefined
      ? []
      : files
          .filter(({ text }) => text.includes(name))
          .flatMap((file) => tools.below(file, isCall))
          .filter(({ expression }) => named !== undefined && isOf(expression, owner, named))
          .slice(0, 40)
  }
  /** By what the name means; a name alone may be that of another thing's method. */
  function isOf(expression: Node, owner: FunctionLike, named: Node): boolean {
    if (expression.getText() !== named.getText() && !expression.getText().endsWith(`.${named.getText()}`)) return false
    const symbol = checker.getSymbolAtLocation(ts.isPropertyAccessExpression(expression) ? expression.name : expression)
    const real =
      symbol !== undefined && (symbol.flags & (ts.SymbolFlags['Alias'] ?? 0)) !== 0 ? checker.getAliasedSymbol(symbol) : symbol
    return (real?.declarations ?? []).some((declaration) => declaration === owner || declaration === named.parent)
  }
  /** With the type of what is passed there. */
  function typed(name: string, calls: readonly Call[], index: number, owner: Node): string | undefined {
    if (/\.[cm]?jsx?$/.test(tools.fileOf(owner).fileName)) return name
    for (const call of calls) {
      const argument = call.arguments?.[index]
      const type = argument === undefined ? undefined : checker.getBaseTypeOfLiteralType(checker.getTypeAtLocation(argument))
      const text = type === undefined ? undefined : tools.written(type, owner)
      if (text !== undefined) return `${name}: ${text}`
    }
    return undefined
  }
  /** Whether the other arguments go with the other parameters, once the one at the index is left out. */
  function fits(calls: readonly Call[], index: number, parameters: readonly Declaration[]): boolean {
    return calls.every(({ arguments: given = [] }) =>
      given.length !== parameters.length + 1
        ? true
        : parameters.every((parameter, each) => {
            const argument = given[each < index ? each : each + 1]
            return (
              argument === undefined ||
              checker.isTypeAssignableTo(checker.getTypeAtLocation(argument), checker.getTypeAtLocation(parameter))
            )
          }),
    )
  }
  function openBracketOf(owner: FunctionLike): number | undefined {
    const { text } = tools.fileOf(owner)
    const at = text.indexOf('()', owner.getStart())
    return at === -1 || at > (owner.body?.getStart() ?? 0) ? undefined : at + 1
  }
}

/** A parameter that callers leave out and that has no default: the default that the project gives to its namesakes. */
export function* lostDefaults({ ts, checker, files, node, code, message, tools }: Scene): Iterable<Idea> {
  const isCall = (at: Node): at is Call => ts.isCallExpression(at) || ts.isNewExpression(at)
  const call = code === 2554 || code === 2555 ? tools.above(node, isCall) : undefined
  const callee = call === undefined ? undefined : checker.getResolvedSignature(call)?.declaration
  const leftOut = callee !== undefined && ts.isFunctionLike(callee) ? callee.parameters.slice(call?.arguments?.length ?? 0) : []
  const used = /undefined/.test(message) && ts.isIdentifier(node) ? (checker.getSymbolAtLocation(node)?.declarations ?? []) : []
  for (const parameter of [...leftOut, ...used]) {
    const isBinding = parameter.kind === ts.SyntaxKind['BindingElement']
    if (!ts.isParameter(parameter) && !isBinding) continue
    const { name, type, initializer, questionToken } = parameter as Declaration // Bindings have a name and an initial value, too.
    if (initializer !== undefined || !ts.isIdentifier(name) || tools.fileOf(parameter).isDeclarationFile) continue
    const counts = new Map<string, number>()
    const isNamesake = (at: Node): at is Declaration =>
      (ts.isParameter(at) || at.kind === ts.SyntaxKind['BindingElement']) && 'initializer' in at && at.initializer !== undefined
    for (const file of files)
      for (const namesake of tools.below(file, isNamesake))
        if (
          namesake.name.getText() === name.text &&
          namesake.initializer !== undefined &&
          namesake.initializer.getText().length < 80
        )
          counts.set(namesake.initializer.getText(), (counts.get(namesake.initializer.getText()) ?? 0) + 1)
    for (const [value, count] of [...counts].sort((a, b) => b[1] - a[1]).slice(0, 4)) {
      const { fileName: file } = tools.fileOf(parameter)
      const changes = [tools.inserted(parameter, type?.end ?? questionToken?.end ?? name.end, ` = ${value}`)]
      if (questionToken !== undefined) changes.push({ file, start: questionToken.getStart(), end: questionToken.end, text: '' })
      yield {
        kind: 'lost default',
        title: `Let ${name.text} be ${value} by default`,
        changes,
        prior: Math.min(0.85, 0.65 + 0.1 * count),
      }
    }
  }
}
