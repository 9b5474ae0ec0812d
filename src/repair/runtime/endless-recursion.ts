import { type SyntaxNode, asNode, asNodes, nodesOf, isFunction } from '../code/syntax-node.js'
import { conditionChanges } from './condition-changes.js'
import { indentOf } from './missing-guard.js'
import { missingReturns } from './missing-result.js'
import { type Candidate, insertedAt, likeness, replacing } from './runtime-candidate.js'
import { calleeName, functionName, returnsOf } from './runtime-names.js'
import { type Scene, isEditable } from './runtime-scene.js'
import {
  type Source,
  enclosing,
  functionAround,
  isCall,
  isMember,
  keyOf,
  nameOf,
  nodesAt,
  propertyOf,
  textIn,
} from './runtime-source.js'

/** Ways to heal `Maximum call stack size exceeded`: a call that was meant for another, an argument that stays the same, a missing end. */
export function endlessRecursion(scene: Scene): readonly Candidate[] {
  const functions = functionsOnStack(scene)
  const names = functions.flatMap(({ source, node }) => functionName(source, node) ?? [])
  return functions.flatMap(({ source, node }, rank) => {
    const own = functionName(source, node)
    const calls = [...nodesOf(node)].filter((call) => isCall(call) && names.includes(calleeName(call) ?? ''))
    const found = [
      ...selfAccess(scene, source, node, own),
      ...calls.flatMap((call) => [
        ...lostNew(source, call),
        ...otherCallees(scene, source, call, own),
        ...argumentChanges(scene, source, node, call),
        ...conditionChanges(source, call, 0.8),
      ]),
      ...conditionChangesIn(source, node),
      ...lostReturns(source, node),
      ...(calls.length > 0 ? missingEnds(source, node) : []),
    ]
    return found.map((one) => ({ ...one, weight: one.weight * (1 - 0.1 * rank) }))
  })
}

interface Place {
  readonly source: Source
  readonly node: SyntaxNode
}

const functionsMax = 4

function functionsOnStack(scene: Scene): readonly Place[] {
  const found: Place[] = []
  for (const frame of scene.frames) {
    const source = scene.source(frame.path)
    if (source === undefined || !isEditable(source) || found.length >= functionsMax) continue
    const [at] = nodesAt(source, frame.line, frame.column)
    if (at === undefined) continue
    // A callback without a name is called by the function round it.
    const isNamed = (above: SyntaxNode): boolean => isFunction(above) && functionName(source, above) !== undefined
    const node = isNamed(at) ? at : (enclosing(source, at, isNamed) ?? enclosing(source, at, isFunction))
    if (node !== undefined && !found.some((one) => one.node === node)) found.push({ source, node })
  }
  return found
}

/** `if (!(this instanceof Parser)) return Parser(text)`: the call was to construct. */
function lostNew(source: Source, call: SyntaxNode): readonly Candidate[] {
  const name = calleeName(call) ?? ''
  const guard = enclosing(source, call, ({ type }) => type === 'IfStatement')
  const test = asNode(guard?.['test'])
  if (call.type !== 'CallExpression' || test === undefined) return []
  const asked = textIn(source, test).replaceAll(/\s+/g, ' ')
  if (asked !== `!(this instanceof ${name})` && asked !== '!new.target') return []
  const why = `Without "new", "${name}" calls itself without an end.`
  return [
    replacing(source, call, { text: `new ${textIn(source, call)}`, what: `Construct "${name}" with "new"`, weight: 0.95, why }),
  ]
}

/** `get x() { return this.x }`, `set x(value) { this.x = value }`: the field behind has another name. */
function selfAccess(scene: Scene, source: Source, node: SyntaxNode, own: string | undefined): readonly Candidate[] {
  if (own === undefined || !/^(?:get|set)$/.test(String(node['kind']))) return []
  const known = new Set([...(scene.names().byOwner.get('this')?.keys() ?? [])])
  const body = enclosing(source, node, ({ type }) => type === 'ClassBody')
  for (const member of asNodes(body?.['body'])) {
    const name =
      keyOf(member) ?? (member.type === 'ClassPrivateProperty' ? `#${nameOf(asNode(member['key'])?.['id']) ?? ''}` : undefined)
    if (name !== undefined && name !== own) known.add(name)
  }
  const found: Candidate[] = []
  for (const member of nodesOf(node)) {
    const property = asNode(member['property'])
    if (
      !isMember(member) ||
      property === undefined ||
      propertyOf(member) !== own ||
      asNode(member['object'])?.type !== 'ThisExpression'
    )
      continue
    const near = [...new Set([`_${own}`, `#${own}`, ...known])]
      .filter((name) => name !== own && likeness(name, own) >= 0.5 && (known.has(name) || name === `_${own}`))
      .sort((a, b) => likeness(b, own) - likeness(a, own))
    for (const [index, name] of near.slice(0, 4).entries())
      found.push(
        replacing(source, property, {
          text: name,
          what: `Use the field "${name}" behind "${own}"`,
          weight: 0.9 - 0.15 * index,
          why: `"${own}" asks for itself.`,
        }),
      )
  }
  return found
}

