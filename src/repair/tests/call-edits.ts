import { insertAt, replaceNode, type SingleEdit } from './single-edit.js'
import type { Symptom } from './symptom.js'
import { isFunction, type SyntaxNode } from '../code/syntax-node.js'
import { nameOf, nodeIn, nodesIn, wordIn, type Placed } from './syntax-tree.js'

/** What the project calls and reads elsewhere: a lost or mistaken call is most often one that is made next door. */
export interface CallWords {
  /** Methods called without arguments, by how often. */
  readonly bareMethods: ReadonlyMap<string, number>
  /** Functions called with one argument (`Math.abs`, `Number`, `normalize`), by how often. */
  readonly wrappers: ReadonlyMap<string, number>
  /** Names of members that are read, by how often. */
  readonly members: ReadonlyMap<string, number>
  /** Functions of the file or imported into it that nothing calls: a call of them may have been lost. */
  readonly unused: readonly string[]
  /** Names of functions that the project declares as `async`. */
  readonly asyncNames: ReadonlySet<string>
}

/** Methods and members that are mistaken for each other. */
const confusions: readonly (readonly string[])[] = [
  ['min', 'max'],
  ['floor', 'ceil', 'round', 'trunc'],
  ['push', 'unshift'],
  ['pop', 'shift'],
  ['startsWith', 'endsWith', 'includes'],
  ['indexOf', 'lastIndexOf'],
  ['findIndex', 'findLastIndex'],
  ['find', 'findLast', 'filter'],
  ['every', 'some'],
  ['map', 'filter', 'flatMap', 'forEach'],
  ['reduce', 'reduceRight'],
  ['keys', 'values', 'entries'],
  ['trim', 'trimStart', 'trimEnd'],
  ['toLowerCase', 'toUpperCase'],
  ['toLocaleLowerCase', 'toLocaleUpperCase'],
  ['padStart', 'padEnd'],
  ['slice', 'substring', 'splice', 'substr'],
  ['replace', 'replaceAll'],
  ['match', 'matchAll', 'test', 'exec'],
  ['charAt', 'charCodeAt', 'codePointAt'],
  ['fromCharCode', 'fromCodePoint'],
  ['parseInt', 'parseFloat', 'Number'],
  ['get', 'has', 'set', 'add', 'delete'],
  ['call', 'apply'],
  ['all', 'allSettled', 'any', 'race'],
  ['resolve', 'reject'],
  ['concat', 'push'],
  ['freeze', 'seal'],
  ['encodeURIComponent', 'encodeURI'],
  ['decodeURIComponent', 'decodeURI'],
  ['isNaN', 'isFinite', 'isInteger', 'isSafeInteger'],
  ['sqrt', 'cbrt', 'abs'],
  ['sin', 'cos', 'tan'],
  ['log', 'log2', 'log10'],
  ['toFixed', 'toPrecision', 'toString'],
  ['getFullYear', 'getUTCFullYear'],
  ['getMonth', 'getUTCMonth'],
  ['getDate', 'getUTCDate', 'getDay', 'getUTCDay'],
  ['getHours', 'getUTCHours'],
  ['getMinutes', 'getUTCMinutes'],
  ['start', 'end'],
  ['first', 'last'],
  ['left', 'right'],
  ['width', 'height'],
  ['key', 'value'],
  ['x', 'y'],
  ['before', 'after'],
  ['prefix', 'suffix'],
  ['prev', 'next', 'previous'],
  ['from', 'to'],
  ['length', 'size'],
  ['MAX_VALUE', 'MIN_VALUE'],
  ['MAX_SAFE_INTEGER', 'MIN_SAFE_INTEGER'],
]

/** They do nearly the same, so that one in place of another often hides that its arguments are wrong. */
const cutters = new Set(['slice', 'substring', 'substr'])

const confusedWith: ReadonlyMap<string, readonly string[]> = (() => {
  const map = new Map<string, string[]>()
  for (const group of confusions)
    for (const name of group) map.set(name, [...(map.get(name) ?? []), ...group.filter((other) => other !== name)])
  return map
})()

/** Members that read well on either side, though only one of them is a method of the language. */
const plainMembers = new Set([
  'start',
  'end',
  'first',
  'last',
  'left',
  'right',
  'width',
  'height',
  'key',
  'value',
  'x',
  'y',
  'before',
  'after',
  'prefix',
  'suffix',
  'prev',
  'next',
  'previous',
  'from',
  'to',
])

