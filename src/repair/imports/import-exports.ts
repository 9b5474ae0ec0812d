import type { Workspace } from '../../core/ports.js'
import { asNode, asNodes, nodesOf, type SyntaxNode, textOf } from '../code/syntax-node.js'
import { parseSource } from './import-literals.js'
import { isRelative, resolveRelative } from './import-resolve.js'

/** Names that a module of the project exports, `default` among them. */
export interface ModuleExports {
  readonly names: ReadonlySet<string>
  /** Whether that is certainly all; not so when it passes on another package, or builds its exports as it runs. */
  readonly complete: boolean
}

const unknown: ModuleExports = { names: new Set(), complete: false }
/** How far one `export * from` leads to another. */
const depthMax = 6

/** Reads the exports of a file, those it passes on from other files of the project included. */
export function moduleExports(workspace: Workspace, path: string): ModuleExports {
  return exportsWithin(workspace, path, new Set())
}

function exportsWithin(workspace: Workspace, path: string, visited: Set<string>): ModuleExports {
  if (visited.has(path)) return { names: new Set(), complete: true }
  const text = workspace.read(path)
  const tree = visited.size >= depthMax || text === undefined || text.length > 1024 * 1024 ? undefined : parseSource(text, path)
  if (tree === undefined) return unknown
  visited.add(path)
  const found: Found = { names: new Set(), stars: [], complete: true }
  for (const statement of asNodes(tree['body'])) readStatement(statement, found)
  if (text?.includes('defineProperty(exports') === true) found.complete = false
  if (tree['sourceType'] === 'script') for (const node of nodesOf(tree)) readCommonJs(node, found)
  for (const star of found.stars) {
    const target = isRelative(star) ? resolveRelative(workspace, path, star) : undefined
    const passed = target === undefined ? unknown : exportsWithin(workspace, target, visited)
    for (const name of passed.names) if (name !== 'default') found.names.add(name)
    found.complete &&= passed.complete
  }
  return found
}

interface Found extends ModuleExports {
  readonly names: Set<string>
  readonly stars: string[]
  complete: boolean
}

function readStatement(statement: SyntaxNode, found: Found): void {
  const { type } = statement
  if (type === 'ExportDefaultDeclaration') found.names.add('default')
  if (type === 'TSExportAssignment') found.complete = false
  if (type === 'ExportAllDeclaration') found.stars.push(textOf(statement['source']) ?? '')
  if (type !== 'ExportNamedDeclaration') return
  for (const specifier of asNodes(statement['specifiers'])) add(found, textOf(specifier['exported']))
  const declaration = asNode(statement['declaration'])
  if (declaration === undefined) return
  add(found, textOf(declaration['id']))
  for (const declarator of asNodes(declaration['declarations'])) readPattern(asNode(declarator['id']), found)
}

/** The names a declaration binds: `a`, `{ a, b: c }`, `[a, ...b]`. */
function readPattern(pattern: SyntaxNode | undefined, found: Found): void {
  if (pattern === undefined) return
  if (pattern.type === 'Identifier') add(found, textOf(pattern))
  for (const part of [...asNodes(pattern['properties']), ...asNodes(pattern['elements'])]) readPattern(part, found)
  for (const field of ['value', 'argument', 'left']) readPattern(asNode(pattern[field]), found)
}

/** `exports.a = …`, `module.exports.a = …`, `module.exports = { a, b }`; anything cleverer is not known whole. */
function readCommonJs(node: SyntaxNode, found: Found): void {
  if (node.type !== 'AssignmentExpression') return
  const left = asNode(node['left'])
  if (left?.type !== 'MemberExpression') return
  const object = asNode(left['object'])
  const name = left['computed'] === true ? undefined : textOf(left['property'])
  if (textOf(object) === 'module' && name === 'exports') return readExported(asNode(node['right']), found)
  const isExports =
    textOf(object) === 'exports' ||
    (object?.type === 'MemberExpression' && textOf(object['object']) === 'module' && textOf(object['property']) === 'exports')
  if (isExports && name !== undefined) found.names.add(name)
  if (isExports && name === undefined) found.complete = false
}

function readExported(value: SyntaxNode | undefined, found: Found): void {
  found.names.add('default')
  if (value?.type !== 'ObjectExpression') {
    found.complete = false
    return
  }
  for (const property of asNodes(value['properties'])) {
    const key = property['computed'] === true ? undefined : textOf(property['key'])
    if (key === undefined) found.complete = false
    else found.names.add(key)
  }
}

function add(found: Found, name: string | undefined): void {
  if (name !== undefined) found.names.add(name)
}