/** The call was meant for another function of nearly the same name, or for the one of the parent class. */
function otherCallees(scene: Scene, source: Source, call: SyntaxNode, own: string | undefined): readonly Candidate[] {
  const callee = asNode(call['callee'])
  if (callee === undefined) return []
  const name = calleeName(call) ?? ''
  const why =
    name === own
      ? `"${name}" calls itself without an end.`
      : `"${own ?? 'the function'}" and "${name}" call each other without an end.`
  if (isMember(callee)) {
    const property = asNode(callee['property'])
    const object = asNode(callee['object'])
    if (property === undefined || object === undefined) return []
    const body = enclosing(source, call, ({ type }) => type === 'ClassBody' || type === 'ObjectExpression')
    const siblings = [...asNodes(body?.['body']), ...asNodes(body?.['properties'])].flatMap((member) => keyOf(member) ?? [])
    const parent = enclosing(source, call, ({ type }) => /^Class(?:Declaration|Expression)$/.test(type))
    const { reads, calls } = scene.names()
    const owned = [...(scene.names().byOwner.get('this')?.keys() ?? [])]
    const others = [...new Set([...siblings, ...(object.type === 'ThisExpression' ? owned : [])])].filter(
      (other) => other !== name && other !== 'constructor' && /^[\w$]+$/.test(other),
    )
    return [
      ...(object.type === 'ThisExpression' && asNode(parent?.['superClass']) !== undefined
        ? [replacing(source, object, { text: 'super', what: 'Call the method of the parent class', weight: 0.8, why })]
        : []),
      ...others
        .map((other) => {
          const fits = takes(scene, other, asNodes(call['arguments']).length)
          const usual = Math.min(0.2, (calls.get(other) ?? 0) / 40)
          return {
            other,
            weight: 0.05 + 0.35 * likeness(other, name) + ((reads.get(other) ?? 0) === 0 ? 0.25 : 0) + (fits ? 0.15 : 0) + usual,
          }
        })
        .sort((a, b) => b.weight - a.weight)
        .slice(0, 8)
        .map(({ other, weight }) =>
          replacing(source, property, { text: other, what: `Call "${other}" instead of "${name}"`, weight, why }),
        ),
    ]
  }
  return scene
    .scopes(source)
    .visible(call)
    .filter(
      (binding) =>
        binding.name !== name && binding.name !== own && /^(?:function|import|const|let|var|parameter)$/.test(binding.kind),
    )
    .map((binding) => {
      const init = asNode(binding.declaration['init'])
      const isCallable =
        binding.kind === 'function' ||
        binding.kind === 'import' ||
        (init !== undefined && (isFunction(init) || isCall(init) || isMember(init)))
      return {
        binding,
        weight: (binding.references.length === 0 ? 0.5 : 0.05) + 0.35 * likeness(binding.name, name) * (isCallable ? 1 : 0.3),
      }
    })
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 5)
    .map(({ binding, weight }) =>
      replacing(source, callee, { text: binding.name, what: `Call "${binding.name}" instead of "${name}"`, weight, why }),
    )
}

/** Whether a method of this name has as many parameters as it would be given arguments. */
function takes(scene: Scene, name: string, count: number): boolean {
  const found = scene.names().definitions.get(name) ?? []
  return found.some(
    ({ source, node, kind }) => kind === 'method' && asNodes(source.parents.get(node)?.['params']).length === count,
  )
}

