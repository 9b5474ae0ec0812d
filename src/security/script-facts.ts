import type { Side } from './side.js'
import { childOf, childrenOf, listOf, textOf, walk, type Node, type Place } from './script-tree.js'

export const factKinds = [
  /** `throw`, and calls of `reject` and `assert` outside tests. */
  'refusal',
  /** An `if` without `else` that leaves: returns, throws, continues. */
  'guard',
  /** A part of a condition that is about rights, validity or limits. */
  'sensitive-clause',
  /** A call that validates, escapes, verifies or authorises. */
  'protection',
  /** A condition that is always the same: `if (true)`, `ok || true`. */
  'tautology',
  'strict-comparison',
  'loose-comparison',
  'try',
  /** A `catch` that does nothing, or a rejection that nobody hears. */
  'swallow',
  /** A `catch` that only answers with a constant. */
  'soft-swallow',
  'assertion',
  'weak-assertion',
  /** An assertion that cannot fail. */
  'empty-assertion',
  'test',
  /** Code from text: `eval`, `Function`, also by computed names. */
  'code-from-text',
  /** A module whose name is computed. */
  'computed-import',
  'endless-loop',
  /** `if (parameter === 'literal') return 'literal'`. */
  'canned-answer',
  /** A function whose whole body returns a constant. */
  'constant-function',
  'function',
  /** Writes into the prototype of everybody, or copies keys by recursion without a look at `__proto__`. */
  'prototype-write',
] as const
export type FactKind = (typeof factKinds)[number]

/** Something that the code of one side does, and where. */
export interface Fact {
  readonly kind: FactKind
  /** Equal for equal doings: the text, white space squeezed. */
  readonly key: string
  /** The names of the functions and classes around it, joined by dots, a function's own name included; `''` at the top. */
  readonly scope: string
  readonly start: number
  readonly end: number
}

/** What the syntax trees of a side say; `undefined` when it does not parse. */
export function factsOf(side: Side): readonly Fact[] | undefined {
  const known = remembered.get(side)
  if (known !== undefined || side.trees === undefined) return known
  const facts: Fact[] = []
  for (const { root, offset } of side.trees) {
    walk(root, (place) => {
      const start = place.node.start + offset
      // Nodes of the surroundings that a fragment was parsed in are not part of the file.
      if (start < Math.max(0, offset)) return
      const see: See = (kind, node = place.node) => {
        const from = Math.max(0, node.start + offset)
        const end = Math.min(side.text.length, node.end + offset)
        facts.push({ kind, key: squeezed(side.text.slice(from, end)), scope: scopeOf(kind === 'function' ? place : place.parent), start: from, end })
      }
      const textIn = (node: Node): string => side.text.slice(Math.max(0, node.start + offset), node.end + offset)
      detectors.get(place.node.type)?.(place, see, textIn)
    })
  }
  remembered.set(side, facts)
  return facts
}

/** Blanks and line ends squeezed to one blank; at most 300 characters. */
export function squeezed(text: string): string {
  return text.slice(0, 600).replace(/\s+/g, ' ').trim().slice(0, 300)
}

const remembered = new WeakMap<Side, readonly Fact[]>()

type See = (kind: FactKind, node?: Node) => void
type TextIn = (node: Node) => string
type Detector = (place: Place, see: See, textIn: TextIn) => void

