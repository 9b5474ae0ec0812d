import { type SyntaxNode, asNode, asNodes, isFunction } from '../code/syntax-node.js'
import { propertyRenames } from './property-rename.js'
import { type Candidate, insertedAt } from './runtime-candidate.js'
import { calleeName, functionsNamed, returnsOf } from './runtime-names.js'
import { type Scene, type Suspect, isEditable } from './runtime-scene.js'
import { type Source, functionAround, isCall } from './runtime-source.js'

/** Ways to make a call give a value: `return` in the function it calls or in the callback it is given, `await` before it. */
export function missingResults(scene: Scene, { source, node }: Suspect): readonly Candidate[] {
  const name = calleeName(node)
  const called = name === undefined ? [] : definitionsOf(scene, source, name)
  const callbacks = asNodes(node['arguments']).filter(isFunction)
  return [
    ...called.flatMap(({ at, node: found }) => (isEditable(at) ? missingReturns(at, found, 0.85) : [])),
    ...(isEditable(source) ? callbacks.flatMap((callback) => missingReturns(source, callback, 0.8)) : []),
    ...missingAwaits(scene, { source, node }),
    ...(asNode(node['callee'])?.type === 'MemberExpression' && called.length !== 1
      ? propertyRenames(scene, { source, node: asNode(node['callee']) ?? node }).map((one) => ({
          ...one,
          weight: one.weight * 0.4,
        }))
      : []),
  ]
}

/** Functions of a name: in the same file, else in the project. */
export function definitionsOf(
  scene: Scene,
  source: Source,
  name: string,
): readonly { readonly at: Source; readonly node: SyntaxNode }[] {
  const own = functionsNamed(source, name).map((node) => ({ at: source, node }))
  if (own.length > 0) return own.slice(0, 3)
  return scene
    .paths()
    .flatMap((path) => {
      const at = scene.source(path)
      return at === undefined || !at.text.includes(name) ? [] : functionsNamed(at, name).map((node) => ({ at, node }))
    })
    .slice(0, 3)
}

/** Statements that compute something nobody takes, where a result could have been meant; the last one first. */
export function missingReturns(source: Source, node: SyntaxNode, weight: number): readonly Candidate[] {
  const body = asNode(node['body'])
  if (body?.type !== 'BlockStatement') return []
  const isReturning = returnsOf(node).some((one) => asNode(one['argument']) !== undefined)
  const statements = lastStatements(body)
  return statements
    .filter(({ type }) => type === 'ExpressionStatement')
    .filter((statement) => {
      const expression = asNode(statement['expression'])
      return expression !== undefined && !/^(?:Update|Yield|Await)Expression$/.test(expression.type)
    })
    .slice(0, 5)
    .map((statement, index) => {
      const isEffect = /^(?:Assignment)/.test(asNode(statement['expression'])?.type ?? '')
      const value = weight * (isEffect ? 0.25 : isCall(asNode(statement['expression'])) && isReturning ? 0.7 : 1) - 0.1 * index
      return insertedAt(
        source,
        statement.start,
        'return ',
        'Return what is computed',
        value,
        'The result of the function is used, and it gives none at this end.',
      )
    })
}

/** The statements after which the function may end, the last one first. */
function lastStatements(block: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = []
  const open: SyntaxNode[] = [block]
  for (let at = open.shift(); at !== undefined; at = open.shift()) {
    if (found.length > 60) break
    found.push(at)
    const branches = [
      asNode(at['consequent']),
      asNode(at['alternate']),
      asNode(at['block']),
      asNode(asNode(at['handler'])?.['body']),
    ]
    const cases = asNodes(at['cases']).flatMap((one) => asNodes(one['consequent']))
    open.push(...asNodes(at['body']).toReversed(), ...branches.flatMap((branch) => branch ?? []), ...cases)
  }
  return found
}

/** A promise that was taken for its value. */
export function missingAwaits(scene: Scene, { source, node }: Suspect): readonly Candidate[] {
  if (!isEditable(source) || !isCall(node) || source.parents.get(node)?.type === 'AwaitExpression') return []
  const home = functionAround(source, node)
  const canAwait = isFunction(home) ? home['async'] === true : source.top['sourceType'] === 'module'
  if (!canAwait) return []
  const name = calleeName(node)
  const isAsync = name !== undefined && definitionsOf(scene, source, name).some((found) => found.node['async'] === true)
  const parent = source.parents.get(node)
  const inChain = parent !== undefined && /Member/.test(parent.type)
  const what = 'Await the result'
  const why = isAsync ? `"${name}" is asynchronous and is not awaited.` : 'The value may be a promise.'
  const weight = isAsync ? 0.9 : 0.25
  if (!inChain) return [insertedAt(source, node.start, 'await ', what, weight, why)]
  const edits = [
    { start: node.start, end: node.start, text: '(await ', what },
    { start: node.end, end: node.end, text: ')', what },
  ]
  return [{ source, edits, weight, why }]
}
