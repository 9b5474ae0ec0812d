import { asNode, asNodes, nodesOf, type SyntaxNode, textOf } from '../code/syntax-node.js'
import { parseSource, spliced } from './import-literals.js'

/** How the modules that a file asks for have to be taken, as far as it is known. */
export interface RewriteOptions {
  /** As it has to be written in the new form: with the ending that `import` needs. */
  specifier(present: string): string
  /** What stands for the module as a whole: its default export, or all its names. */
  whole(specifier: string): 'default' | 'namespace'
}

interface Change {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * The text with every `require` at its top level written as an import, for a file that is an ECMAScript module. `undefined`
 * when there is none, or one remains that an import could not stand for.
 */
export function asImports(text: string, path: string, options: RewriteOptions): string | undefined {
  const tree = parseSource(text, path)
  if (tree === undefined) return undefined
  const changes = asNodes(tree['body']).flatMap((statement) => importsFor(text, statement, options) ?? [])
  const inside = (node: SyntaxNode): boolean => changes.some(({ start, end }) => start <= node.start && node.end <= end)
  const isLeft = [...nodesOf(tree)].some((node) => isCommonJs(node) && !inside(node))
  return changes.length === 0 || isLeft ? undefined : spliced(text, changes)
}

/**
 * The text with every import written as `require`, for a file that is CommonJS. `undefined` when there is none, or something
 * remains that only an ECMAScript module may hold.
 */
export function asRequires(text: string, path: string, options: RewriteOptions): string | undefined {
  const tree = parseSource(text, path)
  const statements = asNodes(tree?.['body'])
  const imports = statements.filter(({ type }) => type === 'ImportDeclaration')
  const isModule = statements.some(({ type }) => type.startsWith('Export') || type.startsWith('TS'))
  const isBound = tree === undefined || [...nodesOf(tree)].some(({ type }) => type === 'MetaProperty')
  if (imports.length === 0 || isModule || isBound || hasTopLevelAwait(statements)) return undefined
  const changes = imports.map((statement) => requiresFor(text, statement, options))
  const known = changes.filter((change) => change !== undefined)
  return known.length === changes.length ? spliced(text, known) : undefined
}

/** `const a = require('m')`, `const { a, b: c } = require('m')`, `const a = require('m').b`, `require('m')`. */
function importsFor(text: string, statement: SyntaxNode, options: RewriteOptions): readonly Change[] | undefined {
  const end = ending(text, statement)
  if (statement.type === 'ExpressionStatement') {
    const source = requiredBy(asNode(statement['expression']))
    return source === undefined ? undefined : [changeOf(statement, `import ${written(text, source, options)}${end}`)]
  }
  const declarators = statement.type === 'VariableDeclaration' ? asNodes(statement['declarations']) : []
  const lines = declarators.map((declarator) => clauseFor(text, declarator, options))
  const known = lines.filter((line) => line !== undefined)
  if (known.length === 0 || known.length < lines.length) return undefined
  return [changeOf(statement, known.map((line) => line + end).join('\n'))]
}

function clauseFor(text: string, declarator: SyntaxNode, options: RewriteOptions): string | undefined {
  const id = asNode(declarator['id'])
  const init = asNode(declarator['init'])
  const member = init?.type === 'MemberExpression' && init['computed'] !== true ? textOf(init['property']) : undefined
  const source = requiredBy(member === undefined ? init : asNode(init?.['object']))
  if (id === undefined || source === undefined) return undefined
  const from = `from ${written(text, source, options)}`
  if (id.type === 'Identifier') {
    const local = textOf(id) ?? ''
    if (member === 'default') return `import ${local} ${from}`
    if (member !== undefined) return `import { ${member === local ? local : `${member} as ${local}`} } ${from}`
    const whole = options.whole(textOf(source) ?? '')
    return `import ${whole === 'default' ? local : `* as ${local}`} ${from}`
  }
  const names = id.type === 'ObjectPattern' && member === undefined ? asNodes(id['properties']).map(importedAs) : [undefined]
  return names.every((name) => name !== undefined) ? `import { ${names.join(', ')} } ${from}` : undefined
}

function importedAs(property: SyntaxNode): string | undefined {
  const key = property['computed'] === true ? undefined : asNode(property['key'])
  const value = asNode(property['value'])
  if (key?.type !== 'Identifier' || value?.type !== 'Identifier') return undefined
  const [imported, local] = [textOf(key) ?? '', textOf(value) ?? '']
  return imported === local ? local : `${imported} as ${local}`
}

/** The literal that `require` is called with. */
function requiredBy(call: SyntaxNode | undefined): SyntaxNode | undefined {
  const callee = asNode(call?.['callee'])
  const [source, ...others] = asNodes(call?.['arguments'])
  const isRequire = call?.type === 'CallExpression' && callee?.type === 'Identifier' && callee['name'] === 'require'
  return isRequire && others.length === 0 && source?.type === 'StringLiteral' ? source : undefined
}

/** What no ECMAScript module has: `require`, `module`, `exports`, and the two names of its place. */
function isCommonJs(node: SyntaxNode): boolean {
  if (node.type === 'CallExpression') {
    const callee = asNode(node['callee'])
    return callee?.type === 'Identifier' && callee['name'] === 'require'
  }
  const object = node.type === 'MemberExpression' ? asNode(node['object']) : undefined
  if (object?.type === 'Identifier' && (object['name'] === 'exports' || object['name'] === 'require')) return true
  return object?.type === 'Identifier' && object['name'] === 'module' && textOf(node['property']) === 'exports'
}

/** `const a = require('m')`, with `.default` where the default export of a module is meant. */
function requiresFor(text: string, statement: SyntaxNode, options: RewriteOptions): Change | undefined {
  const source = asNode(statement['source'])
  if (source === undefined || statement['importKind'] === 'type') return undefined
  const end = ending(text, statement)
  const call = `require(${written(text, source, options)})`
  const specifiers = asNodes(statement['specifiers'])
  if (specifiers.length === 0) return changeOf(statement, `${call}${end}`)
  const whole = options.whole(textOf(source) ?? '')
  const lines: string[] = []
  const names: string[] = []
  for (const specifier of specifiers) {
    const local = textOf(specifier['local']) ?? ''
    const imported = textOf(specifier['imported'])
    if (specifier.type === 'ImportSpecifier') names.push(imported === local ? local : `${imported ?? local}: ${local}`)
    else
      lines.push(
        `const ${local} = ${call}${specifier.type === 'ImportDefaultSpecifier' && whole === 'namespace' ? '.default' : ''}`,
      )
  }
  if (names.length > 0) lines.push(`const { ${names.join(', ')} } = ${call}`)
  return changeOf(statement, lines.map((line) => line + end).join('\n'))
}

function hasTopLevelAwait(statements: readonly SyntaxNode[]): boolean {
  const isInFunction = (node: SyntaxNode, awaiting: SyntaxNode): boolean =>
    node.start <= awaiting.start && awaiting.end <= node.end
  return statements.some((statement) => {
    const nodes = [...nodesOf(statement)]
    const functions = nodes.filter(({ type }) => /Function|ObjectMethod|ClassMethod|ClassPrivateMethod/.test(type))
    return nodes.some((node) => node.type === 'AwaitExpression' && !functions.some((one) => isInFunction(one, node)))
  })
}

function written(text: string, source: SyntaxNode, { specifier }: RewriteOptions): string {
  const quote = text.charAt(source.start)
  return `${quote}${specifier(textOf(source) ?? '')}${quote}`
}

function ending(text: string, { end }: SyntaxNode): string {
  return text.charAt(end - 1) === ';' ? ';' : ''
}

function changeOf({ start, end }: SyntaxNode, text: string): Change {
  return { start, end, text }
}
