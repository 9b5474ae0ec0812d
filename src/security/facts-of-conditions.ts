import type { See, TextIn } from './fact.js'
import { isConstant, isDecisive } from './literals.js'
import { childOf, childrenOf, listOf, textOf, type Node, type Place } from './script-tree.js'

/** What an `if` says: a guard, its clauses, a condition that never changes. */
export function seeIf({ node }: Place, see: See, textIn: TextIn): void {
  const test = childOf(node, 'test')
  if (test === undefined) return
  const consequent = childOf(node, 'consequent')
  if (childOf(node, 'alternate') === undefined && leaves(consequent)) see('guard', test)
  if (childOf(node, 'alternate') === undefined && leavesEmpty(consequent, textIn)) see('refusing-guard', test)
  seeClauses(test, see, textIn)
  if (refuses(consequent)) for (const clause of clausesOf(test)) see('refusal-clause', clause)
  if (isConstant(test)) see('tautology', test)
  else if (!leaves(consequent)) see('condition', test)
}

/** `… || true` and `… && false`, wherever they stand. */
export function seeDecided({ node }: Place, see: See): void {
  if (isDecisive(node, textOf(node, 'operator'))) see('tautology')
}

/** Clauses joined by `&&` and `||`, each by itself. */
export function seeClauses(test: Node | undefined, see: See, textIn: TextIn): void {
  for (const node of clausesOf(test, see)) {
    if (node.end - node.start < 400 && sensitive.test(textIn(node))) see('sensitive-clause', node)
    // What no number exceeds is never true.
    if (/^>=?$/.test(textOf(node, 'operator') ?? '') && textOf(childOf(node, 'right'), 'name') === 'Infinity')
      see('tautology', node)
  }
}

/** The clauses of a condition, at most 200; `see` hears of pairs of which one decides alone. Negations are looked into. */
function clausesOf(test: Node | undefined, see?: See): readonly Node[] {
  const clauses: Node[] = []
  const rest = test === undefined ? [] : [test]
  for (let node = rest.pop(), count = 0; node !== undefined && count < 200; node = rest.pop(), count += 1) {
    const negated = textOf(node, 'operator') === '!' ? childOf(node, 'argument') : undefined
    if (node.type === 'LogicalExpression') {
      const sides = [childOf(node, 'right'), childOf(node, 'left')].filter((side) => side !== undefined)
      const operator = textOf(node, 'operator')
      // Where a boolean decides, {@link seeDecided} sees it.
      if (operator !== '??' && sides.some(isConstant) && !isDecisive(node, operator)) see?.('tautology', node)
      rest.push(...sides)
    } else if (negated?.type === 'LogicalExpression') rest.push(negated)
    else clauses.push(node)
  }
  return clauses
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

function refuses(node: Node | undefined): boolean {
  const last = node?.type === 'BlockStatement' ? listOf(node, 'body').at(-1) : node
  return last?.type === 'ThrowStatement'
}

/** Whether a branch ends by returning nothing, no, or what an error handler answers. */
function leavesEmpty(node: Node | undefined, textIn: TextIn): boolean {
  const last = node?.type === 'BlockStatement' ? listOf(node, 'body').at(-1) : node
  if (last?.type !== 'ReturnStatement') return last?.type === 'ThrowStatement'
  const value = childOf(last, 'argument')
  return (
    value === undefined ||
    /^(?:undefined|null|false|-1|''|""|\[\]|\{\}|next\(\w|reject\(|cb\(\w|callback\(\w|done\(\w|void \w|res\.|reply\.|ctx\.throw|Promise\.reject|new Response|.{0,40}\b(?:[45]\d\d|error|err|fail|invalid|forbidden|unauthori[sz]ed)\b)/i.test(
      textIn(value).slice(0, 120),
    )
  )
}

function leaves(node: Node | undefined): boolean {
  const statements = node?.type === 'BlockStatement' ? listOf(node, 'body') : node === undefined ? [] : [node]
  const last = statements.at(-1)
  return statements.length <= 4 && last !== undefined && /^(?:Return|Throw|Continue|Break)Statement$/.test(last.type)
}

const sensitive =
  /(?:auth|permi[st]|admin|role|token(?!i)|csrf|xsrf|signature|verif|valid|sanit|escap|forbid|allow|owner|owns|session|secret|password|__proto__|prototype|\.\.|max|min|limit|length|size|expire|expiry|origin|safe|trust)/i

/** Whether anything in a loop's body can leave it or let others run; functions inside do not count. */
function canEnd(body: Node | undefined): boolean {
  const rest = body === undefined ? [] : [body]
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (/^(?:Break|Return|Throw)Statement$|^(?:Await|Yield)Expression$/.test(node.type)) return true
    if (!/Function/.test(node.type)) rest.push(...childrenOf(node))
  }
  return false
}
