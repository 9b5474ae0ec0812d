import type { Expression, FunctionLike, Node } from '../compiler.js'
import type { Idea, Scene } from '../scene.js'

/** A function that does not return what it says: a `return` before the value that is there. */
export function* returns({ ts, checker, node, code, message, tools }: Scene): Iterable<Idea> {
  const candidates = [...called(), tools.above(node, ts.isFunctionLike), ...inner()]
  const seen = new Set<Node>()
  for (const owner of candidates) {
    const { body } = owner ?? {}
    if (owner === undefined || body === undefined || !ts.isBlock(body) || seen.has(owner)) continue
    seen.add(owner)
    const wanted = wantedOf(owner)
    for (const statement of statementsOf(body)) {
      const type = checker.getTypeAtLocation(statement.expression)
      const fits = wanted === undefined ? isUsed(statement) : checker.isTypeAssignableTo(awaited(type), wanted)
      if (!fits || isAssignment(statement.expression)) continue
      const changes = [tools.inserted(statement, statement.getStart(), 'return ')]
      const prior = statement.getStart() === body.statements.at(-1)?.getStart() ? 0.92 : 0.85
      yield { kind: 'return', title: `Return ${short(statement.expression.getText())}`, changes, prior }
    }
    if (code === 2355 || code === 2366 || code === 7030 || code === 2322 || code === 2345) yield* ofVariables(owner, body, wanted)
  }

  /** The value of a variable that the function fills and then forgets. */
  function* ofVariables(
    owner: FunctionLike,
    body: Node & { readonly statements: readonly Node[] },
    wanted: ReturnType<typeof wantedOf>,
  ): Iterable<Idea> {
    const last = body.statements.at(-1)
    if (last === undefined || wanted === undefined || ts.isReturnStatement(last)) return
    yield* ofProperties(body, last, wanted)
    const declared = tools
      .below(body, ts.isVariableDeclaration)
      .filter((variable) => tools.above(variable, ts.isFunctionLike) === owner && ts.isIdentifier(variable.name))
    const outer = [...owner.parameters, ...declared].filter((variable) => ts.isIdentifier(variable.name))
    const indent = /[\t ]*$/.exec(tools.fileOf(body).text.slice(0, last.getStart()))?.[0] ?? ''
    const end = /;$/.test(last.getText()) ? ';' : ''
    const isAsync = (owner.modifiers ?? []).some((modifier) => modifier.kind === ts.SyntaxKind['AsyncKeyword'])
    for (const name of new Set([...outer.map((variable) => variable.name.getText()), 'this'])) {
      const visible = name === 'this' ? undefined : tools.visible(last).find((other) => other.name === name)
      const type =
        visible?.type ??
        (name === 'this' && ts.isClassDeclaration(owner.parent) ? checker.getTypeAtLocation(owner.parent) : undefined)
      if (
        type === undefined ||
        (type.flags & (ts.TypeFlags['Any'] ?? 0)) !== 0 ||
        !checker.isTypeAssignableTo(isAsync ? awaited(type) : type, wanted)
      )
        continue
      const changes = [tools.inserted(body, last.end, `\n${indent}return ${name}${end}`)]
      const isDeclared = declared.some((variable) => variable.name.getText() === name)
      const prior = /^(?:result|results|out|output|ret|res|acc|value|found)$/i.test(name) ? 0.85 : isDeclared ? 0.7 : 0.5
      yield { kind: 'return variable', title: `Return ${name} at the end`, changes, prior }
    }
  }

  /** An object whose properties are all there as variables: `return { path, params }`. */
  function* ofProperties(body: Node, last: Node, wanted: NonNullable<ReturnType<typeof wantedOf>>): Iterable<Idea> {
    const inSight = new Map(tools.visible(last).map(({ name, type }) => [name, type]))
    for (const part of wanted.types ?? [wanted]) {
      const needed = part.getProperties()
      if (needed.length === 0 || needed.length > 12 || part.getCallSignatures().length > 0) continue
      const isThere = needed.every((property) => {
        const type = inSight.get(property.name)
        return type !== undefined && checker.isTypeAssignableTo(type, checker.getTypeOfSymbolAtLocation(property, last))
      })
      if (!isThere) continue
      const text = `return { ${needed.map(({ name }) => name).join(', ')} }${/;$/.test(last.getText()) ? ';' : ''}`
      const indent = /[\t ]*$/.exec(tools.fileOf(body).text.slice(0, last.getStart()))?.[0] ?? ''
      const changes = [tools.inserted(body, last.end, `\n${indent}${text}`)]
      yield { kind: 'return variable', title: `${text} at the end`, changes, prior: 0.85 }
    }
  }

  /** Functions that give nothing to the calls in question. */
  function called(): readonly FunctionLike[] {
    if (!/'(?:void|undefined|Promise<void>)'|never used/.test(message)) return []
    const near = [node, node.parent].flatMap((at) => tools.below(at, ts.isCallExpression).slice(0, 4))
    const around = tools.above(node, ts.isCallExpression)
    const names = [...near, ...(around === undefined ? [] : [around])].map((call) => call.expression)
    const values = ts.isIdentifier(node) ? [node] : []
    return [...new Set<Node>([...names, ...values])].flatMap((name) =>
      (checker.getSymbolAtLocation(ts.isPropertyAccessExpression(name) ? name.name : name)?.declarations ?? []).flatMap(
        functionsOf,
      ),
    )
  }
  /** A declared function, or those that a variable is made of: `const f = () => …`, `const x = f()`. */
  function functionsOf(declaration: Node): readonly FunctionLike[] {
    if (ts.isFunctionLike(declaration)) return [declaration]
    const value = ts.isVariableDeclaration(declaration) ? declaration.initializer : undefined
    if (value === undefined) return []
    if (ts.isFunctionLike(value)) return [value]
    const callee = ts.isCallExpression(value) ? checker.getResolvedSignature(value)?.declaration : undefined
    return callee !== undefined && ts.isFunctionLike(callee) ? [callee] : []
  }

  function wantedOf(owner: FunctionLike): ReturnType<typeof checker.getTypeAtLocation> | undefined {
    const declared = owner.type === undefined ? contextual(owner) : checker.getTypeFromTypeNode(owner.type)
    return declared === undefined ? undefined : awaited(declared)
  }
  function contextual(owner: FunctionLike): ReturnType<typeof checker.getTypeAtLocation> | undefined {
    return checker.getContextualType(owner)?.getCallSignatures()[0]?.getReturnType()
  }
  function awaited(type: ReturnType<typeof checker.getTypeAtLocation>): typeof type {
    return checker.getAwaitedType(type) ?? type
  }
  function inner(): readonly FunctionLike[] {
    return /void|undefined/.test(message) ? tools.below(node.parent, ts.isFunctionLike).slice(0, 6) : []
  }
  function statementsOf(body: Node): readonly (Node & { readonly expression: Node })[] {
    const owner = body.parent
    return tools
      .below(body, ts.isExpressionStatement)
      .filter((statement) => tools.above(statement, ts.isFunctionLike) === owner)
      .reverse()
      .slice(0, 12)
  }
  function isUsed(statement: Expression): boolean {
    return !/^(?:void|undefined|any|unknown)$/.test(checker.typeToString(checker.getTypeAtLocation(statement.expression)))
  }
  function isAssignment(expression: Node): boolean {
    return (
      (ts.isBinaryExpression(expression) && /^[^=!<>]*=$/.test(expression.operatorToken.getText())) ||
      /(?:\+\+|--)$/.test(expression.getText())
    )
  }
  function short(text: string): string {
    return text.length > 50 ? `${text.slice(0, 49)}…` : text
  }
}

