import type { See, TextIn } from './fact.js'
import { isConstantReturn, isLiteral } from './literals.js'
import { lastName, nameOf } from './script-names.js'
import { childOf, listOf, textOf, type Node, type Place } from './script-tree.js'

/** What a named function says: that it is there, that it is constant, that it copies keys without a guard. */
export function seeFunction(place: Place, see: See, textIn: TextIn): void {
  const { node } = place
  const name = nameOf(place)
  if (name === undefined) return
  see('function')
  const body = childOf(node, 'body')
  if (isConstantBody(body) && !takesFields(place.node)) see('constant-function')
  if (body !== undefined && copiesKeysDeeply(textIn(body).slice(0, 4_000), name)) see('prototype-write')
}

/** Nothing at all, or nothing but a literal that is returned. */
function isConstantBody(body: Node | undefined): boolean {
  if (body === undefined) return false
  if (body.type !== 'BlockStatement') return isLiteral(body)
  const statements = listOf(body, 'body')
  return statements.length === 0 || (statements.length === 1 && isConstantReturn(statements[0]))
}

/** A constructor of TypeScript whose parameters are fields does its work without a body. */
function takesFields(node: Node): boolean {
  return listOf(node, 'params').some(({ type }) => type === 'TSParameterProperty')
}

/** A `catch` that does nothing, or only answers with a constant. */
export function seeCatch({ node }: Place, see: See): void {
  const body = listOf(childOf(node, 'body'), 'body')
  if (body.length === 0) see('swallow')
  else if (body.length === 1 && isConstantReturn(body[0])) see('soft-swallow')
}

/** That a named class is there: what stands in it directly belongs to it. */
export function seeClass(place: Place, see: See): void {
  if (nameOf(place) !== undefined) see('function')
}

/** A `try`, and whether an assertion inside of it can fail. */
export function seeTry({ node }: Place, see: See, textIn: TextIn): void {
  see('try')
  const handler = childOf(node, 'handler')
  const body = childOf(handler, 'body')
  const block = childOf(node, 'block')
  if (body === undefined || block === undefined || listOf(body, 'body').length > 0) return
  if (/(?<![\w$.])(?:expect|assert)\s*[.(]|(?<![\w$.])t\s*\.\s*\w{2,20}\s*\(/.test(textIn(block).slice(0, 4_000)))
    see('swallowed-assertion')
}

/** Writes into prototypes that everybody shares. */
export function seeAssignment({ node }: Place, see: See): void {
  const left = childOf(node, 'left')
  if (left?.type !== 'MemberExpression') return
  const object = childOf(left, 'object')
  const property = lastName(left)
  if (property === '__proto__' || lastName(object) === '__proto__') see('prototype-write')
  else if (lastName(object) === 'prototype' && builtIns.has(textOf(childOf(object, 'object'), 'name') ?? ''))
    see('prototype-write')
}

const builtIns = new Set([
  'Object',
  'Array',
  'String',
  'Number',
  'Boolean',
  'Function',
  'Promise',
  'RegExp',
  'Date',
  'Map',
  'Set',
  'Error',
])

/** A recursive merge or copy by keys that would also follow `__proto__`. */
function copiesKeysDeeply(body: string, name: string): boolean {
  if (!/\bfor\s*\(\s*(?:const|let|var)\s+\w+\s+(?:in|of)\b|\.forEach\(/.test(body) || !/\w\[(\w+)\]\s*=[^=]/.test(body))
    return false
  return (
    new RegExp(`(?:^|[^\\w$.])${name.replace(/\$/g, '\\$')}\\s*\\(`).test(body) &&
    !/__proto__|constructor|hasOwn|Object\.create\(null\)|new Map/.test(body)
  )
}
