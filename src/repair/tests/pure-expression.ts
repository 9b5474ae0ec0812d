import { parseExpression, type ParserPlugin } from '@babel/parser'
import { asNode, nodesOf, type SyntaxNode } from '../code/syntax-node.js'
import { nameOf, nodeIn, wordIn } from './syntax-tree.js'

/** Whether computing the expression once more changes nothing that the program could see, as far as its words tell. */
export function isPure(source: string, plugins: readonly ParserPlugin[]): boolean {
  const root = rootOf(source, plugins)
  if (root === undefined) return false
  for (const node of nodesOf(root)) if (!isPureNode(node)) return false
  return true
}

function rootOf(source: string, plugins: readonly ParserPlugin[]): SyntaxNode | undefined {
  try {
    return asNode(parseExpression(source, { plugins: [...plugins], allowSuperOutsideMethod: true, attachComment: false }))
  } catch {
    return undefined
  }
}

function isPureNode(node: SyntaxNode): boolean {
  if (/^(?:Optional)?CallExpression$/.test(node.type)) return isPureCall(node)
  if (node.type === 'UnaryExpression') return wordIn(node, 'operator') !== 'delete'
  return /^(?:Identifier|PrivateName|ThisExpression|\w*Literal|TemplateElement|(?:Binary|Logical|Conditional|Array|Object|(?:Optional)?Member)Expression|ObjectProperty|SpreadElement|TS\w+)$/.test(
    node.type,
  )
}

/** Functions of the language that only read. */
const readers =
  /^(?:charAt|charCodeAt|codePointAt|at|slice|substring|substr|indexOf|lastIndexOf|includes|startsWith|endsWith|trim|trimStart|trimEnd|toLowerCase|toUpperCase|toLocaleLowerCase|toLocaleUpperCase|padStart|padEnd|repeat|concat|join|split|toString|toFixed|toPrecision|hasOwnProperty|hasOwn|isArray|has|keys|values|entries|min|max|floor|ceil|round|trunc|abs|sign|sqrt|pow|log|log2|log10|isNaN|isFinite|isInteger|isSafeInteger|parseInt|parseFloat|String|Number|Boolean|fromCharCode|fromCodePoint)$/

function isPureCall(node: SyntaxNode): boolean {
  const callee = nodeIn(node, 'callee')
  return callee !== undefined && readers.test(nameOf(callee))
}
