import { insertAt, replaceNode, type EditKind, type SingleEdit } from './single-edit.js'
import type { SyntaxNode } from '../code/syntax-node.js'
import { nodeIn, wordIn, type Placed } from './syntax-tree.js'

/** What may stand in place of an operator, the likelier first. */
const replacements: Readonly<Record<string, readonly (readonly [string, EditKind, number?])[]>> = {
  '<': [
    ['<=', 'boundary'],
    ['>=', 'direction'],
    ['>', 'direction', 0.6],
  ],
  '<=': [
    ['<', 'boundary'],
    ['>', 'direction'],
    ['>=', 'direction', 0.6],
  ],
  '>': [
    ['>=', 'boundary'],
    ['<=', 'direction'],
    ['<', 'direction', 0.6],
  ],
  '>=': [
    ['>', 'boundary'],
    ['<', 'direction'],
    ['<=', 'direction', 0.6],
  ],
  '===': [
    ['!==', 'equality'],
    ['>=', 'boundary', 0.08],
    ['<=', 'boundary', 0.08],
    ['>', 'boundary', 0.08],
    ['<', 'boundary', 0.08],
  ],
  '!==': [
    ['===', 'equality'],
    ['<', 'boundary', 0.08],
    ['>', 'boundary', 0.08],
  ],
  '==': [
    ['!=', 'equality'],
    ['===', 'equality', 0.15],
  ],
  '!=': [
    ['==', 'equality'],
    ['!==', 'equality', 0.15],
  ],
  '&&': [
    ['||', 'logical'],
    ['??', 'nullish', 0.1],
  ],
  '||': [
    ['&&', 'logical'],
    ['??', 'nullish'],
  ],
  '??': [
    ['||', 'nullish'],
    ['&&', 'logical', 0.3],
  ],
  '+': [
    ['-', 'arithmetic'],
    ['*', 'arithmetic-rare'],
  ],
  '-': [
    ['+', 'arithmetic'],
    ['/', 'arithmetic-rare', 0.5],
    ['*', 'arithmetic-rare', 0.5],
  ],
  '*': [
    ['/', 'arithmetic'],
    ['+', 'arithmetic-rare'],
    ['**', 'arithmetic-rare'],
    ['-', 'arithmetic-rare', 0.5],
  ],
  '/': [
    ['*', 'arithmetic'],
    ['%', 'arithmetic-rare'],
    ['-', 'arithmetic-rare', 0.5],
  ],
  '%': [
    ['/', 'arithmetic', 0.6],
    ['*', 'arithmetic-rare'],
    ['+', 'arithmetic-rare', 0.5],
  ],
  '**': [['*', 'arithmetic']],
  '&': [
    ['|', 'bitwise'],
    ['^', 'bitwise', 0.3],
    ['&&', 'bitwise', 0.2],
  ],
  '|': [
    ['&', 'bitwise'],
    ['^', 'bitwise', 0.3],
    ['||', 'bitwise', 0.2],
  ],
  '^': [
    ['|', 'bitwise', 0.5],
    ['&', 'bitwise', 0.5],
  ],
  '<<': [
    ['>>', 'bitwise'],
    ['>>>', 'bitwise', 0.3],
  ],
  '>>': [
    ['<<', 'bitwise'],
    ['>>>', 'bitwise', 0.6],
  ],
  '>>>': [
    ['<<', 'bitwise', 0.6],
    ['>>', 'bitwise'],
  ],
  in: [],
  instanceof: [],
}

