import { childOf, listOf, textOf, type Node, type Place } from './script-tree.js'

/** The rightmost name of a callee; names put together from literals are read too. */
export function lastName(callee: Node | undefined): string | undefined {
  if (callee?.type === 'Identifier') return textOf(callee, 'name')
  if (callee?.type === 'Import') return 'import'
  if (callee?.type === 'SequenceExpression') return lastName(listOf(callee, 'expressions').at(-1))
  if (callee?.type === 'ParenthesizedExpression') return lastName(childOf(callee, 'expression'))
  if (callee?.type !== 'MemberExpression' && callee?.type !== 'OptionalMemberExpression') return undefined
  const property = childOf(callee, 'property')
  return callee['computed'] === true ? joinedText(property) : textOf(property, 'name')
}

/** The text of a string, or of strings put together by `+`. */
export function joinedText(node: Node | undefined): string | undefined {
  if (node?.type === 'StringLiteral') return textOf(node, 'value')
  if (node?.type === 'TemplateLiteral' && listOf(node, 'expressions').length === 0) {
    const cooked = listOf(node, 'quasis')[0]?.['value']
    return typeof cooked === 'object' && cooked !== null && 'cooked' in cooked && typeof cooked.cooked === 'string'
      ? cooked.cooked
      : undefined
  }
  if (node?.type !== 'BinaryExpression' || textOf(node, 'operator') !== '+') return undefined
  // A chain of `+` leans to the left: gathered from its right end without recursion on the left.
  const parts: string[] = []
  let rest: Node | undefined = node
  for (let depth = 0; rest?.type === 'BinaryExpression' && depth < 100; depth += 1) {
    const right = childOf(rest, 'right')
    if (right?.type !== 'StringLiteral') return undefined
    parts.unshift(textOf(right, 'value') ?? '')
    rest = childOf(rest, 'left')
  }
  return rest?.type === 'StringLiteral' ? (textOf(rest, 'value') ?? '') + parts.join('') : undefined
}

/** The names of functions and classes around a place, joined by `.`. */
export function scopeOf(place: Place | undefined): string {
  const names: string[] = []
  let steps = 0
  for (let up = place; up !== undefined && names.length < 20 && steps < climbMax; up = up.parent) {
    steps += 1
    const name = nameOf(up)
    if (name !== undefined) names.unshift(name)
  }
  return names.join('.')
}

/** Steps up from a place: a chain of a hundred thousand calls is as deep, and each of them asks. */
const climbMax = 300

/** What a function or class is called where it stands: by itself, its variable or its key. */
export function nameOf({ node, parent }: Place): string | undefined {
  if (!/Function|Method|^Class(?:Declaration|Expression)$/.test(node.type)) return undefined
  const key = childOf(node, 'key')
  const own = textOf(childOf(node, 'id'), 'name') ?? textOf(key?.type === 'PrivateName' ? childOf(key, 'id') : key, 'name')
  if (own !== undefined) return own === '_' ? undefined : own
  if (parent?.node.type === 'VariableDeclarator') return textOf(childOf(parent.node, 'id'), 'name')
  if (parent?.node.type === 'ObjectProperty' || parent?.node.type === 'ClassProperty')
    return textOf(childOf(parent.node, 'key'), 'name')
  if (parent?.node.type === 'AssignmentExpression') return lastName(childOf(parent.node, 'left'))
  return undefined
}
