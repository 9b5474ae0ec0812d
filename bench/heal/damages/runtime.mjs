import { damagesInFile } from './behaviour.mjs'
import { misspelt } from './text-damage.mjs'

/** Programs that stop while they run: names that are not there. */
export function runtimeDamages(project) {
  return project.code.flatMap((path) => damagesInFile(project, path, wrongName))
}

function wrongName({ node, parent, key, text, add }) {
  const rename = (name, target) => add(name, target.start, target.end, misspelt(target.name))
  switch (node.type) {
    case 'VariableDeclarator':
      if (node.id.type === 'Identifier') rename('declaration renamed', { ...node.id, end: node.id.start + node.id.name.length })
      if (node.init?.callee?.name === 'require' && parent.declarations.length === 1)
        add('import dropped', parent.start, parent.end, '')
      break
    case 'FunctionDeclaration':
      if (node.id) rename('function renamed', node.id)
      break
    case 'ImportDeclaration':
      if (node.importKind !== 'type') add('import dropped', node.start, node.end, '')
      break
    case 'Identifier':
      if (isUse(node, parent, key)) rename('use misspelt', node)
      break
    case 'MemberExpression':
      if (node.computed || node.property.type !== 'Identifier') break
      if (key === 'callee') rename('method misspelt', node.property)
      else if (key === 'object') rename('property misspelt', node.property)
      if (node.object.type === 'ThisExpression' && key === 'callee') add('this dropped', node.start, node.property.start, '')
      break
    case 'NewExpression':
      add('new dropped', node.start, node.callee.start, '')
      break
    case 'VariableDeclaration':
      if (
        node.kind === 'let' &&
        parent.type !== 'ForInStatement' &&
        parent.type !== 'ForOfStatement' &&
        node.declarations.every(({ init }) => init)
      )
        add('const for let', node.start, node.start + 3, 'const')
      break
    case 'LogicalExpression':
      if (node.operator === '&&' && text.slice(node.left.start, node.left.end).length > 1)
        add('guard dropped', node.start, node.right.start, '')
      break
  }
}

function isUse(node, parent, key) {
  if (node.name.length < 3 || node.name === 'undefined' || key === 'property') return false
  return /^(?:Call|Member|Binary|Logical|Unary)Expression$|^(?:Return|If)Statement$/.test(parent?.type)
}
