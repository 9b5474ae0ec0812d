import { insertAt, replaceNode, type SingleEdit } from './single-edit.js'
import { isFunction, type SyntaxNode } from '../code/syntax-node.js'
import { nodeIn, nodesIn, wordIn, type Placed } from './syntax-tree.js'

/** Branches, statements and spread values the other way round; a lost `return`, `break` or offset of one. */
export function orderEdits(placed: Placed, text: string): readonly SingleEdit[] {
  const { node } = placed
  switch (node.type) {
    case 'ConditionalExpression':
      return swappedBranches(node, text)
    case 'IfStatement':
      return swappedBlocks(node, text)
    case 'ObjectExpression':
      return swappedSpreads(nodesIn(node, 'properties'), text)
    case 'ArrayExpression':
      return swappedElements(nodesIn(node, 'elements'), text)
    case 'BlockStatement':
      return [...swappedStatements(nodesIn(node, 'body'), text), ...lostReturn(placed)]
    case 'SwitchCase':
      return lostBreak(placed, text)
    case 'ContinueStatement':
      return node['label'] === null ? [replaceNode(node, 'break', 'jump', 0.5)] : []
    case 'BreakStatement':
      return node['label'] === null && placed.parents.at(-1)?.type !== 'SwitchCase'
        ? [replaceNode(node, 'continue', 'jump', 0.5)]
        : []
    case 'MemberExpression':
    case 'Identifier':
      return offsets(placed)
    case 'BinaryExpression':
      return lostOffset(node, text)
    default:
      return []
  }
}

/** A condition that has an opposite of its own is changed there. */
function hasOpposite(node: SyntaxNode | undefined): boolean {
  if (node?.type === 'BinaryExpression') return /^[=!]==?$/.test(wordIn(node, 'operator'))
  return node?.type === 'UnaryExpression' && wordIn(node, 'operator') === '!'
}

function swappedBranches(node: SyntaxNode, text: string): readonly SingleEdit[] {
  const [yes, no] = [nodeIn(node, 'consequent'), nodeIn(node, 'alternate')]
  if (yes === undefined || no === undefined || hasOpposite(nodeIn(node, 'test'))) return []
  return [swap(yes, no, text, 'branches')]
}

function swappedBlocks(node: SyntaxNode, text: string): readonly SingleEdit[] {
  const [yes, no] = [nodeIn(node, 'consequent'), nodeIn(node, 'alternate')]
  const areBlocks = yes?.type === 'BlockStatement' && no?.type === 'BlockStatement'
  if (!areBlocks || hasOpposite(nodeIn(node, 'test'))) return []
  return [swap(yes, no, text, 'branches', 0.4)]
}

function swappedSpreads(nodes: readonly SyntaxNode[], text: string): readonly SingleEdit[] {
  return pairs(nodes)
    .filter(([left, right]) => left.type === 'SpreadElement' || right.type === 'SpreadElement')
    .map(([left, right]) => swap(left, right, text, 'spread'))
}

function swappedElements(nodes: readonly SyntaxNode[], text: string): readonly SingleEdit[] {
  const share = nodes.length === 2 ? 0.7 : 0.15
  return pairs(nodes.slice(0, 8))
    .filter(([left, right]) => text.slice(left.start, left.end) !== text.slice(right.start, right.end))
    .map(([left, right]) => swap(left, right, text, 'spread', share))
}

function swappedStatements(nodes: readonly SyntaxNode[], text: string): readonly SingleEdit[] {
  return pairs(nodes.slice(0, 30))
    .filter((pair) =>
      pair.every(({ type }) => type === 'ExpressionStatement' || type === 'IfStatement' || type === 'VariableDeclaration'),
    )
    .filter((pair) => !pair.every(({ type }) => type === 'VariableDeclaration'))
    .map(([left, right]) => swap(left, right, text, 'statements', left.type === right.type ? 1 : 0.4))
}