const assignments: Readonly<Record<string, readonly (readonly [string, EditKind, number?])[]>> = {
  '=': [
    ['+=', 'assignment', 0.08],
    ['|=', 'assignment', 0.02],
    ['-=', 'assignment', 0.02],
  ],
  '+=': [
    ['-=', 'assignment'],
    ['=', 'assignment', 0.6],
    ['*=', 'assignment', 0.3],
  ],
  '-=': [
    ['+=', 'assignment'],
    ['=', 'assignment', 0.4],
    ['/=', 'assignment', 0.2],
  ],
  '*=': [
    ['/=', 'assignment'],
    ['+=', 'assignment', 0.5],
    ['=', 'assignment', 0.2],
  ],
  '/=': [
    ['*=', 'assignment'],
    ['-=', 'assignment', 0.3],
    ['%=', 'assignment', 0.2],
  ],
  '%=': [['/=', 'assignment', 0.6]],
  '|=': [
    ['&=', 'assignment'],
    ['=', 'assignment', 0.3],
  ],
  '&=': [
    ['|=', 'assignment'],
    ['=', 'assignment', 0.3],
  ],
  '<<=': [['>>=', 'assignment']],
  '>>=': [['<<=', 'assignment']],
  '||=': [
    ['??=', 'assignment'],
    ['&&=', 'assignment'],
  ],
  '??=': [['||=', 'assignment']],
  '&&=': [['||=', 'assignment']],
}

/** Another operator, a negation more or less, a sign more or less, operands the other way round. */
export function operatorEdits(placed: Placed, text: string): readonly SingleEdit[] {
  const { node } = placed
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression':
      return [
        ...operatorsOf(node, text, replacements).map((edit) => ({
          ...edit,
          weight: edit.weight * coherence(placed, edit.text, text),
        })),
        ...turned(node, text),
        ...grouped(node, text),
        ...conditionNegation(placed, text),
      ]
    case 'AssignmentExpression':
      return operatorsOf(node, text, assignments)
    case 'UpdateExpression':
      return updates(node, text)
    case 'UnaryExpression':
      return [...unary(node, text), ...conditionNegation(placed, text)]
    default:
      return [...conditionNegation(placed, text), ...missingSign(placed)]
  }
}

function operatorsOf(
  node: SyntaxNode,
  text: string,
  table: Readonly<Record<string, readonly (readonly [string, EditKind, number?])[]>>,
): readonly SingleEdit[] {
  const place = operatorPlace(node, text)
  const operator = wordIn(node, 'operator')
  if (place === undefined || !Object.hasOwn(table, operator)) return []
  const isText = operator === '+' && [nodeIn(node, 'left'), nodeIn(node, 'right')].some((side) => isString(side))
  return (table[operator] ?? [])
    .filter(([other]) => fitsAround(node, other))
    .map(([other, kind, share = 1]) => replaceNode(place, other, kind, isText ? share * 0.1 : share))
}

/**
 * How well an operator fits the comparison beside it, where both ask about the same value: `a === 1 || a === 2` and
 * `a !== 1 && a !== 2` are what people write; `a === 1 && a === 2` never holds, and half of `a === 1 && a !== 2` says nothing.
 */
function coherence({ node, parents, field }: Placed, operator: string, text: string): number {
  const parent = parents.at(-1)
  const isJoint = node.type === 'LogicalExpression'
  const joint = isJoint ? node : parent?.type === 'LogicalExpression' ? parent : undefined
  if (joint === undefined || !(isJoint || (isEquality(node) && /^[=!]/.test(operator)))) return 1
  const [left, right] = [nearest(nodeIn(joint, 'left'), 'right'), nearest(nodeIn(joint, 'right'), 'left')]
  if (left === undefined || right === undefined || !isEquality(left) || !isEquality(right)) return 1
  if (comparedIn(left, text) !== comparedIn(right, text)) return 1
  const signOf = (side: SyntaxNode, isEdited: boolean): string => (isEdited ? operator : wordIn(side, 'operator')).charAt(0)
  const signs = signOf(left, !isJoint && field === 'left') + signOf(right, !isJoint && field === 'right')
  const joined = isJoint ? operator : wordIn(joint, 'operator')
  if (joined !== '||' && joined !== '&&') return 1
  if (signs === (joined === '||' ? '==' : '!!')) return 2
  return signs === '==' || signs === '!!' ? 0.05 : 0.4
}

