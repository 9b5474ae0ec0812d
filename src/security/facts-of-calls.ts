import { squeezed, type See, type TextIn } from './fact.js'
import { isIdle } from './literals.js'
import { seeProtection } from './facts-of-safeguards.js'
import { joinedText, lastName } from './script-names.js'
import { childOf, listOf, textOf, type Node, type Place } from './script-tree.js'

/** What a call says: a refusal, a protection, code from text, a module, a test, an assertion. */
export function seeCall(place: Place, see: See, textIn: TextIn): void {
  const { node } = place
  const callee = childOf(node, 'callee')
  const first = listOf(node, 'arguments')[0]
  const name = lastName(callee)
  if (name === undefined || callee === undefined) return
  if (callee.type === 'Import' || (callee.type === 'Identifier' && name === 'require')) seeModuleName(first, see)
  if (name === 'reject' || (callee.type === 'Identifier' && /^(?:assert|invariant)$/.test(name))) see('refusal')
  seeProtection(place, name, see)
  if (name === 'catch' && isIdle(first)) see('swallow')
  if (
    codeNames.has(name) ||
    (name === 'eval' && callee.type !== 'Identifier') ||
    (isTimer.test(name) && first?.type === 'StringLiteral')
  )
    seeCodeFromText(callee, name, see)
  if (name === 'construct' && /^Reflect\.construct\s*\(\s*Function\b/.test(textIn(node))) see('code-from-text')
  if (isTest(callee, name) && first !== undefined && /Literal$/.test(first.type) && callee.type !== 'Import') see('test', first)
  seeAssertion(place, see, textIn)
}

/** Functions made from text. */
export function seeNew({ node }: Place, see: See): void {
  const name = lastName(childOf(node, 'callee'))
  if (name === 'Function' || name === 'AsyncFunction' || name === 'GeneratorFunction') see('code-from-text')
}

/** Every use of the name `eval`, so that handing it on does not hide it. */
export function seeName({ node, parent }: Place, see: See): void {
  if (textOf(node, 'name') !== 'eval') return
  const around = parent?.node
  const isKey =
    around !== undefined &&
    around['computed'] !== true &&
    (childOf(around, 'property') === node || (childOf(around, 'key') === node && around['shorthand'] !== true))
  if (!isKey) see('code-from-text')
}

/** Modules whose name is computed, also from literals. */
export function seeModuleName(source: Node | undefined, see: See): void {
  if (source !== undefined && joinedText(source) === undefined) see('computed-import')
  if (source?.type === 'BinaryExpression' && joinedText(source) !== undefined) see('computed-import')
}

/** A plain `eval` is none of them: {@link seeName} sees it. */
const codeNames = new Set(['Function', 'constructor'])
const isTimer = /^(?:setTimeout|setInterval|setImmediate)$/
const testNames = /^(?:it|test|specify)$/
/** Ways to run a test that run it none the less: `test.serial('…')`. */
const waysToTest = /^(?:serial|sequential|concurrent|only)$/

function isTest(callee: Node, name: string): boolean {
  return testNames.test(name) || (waysToTest.test(name) && testNames.test(lastName(childOf(callee, 'object')) ?? ''))
}

function seeCodeFromText(callee: Node, name: string, see: See): void {
  if (name === 'constructor') {
    // `x.constructor('…')` makes a function only when `x` is one: two steps up, or from a function.
    const object = childOf(callee, 'object')
    if (lastName(object) === 'constructor' || /Function/.test(object?.type ?? '')) see('code-from-text')
    return
  }
  const object = childOf(callee, 'object')
  if (
    object === undefined ||
    /^(?:globalThis|window|global|self|top|this)$/.test(lastName(object) ?? (object.type === 'ThisExpression' ? 'this' : ''))
  )
    see('code-from-text')
}

function seeAssertion({ node, parent }: Place, see: See, textIn: TextIn): void {
  const callee = childOf(node, 'callee')
  if (callee === undefined || parent?.node.type === 'MemberExpression' || parent?.node.type === 'CallExpression') return
  const head = textIn(callee).slice(0, 200)
  if (
    !/^(?:await\s+)?(?:expect|assert|should|chai|t|tap|sinon\.assert)\b|\.should\b/.test(head) ||
    /^t\.(?:context|test|plan|teardown|after|before|comment|end|log|mock)\b/.test(head)
  )
    return
  // That a callback got no error is no more than that it got this far.
  if (head === 't' || lastName(callee) === 'ifError' || /^expect\.(?:extend|any|object|array|string|assertions)/.test(head))
    return
  see('assertion')
  const text = squeezed(textIn(node))
  if (weakMatcher.test(text)) see('weak-assertion')
  if (cannotFail.test(text)) see('empty-assertion')
}

const weakMatcher =
  /\.(?:toBeDefined|toBeTruthy|toBeFalsy|not\.toThrow|not\.toBeNull|not\.toBeUndefined|resolves\.not\.toThrow)\(\)$|\.toBeGreaterThan(?:OrEqual)?\((?:0|-1)\)$|\.toBeInstanceOf\(Object\)$|\.toEqual\(expect\.anything\(\)\)$|\.(?:exist|ok)$|^(?:assert|assert\.ok|t\.ok|t\.truthy)\([^,=<>!]{1,80}\)$/
const cannotFail =
  /^(?:expect\(\s*(true|false|null|undefined|\d+|'[^']*'|"[^"]*")\s*\)\.(?:toBe|toEqual|toStrictEqual|to\.equal|to\.eql|to\.be)\(\s*\1\s*\)|expect\(\s*true\s*\)\.(?:toBeTruthy\(\)|to\.be\.true|to\.be\.ok)|(?:assert|assert\.ok|t\.ok|t\.true|t\.truthy)\(\s*(?:true|1)\s*[,)]|(?:assert|t)\.(?:equal|strictEqual|deepEqual|is)\(\s*(true|false|\d+)\s*,\s*\2\s*[,)])/
