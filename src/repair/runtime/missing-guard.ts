import { type SyntaxNode, asNode, asNodes, isFunction } from '../code/syntax-node.js'
import { type Candidate, insertedAt } from './runtime-candidate.js'
import { returnsOf } from './runtime-names.js'
import type { Scene, Suspect } from './runtime-scene.js'
import { type Source, ancestorsOf, functionAround, isCall, isMember, nameOf, statementAround, textIn } from './runtime-source.js'

/**
 * A guard where a value may be absent: an optional chain, a condition of the same kind as others in the function, an early
 * return of what the function returns elsewhere. Such a change can hide where the value was lost, so it weighs little.
 */
export function missingGuards(scene: Scene, { source, node }: Suspect): readonly Candidate[] {
  const text = textIn(source, node)
  if (node.type === 'ThisExpression') return []
  if (text.length > 60 || !/^[\w$.[\]'"]+$/.test(text)) return []
  return [...optionalChains(source, node), ...conditionGuards(source, node, text), ...earlyReturns(scene, source, node, text)]
}

function optionalChains(source: Source, node: SyntaxNode): readonly Candidate[] {
  const member = source.parents.get(node)
  if (!isMember(member) || member['object'] !== node || isTarget(source, member)) return []
  const isUsual = source.text.includes('?.')
  const text = member['computed'] === true ? '?.' : '?'
  return [
    insertedAt(
      source,
      node.end,
      text,
      `Read on only when "${textIn(source, node)}" has a value`,
      isUsual ? 0.3 : 0.12,
      'The value can be absent here.',
    ),
  ]
}

function isTarget(source: Source, member: SyntaxNode): boolean {
  for (const above of [member, ...ancestorsOf(source, member)]) {
    const parent = source.parents.get(above)
    if (parent === undefined || !isMember(parent))
      return (parent?.type === 'AssignmentExpression' && parent['left'] === above) || parent?.type === 'UpdateExpression'
  }
  return false
}

/** `value && …` round the condition or expression that reads the property. */
function conditionGuards(source: Source, node: SyntaxNode, text: string): readonly Candidate[] {
  const why = 'The value can be absent here.'
  let inner = node
  for (const above of ancestorsOf(source, node)) {
    if (isFunction(above)) break
    const isTest = /^(?:If|While|DoWhile|For)Statement$|^ConditionalExpression$/.test(above.type) && above['test'] === inner
    const isPart = above.type === 'LogicalExpression' && above['operator'] === '&&'
    if (isTest || isPart || above.type === 'ReturnStatement') {
      const weight = isTest ? 0.35 : isPart ? 0.3 : 0.2
      const wrapped = inner.type === 'LogicalExpression' && inner['operator'] !== '&&'
      return [
        wrapped
          ? {
              source,
              edits: [
                { start: inner.start, end: inner.start, text: `${text} && (`, what: `Ask first whether "${text}" has a value` },
                { start: inner.end, end: inner.end, text: ')', what: `Ask first whether "${text}" has a value` },
              ],
              weight,
              why,
            }
          : insertedAt(source, inner.start, `${text} && `, `Ask first whether "${text}" has a value`, weight, why),
      ]
    }
    inner = above
  }
  return []
}

/** `if (!value) return …` before the statement, or at the start of the function for a parameter. */
function earlyReturns(scene: Scene, source: Source, node: SyntaxNode, text: string): readonly Candidate[] {
  const home = functionAround(source, node)
  const body = asNode(home['body'])
  if (!isFunction(home) || body?.type !== 'BlockStatement') return []
  const binding = scene.scopes(source).lookup(nameOf(node) ?? '', node)
  const isParameter = binding?.kind === 'parameter' && binding.declaration === home
  const first = asNodes(body['body'])[0]
  const statement = isParameter ? first : directStatement(source, node)
  if (statement === undefined) return []
  const indent = indentOf(source, statement.start)
  const semicolon = /;\s*$/m.test(source.text) ? ';' : ''
  const returned = returnsOf(home)
    .flatMap((one) => (one.type === 'ReturnStatement' ? [asNode(one['argument'])] : []))
    .flatMap((value) => (value === undefined ? [''] : isPlain(source, value) ? [` ${textIn(source, value)}`] : []))
  const isRecursive = [...source.parents.keys()].some(
    (call) => isCall(call) && functionAround(source, call) === home && nameOf(call['callee']) === nameOf(home['id']),
  )
  const others = isRecursive ? [` ${text}`, ' null', ' 0', ' false', ' true', ' []'] : [` ${text}`, ' false', ' null']
  const loops = [...ancestorsOf(source, statement)].some(({ type }) => /^(?:For|While)/.test(type)) && !isParameter
  const exits = [...(loops ? ['continue'] : []), ...[...new Set([...returned, '', ...others])].map((value) => `return${value}`)]
  return exits
    .slice(0, 7)
    .map((exit, index) =>
      insertedAt(
        source,
        statement.start,
        `if (!${text}) ${exit}${semicolon}\n${indent}`,
        `Leave with "${exit}" when "${text}" has no value`,
        0.32 - 0.03 * index,
        'The value can be absent here.',
      ),
    )
}

/** The statement in the nearest block. */
function directStatement(source: Source, node: SyntaxNode): SyntaxNode | undefined {
  let statement = statementAround(source, node)
  while (statement !== undefined && source.parents.get(statement)?.type !== 'BlockStatement') {
    const above = source.parents.get(statement)
    if (above === undefined || isFunction(above)) return undefined
    statement = statementAround(source, above)
  }
  return statement
}

function isPlain(source: Source, value: SyntaxNode): boolean {
  return (
    /^(?:(?:Numeric|String|Boolean|Null)Literal|Identifier)$/.test(value.type) ||
    /^(?:\[\]|\{\}|-1|''|"")$/.test(textIn(source, value))
  )
}

export function indentOf({ text }: Source, at: number): string {
  const start = text.lastIndexOf('\n', at - 1) + 1
  return /^[ \t]*/.exec(text.slice(start, at))?.[0] ?? ''
}