function isEquality(node: SyntaxNode): boolean {
  return node.type === 'BinaryExpression' && /^[=!]==?$/.test(wordIn(node, 'operator'))
}

/** Of a chain, the part that stands beside what comes before or after it. */
function nearest(node: SyntaxNode | undefined, side: 'left' | 'right'): SyntaxNode | undefined {
  return node?.type === 'LogicalExpression' ? nearest(nodeIn(node, side), side) : node
}

function comparedIn(node: SyntaxNode, text: string): string {
  const left = nodeIn(node, 'left')
  return left === undefined ? '' : text.slice(left.start, left.end)
}

/** `??` must not stand beside `&&` or `||` without parentheses. */
function fitsAround(node: SyntaxNode, operator: string): boolean {
  if (operator !== '??') return true
  return [nodeIn(node, 'left'), nodeIn(node, 'right')].every((side) => side?.type !== 'LogicalExpression' || isWrapped(side))
}

function isWrapped(node: SyntaxNode): boolean {
  const { extra } = node
  return typeof extra === 'object' && extra !== null && 'parenthesized' in extra
}

/** Where the operator stands: between its operands, outside comments. */
function operatorPlace(node: SyntaxNode, text: string): { readonly start: number; readonly end: number } | undefined {
  const left = nodeIn(node, 'left')
  const right = nodeIn(node, 'right')
  const operator = wordIn(node, 'operator')
  if (left === undefined || right === undefined || operator === '') return undefined
  const between = text.slice(left.end, right.start).replace(/\/\*[^]*?\*\/|\/\/[^\n]*/g, (comment) => ' '.repeat(comment.length))
  const at = between.indexOf(operator)
  return at === -1 ? undefined : { start: left.end + at, end: left.end + at + operator.length }
}

/** `a - b` for `b - a`: only where the order matters, and no other operator would say the same. */
function turned(node: SyntaxNode, text: string): readonly SingleEdit[] {
  const left = nodeIn(node, 'left')
  const right = nodeIn(node, 'right')
  const operator = wordIn(node, 'operator')
  if (left === undefined || right === undefined || !isSimple(left) || !isSimple(right)) return []
  const isConcatenation = operator === '+' && !(isNumber(left) || isNumber(right))
  if (!['-', '/', '%', '**', 'in', '<<', '>>', '>>>'].includes(operator) && !isConcatenation) return []
  const between = text.slice(left.end, right.start)
  const share = isConcatenation ? 0.4 : operator === '-' ? 1 : 0.5
  return [
    replaceNode(node, `${text.slice(right.start, right.end)}${between}${text.slice(left.start, left.end)}`, 'operands', share),
  ]
}

/** `(a + b) * c` for `a + b * c`: lost parentheses. */
function grouped(node: SyntaxNode, text: string): readonly SingleEdit[] {
  const left = nodeIn(node, 'left')
  const right = nodeIn(node, 'right')
  if (left === undefined || right === undefined) return []
  const inner = [right, left].find(
    (side) => side.type === node.type && wordIn(side, 'operator') !== wordIn(node, 'operator') && !isWrapped(side),
  )
  if (inner === undefined || !/^(?:[+\-*/%]|&&|\|\||\?\?)$/.test(wordIn(node, 'operator'))) return []
  const [a, b] = [nodeIn(inner, 'left'), nodeIn(inner, 'right')]
  if (a === undefined || b === undefined) return []
  const source =
    inner === right
      ? `(${text.slice(left.start, a.end)})${text.slice(a.end, right.end)}`
      : `${text.slice(left.start, b.start)}(${text.slice(b.start, right.end)})`
  return [replaceNode(node, source, 'operands', 0.3)]
}

/** Without parentheses of its own it stays whole on either side of an operator. */
function isSimple(node: SyntaxNode): boolean {
  return (
    isWrapped(node) ||
    /^(?:Identifier|ThisExpression|(?:Optional)?(?:Member|Call)Expression|NumericLiteral|StringLiteral|TemplateLiteral)$/.test(
      node.type,
    )
  )
}