/** A function that waits and is not `async`. */
export function* asynchronous({ ts, node, code, tools }: Scene): Iterable<Idea> {
  if (code !== 1308 && code !== 1378 && code !== 1103 && code !== 2304) return
  const owner = tools.above(node, ts.isFunctionLike)
  if (owner === undefined || owner.body === undefined) return
  if (!/\bawait\b/.test(owner.body.getText())) return
  const keyword = ['public', 'private', 'protected', 'static', 'override', 'export', 'default']
  const after = (owner.modifiers ?? []).filter((modifier) => keyword.includes(modifier.getText())).at(-1)
  const position = after === undefined ? owner.getStart() : after.end
  const changes = [tools.inserted(owner, position, after === undefined ? 'async ' : ' async')]
  yield { kind: 'async', title: 'Make the function async', changes, prior: 0.92 }
}

/** A loop over what comes with time. */
export function* loops({ ts, node, code, tools, file }: Scene): Iterable<Idea> {
  const loop = tools.above(node, (at): at is Node => at.kind === ts.SyntaxKind['ForOfStatement'])
  if (loop === undefined || (code !== 2488 && code !== 2504 && code !== 2495)) return
  const start = loop.getStart()
  const hasAwait = file.text.slice(start, start + 12).startsWith('for await')
  const changes = [{ file: file.fileName, start, end: start + (hasAwait ? 9 : 3), text: hasAwait ? 'for' : 'for await' }]
  yield { kind: 'for await', title: hasAwait ? 'Loop without await' : 'Loop with for await', changes, prior: 0.85 }
}
