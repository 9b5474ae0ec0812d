import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { similarNames } from '../../core/similar-name.js'
import { packageOfSpecifier } from '../../security/package-names.js'
import { installedFolder } from '../dependencies/dependency-project.js'
import { changedFile, joined, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { exportRenaming } from './export-rename.js'
import { withRenamedVariable } from './identifier-rename.js'
import { moduleExports } from './import-exports.js'
import { asNode, asNodes, nodesOf, type SyntaxNode, textOf } from '../code/syntax-node.js'
import { type ImportedName, type ModuleLiteral, moduleLiterals, parseSource, spliced } from './import-literals.js'
import { isCodeFile } from '../code/code-parse.js'
import { folderOf } from './import-path.js'
import { isRelative, resolveRelative } from './import-resolve.js'
import { exportedLocally } from './local-exports.js'
import { packageFile } from './package-entry.js'

export interface NameQuestion {
  /** The module as imported; absent when only its file is known. */
  readonly specifier: string | undefined
  /** The module's file, relative to the root, if the tool named it. */
  readonly module: string | undefined
  readonly name: string
  /** A file of the project. */
  readonly importer: string
}

/**
 * Ways to heal the import of a name that a module, of the project or of an installed package, does not export: the exported
 * name that was meant, or the import of a CommonJS module as a whole.
 */
export function repairName(workspace: Workspace, question: NameQuestion): RepairAnswer {
  const { importer, name } = question
  const text = workspace.read(importer)
  const literal = moduleLiterals(text ?? '', importer).find((candidate) => takesName(workspace, candidate, question))
  const taken = literal?.names.find(({ imported }) => imported === name)
  if (text === undefined || literal === undefined || taken === undefined)
    return nothing(`No import of the name ${quoted(name)} is in ${importer}. Check what it imports.`)
  const path = moduleOf(workspace, importer, literal)
  if (path === undefined)
    return nothing(
      `${quoted(literal.specifier)} exports no ${quoted(name)}. Compare its version with the one ${importer} was written for.`,
    )

  const { names, complete } = moduleExports(workspace, path)
  const wanted = name === 'default' ? 'the default export' : quoted(name)
  const changes = [
    ...renamings(text, importer, { literal, taken, isAsked: () => isAskedFor(workspace, importer, name) }, names),
    ...defaultSwaps(text, importer, taken, names),
    ...wholes(text, importer, taken, { names, complete, isPackage: !isRelative(literal.specifier) }),
  ]
  const proposals = changes.map(({ after, to, plausibility }): Proposal =>
    proposal({
      title: `Import ${to} instead of ${wanted} in ${importer}`,
      edits: [changedFile(importer, text, after)],
      plausibility,
      rationale: `${path} does not have ${wanted} to import; it offers ${to}.`,
    }),
  )
  const local = exportedLocally(workspace, path, {
    name: name === 'default' ? taken.local : name,
    isDefault: name === 'default',
  })
  const before = local === undefined ? undefined : workspace.read(path)
  if (local !== undefined && before !== undefined)
    proposals.unshift(
      proposal({
        title: `Export ${name === 'default' ? `${quoted(taken.local)} as the default` : quoted(name)} from ${path}`,
        edits: [changedFile(path, before, local.after)],
        plausibility: name === 'default' ? (names.size === 0 ? 0.85 : 0.6) : 0.95,
        rationale: `${path} declares ${quoted(name === 'default' ? taken.local : name)} and does not export it; ${importer} imports it from there.`,
      }),
    )
  // The text of a test says what is right: where a name is in doubt, the module is more likely wrong.
  const renaming =
    local === undefined && isRelative(literal.specifier)
      ? exportRenaming(workspace, { module: path, name, importer, exports: names })
      : undefined
  if (renaming !== undefined)
    return joined(
      { proposals: proposals.map((one) => ({ ...one, plausibility: one.plausibility * 0.7 })), notes: [] },
      { proposals: [renaming], notes: [] },
    )
  const known = [...names].slice(0, 8).map(quoted).join(', ')
  proposals.sort((a, b) => b.plausibility - a.plausibility)
  return proposals.length > 0
    ? { proposals, notes: [] }
    : nothing(
        `${path} does not have ${wanted}${known === '' ? '' : `, only ${known}`}. Export it there, or change the import in ${importer}.`,
      )
}

/** Some tools name the import, some the file it leads to, some neither. */
function takesName(workspace: Workspace, literal: ModuleLiteral, question: NameQuestion): boolean {
  const { specifier, names } = literal
  if (!names.some(({ imported }) => imported === question.name)) return false
  if (question.specifier === undefined && question.module === undefined) return true
  return (
    specifier === question.specifier ||
    (question.module !== undefined && moduleOf(workspace, question.importer, literal) === question.module)
  )
}

/** The file that an import reaches, in the project or in an installed package. */
export function moduleOf(
  workspace: Workspace,
  importer: string,
  { specifier, form }: Pick<ModuleLiteral, 'specifier' | 'form'>,
): string | undefined {
  if (isRelative(specifier)) return resolveRelative(workspace, importer, specifier)
  const name = packageOfSpecifier(specifier)
  const folder = name === undefined ? undefined : installedFolder(workspace, folderOf(importer), name)
  if (name === undefined || folder === undefined) return undefined
  const file = packageFile(workspace, folder, `.${specifier.slice(name.length)}`, form === 'require' ? 'require' : 'import')
  return file === undefined || workspace.stat(file)?.kind !== 'file' ? undefined : file
}

interface Change {
  readonly after: string
  readonly to: string
  readonly plausibility: number
}

/**
 * Names that are exported and nearly the missing one. Where the code uses the local name, it is written anew everywhere, or stays
 * where that may hurt; a name that is handed on stays for those who ask for it.
 */
function renamings(
  text: string,
  path: string,
  { literal, taken, isAsked }: { readonly literal: ModuleLiteral; readonly taken: ImportedName; readonly isAsked: () => boolean },
  names: ReadonlySet<string>,
): readonly Change[] {
  const { form } = literal
  const { imported, local, start } = taken
  const end = start + imported.length
  if (text.slice(start, end) !== imported) return []
  const keepsLocal = local === imported && (form === 'export' ? isAsked() : [...namesIn(text, path)].includes(local))
  const near = similarNames(
    imported,
    [...names].filter((name) => name !== 'default' && isIdentifier(name)),
    3,
  )
  return near.map((name, index) => {
    const everywhere = keepsLocal && form === 'import' ? withRenamedVariable(text, path, [imported, name]) : undefined
    const written = keepsLocal ? `${name}${form === 'import' || form === 'export' ? ' as' : ':'} ${local}` : name
    return {
      after: everywhere ?? spliced(text, [{ start, end, text: written }]),
      to: quoted(name),
      plausibility: (name.toLowerCase() === imported.toLowerCase() ? 0.94 : 0.9) - index * 0.15,
    }
  })
}

/** Whether another file of the project speaks of a name that this one hands on: then the name is meant, if misspelt. */
function isAskedFor(workspace: Workspace, importer: string, name: string): boolean {
  const word = new RegExp(`(?<![\\w$])${name.replace(/[^\w]/g, '\\$&')}(?![\\w$])`)
  return workspace
    .files()
    .filter((path) => path !== importer && isCodeFile(path))
    .slice(0, filesReadMax)
    .some((path) => word.test(workspace.read(path) ?? ''))
}

const filesReadMax = 2_000

/** `import a from` where only `{ a }` is exported, and the other way round; for an import of one name only. */
function defaultSwaps(text: string, path: string, taken: ImportedName, names: ReadonlySet<string>): readonly Change[] {
  const declaration = importAround(text, path, taken.start)
  const specifiers = asNodes(declaration?.['specifiers'])
  const source = asNode(declaration?.['source'])
  if (declaration === undefined || source === undefined || specifiers.length !== 1) return []
  const write = (clause: string): string =>
    spliced(text, [{ start: declaration.start, end: source.start, text: `import ${clause} from ` }])
  if (taken.imported === 'default' && names.has(taken.local))
    return [{ after: write(`{ ${taken.local} }`), to: quoted(taken.local), plausibility: 0.92 }]
  if (taken.imported !== 'default' && names.has('default'))
    return [{ after: write(taken.local), to: 'the default export', plausibility: names.size === 1 ? 0.9 : 0.6 }]
  return []
}

/**
 * Named imports of a CommonJS package that builds its exports as it runs, so that Node sees no names in it: the package is
 * imported as a whole and the names are taken from that.
 */
function wholes(
  text: string,
  path: string,
  taken: ImportedName,
  {
    names,
    complete,
    isPackage,
  }: { readonly names: ReadonlySet<string>; readonly complete: boolean; readonly isPackage: boolean },
): readonly Change[] {
  const declaration = importAround(text, path, taken.start)
  const source = asNode(declaration?.['source'])
  const specifiers = asNodes(declaration?.['specifiers'])
  const isNamed = specifiers.length > 0 && specifiers.every(({ type }) => type === 'ImportSpecifier')
  if (!isPackage || complete || !names.has('default') || declaration === undefined || source === undefined || !isNamed) return []
  const used = new Set(namesIn(text, path))
  const base = (textOf(source) ?? '')
    .replace(/^.*\//, '')
    .replace(/[^A-Za-z0-9]+(\w?)/g, (_, letter: string) => letter.toUpperCase())
  const whole = [base, `${base}Module`, `${base}Package`].find((name) => isIdentifier(name) && !used.has(name))
  const parts = specifiers.map((specifier) => {
    const [imported, local] = [textOf(specifier['imported']) ?? '', textOf(specifier['local']) ?? '']
    return imported === local ? local : `${imported}: ${local}`
  })
  if (whole === undefined) return []
  const end = text.charAt(declaration.end - 1) === ';' ? ';' : ''
  const after = spliced(text, [
    {
      start: declaration.start,
      end: declaration.end,
      text: `import ${whole} from ${text.slice(source.start, source.end)}${end}\nconst { ${parts.join(', ')} } = ${whole}${end}`,
    },
  ])
  return [{ after, to: `${quoted(whole)} as a whole`, plausibility: names.has(taken.imported) ? 0.93 : 0.7 }]
}

function importAround(text: string, path: string, place: number): SyntaxNode | undefined {
  return asNodes(parseSource(text, path)?.['body']).find(
    (node) => node.type === 'ImportDeclaration' && node.start < place && place < node.end,
  )
}

/** Names that the code uses beyond its import statements. */
function* namesIn(text: string, path: string): Iterable<string> {
  const tree = parseSource(text, path)
  for (const statement of asNodes(tree?.['body'])) {
    if (statement.type === 'ImportDeclaration') continue
    for (const node of nodesOf(statement)) {
      const name = /^(?:JSX)?Identifier$/.test(node.type) ? (textOf(node) ?? node['name']) : undefined
      if (typeof name === 'string') yield name
    }
  }
}

function isIdentifier(name: string): boolean {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)
}