function isString(node: SyntaxNode | undefined): boolean {
  return node?.type === 'StringLiteral' || node?.type === 'TemplateLiteral'
}

function isNumber(node: SyntaxNode): boolean {
  return node.type === 'NumericLiteral'
}

function updates(node: SyntaxNode, text: string): readonly SingleEdit[] {
  const argument = nodeIn(node, 'argument')
  if (argument === undefined) return []
  const name = text.slice(argument.start, argument.end)
  const operator = wordIn(node, 'operator')
  const other = operator === '++' ? '--' : '++'
  const isPrefix = node['prefix'] === true
  return [
    replaceNode(node, isPrefix ? `${other}${name}` : `${name}${other}`, 'update'),
    replaceNode(node, isPrefix ? `${name}${operator}` : `${operator}${name}`, 'update', 0.25),
  ]
}

function unary(node: SyntaxNode, text: string): readonly SingleEdit[] {
  const argument = nodeIn(node, 'argument')
  if (argument === undefined) return []
  const inner = text.slice(node.start + 1, argument.end)
  const rest = `${inner}${text.slice(argument.end, node.end)}`.trimStart()
  if (wordIn(node, 'operator') === '!') return [replaceNode(node, rest, 'negation')]
  if (wordIn(node, 'operator') === '-') return [replaceNode(node, rest, 'sign', 1.5)]
  return []
}

/** `!` before what is asked as a condition; comparisons have opposites of their own. */
function conditionNegation({ node, parents, field }: Placed, text: string): readonly SingleEdit[] {
  const parent = parents.at(-1)
  if (parent === undefined || node.type === 'UnaryExpression') return []
  const isAsked =
    (field === 'test' && parent.type !== 'SwitchCase') ||
    (parent.type === 'LogicalExpression' && wordIn(parent, 'operator') !== '??') ||
    (parent.type === 'ReturnStatement' && /^(?:CallExpression|Identifier|MemberExpression)$/.test(node.type)) ||
    (parent.type === 'ArrowFunctionExpression' && field === 'body' && /CallExpression$/.test(node.type))
  if (!isAsked) return []
  const source = text.slice(node.start, node.end)
  if (/^(?:Identifier|ThisExpression|(?:Optional)?(?:Member|Call)Expression)$/.test(node.type))
    return [insertAt(node.start, '!', 'negation', field === 'test' ? 1 : parent.type === 'LogicalExpression' ? 0.5 : 0.3)]
  const isGroup = node.type === 'LogicalExpression' && field === 'test'
  return isGroup ? [replaceNode(node, `!(${source})`, 'negation', 0.2)] : []
}

/** `-x` where a value is returned, passed or compared. */
function missingSign({ node, parents, field }: Placed): readonly SingleEdit[] {
  const parent = parents.at(-1)
  if (parent === undefined || !/^(?:Identifier|MemberExpression|CallExpression|NumericLiteral)$/.test(node.type)) return []
  const isValue =
    (parent.type === 'ReturnStatement' && field === 'argument') ||
    (parent.type === 'ConditionalExpression' && field !== 'test') ||
    (parent.type === 'ArrowFunctionExpression' && field === 'body') ||
    (parent.type === 'BinaryExpression' && field === 'right' && /^[=!<>]=?=?$/.test(wordIn(parent, 'operator'))) ||
    (parent.type === 'VariableDeclarator' && field === 'init') ||
    (node.type === 'NumericLiteral' && parent.type !== 'UnaryExpression' && parent['computed'] !== true && field !== 'key')
  if (!isValue || (node.type === 'NumericLiteral' && node['value'] === 0)) return []
  return [insertAt(node.start, '-', 'sign', node.type === 'NumericLiteral' ? (node['value'] === 1 ? 2 : 0.7) : 0.3)]
}
