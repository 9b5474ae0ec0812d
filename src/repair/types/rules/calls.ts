import type { Call, Node } from '../compiler.js'
import type { Idea, Scene } from '../scene.js'

/** Arguments in the wrong order, too many, or too few. */
export function* calls({ ts, checker, file, node, code, tools }: Scene): Iterable<Idea> {
  const isCall = (at: Node): at is Call => ts.isCallExpression(at) || ts.isNewExpression(at)
  const call = tools.above(node, isCall)
  const given = call?.arguments
  if (call === undefined || given === undefined || given.length > 8) return
  const signature = checker.getResolvedSignature(call)
  yield* swapped(given)
  if (code === 2554 || code === 2555 || code === 2769 || code === 2345) {
    yield* fewer(given)
    yield* more(given)
  }

  function* swapped(list: readonly Node[]): Iterable<Idea> {
    for (let left = 0; left < list.length; left += 1) {
      for (let right = left + 1; right < list.length; right += 1) {
        const [a, b] = [list[left], list[right]]
        if (a === undefined || b === undefined) continue
        const changes = [tools.replaced(a, b.getText()), tools.replaced(b, a.getText())]
        const prior = right === left + 1 ? 0.9 : 0.85
        yield { kind: 'swapped', title: `Swap the arguments ${left + 1} and ${right + 1}`, changes, prior }
      }
    }
  }

  function* fewer(list: readonly Node[]): Iterable<Idea> {
    // Where the number is allowed, only what says nothing by itself is in the way: `0`, `true`.
    if (code === 2345 && !/^(?:[\d.]+|true|false|null|undefined|['"]{2})$/.test(list.at(-1)?.getText() ?? '')) return
    for (let index = list.length - 1; index >= 0; index -= 1) {
      const kind = 'extra argument'
      const prior = code === 2345 ? 0.82 : index === list.length - 1 ? 0.85 : 0.6
      yield { kind, title: `Take out argument ${index + 1}`, changes: [tools.removed(list, index)], prior }
    }
  }

  /** One more argument, at each place, whose type is that of the parameter there. */
  function* more(list: readonly Node[]): Iterable<Idea> {
    if (call === undefined || signature === undefined || list.length >= signature.parameters.length) return
    const inSight = [...tools.visible(call), ...receivers(call)]
    for (const [index, parameter] of signature.parameters.entries()) {
      if (index > list.length) break
      const type = checker.getTypeOfSymbolAtLocation(parameter, call)
      const fitting = inSight
        .filter((value) => checker.isTypeAssignableTo(value.type, type) && !list.some((other) => other.getText() === value.name))
        .map(({ name }) => ({ name, near: nearness(name, parameter.name) + spoken(name, index) + forgotten(name) }))
        .sort((a, b) => b.near - a.near)
      for (const { name, near } of fitting.slice(0, 5)) {
        const next = list[index]
        const position = next?.getStart() ?? list.at(-1)?.end ?? call.end - 1
        const text = next === undefined ? (list.length === 0 ? name : `, ${name}`) : `${name}, `
        const changes = [tools.inserted(call, position, text)]
        yield {
          kind: 'missing argument',
          title: `Pass ${name} as ${parameter.name}`,
          changes,
          prior: 0.3 + 0.55 * Math.min(1, near),
        }
      }
      const literal = sameCallElsewhere(index)
      if (literal !== undefined) {
        const next = list[index]
        const position = next?.getStart() ?? list.at(-1)?.end ?? call.end - 1
        const text = next === undefined ? (list.length === 0 ? literal : `, ${literal}`) : `${literal}, `
        const changes = [tools.inserted(call, position, text)]
        yield { kind: 'missing argument', title: `Pass ${literal} as ${parameter.name}`, changes, prior: 0.4 }
      }
    }
  }

  function nearness(name: string, parameter: string): number {
    const last = name.slice(name.lastIndexOf('.') + 1).replace(/^[#_]/, '')
    return last === parameter ? 1 : Math.max(tools.likeness(last, parameter) * 0.8, tools.kinship(last, parameter) * 0.8)
  }

  /** What the function takes or declares and nothing uses any more is likely what the call lost; it is near at hand at least. */
  function forgotten(name: string): number {
    const owner = call === undefined ? undefined : tools.above(call, ts.isFunctionLike)
    if (owner === undefined || !/^[\w$]+$/.test(name)) return 0
    const isIt = (at: Node): at is Node => ts.isIdentifier(at) && at.text === name
    const times = tools.below(owner, isIt).length
    return times === 1 ? 0.6 : owner.parameters.some((parameter) => parameter.name.getText() === name) ? 0.15 : 0
  }

  /** Whether other calls of the same function pass that name there. */
  function spoken(name: string, index: number): number {
    return others().some((other) => other.arguments?.[index]?.getText() === name) ? 0.5 : 0
  }

  function sameCallElsewhere(index: number): string | undefined {
    const texts = others().flatMap((other) => other.arguments?.[index] ?? [])
    return texts
      .find((text) => /^(?:[\d.]{1,9}|true|false|null|undefined|(['"`])[^'"`$\\\n]{0,40}\1|\[\]|\{\})$/.test(text.getText()))
      ?.getText()
  }

  function others(): readonly Call[] {
    const name = call?.expression.getText()
    return tools.below(file, isCall).filter((other) => other !== call && other.expression.getText() === name)
  }

  /** `this.x`, and the members of parameters: `options.x`. */
  function receivers(
    at: Node,
  ): readonly { readonly name: string; readonly type: ReturnType<typeof checker.getTypeAtLocation> }[] {
    const owner = tools.above(at, (above): above is Node => ts.isClassDeclaration(above))
    const own = owner === undefined ? [] : checker.getTypeAtLocation(owner).getProperties()
    const around = tools.above(at, ts.isFunctionLike)?.parameters ?? []
    return [
      ...own.map((symbol) => ({ name: `this.${symbol.name}`, symbol })),
      ...around.flatMap((parameter) =>
        ts.isIdentifier(parameter.name)
          ? checker
              .getNonNullableType(checker.getTypeAtLocation(parameter))
              .getProperties()
              .map((symbol) => ({ name: `${parameter.name.getText()}.${symbol.name}`, symbol }))
          : [],
      ),
    ]
      .filter(({ name }) => /^[\w$.]{1,80}$/.test(name))
      .slice(0, 200)
      .map(({ name, symbol }) => ({ name, type: checker.getTypeOfSymbolAtLocation(symbol, at) }))
  }
}

/** What has to be called, awaited, constructed, or reached by a member first, and the other way round. */
export function* values({ ts, checker, file, node, code, message, tools }: Scene): Iterable<Idea> {
  const isValue = (at: Node): at is Node =>
    ts.isIdentifier(at) || ts.isCallExpression(at) || ts.isPropertyAccessExpression(at) || ts.isNewExpression(at)
  // Nothing here changes how many arguments there are.
  if ([6133, 2304, 2552, 2554, 2555].includes(code)) return
  const start = tools.above(node, isValue)
  const { initializer, expression } = node.parent as { readonly initializer?: Node; readonly expression?: Node } // Many nodes have one.
  const spots = [start, start?.parent, initializer, expression, ...tools.below(node, isValue).slice(0, 4)]
    .filter((at) => at !== undefined)
    .filter(isValue)
  if (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) spots.push(node.parent.expression)
  const seen = new Set<Node>()
  for (const spot of spots) {
    if (seen.has(spot) || (ts.isPropertyAccessExpression(spot.parent) && spot.parent.name === spot)) continue
    seen.add(spot)
    const type = checker.getTypeAtLocation(spot)
    const text = spot.getText()
    const isInner = ts.isPropertyAccessExpression(spot.parent) || ts.isElementAccessExpression(spot.parent)
    if (checker.getAwaitedType(type) !== type && /Promise/.test(checker.typeToString(type)) && mayWait(spot))
      yield idea(
        'await',
        `Await ${text}`,
        spot,
        isInner ? `(await ${text})` : `await ${text}`,
        ts.isIdentifier(spot) ? 0.7 : isInner ? 0.88 : 0.92,
      )
    if (type.getConstructSignatures().length > 0 && ts.isCallExpression(spot.parent))
      yield idea('new', `Construct ${text} with new`, spot, `new ${text}`, 0.92)
    if (type.getCallSignatures().some((signature) => signature.parameters.length === 0) && !ts.isCallExpression(spot.parent))
      yield idea('call', `Call ${text}`, spot, `${text}()`, 0.85)
    if (ts.isCallExpression(spot) && spot.arguments?.length === 0 && (code === 2349 || code === 6234))
      yield idea('no call', `Do not call ${spot.expression.getText()}`, spot, spot.expression.getText(), 0.88)
    const wanted = checker.getContextualType(spot)
    if (isInner) continue
    for (const member of type.getApparentProperties()) {
      const found = checker.getTypeOfSymbolAtLocation(member, spot)
      const isLength = member.name === 'length' || member.name === 'size'
      const isSpoken = member.name.length > 1 && file.text.includes(`${text}.${member.name}`)
      if (!isLength && !isSpoken) continue
      if (
        wanted === undefined
          ? !/arithmetic|Operator|comparison|overlap/.test(message)
          : !checker.isTypeAssignableTo(found, wanted)
      )
        continue
      yield idea('member', `Use ${text}.${member.name}`, spot, `${text}.${member.name}`, isLength ? 0.75 : 0.5)
    }
  }

  function idea(kind: string, title: string, at: Node, text: string, prior: number): Idea {
    return { kind, title, changes: [tools.replaced(at, text)], prior }
  }
  function mayWait(spot: Node): boolean {
    if (spot.parent.kind === ts.SyntaxKind['AwaitExpression']) return false
    const around = tools.above(spot, ts.isFunctionLike)
    return around === undefined || (around.modifiers ?? []).some((modifier) => modifier.kind === ts.SyntaxKind['AsyncKeyword'])
  }
}
