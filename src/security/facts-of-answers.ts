import type { See } from './fact.js'
import { isLiteral, returnsLiteral, telling } from './literals.js'
import { lastName } from './script-names.js'
import { childOf, listOf, textOf, type Node, type Place } from './script-tree.js'

/** `if (name === 'tea') return 450`, and the same turned round. */
export function seeCannedBranch({ node }: Place, see: See): void {
  const asked = questionOf(childOf(node, 'test'))
  if (asked !== undefined && returnsLiteral(childOf(node, asked))) see('canned-answer')
}

/** `return name === 'tea' ? 450 : price(name)`, and the same turned round. */
export function seeCannedChoice({ node, parent }: Place, see: See): void {
  const asked = isAnswer(node, parent) ? questionOf(childOf(node, 'test')) : undefined
  if (asked === undefined) return
  const other = childOf(node, asked === 'consequent' ? 'alternate' : 'consequent')
  if (telling(childOf(node, asked)) && other !== undefined && !isLiteral(other)) see('canned-answer')
}

/** `case 'tea': return 450`. */
export function seeCannedCase({ node }: Place, see: See): void {
  const body = listOf(node, 'consequent')
  if (isSpecific(childOf(node, 'test')) && body.length === 1 && returnsLiteral(body[0])) see('canned-answer')
}

/** `return (name === 'tea' && 450) || price(name)`, and `return { tea: 450 }[name] ?? price(name)`. */
export function seeCannedShortcut({ node, parent }: Place, see: See): void {
  if (textOf(node, 'operator') === '&&' || !isAnswer(node, parent)) return
  const left = childOf(node, 'left')
  const right = childOf(node, 'right')
  if (left === undefined || right === undefined || isLiteral(right)) return
  const chosen = left.type === 'LogicalExpression' && textOf(left, 'operator') === '&&'
  if (chosen && questionOf(childOf(left, 'left')) === 'consequent' && telling(childOf(left, 'right'))) see('canned-answer')
  if (left.type === 'MemberExpression' && left['computed'] === true && telling(childOf(left, 'object'))) see('canned-answer')
}

/** Whether the value of an expression is what a function returns. */
function isAnswer(node: Node, parent: Place | undefined): boolean {
  const up = parent?.node
  if (up?.type === 'ConditionalExpression' && childOf(up, 'test') !== node) return isAnswer(up, parent?.parent)
  return up?.type === 'ReturnStatement' || (up?.type === 'ArrowFunctionExpression' && childOf(up, 'body') === node)
}

/** Which branch is for one value alone: that of a test with a clause that compares with a literal which says something. */
function questionOf(test: Node | undefined): 'consequent' | 'alternate' | undefined {
  const rest = test === undefined ? [] : [test]
  for (let node = rest.pop(), count = 0; node !== undefined && count < clausesMax; node = rest.pop(), count += 1) {
    const branch = branchOf(node)
    if (branch !== undefined) return branch
    if (node.type === 'LogicalExpression')
      rest.push(...[childOf(node, 'right'), childOf(node, 'left')].filter((side) => side !== undefined))
  }
  return undefined
}

const clausesMax = 50

function branchOf(clause: Node): 'consequent' | 'alternate' | undefined {
  if (clause.type === 'CallExpression')
    return sameness.test(lastName(childOf(clause, 'callee')) ?? '') && listOf(clause, 'arguments').some(telling)
      ? 'consequent'
      : undefined
  if (clause.type !== 'BinaryExpression') return undefined
  const operator = textOf(clause, 'operator') ?? ''
  const left = childOf(clause, 'left')
  const right = childOf(clause, 'right')
  if (isTypeQuestion(left) || isTypeQuestion(right)) return undefined
  if (/^[!=]==?$/.test(operator) && (isSpecific(left) || isSpecific(right)))
    return operator.startsWith('=') ? 'consequent' : 'alternate'
  return /^[<>]=?$/.test(operator) && telling(right) ? 'consequent' : undefined
}

const sameness = /^(?:is)?(?:deep)?(?:strict)?(?:equals?|same)(?:value|to)?$|^isDeepStrictEqual$|^Object\.is$/i

/** A value that one input in many has: neither empty, nor the zero and one that base cases end with. */
function isSpecific(node: Node | undefined): boolean {
  return telling(node) || (node?.type === 'NumericLiteral' && node['value'] === 2)
}

/** The kinds of values are few: asking for one is no question about a single value. */
function isTypeQuestion(node: Node | undefined): boolean {
  return node?.type === 'UnaryExpression' && textOf(node, 'operator') === 'typeof'
}