/** A last statement whose value nobody uses, in a function that is asked for one. */
function lostReturn({ node, parents }: Placed): readonly SingleEdit[] {
  const owner = parents.at(-1)
  const last = nodesIn(node, 'body').at(-1)
  const value = last?.type === 'ExpressionStatement' ? nodeIn(last, 'expression') : undefined
  if (last === undefined || value === undefined || owner === undefined || /^(?:Assignment|Update)Expression$/.test(value.type))
    return []
  if (!isFunction(owner) || owner['kind'] === 'constructor')
    return owner.type === 'IfStatement' ? [insertAt(last.start, 'return ', 'return', 0.6)] : []
  return [insertAt(last.start, 'return ', 'return')]
}

function lostBreak({ node, parents }: Placed, text: string): readonly SingleEdit[] {
  const last = nodesIn(node, 'consequent').at(-1)
  const cases = nodesIn(parents.at(-1) ?? node, 'cases')
  if (last === undefined || cases.at(-1) === node || /^(?:Break|Return|Throw|Continue|Block)Statement$/.test(last.type)) return []
  return [insertAt(last.end, text.charAt(last.end) === '\n' ? '\nbreak' : '\nbreak\n', 'jump', 2)]
}

/** `n - 1` and `n + 1` for `n`, where a bound or an index is meant. */
function offsets({ node, parents, field }: Placed): readonly SingleEdit[] {
  const parent = parents.at(-1)
  if (parent === undefined) return []
  const isLength = node.type === 'MemberExpression' && /^(?:length|size)$/.test(wordIn(nodeIn(node, 'property') ?? node, 'name'))
  const isCompared =
    parent.type === 'BinaryExpression' && field === 'right' && /^(?:[<>]=?|[=!]==?)$/.test(wordIn(parent, 'operator'))
  const isIndex = /MemberExpression$/.test(parent.type) && field === 'property' && parent['computed'] === true
  const isArgument =
    parent.type === 'CallExpression' &&
    field === 'arguments' &&
    /^(?:slice|substring|splice|substr|charAt|charCodeAt|indexOf|at)$/.test(calleeName(parent))
  const isCount = isLength && isCounted(parent, field)
  if (!(isCompared || isIndex || isArgument || isCount)) return []
  const share = isLength ? 1 : isIndex || isArgument ? 0.5 : 0.25
  return [insertAt(node.end, ' - 1', 'offset', share), insertAt(node.end, ' + 1', 'offset', isLength ? 0.3 : share)]
}

/** A length that goes on as a value of its own. */
function isCounted(parent: SyntaxNode, field: string): boolean {
  return (
    /^(?:init|argument|arguments|right)$/.test(field) ||
    (parent.type === 'ConditionalExpression' && field !== 'test') ||
    (parent.type === 'ArrowFunctionExpression' && field === 'body') ||
    (parent.type === 'BinaryExpression' && /^[-+*/%]$/.test(wordIn(parent, 'operator')))
  )
}

function calleeName(node: SyntaxNode): string {
  const property = nodeIn(nodeIn(node, 'callee') ?? node, 'property')
  return property === undefined ? '' : wordIn(property, 'name')
}

/** `n` for `n - 1`. */
function lostOffset(node: SyntaxNode, text: string): readonly SingleEdit[] {
  const [left, right] = [nodeIn(node, 'left'), nodeIn(node, 'right')]
  const isOne = right?.type === 'NumericLiteral' && right['value'] === 1
  if (left === undefined || !isOne || !/^[-+]$/.test(wordIn(node, 'operator'))) return []
  return [replaceNode(node, text.slice(left.start, left.end), 'offset', 0.5)]
}

function pairs(nodes: readonly SyntaxNode[]): readonly (readonly [SyntaxNode, SyntaxNode])[] {
  return nodes.flatMap((left, at) => {
    const right = nodes[at + 1]
    return right === undefined ? [] : [[left, right] as const]
  })
}

function swap(
  left: SyntaxNode,
  right: SyntaxNode,
  text: string,
  kind: 'branches' | 'spread' | 'statements',
  share = 1,
): SingleEdit {
  const source = text.slice(right.start, right.end) + text.slice(left.end, right.start) + text.slice(left.start, left.end)
  return replaceNode({ start: left.start, end: right.end }, source, kind, share)
}
