import { type SyntaxNode, asNode, asNodes, nodesOf, isFunction } from '../code/syntax-node.js'
import { type Candidate, insertedAt, replacing } from './runtime-candidate.js'
import { type Source, ancestorsOf, textIn } from './runtime-source.js'

/** Small changes of the conditions that lead to a place: those round it, and the guards before it. */
export function conditionChanges(source: Source, node: SyntaxNode, factor = 1): readonly Candidate[] {
  return conditionsBefore(source, node)
    .slice(0, 4)
    .flatMap((condition, rank) =>
      changesOf(source, condition).map((one) => ({ ...one, weight: one.weight * factor * (1 - 0.15 * rank) })),
    )
}

/** Conditions on the way to a node, the nearest first: it is reached because they held, or because a guard did not. */
function conditionsBefore(source: Source, node: SyntaxNode): readonly SyntaxNode[] {
  const found: SyntaxNode[] = []
  let inner = node
  for (const above of ancestorsOf(source, node)) {
    const test = asNode(above['test'])
    if (above.type === 'LogicalExpression') found.push(above)
    else if (test !== undefined) found.push(test)
    if (/^(?:BlockStatement|Program|StaticBlock)$/.test(above.type)) found.push(...guardsBefore(above, inner))
    if (isFunction(above)) break
    inner = above
  }
  // A condition is part of a larger one: the larger says it all.
  return found.filter((one) => !found.some((other) => other !== one && other.start <= one.start && other.end >= one.end))
}

function guardsBefore(block: SyntaxNode, statement: SyntaxNode): readonly SyntaxNode[] {
  return asNodes(block['body'])
    .filter((other) => other.type === 'IfStatement' && other.end <= statement.start)
    .toReversed()
    .flatMap((other) => asNode(other['test']) ?? [])
}

/** Operators that are one slip away, with how often that slip is made. */
const slips: Readonly<Record<string, readonly (readonly [string, number])[]>> = {
  '&&': [['||', 0.45]],
  '||': [
    ['&&', 0.45],
    ['??', 0.1],
  ],
  '??': [
    ['||', 0.15],
    ['&&', 0.1],
  ],
  '===': [['!==', 0.4]],
  '!==': [['===', 0.4]],
  '==': [['!=', 0.4]],
  '!=': [['==', 0.4]],
  '<': [
    ['<=', 0.25],
    ['>', 0.3],
    ['>=', 0.25],
  ],
  '<=': [
    ['<', 0.35],
    ['>=', 0.3],
    ['>', 0.25],
  ],
  '>': [
    ['>=', 0.25],
    ['<', 0.3],
    ['<=', 0.25],
  ],
  '>=': [
    ['>', 0.3],
    ['<=', 0.3],
    ['<', 0.25],
  ],
}

function changesOf(source: Source, condition: SyntaxNode): readonly Candidate[] {
  const why = 'This condition decides whether the failing place is reached.'
  const found: Candidate[] = []
  for (const node of nodesOf(condition)) {
    if (isFunction(node) || found.length >= 12) continue
    const operator = node['operator']
    if (typeof operator !== 'string') continue
    if (node.type === 'UnaryExpression' && operator === '!')
      found.push(
        replacing(source, { start: node.start, end: node.start + 1 }, { text: '', what: 'Drop the negation', weight: 0.35, why }),
      )
    const right = asNode(node['right'])
    const left = asNode(node['left'])
    if (left === undefined || right === undefined || !/^(?:Binary|Logical)Expression$/.test(node.type)) continue
    const at = source.text.indexOf(operator, left.end)
    if (at === -1 || at >= right.start) continue
    for (const [other, weight] of Object.hasOwn(slips, operator) ? (slips[operator] ?? []) : [])
      found.push(
        replacing(
          source,
          { start: at, end: at + operator.length },
          { text: other, what: `Use "${other}" instead of "${operator}"`, weight, why },
        ),
      )
  }
  if (/^(?:Identifier|(?:Optional)?(?:Member|Call)Expression)$/.test(condition.type))
    found.push(insertedAt(source, condition.start, '!', 'Negate the condition', 0.35, why))
  return found
}

/** Bounds of the loops round a place, one off. */
export function boundaries(source: Source, node: SyntaxNode): readonly Candidate[] {
  const found: Candidate[] = []
  for (const above of ancestorsOf(source, node)) {
    if (isFunction(above) || found.length > 6) break
    if (above.type !== 'ForStatement') continue
    const init = asNode(above['init'])
    const why = 'The loop goes over this place.'
    for (const declarator of asNodes(init?.['declarations'])) {
      const value = asNode(declarator['init'])
      if (value === undefined) continue
      const text = textIn(source, value)
      if (text === '1') found.push(replacing(source, value, { text: '0', what: 'Start the loop at 0', weight: 0.3, why }))
      if (text === '0') found.push(replacing(source, value, { text: '1', what: 'Start the loop at 1', weight: 0.25, why }))
      if (/\.length$/.test(text)) found.push(insertedAt(source, value.end, ' - 1', 'Start the loop at the last index', 0.6, why))
    }
    const update = asNode(above['update'])
    if (update?.type === 'UpdateExpression') {
      const other = update['operator'] === '++' ? '--' : '++'
      found.push(
        replacing(source, update, {
          text: textIn(source, update).replace(/\+\+|--/, other),
          what: 'Let the loop go the other way',
          weight: 0.25,
          why,
        }),
      )
    }
  }
  return found
}
