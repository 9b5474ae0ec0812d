import { asNode, asNodes, nodesOf, type SyntaxNode, textOf } from '../code/syntax-node.js'
import { parseSource, spliced } from './import-literals.js'

interface Change {
  readonly start: number
  readonly end: number
  readonly text: string
}

/**
 * The text with `exports.a = …` and `module.exports = …` at its top level written as exports of an ECMAScript module. `undefined`
 * when there is none, or one remains that an export could not stand for.
 *
 * @param taken - Names that others import from the file; without any, an object that is exported stays one, as the default.
 */
export function asModuleExports(text: string, path: string, taken: ReadonlySet<string>): string | undefined {
  const tree = parseSource(text, path)
  const statements = asNodes(tree?.['body'])
  const bound = new Set(statements.flatMap(boundBy))
  const changes = statements.flatMap((statement): readonly Change[] => {
    const assigned = assignedBy(statement)
    if (assigned === undefined) return []
    const written = exportFor(text, assigned, { bound, taken })
    return written === undefined ? [] : [{ start: statement.start, end: statement.end, text: written }]
  })
  const inside = ({ start, end }: SyntaxNode): boolean => changes.some((one) => one.start <= start && end <= one.end)
  const isLeft = tree !== undefined && [...nodesOf(tree)].some((node) => isExportsObject(node) && !inside(node))
  return changes.length === 0 || isLeft ? undefined : spliced(text, changes)
}

/**
 * The text with every export of an ECMAScript module written as `exports.a = …` or `module.exports = …`. `undefined` when there
 * is none, or one of a kind that has no like.
 */
export function asCommonJsExports(text: string, path: string): string | undefined {
  const statements = asNodes(parseSource(text, path)?.['body'])
  const exported = statements.filter(({ type }) => type.startsWith('Export'))
  const names: (readonly [string, string])[] = []
  const changes: Change[] = []
  for (const statement of exported) {
    const declaration = asNode(statement['declaration'])
    const isPlain = statement['source'] == null && statement['exportKind'] !== 'type'
    if (statement.type === 'ExportDefaultDeclaration' && declaration !== undefined && exported.length === 1) {
      changes.push({ start: statement.start, end: declaration.start, text: 'module.exports = ' })
    } else if (statement.type === 'ExportNamedDeclaration' && isPlain && declaration !== undefined) {
      changes.push({ start: statement.start, end: declaration.start, text: '' })
      names.push(...boundBy(declaration).map((name) => [name, name] as const))
    } else if (statement.type === 'ExportNamedDeclaration' && isPlain) {
      changes.push({ start: statement.start, end: statement.end, text: '' })
      for (const one of asNodes(statement['specifiers'])) names.push([textOf(one['exported']) ?? '', textOf(one['local']) ?? ''])
    } else return undefined
  }
  if (changes.length === 0 || names.some(([name, local]) => name === '' || name === 'default' || local === '')) return undefined
  const end = /;\s*$/m.test(text) ? ';' : ''
  const lines = names.map(([name, local]) => `exports.${name} = ${local}${end}\n`).join('')
  const body = spliced(text, changes)
  return lines === '' ? body : `${body.trimEnd()}\n\n${lines}`
}

interface Assigned {
  /** `undefined`: the module as a whole. */
  readonly name: string | undefined
  readonly value: SyntaxNode
  readonly statement: SyntaxNode
}

function assignedBy(statement: SyntaxNode): Assigned | undefined {
  const expression = statement.type === 'ExpressionStatement' ? asNode(statement['expression']) : undefined
  const [left, value] = [asNode(expression?.['left']), asNode(expression?.['right'])]
  if (expression?.type !== 'AssignmentExpression' || expression['operator'] !== '=' || value === undefined) return undefined
  if (left === undefined || holdsExports(value)) return undefined
  if (isWhole(left)) return { name: undefined, value, statement }
  const object = asNode(left['object'])
  const name = left.type === 'MemberExpression' && left['computed'] !== true ? textOf(left['property']) : undefined
  const isExports = object !== undefined && (isWhole(object) || isNamed(object, 'exports'))
  return isExports && name !== undefined ? { name, value, statement } : undefined
}

function exportFor(
  text: string,
  { name, value, statement }: Assigned,
  { bound, taken }: { readonly bound: ReadonlySet<string>; readonly taken: ReadonlySet<string> },
): string | undefined {
  const source = text.slice(value.start, value.end)
  const end = text.charAt(statement.end - 1) === ';' ? ';' : ''
  if (name === undefined) {
    const members = taken.size > 0 && !taken.has('default') ? shorthands(value) : undefined
    return members === undefined ? `export default ${source}${end}` : `export { ${members.join(', ')} }${end}`
  }
  if (name === 'default') return undefined
  if (value.type === 'Identifier') return `export { ${source === name ? name : `${source} as ${name}`} }${end}`
  if (bound.has(name)) return undefined
  const isDeclaration = /^(?:Function|Class)Expression$/.test(value.type) && textOf(value['id']) === name
  return isDeclaration ? `export ${source}` : `export const ${name} = ${source}${end}`
}

/** `a` and `b: c` of an object that holds nothing else, as an export lists them. */
function shorthands(value: SyntaxNode): readonly string[] | undefined {
  const members = value.type === 'ObjectExpression' ? asNodes(value['properties']) : []
  const listed = members.map((member) => {
    const [key, local] = [textOf(member['key']), asNode(member['value'])]
    if (member['computed'] === true || key === undefined || local?.type !== 'Identifier') return undefined
    return textOf(local) === key ? key : `${textOf(local) ?? ''} as ${key}`
  })
  const known = listed.filter((one) => one !== undefined)
  return known.length > 0 && known.length === listed.length ? known : undefined
}

/** Names that a statement binds; patterns bind none that is known here. */
function boundBy(statement: SyntaxNode): readonly string[] {
  const inner = statement.type.startsWith('Export') ? (asNode(statement['declaration']) ?? statement) : statement
  const declared = inner.type === 'VariableDeclaration' ? asNodes(inner['declarations']) : [inner]
  return declared.flatMap((one) => textOf(one['id']) ?? [])
}

function holdsExports(top: SyntaxNode): boolean {
  return [...nodesOf(top)].some(isExportsObject)
}

/** `module.exports`, or `exports` as a variable. A key or a member of that name is taken for one too: then nothing is changed. */
function isExportsObject(node: SyntaxNode): boolean {
  return isWhole(node) || isNamed(node, 'exports')
}

function isWhole(node: SyntaxNode): boolean {
  const object = asNode(node['object'])
  return (
    node.type === 'MemberExpression' &&
    object !== undefined &&
    isNamed(object, 'module') &&
    textOf(node['property']) === 'exports'
  )
}

function isNamed(node: SyntaxNode, name: string): boolean {
  return node.type === 'Identifier' && textOf(node) === name
}