/** Another method, a call more, an `await` more, arguments in another order. */
export function callEdits(placed: Placed, words: CallWords, symptoms: readonly Symptom[], text: string): readonly SingleEdit[] {
  const { node } = placed
  if (/^(?:Optional)?CallExpression$|^NewExpression$/.test(node.type))
    return [
      ...mistakenNames(node, text),
      ...argumentOrders(node, text),
      ...awaits(placed, words),
      ...around(placed, words, symptoms, text),
      ...unwrapped(placed, text),
    ]
  if (/^(?:Optional)?MemberExpression$/.test(node.type))
    return [...mistakenMember(placed, words, text), ...around(placed, words, symptoms, text), ...missingCall(placed, words)]
  if (/^(?:Identifier|TemplateLiteral|BinaryExpression)$/.test(node.type)) return around(placed, words, symptoms, text)
  return []
}

function mistakenNames(node: SyntaxNode, text: string): readonly SingleEdit[] {
  const callee = nodeIn(node, 'callee')
  const name = nameOf(callee)
  const place = callee?.type === 'Identifier' ? callee : callee === undefined ? undefined : nodeIn(callee, 'property')
  const others = confusedWith.get(name)
  if (place === undefined || others === undefined || plainMembers.has(name)) return []
  const exact = text.slice(place.start, place.end) === name
  const share = (other: string, at: number): number => (cutters.has(name) && cutters.has(other) ? 0.1 : at === 0 ? 1 : 0.5)
  return exact ? others.map((other, at) => replaceNode(place, other, 'method', share(other, at))) : []
}

function mistakenMember({ node, parents, field }: Placed, words: CallWords, text: string): readonly SingleEdit[] {
  const parent = parents.at(-1)
  const property = nodeIn(node, 'property')
  const isCallee = field === 'callee' && parent !== undefined
  if (property === undefined || node['computed'] === true || isCallee || property.type !== 'Identifier') return []
  const name = wordIn(property, 'name')
  const others = (confusedWith.get(name) ?? []).filter(
    (other) => words.members.has(other) || /^M(?:AX|IN)_/.test(other) || name === 'length' || name === 'size',
  )
  const object = text.slice(node.start, property.start)
  const used = [...words.members.keys()].filter(
    (other) =>
      other !== name &&
      !others.includes(other) &&
      text.includes(`${object}${other}`) &&
      /^\w/.test(other) &&
      !words.bareMethods.has(other),
  )
  return [
    ...others.map((other) => replaceNode(property, other, 'property')),
    ...used.slice(0, 6).map((other) => replaceNode(property, other, 'property', 0.15)),
  ]
}

/** `f(b, a)` for `f(a, b)`. */
function argumentOrders(node: SyntaxNode, text: string): readonly SingleEdit[] {
  const given = nodesIn(node, 'arguments')
  const source = (argument: SyntaxNode): string => text.slice(argument.start, argument.end)
  return given.slice(0, 4).flatMap((left, at) => {
    const right = given[at + 1]
    if (right === undefined || source(left) === source(right) || isFunction(left) || isFunction(right)) return []
    if (left.type === 'SpreadElement' || right.type === 'SpreadElement') return []
    const swapped = `${source(right)}${text.slice(left.end, right.start)}${source(left)}`
    return [replaceNode({ start: left.start, end: right.end }, swapped, 'arguments', left.type === right.type ? 1 : 0.5)]
  })
}

function awaits({ node, parents, field }: Placed, words: CallWords): readonly SingleEdit[] {
  const parent = parents.at(-1)
  const owner = parents.findLast((above) => isFunction(above))
  if (owner?.['async'] !== true || parent?.type === 'AwaitExpression' || field === 'callee') return []
  const isAsync = words.asyncNames.has(nameOf(nodeIn(node, 'callee')))
  const isMember = parent !== undefined && /MemberExpression$/.test(parent.type)
  return isMember ? [] : [insertAt(node.start, 'await ', 'await', isAsync ? 2 : 0.25)]
}

/** A value on its way: what a lost call would have been made on. */
function isPassedOn({ parents, field }: Placed): boolean {
  const parent = parents.at(-1)
  if (parent === undefined) return false
  return (
    field === 'init' ||
    (parent.type === 'ReturnStatement' && field === 'argument') ||
    (parent.type === 'AssignmentExpression' && field === 'right') ||
    (parent.type === 'ArrowFunctionExpression' && field === 'body') ||
    (/^(?:Optional)?CallExpression$|^NewExpression$/.test(parent.type) && field === 'arguments') ||
    (/MemberExpression$/.test(parent.type) && (field === 'object' || parent['computed'] === true)) ||
    (parent.type === 'BinaryExpression' && (field === 'left' || field === 'right')) ||
    (parent.type === 'ObjectProperty' && field === 'value') ||
    (parent.type === 'ConditionalExpression' && field !== 'test') ||
    (parent.type === 'TemplateLiteral' && field === 'expressions') ||
    field === 'discriminant'
  )
}

