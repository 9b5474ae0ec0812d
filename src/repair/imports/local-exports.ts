import type { Workspace } from '../../core/ports.js'
import { isInstalled } from '../code/code-place.js'
import { asNode, asNodes, type SyntaxNode, textOf } from '../code/syntax-node.js'
import { parseSource, spliced } from './import-literals.js'

/** A file that declares what others import from it, and does not export it. */
export interface LocalExport {
  readonly after: string
  /** What is written: `export`, or `export default`. */
  readonly word: string
}

/**
 * The text of a module of the project with the export of a name that it declares at its top. `undefined` where it declares
 * nothing of that name, is CommonJS, or belongs to an installed package.
 *
 * @param name - As it is imported; for `default` the name that the importer gives it.
 */
export function exportedLocally(
  workspace: Workspace,
  path: string,
  { name, isDefault }: { readonly name: string; readonly isDefault: boolean },
): LocalExport | undefined {
  const text = isInstalled(path) || /\.(?:json|c[jt]s)$|\.d\.[cm]?ts$/.test(path) ? undefined : workspace.read(path)
  if (text === undefined || text.length > 1024 * 1024 || /\bmodule\.exports\b|^\s*exports\./m.test(text)) return undefined
  const statement = asNodes(parseSource(text, path)?.['body']).find((each) => namesOf(each).includes(name))
  if (statement === undefined) return undefined
  const word = isDefault ? 'export default' : 'export'
  // A variable cannot be declared as the default, and a name that shares its statement with others is not exported alone.
  if (statement.type !== 'VariableDeclaration')
    return { after: spliced(text, [{ start: statement.start, end: statement.start, text: `${word} ` }]), word }
  if (!isDefault && namesOf(statement).length === 1)
    return { after: spliced(text, [{ start: statement.start, end: statement.start, text: 'export ' }]), word }
  const end = /;\s*$/.test(text.slice(statement.start, statement.end)) ? ';' : ''
  const what = isDefault ? name : `{ ${name} }`
  return { after: `${text.replace(/\n*$/, '\n')}\n${word} ${what}${end}\n`, word }
}

const declarations: ReadonlySet<string> = new Set([
  'FunctionDeclaration',
  'ClassDeclaration',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSEnumDeclaration',
])

/** What a statement at the top of a file declares. */
function namesOf(statement: SyntaxNode): readonly string[] {
  if (declarations.has(statement.type)) return [textOf(statement['id']) ?? '']
  if (statement.type !== 'VariableDeclaration') return []
  return asNodes(statement['declarations']).flatMap((declarator) => {
    const id = asNode(declarator['id'])
    return id?.type === 'Identifier' ? [textOf(id) ?? ''] : []
  })
}
