import type { See, TextIn } from './fact.js'
import { isConstant, returnsLiteral, telling } from './literals.js'
import { childOf, childrenOf, listOf, textOf, type Node, type Place } from './script-tree.js'

/** What an `if` says: a guard, its clauses, a condition that never changes, a canned answer. */
export function seeIf({ node }: Place, see: See, textIn: TextIn): void {
  const test = childOf(node, 'test')
  if (test === undefined) return
  const consequent = childOf(node, 'consequent')
  if (childOf(node, 'alternate') === undefined && leaves(consequent)) see('guard', test)
  seeClauses(test, see, textIn)
  if (isConstant(test)) see('tautology', test)
  if (
    test.type === 'BinaryExpression' &&
    returnsLiteral(consequent) &&
    telling(childOf(test, 'right')) &&
    textOf(childOf(test, 'left'), 'type') !== 'UnaryExpression'
  )
    see('canned-answer')
}

/** Clauses joined by `&&` and `||`, each by itself. */
export function seeClauses(test: Node | undefined, see: See, textIn: TextIn): void {
  const rest = test === undefined ? [] : [test]
  for (let node = rest.pop(), count = 0; node !== undefined && count < 200; node = rest.pop(), count += 1) {
    if (node.type === 'LogicalExpression') {
      const [left, right] = [childOf(node, 'left'), childOf(node, 'right')]
      if (right !== undefined && isConstant(right) && textOf(node, 'operator') !== '??') see('tautology', node)
      if (right !== undefined) rest.push(right)
      if (left !== undefined) rest.push(left)
    } else if (node.end - node.start < 400 && sensitive.test(textIn(node))) {
      see('sensitive-clause', node)
    }
  }
}

/** Comparisons by value, strict or loose; with `null` the loose one is meant. */
export function seeComparison({ node }: Place, see: See): void {
  const operator = textOf(node, 'operator')
  const operands = [childOf(node, 'left'), childOf(node, 'right')]
  if (operands.some((operand) => operand?.type === 'NullLiteral')) return
  if (operator === '===' || operator === '!==') see('strict-comparison')
  if (operator === '==' || operator === '!=') see('loose-comparison')
}

/** What a loop says: the clauses of its condition, and whether it can end. */
export function seeLoop({ node }: Place, see: See, textIn: TextIn): void {
  const test = childOf(node, 'test')
  if (test !== undefined) seeClauses(test, see, textIn)
  const endless = test === undefined ? node.type === 'ForStatement' : isConstant(test) && !/^(?:false|0)$/.test(textIn(test))
  if (endless && !canEnd(childOf(node, 'body'))) see('endless-loop')
}

function leaves(node: Node | undefined): boolean {
  const statements = node?.type === 'BlockStatement' ? listOf(node, 'body') : node === undefined ? [] : [node]
  const last = statements.at(-1)
  return statements.length <= 4 && last !== undefined && /^(?:Return|Throw|Continue|Break)Statement$/.test(last.type)
}

const sensitive =
  /(?:auth|permi[st]|admin|role|token|csrf|xsrf|signature|verif|valid|sanit|escap|forbid|allow|owner|owns|session|secret|password|__proto__|prototype|\.\.|max|min|limit|length|size|expire|expiry|origin|safe|trust)/i

/** Whether anything in a loop's body can leave it or let others run; functions inside do not count. */
function canEnd(body: Node | undefined): boolean {
  const rest = body === undefined ? [] : [body]
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (/^(?:Break|Return|Throw)Statement$|^(?:Await|Yield)Expression$/.test(node.type)) return true
    if (!/Function/.test(node.type)) rest.push(...childrenOf(node))
  }
  return false
}
