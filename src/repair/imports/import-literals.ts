import { asNode, asNodes, nodesOf, textOf, type SyntaxNode } from '../code/syntax-node.js'
import { parse, type ParserPlugin } from '@babel/parser'
import { objectOf } from '../dependencies/dependency-manifest.js'
import { extensionOf } from './import-path.js'

/** One place in a source file that names a module by a literal text. */
export interface ModuleLiteral {
  readonly specifier: string
  /** Of the text between the quotes, in UTF-16 units. */
  readonly start: number
  readonly end: number
  readonly form: 'import' | 'export' | 'require' | 'dynamic'
  /** Names taken from the module; empty when it is taken as a whole. */
  readonly names: readonly ImportedName[]
}

export interface ImportedName {
  /** `default` for the default export. */
  readonly imported: string
  readonly local: string
  /** Of the imported name; of the local name of a default import. */
  readonly start: number
}

/** Larger files are machine-made. */
const sourceLengthMax = 1024 * 1024

/**
 * Every literal module name in a source text, in order. A text that does not parse is searched for `from '…'`, `import '…'`,
 * `import('…')` and `require('…')`, without the names they take.
 */
export function moduleLiterals(text: string, path: string): readonly ModuleLiteral[] {
  if (text.length > sourceLengthMax) return []
  const tree = parseSource(text, path)
  return tree === undefined ? searchedLiterals(text) : literalsOf(tree)
}

/** The text with other module names in the place of some; quotes stay. The new names must hold no quote and no backslash. */
export function replaceLiterals(
  text: string,
  replacements: readonly { readonly literal: ModuleLiteral; readonly specifier: string }[],
): string {
  return spliced(
    text,
    replacements.map(({ literal, specifier }) => ({ start: literal.start, end: literal.end, text: specifier })),
  )
}

/** Whether a module name can stand between any quotes as it is. */
export function isPlainSpecifier(specifier: string): boolean {
  return specifier !== '' && specifier.length <= 512 && !/["'`\\$\u0000-\u001f\u007f\u2028\u2029]/.test(specifier)
}

/** The text with several stretches replaced. They must not overlap. */
export function spliced(
  text: string,
  changes: readonly { readonly start: number; readonly end: number; readonly text: string }[],
): string {
  return changes
    .toSorted((a, b) => b.start - a.start)
    .reduce((result, change) => result.slice(0, change.start) + change.text + result.slice(change.end), text)
}

/** The top of the syntax tree; `undefined` when the text is too damaged, or no JavaScript or TypeScript by its name. */
export function parseSource(text: string, path: string): SyntaxNode | undefined {
  const extension = extensionOf(path)
  if (!/^(?:\.d)?\.(?:[cm]?[jt]s|[jt]sx)$/.test(extension) && extension !== '') return undefined
  const typed = /\.(?:[cm]?ts|tsx)$/.test(extension)
  const plugins: ParserPlugin[] = [
    'decorators-legacy',
    'deprecatedImportAssert',
    'explicitResourceManagement',
    ...(typed ? (['typescript'] as const) : []),
    ...(typed && !extension.endsWith('x') ? [] : (['jsx'] as const)),
  ]
  try {
    const { program } = parse(text, {
      sourceType: 'unambiguous',
      errorRecovery: true,
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      attachComment: false,
      plugins,
    })
    return asNode(program)
  } catch {
    return undefined // Repairing the syntax is the business of another repairer.
  }
}

function literalsOf(tree: SyntaxNode): readonly ModuleLiteral[] {
  const byStart = new Map<number, ModuleLiteral>()
  for (const node of nodesOf(tree)) {
    const found = literalIn(node)
    // A call that is destructured is met twice, first with the names it is destructured to.
    if (found !== undefined && !byStart.has(found.start)) byStart.set(found.start, found)
  }
  return [...byStart.values()].sort((a, b) => a.start - b.start)
}

function literalIn(node: SyntaxNode): ModuleLiteral | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
      return literal(node['source'], 'import', asNodes(node['specifiers']).flatMap(importedName))
    case 'ExportNamedDeclaration':
      return literal(node['source'], 'export', asNodes(node['specifiers']).flatMap(reexportedName))
    case 'ExportAllDeclaration':
      return literal(node['source'], 'export')
    case 'ImportExpression':
      return literal(node['source'], 'dynamic')
    case 'TSExternalModuleReference':
      return literal(node['expression'], 'require')
    case 'TSImportType':
      return literal(node['argument'], 'import')
    case 'CallExpression':
      return literalInCall(node)
    case 'VariableDeclarator': {
      const call = asNode(node['init'])
      const names = asNodes(asNode(node['id'])?.['properties']).flatMap(destructuredName)
      return call?.type === 'CallExpression' && names.length > 0 ? literalInCall(call, names) : undefined
    }
    default:
      return undefined
  }
}

