import { replaceNode, type SingleEdit } from './single-edit.js'
import { isFunction, type SyntaxNode } from '../code/syntax-node.js'
import { nodeIn, nodesIn, wordIn, type Placed } from './syntax-tree.js'

/** Another parameter or neighbouring variable of the same function in place of the one that is read. */
export function variableEdits({ node, parents, field }: Placed, text: string): readonly SingleEdit[] {
  const parent = parents.at(-1)
  if (node.type !== 'Identifier' || parent === undefined || !isRead(parent, field)) return []
  const owner = parents.findLast((above) => isFunction(above))
  if (owner === undefined) return []
  const name = wordIn(node, 'name')
  const others = declaredIn(owner, node.start).filter((other) => other !== name)
  if (others.length > 8 || !/^[A-Za-z_$][\w$]*$/.test(text.slice(node.start, node.end))) return []
  return others.map((other) => replaceNode(node, other, 'variable'))
}

function isRead(parent: SyntaxNode, field: string): boolean {
  if (/^(?:Optional)?MemberExpression$/.test(parent.type)) return field === 'object' || parent['computed'] === true
  return (
    (parent.type === 'BinaryExpression' && field !== 'operator') ||
    (/^(?:Optional)?CallExpression$/.test(parent.type) && field === 'arguments') ||
    (parent.type === 'ReturnStatement' && field === 'argument') ||
    (parent.type === 'AssignmentExpression' && field === 'right') ||
    (parent.type === 'ConditionalExpression' && field !== 'test') ||
    (parent.type === 'ArrowFunctionExpression' && field === 'body')
  )
}

/** Names of parameters, and of variables declared in the function's own block before `offset`. */
function declaredIn(owner: SyntaxNode, offset: number): readonly string[] {
  const body = nodeIn(owner, 'body')
  const declared = (body === undefined ? [] : nodesIn(body, 'body'))
    .filter(({ type, end }) => type === 'VariableDeclaration' && end <= offset)
    .flatMap((declaration) => nodesIn(declaration, 'declarations'))
    .flatMap((declarator) => namesOf(nodeIn(declarator, 'id')))
  return [...new Set([...nodesIn(owner, 'params').flatMap((parameter) => namesOf(parameter)), ...declared])]
}

function namesOf(node: SyntaxNode | undefined): readonly string[] {
  if (node?.type === 'Identifier') return [wordIn(node, 'name')]
  if (node?.type === 'AssignmentPattern') return namesOf(nodeIn(node, 'left'))
  return []
}
