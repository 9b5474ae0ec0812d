import { joinedText } from './script-names.js'
import { childOf, childrenOf, listOf, textOf, type Node } from './script-tree.js'

/** A literal, so that the branch never changes. */
export function isConstant(node: Node): boolean {
  if (node.type === 'BooleanLiteral' || node.type === 'NumericLiteral') return true
  return node.type === 'UnaryExpression' && textOf(node, 'operator') === '!' && isConstant(childOf(node, 'argument') ?? node)
}

/** Whether a value is written out in full: a literal, or a list or an object of nothing else. */
export function isLiteral(node: Node): boolean {
  if (node.type === 'TemplateLiteral') return listOf(node, 'expressions').length === 0
  if (node.type.endsWith('Literal') || (node.type === 'Identifier' && textOf(node, 'name') === 'undefined')) return true
  if (node.type === 'UnaryExpression') return isLiteral(childOf(node, 'argument') ?? node)
  if (node.type === 'ArrayExpression') return listOf(node, 'elements').every(isLiteral)
  return (
    node.type === 'ObjectExpression' &&
    listOf(node, 'properties').every(
      (property) => property.type === 'ObjectProperty' && isLiteral(childOf(property, 'value') ?? property),
    )
  )
}

/** A literal that says something: not nothing, not a small number that base cases end with. */
export function telling(node: Node | undefined): boolean {
  if (node === undefined) return false
  if (node.type === 'UnaryExpression' && /^[+-]$/.test(textOf(node, 'operator') ?? '')) return telling(childOf(node, 'argument'))
  if (node.type === 'StringLiteral' || node.type === 'TemplateLiteral') return (joinedText(node) ?? '').length > 0
  if (node.type === 'BigIntLiteral') return !/^[012]$/.test(textOf(node, 'value') ?? '')
  if (node.type === 'NumericLiteral') return typeof node['value'] === 'number' && Math.abs(node['value']) > 2
  return (node.type === 'ArrayExpression' || node.type === 'ObjectExpression') && childrenOf(node).length > 0 && isLiteral(node)
}

/** Whether a statement returns nothing but a literal. */
export function isConstantReturn(node: Node | undefined): boolean {
  if (node?.type !== 'ReturnStatement') return false
  const value = childOf(node, 'argument')
  return value === undefined || isLiteral(value)
}

/** Whether a statement, or a block of one, returns a literal that says something. */
export function returnsLiteral(node: Node | undefined): boolean {
  const statement =
    node?.type === 'BlockStatement' ? (listOf(node, 'body').length === 1 ? listOf(node, 'body')[0] : undefined) : node
  if (statement?.type !== 'ReturnStatement') return false
  return telling(childOf(statement, 'argument'))
}

/** Whether a boolean decides a condition alone: `… || true`, `… && false`. */
export function isDecisive(node: Node, operator: string | undefined): boolean {
  const truth = operator === '||' ? true : operator === '&&' ? false : undefined
  return truth !== undefined && [childOf(node, 'left'), childOf(node, 'right')].some((side) => truthOf(side) === truth)
}

function truthOf(node: Node | undefined): boolean | undefined {
  if (node?.type === 'BooleanLiteral') return node['value'] === true
  if (node?.type !== 'UnaryExpression' || textOf(node, 'operator') !== '!') return undefined
  const argument = childOf(node, 'argument')
  if (argument?.type === 'NumericLiteral') return argument['value'] === 0
  const inner = truthOf(argument)
  return inner === undefined ? undefined : !inner
}

/** Whether a function does nothing, or only answers with a literal. */
export function isIdle(node: Node | undefined): boolean {
  if (node === undefined) return false
  if (node.type === 'Identifier') return /^(?:noop|_noop)$/.test(textOf(node, 'name') ?? '')
  if (!/Function/.test(node.type)) return false
  const body = childOf(node, 'body')
  if (body?.type !== 'BlockStatement') return body !== undefined && isLiteral(body)
  return listOf(body, 'body').length === 0
}