/** An argument that is passed on as it came: one less, the rest of a list, a part of a tree. */
function argumentChanges(scene: Scene, source: Source, home: SyntaxNode, call: SyntaxNode): readonly Candidate[] {
  const why = 'The function calls itself with what it was given, so it never comes to an end.'
  const parameters = asNodes(home['params']).map((parameter) =>
    nameOf(parameter.type === 'AssignmentPattern' ? parameter['left'] : parameter),
  )
  const given = asNodes(call['arguments'])
  const unchanged = given.filter((argument, index) => nameOf(argument) !== undefined && nameOf(argument) === parameters[index])
  const found: Candidate[] = []
  for (const [index, argument] of given.entries()) {
    const text = textIn(source, argument)
    const by = (to: string, weight: number): unknown =>
      found.push(replacing(source, argument, { text: to, what: `Pass on "${to.slice(0, 40)}"`, weight, why }))
    const sign = argument.type === 'BinaryExpression' ? argument['operator'] : undefined
    if (sign === '+' || sign === '-') {
      const [left, right] = [asNode(argument['left']), asNode(argument['right'])]
      if (left !== undefined && right !== undefined)
        by(`${textIn(source, left)} ${sign === '+' ? '-' : '+'} ${textIn(source, right)}`, 0.6)
    }
    const name = nameOf(argument)
    if (name === undefined) {
      // `slice(0)` passes the whole list on.
      const shorter = text.replace(/\.(slice|substring|subarray)\(0?\)$/, '.$1(1)')
      if (shorter !== text) by(shorter, 0.75)
      continue
    }
    const isSame = name === parameters[index]
    const owned = scene.names().byOwner.get(name)
    const bonus = isSame && unchanged.length === 1 ? 0.15 : 0
    const { isNumber, isList } = kindOf(source, home, name)
    if (isNumber || !isList) {
      by(`${name} - 1`, (isNumber ? 0.55 : 0.3) + bonus)
      by(`${name} + 1`, (isNumber ? 0.35 : 0.2) + bonus)
    }
    if (isList) {
      by(`${name}.slice(1)`, 0.5 + bonus)
      by(`${name}.slice(0, -1)`, 0.3 + bonus)
    }
    for (const [property] of [...(owned ?? [])].sort((a, b) => b[1] - a[1]).slice(0, 8))
      if (!/^(?:length|map|filter|forEach|push|slice|reduce|join)$/.test(property)) {
        by(`${name}.${property}`, 0.3 + bonus)
        if (
          scene
            .names()
            .definitions.get(property)
            ?.some(({ kind }) => kind === 'method') === true
        )
          by(`${name}.${property}()`, 0.32 + bonus)
      }
    for (const { name: other, kind } of scene
      .scopes(source)
      .visible(call)
      .filter((binding) => functionAround(source, binding.node) === functionAround(source, call)))
      if (other !== name && !parameters.includes(other)) by(other, (kind === 'parameter' ? 0.35 : 0.45) + bonus)
  }
  return found
}

/** How a parameter is used: as a number, or as a list or text. */
function kindOf(source: Source, home: SyntaxNode, name: string): { readonly isNumber: boolean; readonly isList: boolean } {
  const text = textIn(source, home)
  const escaped = name.replaceAll('$', '\\$')
  return {
    isNumber: new RegExp(`(?<![\\w$.])${escaped} *(?:[-+*/%]|[<>]=?|[!=]==? *-?\\d)`).test(text),
    isList: new RegExp(
      `(?<![\\w$.])${escaped}(?:\\.(?:length|slice|map|shift|pop|concat|charAt|split)|\\[)|\\.\\.\\.${escaped}(?![\\w$])`,
    ).test(text),
  }
}

/** Every condition of the function may be the one that should end it. */
function conditionChangesIn(source: Source, node: SyntaxNode): readonly Candidate[] {
  const tests = [...nodesOf(node)].filter(({ type }) => /^(?:IfStatement|ConditionalExpression)$/.test(type)).slice(0, 4)
  return tests.flatMap((test) => {
    const inner = asNode(test['consequent'])
    return inner === undefined ? [] : conditionChanges(source, inner, 1)
  })
}

/** `if (done) value` without `return`. */
function lostReturns(source: Source, node: SyntaxNode): readonly Candidate[] {
  return missingReturns(source, node, 0.8)
}

/** A first statement that ends the recursion, with results that fit what the function gives otherwise. */
function missingEnds(source: Source, node: SyntaxNode): readonly Candidate[] {
  const body = asNode(node['body'])
  const [parameter] = asNodes(node['params'])
  const name = nameOf(parameter?.type === 'AssignmentPattern' ? parameter['left'] : parameter)
  const [first] = asNodes(body?.['body'])
  if (body?.type !== 'BlockStatement' || name === undefined || first === undefined) return []
  const { isNumber, isList } = kindOf(source, node, name)
  const text = returnsOf(node)
    .map((one) => textIn(source, one))
    .join('\n')
  const results = [
    ...(/\*/.test(text) ? ['1'] : []),
    ...(/\+|-/.test(text) ? ['0', name] : []),
    ...(/\[|concat|push/.test(text) ? ['[]'] : []),
    ...(/['"`]/.test(text) ? ["''"] : []),
    ...(text === '' ? [''] : [name, '0', '1', 'null', 'false', 'true']),
  ]
  const tests =
    isList && !isNumber
      ? [`${name}.length === 0`, `${name}.length <= 1`]
      : isNumber
        ? [`${name} <= 1`, `${name} <= 0`, `${name} < 2`]
        : [`!${name}`]
  const indent = indentOf(source, first.start)
  const semicolon = /;\s*$/m.test(source.text) ? ';' : ''
  return tests.flatMap((test, testRank) =>
    [...new Set(results)]
      .slice(0, 4)
      .map((result, rank) =>
        insertedAt(
          source,
          first.start,
          `if (${test}) return${result === '' ? '' : ` ${result}`}${semicolon}\n${indent}`,
          `End the recursion with "${result}" when ${test}`,
          0.3 - 0.05 * testRank - 0.04 * rank,
          'The function calls itself without an end.',
        ),
      ),
  )
}
