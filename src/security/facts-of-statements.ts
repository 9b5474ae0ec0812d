import type { See } from './fact.js'
import { isConstantReturn, telling } from './literals.js'
import { childOf, listOf, type Place } from './script-tree.js'

/** What stands behind the end of a block: declarations of functions may, they are known before. */
export function seeBlock({ node }: Place, see: See): void {
  const body = listOf(node, 'body')
  const end = body.findIndex((statement) => /^(?:Return|Throw)Statement$/.test(statement.type))
  const behind = (end < 0 ? [] : body.slice(end + 1)).filter((statement) => !/^(?:Function|TS|Type|Empty)/.test(statement.type))
  // Variables alone may serve functions that are declared below.
  if (behind.some((statement) => statement.type.endsWith('Statement'))) see('unreachable', behind[0])
}

/** Whether a result is written out or computed. */
export function seeReturn({ node }: Place, see: See): void {
  const value = childOf(node, 'argument')
  if (value === undefined) return
  if (!isConstantReturn(node)) see('computed-return')
  else if (telling(value) || value.type === 'BooleanLiteral') see('constant-return')
}

/** Whether a call that stands alone is waited for. Its key is the call. */
export function seeStatement({ node }: Place, see: See): void {
  const expression = childOf(node, 'expression')
  if (expression?.type === 'AwaitExpression') see('awaited-call', childOf(expression, 'argument') ?? expression)
  else if (expression?.type === 'CallExpression') see('floating-call', expression)
}