/** `x.trim()` for `x`, `Math.abs(x)` for `x`. */
function around(placed: Placed, words: CallWords, symptoms: readonly Symptom[], text: string): readonly SingleEdit[] {
  const { node, parents } = placed
  const isQuestion = isAsked(placed)
  if (!isQuestion && !isPassedOn(placed)) return []
  const source = text.slice(node.start, node.end)
  if (source.length > 120) return []
  const wrap = (name: string, kind: 'wrapper' | 'lost', share: number): SingleEdit =>
    replaceNode(node, `${name}(${source})`, kind, share)
  const outer = nameOf(nodeIn(node, 'callee'))
  const above = nameOf(nodeIn(parents.at(-1) ?? node, 'callee'))
  const isOther = (name: string): boolean => lastPart(name) !== outer && lastPart(name) !== above
  const lost = words.unused.filter(isOther).map((name) => wrap(name, 'lost', isQuestion === /^(?:is|has)/.test(name) ? 1 : 0.3))
  const wanted = wantedCalls(symptoms)
  const wrappers = ranked(words.wrappers, wanted.wrappers).filter(([name]) => isOther(name))
  if (isQuestion)
    return [
      ...lost,
      ...wrappers.filter(([name]) => /(?:^|\.)(?:is|has)[A-Z]/.test(name)).map(([name, share]) => wrap(name, 'wrapper', share)),
    ]
  const isArithmetic = node.type === 'BinaryExpression'
  const isOpen = /^(?:Identifier|(?:Optional)?(?:Member|Call)Expression|TemplateLiteral)$/.test(node.type)
  const methods = isOpen
    ? ranked(words.bareMethods, wanted.methods).filter(
        ([name]) => isOther(name) && !parents.slice(-2).some((one) => nameOf(one) === name),
      )
    : []
  return [
    ...lost,
    ...methods.map(([name, share]) => insertAt(node.end, `.${name}()`, 'call', share)),
    ...(isArithmetic && !/^[-+*/%]$/.test(wordIn(node, 'operator')) ? [] : wrappers).map(([name, share]) =>
      wrap(name, 'wrapper', isArithmetic ? share * 1.5 : share),
    ),
  ]
}

/** What is asked as a condition. */
function isAsked({ node, parents, field }: Placed): boolean {
  const parent = parents.at(-1)
  if (parent === undefined || !/^(?:Identifier|MemberExpression)$/.test(node.type)) return false
  return (
    field === 'test' ||
    parent.type === 'LogicalExpression' ||
    (parent.type === 'UnaryExpression' && wordIn(parent, 'operator') === '!')
  )
}

