import { parses, treeOf, walk } from '../tree.mjs'
import { textDamage } from './text-damage.mjs'

const operators = {
  '<': '<=', '<=': '<', '>': '>=', '>=': '>', '===': '!==', '!==': '===', '==': '!=', '!=': '==', '&&': '||', '||': '&&',
  '+': '-', '-': '+', '*': '/', '/': '*', '%': '*', '&': '|', '|': '&', '<<': '>>', '>>': '<<',
} // prettier-ignore
const calls = {
  min: 'max',
  max: 'min',
  floor: 'ceil',
  ceil: 'floor',
  push: 'unshift',
  unshift: 'push',
  pop: 'shift',
  shift: 'pop',
  startsWith: 'endsWith',
  endsWith: 'startsWith',
  indexOf: 'lastIndexOf',
  lastIndexOf: 'indexOf',
  toLowerCase: 'toUpperCase',
  toUpperCase: 'toLowerCase',
  every: 'some',
  some: 'every',
}

/** Programs that run and answer wrongly: one operator, bound, constant, order or call. */
export function testDamages(project) {
  return project.code.flatMap((path) => inFile(project, path, wrongAnswer))
}

function inFile(project, path, damageNode) {
  const text = project.text.get(path)
  if (!parses(text, path)) return []
  const damages = []
  const add = (name, start, end, put) => {
    if (text.slice(start, end) !== put) damages.push(textDamage(project, path, name)({ start, end, put }))
  }
  walk(treeOf(text, path).program, (node, parent, key) => damageNode({ node, parent, key, text, add }))
  return damages
}

export { inFile as damagesInFile }

function wrongAnswer({ node, parent, key, text, add }) {
  const source = (each) => text.slice(each.start, each.end)
  const swap = (a, b) => add('order', a.start, b.end, source(b) + text.slice(a.end, b.start) + source(a))
  switch (node.type) {
    case 'BinaryExpression':
    case 'LogicalExpression': {
      const put = operators[node.operator]
      const start = text.indexOf(node.operator, node.left.end)
      if (put !== undefined && start < node.right.start)
        add(/[<>]/.test(node.operator) ? 'bound' : 'operator', start, start + node.operator.length, put)
      if (/^[-+]$/.test(node.operator) && node.right.type === 'NumericLiteral') add('off by one', node.left.end, node.end, '')
      break
    }
    case 'UnaryExpression':
      if (node.operator === '!') add('negation', node.start, node.argument.start, '')
      break
    case 'NumericLiteral':
      if (key !== 'key') add('constant', node.start, node.end, String(node.value + 1))
      break
    case 'BooleanLiteral':
      add('constant', node.start, node.end, String(!node.value))
      break
    case 'StringLiteral':
      if (isValue(node, parent, key)) add('constant', node.end - 2, node.end - 1, '')
      break
    case 'ConditionalExpression':
      swap(node.consequent, node.alternate)
      break
    case 'IfStatement':
      if (/^(?:Identifier|MemberExpression|CallExpression)$/.test(node.test.type))
        add('negation', node.test.start, node.test.start, '!')
      break
    case 'CallExpression': {
      const [first, second] = node.arguments
      if (second !== undefined && !/Function|Spread/.test(first.type + second.type)) swap(first, second)
      const called = node.callee.type === 'MemberExpression' && !node.callee.computed ? node.callee.property : undefined
      const other = called !== undefined && Object.hasOwn(calls, called.name) ? calls[called.name] : undefined
      if (other !== undefined) add('call', called.start, called.end, other)
      break
    }
  }
}

/** A string that the program works with: no key, no module, no directive. */
function isValue(node, parent, key) {
  if (['key', 'source', 'directive', 'imported', 'local'].includes(key) || node.value.length === 0) return false
  return parent?.type !== 'CallExpression' || parent.callee.name !== 'require'
}
