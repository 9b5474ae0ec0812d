import { damagesInFile } from './behaviour.mjs'
import { misspelt } from './text-damage.mjs'

/** Programs that the compiler refuses. What it does not refuse is found out by running it. */
export function typeDamages(project) {
  return project.hasTypes
    ? project.code.filter((path) => /\.[cm]?tsx?$/.test(path)).flatMap((path) => damagesInFile(project, path, wrongType))
    : []
}

function wrongType({ node, parent, key, text, add }) {
  const source = (each) => text.slice(each.start, each.end)
  const rename = (name, target) => add(name, target.start, target.start + target.name.length, misspelt(target.name))
  switch (node.type) {
    case 'MemberExpression':
      if (!node.computed && node.property.type === 'Identifier') rename('member misspelt', node.property)
      break
    case 'Identifier':
      if (
        node.name.length > 2 &&
        key !== 'property' &&
        /^(?:Call|Binary|Logical)Expression$|^ReturnStatement$/.test(parent?.type)
      )
        rename('name misspelt', node)
      break
    case 'ImportSpecifier':
      add('imported name misspelt', node.imported.start, node.imported.end, misspelt(source(node.imported)))
      break
    case 'ImportDeclaration':
      add('import dropped', node.start, node.end, '')
      if (node.source.value.startsWith('.'))
        add('import path misspelt', node.source.start + 1, node.source.end - 1, misspelt(node.source.value))
      break
    case 'CallExpression': {
      const last = node.arguments.at(-1)
      if (last !== undefined && !/Function/.test(last.type)) add('argument too many', last.end, last.end, ', undefined')
      if (node.arguments.length > 1) add('argument dropped', node.arguments.at(-2).end, last.end, '')
      break
    }
    case 'VariableDeclaration':
      if (node.kind === 'let' && node.declarations.every(({ init }) => init))
        add('const for let', node.start, node.start + 3, 'const')
      break
    case 'OptionalMemberExpression':
      if (node.optional && !node.computed) add('optional chain dropped', node.object.end, node.object.end + 2, '.')
      break
    case 'FunctionDeclaration':
    case 'ArrowFunctionExpression':
      if (node.async) add('async dropped', node.start, node.start + 6, '')
      break
  }
}