function lastPart(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

/** `x` for `Math.abs(x)` where a call too many was made. */
function unwrapped({ node }: Placed, text: string): readonly SingleEdit[] {
  const callee = nodeIn(node, 'callee')
  const given = nodesIn(node, 'arguments')
  const isBare =
    given.length === 0 &&
    callee?.type === 'MemberExpression' &&
    /^(?:reverse|sort|trim|toLowerCase|toUpperCase|toString)$/.test(nameOf(callee))
  const object = callee === undefined ? undefined : nodeIn(callee, 'object')
  return isBare && object !== undefined ? [replaceNode(node, text.slice(object.start, object.end), 'call', 0.2)] : []
}

/** `x.size()` for `x.size`, where the project calls such a member. */
function missingCall({ node, field, parents }: Placed, words: CallWords): readonly SingleEdit[] {
  const parent = parents.at(-1)
  const name = nameOf(node)
  const isTarget =
    field === 'callee' || field === 'left' || parent?.type === 'UpdateExpression' || parent?.type === 'UnaryExpression'
  if (isTarget || name === '' || !words.bareMethods.has(name)) return []
  return [insertAt(node.end, '()', 'call', 2)]
}

interface WantedCalls {
  readonly methods: ReadonlySet<string>
  readonly wrappers: ReadonlySet<string>
}

/** What the values of the failing tests ask for by name. */
function wantedCalls(symptoms: readonly Symptom[]): WantedCalls {
  const methods = new Set<string>()
  const wrappers = new Set<string>()
  for (const { difference, expectedNumber, actualNumber } of symptoms) {
    if (expectedNumber !== undefined && actualNumber !== undefined) {
      if (expectedNumber === -actualNumber) wrappers.add('Math.abs')
      if (Number.isInteger(expectedNumber) && !Number.isInteger(actualNumber))
        for (const name of ['Math.floor', 'Math.round', 'Math.ceil', 'Math.trunc']) wrappers.add(name)
    }
    if (difference === undefined) continue
    const { got, wanted } = difference
    if (got !== wanted && got.toLowerCase() === wanted.toLowerCase()) {
      if (wanted === wanted.toLowerCase()) methods.add('toLowerCase')
      if (wanted === wanted.toUpperCase()) methods.add('toUpperCase')
    }
    if (/^\s+$/.test(got) && wanted === '') for (const name of ['trim', 'trimEnd', 'trimStart']) methods.add(name)
    if (/^['"]$/.test(wanted) || /^['"]$/.test(got)) for (const name of ['Number', 'String']) wrappers.add(name)
    if (got !== '' && wanted !== '' && sorted(got) === sorted(wanted)) for (const name of ['reverse', 'sort']) methods.add(name)
  }
  return { methods, wrappers }
}

function sorted(text: string): string {
  return text.split('').sort().join('')
}

/** At most six, those that the symptom asks for first, each with its share. */
function ranked(used: ReadonlyMap<string, number>, wanted: ReadonlySet<string>): readonly (readonly [string, number])[] {
  const total = [...used.values()].reduce((sum, count) => sum + count, 0)
  const names = [...wanted, ...[...used.keys()].filter((name) => !wanted.has(name))]
  return names
    .map((name) => [name, (wanted.has(name) ? 15 : 0) + (total === 0 ? 0 : ((used.get(name) ?? 0) / total) * 0.8)] as const)
    .sort((a, b) => b[1] - a[1])
    .slice(0, 6)
}

/** Reads the words of a file. */
export function callWords(nodes: readonly SyntaxNode[], text: string): CallWords {
  const bareMethods = new Map<string, number>()
  const wrappers = new Map<string, number>()
  const members = new Map<string, number>()
  const asyncNames = new Set<string>()
  const add = (counts: Map<string, number>, name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1)
  for (const node of nodes) {
    if (node['async'] === true) asyncNames.add(nameOf(nodeIn(node, 'id') ?? nodeIn(node, 'key')))
    if (/MemberExpression$/.test(node.type) && nameOf(node) !== '') add(members, nameOf(node))
    if (!/^(?:Optional)?CallExpression$/.test(node.type)) continue
    const callee = nodeIn(node, 'callee')
    const given = nodesIn(node, 'arguments')
    if (callee === undefined) continue
    const written = text.slice(callee.start, callee.end)
    if (given.length === 0 && /MemberExpression$/.test(callee.type) && nameOf(callee) !== '') add(bareMethods, nameOf(callee))
    if (
      given.length === 1 &&
      /^(?:[A-Za-z_$][\w$]*|(?:Math|Number|Object|Array|JSON|String)\.[a-z]\w*)$/.test(written) &&
      written !== 'require' &&
      written !== 'super'
    )
      add(wrappers, written)
  }
  return { bareMethods, wrappers, members, asyncNames, unused: unusedFunctions(nodes, text) }
}

/** Functions with parameters, and imported names, that occur nowhere else in the file. */
function unusedFunctions(nodes: readonly SyntaxNode[], text: string): readonly string[] {
  const declared = nodes.flatMap((node) => {
    if (node.type === 'FunctionDeclaration' && nodesIn(node, 'params').length > 0) return nameOf(nodeIn(node, 'id'))
    const value = node.type === 'VariableDeclarator' ? nodeIn(node, 'init') : undefined
    const isCallable = value !== undefined && (isFunction(value) || nameOf(nodeIn(value, 'callee')) === 'require')
    return isCallable ? nameOf(nodeIn(node, 'id')) : []
  })
  const imported = [...text.matchAll(/^import\s[^'"]{0,2000}?from\s/gm)].flatMap(
    ([words]) => words.match(/[A-Za-z_$][\w$]*/g) ?? [],
  )
  return [...new Set([...declared, ...imported])]
    .filter(
      (name) =>
        name !== '' && !/^(?:import|from|type|as)$/.test(name) && occurrences(text, name) === 1 && !isExported(name, text),
    )
    .slice(0, 4)
}

function occurrences(text: string, name: string): number {
  return text.match(new RegExp(`(?<![\\w$])${name.replace(/\$/g, '\\$')}(?![\\w$])`, 'g'))?.length ?? 0
}

function isExported(name: string, text: string): boolean {
  return new RegExp(
    `export\\s+(?:default\\s+)?(?:async\\s+)?(?:function\\*?|const|let|var)\\s+${name.replace(/\$/g, '\\$')}(?![\\w$])`,
  ).test(text)
}