function literalInCall(call: SyntaxNode, names: readonly ImportedName[] = []): ModuleLiteral | undefined {
  const form = formOfCall(asNode(call['callee']))
  return form === undefined ? undefined : literal(asNodes(call['arguments'])[0], form, names)
}

/** `require()`, `require.resolve()`, `import()`, and the mocks of test tools, which name a module as an import does. */
function formOfCall(callee: SyntaxNode | undefined): ModuleLiteral['form'] | undefined {
  if (callee?.type === 'Import') return 'dynamic'
  if (callee?.type === 'Identifier') return callee['name'] === 'require' ? 'require' : undefined
  if (callee?.type !== 'MemberExpression') return undefined
  const name = `${textOf(callee['object']) ?? ''}.${textOf(callee['property']) ?? ''}`
  return /^(?:require\.resolve|(?:jest|vi|vitest)\.(?:mock|unmock|doMock|dontMock|requireActual|importActual|requireMock))$/.test(
    name,
  )
    ? 'require'
    : undefined
}

function literal(source: unknown, form: ModuleLiteral['form'], names: readonly ImportedName[] = []): ModuleLiteral | undefined {
  const node = asNode(source)
  if (node?.type === 'TSLiteralType') return literal(node['literal'], form, names)
  if (node?.type === 'TemplateLiteral') {
    const [only, ...others] = asNodes(node['quasis'])
    const cooked = others.length === 0 && only !== undefined ? objectOf(only['value'])?.['cooked'] : undefined
    return typeof cooked === 'string' ? { specifier: cooked, start: node.start + 1, end: node.end - 1, form, names } : undefined
  }
  const specifier = node?.type === 'StringLiteral' ? textOf(node) : undefined
  return node === undefined || specifier === undefined
    ? undefined
    : { specifier, start: node.start + 1, end: node.end - 1, form, names }
}

function importedName(specifier: SyntaxNode): readonly ImportedName[] {
  const local = textOf(specifier['local'])
  if (local === undefined || specifier.type === 'ImportNamespaceSpecifier') return []
  const imported = specifier.type === 'ImportDefaultSpecifier' ? 'default' : textOf(specifier['imported'])
  return imported === undefined ? [] : [{ imported, local, start: asNode(specifier['imported'])?.start ?? specifier.start }]
}

function reexportedName(specifier: SyntaxNode): readonly ImportedName[] {
  const imported = textOf(specifier['local'])
  const local = textOf(specifier['exported'])
  return imported === undefined || local === undefined
    ? []
    : [{ imported, local, start: asNode(specifier['local'])?.start ?? specifier.start }]
}

function destructuredName(property: SyntaxNode): readonly ImportedName[] {
  const imported = property['computed'] === true ? undefined : textOf(property['key'])
  const local = textOf(property['value']) ?? imported
  return imported === undefined || local === undefined ? [] : [{ imported, local, start: property.start }]
}

function searchedLiterals(text: string): readonly ModuleLiteral[] {
  const literals: ModuleLiteral[] = []
  for (const match of text.matchAll(/\b(from|import|require)[ \t]{0,8}(\(?)[ \t]{0,8}(["'])([^"'`\\\n]{1,512})\3/g)) {
    const [whole, word, bracket, , specifier = ''] = match
    if ((word === 'require' && bracket === '') || (word === 'from' && bracket !== '')) continue
    const end = match.index + whole.length - 1
    const form = word === 'require' ? 'require' : word === 'import' && bracket !== '' ? 'dynamic' : 'import'
    literals.push({ specifier, start: end - specifier.length, end, form, names: [] })
  }
  return literals
}