const detectors = new Map<string, Detector>([
  ['ThrowStatement', (_, see) => see('refusal')],
  ['IfStatement', seeIf],
  ['ConditionalExpression', ({ node }, see, textIn) => seeClauses(childOf(node, 'test'), see, textIn)],
  ['WhileStatement', seeLoop],
  ['ForStatement', seeLoop],
  ['DoWhileStatement', seeLoop],
  ['BinaryExpression', seeComparison],
  ['TryStatement', (_, see) => see('try')],
  ['CatchClause', seeCatch],
  ['CallExpression', seeCall],
  ['OptionalCallExpression', seeCall],
  ['NewExpression', seeNew],
  ['ImportExpression', ({ node }, see) => seeModuleName(childOf(node, 'source'), see)],
  ['AssignmentExpression', seeAssignment],
  ['Identifier', seeName],
  ...['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'ObjectMethod', 'ClassMethod', 'ClassPrivateMethod'].map((type): [string, Detector] => [type, seeFunction]),
])

function seeIf({ node }: Place, see: See, textIn: TextIn): void {
  const test = childOf(node, 'test')
  if (test === undefined) return
  const consequent = childOf(node, 'consequent')
  if (childOf(node, 'alternate') === undefined && leaves(consequent)) see('guard', test)
  seeClauses(test, see, textIn)
  if (isConstant(test)) see('tautology', test)
  if (test.type === 'BinaryExpression' && returnsLiteral(consequent) && telling(childOf(test, 'right')) && textOf(childOf(test, 'left'), 'type') !== 'UnaryExpression') see('canned-answer')
}

function leaves(node: Node | undefined): boolean {
  const statements = node?.type === 'BlockStatement' ? listOf(node, 'body') : node === undefined ? [] : [node]
  const last = statements.at(-1)
  return statements.length <= 4 && last !== undefined && /^(?:Return|Throw|Continue|Break)Statement$/.test(last.type)
}

/** Clauses joined by `&&` and `||`, each by itself. */
function seeClauses(test: Node | undefined, see: See, textIn: TextIn): void {
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

const sensitive = /(?:auth|permi[st]|admin|role|token|csrf|xsrf|signature|verif|valid|sanit|escap|forbid|allow|owner|owns|session|secret|password|__proto__|prototype|\.\.|max|min|limit|length|size|expire|expiry|origin|safe|trust)/i

/** A literal, so that the branch never changes. */
function isConstant(node: Node): boolean {
  if (node.type === 'BooleanLiteral' || node.type === 'NumericLiteral') return true
  return node.type === 'UnaryExpression' && textOf(node, 'operator') === '!' && isConstant(childOf(node, 'argument') ?? node)
}

function seeComparison({ node }: Place, see: See): void {
  const operator = textOf(node, 'operator')
  const operands = [childOf(node, 'left'), childOf(node, 'right')]
  if (operands.some((operand) => operand?.type === 'NullLiteral')) return
  if (operator === '===' || operator === '!==') see('strict-comparison')
  if (operator === '==' || operator === '!=') see('loose-comparison')
}

function seeCatch({ node }: Place, see: See): void {
  const body = listOf(childOf(node, 'body'), 'body')
  if (body.length === 0) see('swallow')
  else if (body.length === 1 && isConstantReturn(body[0])) see('soft-swallow')
}

function isConstantReturn(node: Node | undefined): boolean {
  if (node?.type !== 'ReturnStatement') return false
  const value = childOf(node, 'argument')
  return value === undefined || isLiteral(value)
}

function returnsLiteral(node: Node | undefined): boolean {
  const statement = node?.type === 'BlockStatement' ? (listOf(node, 'body').length === 1 ? listOf(node, 'body')[0] : undefined) : node
  if (statement?.type !== 'ReturnStatement') return false
  return telling(childOf(statement, 'argument'))
}

/** A literal that says something: not nothing, not a small number that base cases end with. */
function telling(node: Node | undefined): boolean {
  if (node === undefined) return false
  if (node.type === 'StringLiteral') return (textOf(node, 'value') ?? '').length > 0
  if (node.type === 'NumericLiteral') return typeof node['value'] === 'number' && Math.abs(node['value']) > 2
  return (node.type === 'ArrayExpression' || node.type === 'ObjectExpression') && childrenOf(node).length > 0 && isLiteral(node)
}

function isLiteral(node: Node): boolean {
  if (node.type === 'TemplateLiteral') return listOf(node, 'expressions').length === 0
  if (node.type.endsWith('Literal') || (node.type === 'Identifier' && textOf(node, 'name') === 'undefined')) return true
  if (node.type === 'UnaryExpression') return isLiteral(childOf(node, 'argument') ?? node)
  if (node.type === 'ArrayExpression') return listOf(node, 'elements').every(isLiteral)
  return node.type === 'ObjectExpression' && listOf(node, 'properties').every((property) => property.type === 'ObjectProperty' && isLiteral(childOf(property, 'value') ?? property))
}

function seeLoop({ node }: Place, see: See, textIn: TextIn): void {
  const test = childOf(node, 'test')
  if (test !== undefined) seeClauses(test, see, textIn)
  const endless = test === undefined ? node.type === 'ForStatement' : isConstant(test) && !/^(?:false|0)$/.test(textIn(test))
  if (endless && !canEnd(childOf(node, 'body'))) see('endless-loop')
}

/** Whether anything in a loop's body can leave it or let others run; functions inside do not count. */
function canEnd(body: Node | undefined): boolean {
  const rest = body === undefined ? [] : [body]
  for (let node = rest.pop(); node !== undefined; node = rest.pop()) {
    if (/^(?:Break|Return|Throw)Statement$|^(?:Await|Yield)Expression$/.test(node.type)) return true
    if (!/Function/.test(node.type)) rest.push(...childrenOf(node))
  }
  return false
}

function seeCall(place: Place, see: See, textIn: TextIn): void {
  const { node } = place
  const callee = childOf(node, 'callee')
  const first = listOf(node, 'arguments')[0]
  const name = lastName(callee)
  if (name === undefined || callee === undefined) return
  if (callee.type === 'Import' || (callee.type === 'Identifier' && name === 'require')) seeModuleName(first, see)
  if (name === 'reject' || (callee.type === 'Identifier' && /^(?:assert|invariant)$/.test(name))) see('refusal')
  if (protecting.test(name)) see('protection')
  if (name === 'catch' && isIdle(first)) see('swallow')
  if (codeNames.has(name) || (name === 'eval' && callee.type !== 'Identifier') || (isTimer.test(name) && first?.type === 'StringLiteral')) seeCodeFromText(callee, name, see)
  if (name === 'construct' && /^Reflect\.construct\s*\(\s*Function\b/.test(textIn(node))) see('code-from-text')
  if (testNames.test(name) && first !== undefined && /Literal$/.test(first.type) && callee.type !== 'Import') see('test', first)
  seeAssertion(place, see, textIn)
}

const protecting = /^(?:validate|sanitize|sanitise|escape|verify|authori[sz]e|authenticate|require(?:Auth|Login|User|Role|Admin|Permission)|is(?:Authenticated|Authori[sz]ed|Allowed|Valid|Safe)|ensure|check(?:Auth|Permission|Access|Token|Csrf|Signature)|csrf|helmet|rateLimit|safeParse|timingSafeEqual|encodeURIComponent|hasOwn)/i
/** A plain `eval` is seen wherever its name is used, so that handing it on does not hide it. */
const codeNames = new Set(['Function', 'constructor'])
const isTimer = /^(?:setTimeout|setInterval|setImmediate)$/
const testNames = /^(?:it|test|specify)$/

/** The rightmost name of a callee; names put together from literals are read too. */
function lastName(callee: Node | undefined): string | undefined {
  if (callee?.type === 'Identifier') return textOf(callee, 'name')
  if (callee?.type === 'Import') return 'import'
  if (callee?.type === 'SequenceExpression') return lastName(listOf(callee, 'expressions').at(-1))
  if (callee?.type === 'ParenthesizedExpression') return lastName(childOf(callee, 'expression'))
  if (callee?.type !== 'MemberExpression' && callee?.type !== 'OptionalMemberExpression') return undefined
  const property = childOf(callee, 'property')
  return callee['computed'] === true ? joinedText(property) : textOf(property, 'name')
}

/** The text of a string, or of strings put together by `+`. */
function joinedText(node: Node | undefined): string | undefined {
  if (node?.type === 'StringLiteral') return textOf(node, 'value')
  if (node?.type === 'TemplateLiteral' && listOf(node, 'expressions').length === 0) {
    const cooked = listOf(node, 'quasis')[0]?.['value']
    return typeof cooked === 'object' && cooked !== null && 'cooked' in cooked && typeof cooked.cooked === 'string' ? cooked.cooked : undefined
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

function seeCodeFromText(callee: Node, name: string, see: See): void {
  if (name === 'constructor') {
    // `x.constructor('…')` makes a function only when `x` is one: two steps up, or from a function.
    const object = childOf(callee, 'object')
    if (lastName(object) === 'constructor' || /Function/.test(object?.type ?? '')) see('code-from-text')
    return
  }
  const object = childOf(callee, 'object')
  if (object === undefined || /^(?:globalThis|window|global|self|top|this)$/.test(lastName(object) ?? (object.type === 'ThisExpression' ? 'this' : ''))) see('code-from-text')
}

function seeNew({ node }: Place, see: See): void {
  const name = lastName(childOf(node, 'callee'))
  if (name === 'Function' || name === 'AsyncFunction' || name === 'GeneratorFunction') see('code-from-text')
}

function seeModuleName(source: Node | undefined, see: See): void {
  if (source !== undefined && joinedText(source) === undefined) see('computed-import')
  if (source?.type === 'BinaryExpression' && joinedText(source) !== undefined) see('computed-import')
}

function seeName({ node, parent }: Place, see: See): void {
  if (textOf(node, 'name') !== 'eval') return
  const around = parent?.node
  const isKey = around !== undefined && around['computed'] !== true && (childOf(around, 'property') === node || (childOf(around, 'key') === node && around['shorthand'] !== true))
  if (!isKey) see('code-from-text')
}

function isIdle(node: Node | undefined): boolean {
  if (node === undefined) return false
  if (node.type === 'Identifier') return /^(?:noop|_noop)$/.test(textOf(node, 'name') ?? '')
  if (!/Function/.test(node.type)) return false
  const body = childOf(node, 'body')
  if (body?.type !== 'BlockStatement') return body !== undefined && isLiteral(body)
  return listOf(body, 'body').length === 0
}

function seeAssertion({ node, parent }: Place, see: See, textIn: TextIn): void {
  const callee = childOf(node, 'callee')
  if (callee === undefined || parent?.node.type === 'MemberExpression' || parent?.node.type === 'CallExpression') return
  const head = textIn(callee).slice(0, 200)
  if (!/^(?:await\s+)?(?:expect|assert|should|chai|t|tap|sinon\.assert)\b|\.should\b/.test(head) || /^t\.(?:context|test|plan|teardown|after|before|comment|end|log|mock)\b/.test(head)) return
  if (head === 't' || /^expect\.(?:extend|any|object|array|string|assertions)/.test(head)) return
  see('assertion')
  const text = squeezed(textIn(node))
  if (weakMatcher.test(text)) see('weak-assertion')
  if (cannotFail.test(text)) see('empty-assertion')
}

const weakMatcher = /\.(?:toBeDefined|toBeTruthy|toBeFalsy|not\.toThrow|not\.toBeNull|not\.toBeUndefined|resolves\.not\.toThrow)\(\)$|\.(?:exist|ok)$|^(?:assert|assert\.ok|t\.ok|t\.truthy)\([^,=<>!]{1,80}\)$/
const cannotFail = /^(?:expect\(\s*(true|false|null|undefined|\d+|'[^']*'|"[^"]*")\s*\)\.(?:toBe|toEqual|toStrictEqual|to\.equal|to\.eql|to\.be)\(\s*\1\s*\)|expect\(\s*true\s*\)\.(?:toBeTruthy\(\)|to\.be\.true|to\.be\.ok)|(?:assert|assert\.ok|t\.ok|t\.true|t\.truthy)\(\s*(?:true|1)\s*[,)]|(?:assert|t)\.(?:equal|strictEqual|deepEqual|is)\(\s*(true|false|\d+)\s*,\s*\2\s*[,)])/

function seeAssignment({ node }: Place, see: See): void {
  const left = childOf(node, 'left')
  if (left?.type !== 'MemberExpression') return
  const object = childOf(left, 'object')
  const property = lastName(left)
  if (property === '__proto__' || lastName(object) === '__proto__') see('prototype-write')
  else if (lastName(object) === 'prototype' && builtIns.has(textOf(childOf(object, 'object'), 'name') ?? '')) see('prototype-write')
}

const builtIns = new Set(['Object', 'Array', 'String', 'Number', 'Boolean', 'Function', 'Promise', 'RegExp', 'Date', 'Map', 'Set', 'Error'])

function seeFunction(place: Place, see: See, textIn: TextIn): void {
  const { node } = place
  const name = nameOf(place)
  if (name === undefined) return
  see('function')
  const body = childOf(node, 'body')
  const statements = listOf(body, 'body')
  if (statements.length === 1 && isConstantReturn(statements[0])) see('constant-function')
  if (body !== undefined && copiesKeysDeeply(textIn(body).slice(0, 4_000), name)) see('prototype-write')
}

/** A recursive merge or copy by keys that would also follow `__proto__`. */
function copiesKeysDeeply(body: string, name: string): boolean {
  if (!/\bfor\s*\(\s*(?:const|let|var)\s+\w+\s+(?:in|of)\b|\.forEach\(/.test(body) || !/\w\[(\w+)\]\s*=[^=]/.test(body)) return false
  return new RegExp(`(?:^|[^\\w$.])${name.replace(/\$/g, '\\$')}\\s*\\(`).test(body) && !/__proto__|constructor|hasOwn|Object\.create\(null\)|new Map/.test(body)
}

/** The names of functions and classes around a place, joined by `.`. */
function scopeOf(place: Place | undefined): string {
  const names: string[] = []
  for (let up = place; up !== undefined && names.length < 20; up = up.parent) {
    const name = nameOf(up)
    if (name !== undefined) names.unshift(name)
  }
  return names.join('.')
}

/** What a function or class is called where it stands: by itself, its variable or its key. */
function nameOf({ node, parent }: Place): string | undefined {
  if (!/Function|Method|^Class(?:Declaration|Expression)$/.test(node.type)) return undefined
  const key = childOf(node, 'key')
  const own = textOf(childOf(node, 'id'), 'name') ?? textOf(key?.type === 'PrivateName' ? childOf(key, 'id') : key, 'name')
  if (own !== undefined) return own === '_' ? undefined : own
  if (parent?.node.type === 'VariableDeclarator') return textOf(childOf(parent.node, 'id'), 'name')
  if (parent?.node.type === 'ObjectProperty' || parent?.node.type === 'ClassProperty') return textOf(childOf(parent.node, 'key'), 'name')
  if (parent?.node.type === 'AssignmentExpression') return lastName(childOf(parent.node, 'left'))
  return undefined
}
