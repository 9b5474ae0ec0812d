import { builtinModules } from 'node:module'
import { globalNames } from '../code/built-in-names.js'
import { asNode, asNodes, type SyntaxNode } from '../code/syntax-node.js'
import { installedFolder, sceneOf } from '../dependencies/dependency-project.js'
import { moduleLiterals } from '../imports/import-literals.js'
import { moduleExports } from '../imports/import-exports.js'
import { packageFile } from '../imports/package-entry.js'
import { isRelative, resolveRelative, spellImport } from '../imports/import-resolve.js'
import { folderOf, isForDevelopment, isTest } from '../imports/import-path.js'
import { usualSpelling } from '../imports/import-uses.js'
import type { Candidate } from './runtime-candidate.js'
import { specifierOf } from './property-rename.js'
import type { Binding } from './runtime-scopes.js'
import type { Scene } from './runtime-scene.js'
import { keyOf, nameOf, type Source } from './runtime-source.js'

interface Wanted {
  readonly specifier: string
  /** `default` for the default export, `*` for the whole module. */
  readonly imported: string
  readonly weight: number
  readonly why: string
  /** What else the module exports; of that the file may miss more than one name. */
  readonly exports?: ReadonlySet<string>
}

/** Ways to bring a name into a file: as other files of the project import it, from a module that exports it, from Node itself. */
export function missingImports(scene: Scene, source: Source, name: string, unused: readonly Binding[]): readonly Candidate[] {
  // A module that is imported under a name that nobody uses is not imported once more: that name is the mistake.
  const taken = new Set(unused.map((binding) => specifierOf(source, binding.declaration)))
  const wanted = [
    ...importedElsewhere(scene, source, name),
    ...exportedBySiblings(scene, source, name),
    ...offeredByPackages(scene, source, name),
    ...builtIn(name),
  ]
  const seen = new Set<string>()
  return wanted
    .filter(({ specifier }) => !taken.has(specifier))
    .filter(({ specifier, imported }) => !seen.has(`${specifier}\n${imported}`) && seen.add(`${specifier}\n${imported}`))
    .slice(0, 6)
    .flatMap((one) => importing(source, { name, besides: missedToo(scene, source, name, one) }, one))
}

/** Other names that the file uses and nobody declares, and the same module exports: an import that is gone had them all. */
function missedToo(scene: Scene, source: Source, name: string, { exports }: Wanted): readonly string[] {
  return exports === undefined
    ? []
    : [...scene.scopes(source).unresolved.keys()].filter(
        (other) => other !== name && exports.has(other) && !globalNames.includes(other),
      )
}

/** How another file gets the same name says most. */
function importedElsewhere(scene: Scene, source: Source, name: string): readonly Wanted[] {
  const found: Wanted[] = []
  for (const path of scene.paths()) {
    const other = path === source.path ? undefined : scene.source(path)
    if (other === undefined || !other.text.includes(name)) continue
    for (const node of other.parents.keys()) {
      const one = importOf(node, name)
      if (one === undefined) continue
      const target = isRelative(one.specifier) ? resolveRelative(scene.request.workspace, path, one.specifier) : undefined
      if (target === source.path || (isRelative(one.specifier) && target === undefined)) continue
      const specifier = target === undefined ? one.specifier : spelled(scene, source, target)
      found.push({
        specifier,
        imported: one.imported,
        weight: isTest(path) ? 0.6 : 0.85,
        why: `${path} imports "${name}" in this way.`,
        ...(target !== undefined && one.imported === name && { exports: moduleExports(scene.request.workspace, target).names }),
      })
    }
  }
  return found
}

function importOf(declaration: SyntaxNode, name: string): { readonly specifier: string; readonly imported: string } | undefined {
  if (declaration.type === 'ImportDeclaration') {
    const source = asNode(declaration['source'])?.['value']
    const specifier = asNodes(declaration['specifiers']).find((one) => nameOf(one['local']) === name)
    if (typeof source !== 'string' || specifier === undefined) return undefined
    if (specifier.type === 'ImportNamespaceSpecifier') return { specifier: source, imported: '*' }
    return {
      specifier: source,
      imported: specifier.type === 'ImportDefaultSpecifier' ? 'default' : (nameOf(specifier['imported']) ?? name),
    }
  }
  if (declaration.type !== 'VariableDeclarator') return undefined
  const call = asNode(declaration['init'])
  const argument = nameOf(call?.['callee']) === 'require' ? asNodes(call?.['arguments'])[0]?.['value'] : undefined
  if (typeof argument !== 'string') return undefined
  if (nameOf(declaration['id']) === name) return { specifier: argument, imported: '*' }
  const property = asNodes(asNode(declaration['id'])?.['properties']).find((one) => nameOf(one['value']) === name)
  return property === undefined ? undefined : { specifier: argument, imported: keyOf(property) ?? name }
}

function exportedBySiblings(scene: Scene, source: Source, name: string): readonly Wanted[] {
  return scene.paths().flatMap((path): readonly Wanted[] => {
    const text = path === source.path || isTest(path) ? undefined : scene.source(path)?.text
    if (text === undefined) return []
    const file = path.slice(path.lastIndexOf('/') + 1).replace(/\.[cm]?[jt]sx?$/, '')
    const isNamed = file.replace(/[-_.]/g, '').toLowerCase() === name.toLowerCase()
    if (!text.includes(name) && !isNamed) return []
    const { names } = moduleExports(scene.request.workspace, path)
    const specifier = spelled(scene, source, path)
    if (names.has(name)) return [{ specifier, imported: name, weight: 0.8, why: `${path} exports "${name}".`, exports: names }]
    return names.has('default') && isNamed
      ? [{ specifier, imported: 'default', weight: 0.75, why: `${path} is named for "${name}".` }]
      : []
  })
}

/** A package is read only so far: of a large project the first declared ones. */
const packagesReadMax = 60

/** A declared package that bears the name, or exports it. One that nothing imports is declared for something. */
function offeredByPackages(scene: Scene, source: Source, name: string): readonly Wanted[] {
  const { workspace } = scene.request
  const { declared } = sceneOf(workspace, folderOf(source.path))
  const asking = isModule(source) ? 'import' : 'require'
  const own = new Set(moduleLiterals(source.text, source.path).map(({ specifier }) => specifier))
  return [...declared]
    .filter(([specifier, { dev }]) => !own.has(specifier) && (!dev || isForDevelopment(source.path)))
    .slice(0, packagesReadMax)
    .flatMap(([specifier]): readonly Wanted[] => {
      const extra = scene.paths().some((path) => scene.source(path)?.text.includes(specifier) === true) ? 0 : 0.08
      if (plain(specifier.replace(/^@[^/]*\//, '')) === plain(name))
        return [
          { specifier, imported: '*', weight: 0.85 + extra, why: `The package "${specifier}" is declared and bears the name.` },
        ]
      const folder = installedFolder(workspace, folderOf(source.path), specifier)
      const entry = folder === undefined ? undefined : packageFile(workspace, folder, '.', asking)
      const exports = entry === undefined ? undefined : moduleExports(workspace, entry).names
      return exports?.has(name) === true
        ? [
            {
              specifier,
              imported: name,
              weight: 0.8 + extra,
              why: `The package "${specifier}" is declared and exports "${name}".`,
              exports,
            },
          ]
        : []
    })
}

/** `setprototypeof` for `setPrototypeOf`, `merge-stream.js` and `merge_stream`. */
function plain(name: string): string {
  return name.replace(/[-_.]?js$|[-_.]/gi, '').toLowerCase()
}

function spelled({ request }: Scene, source: Source, target: string): string {
  return spellImport(
    source.path,
    target,
    usualSpelling(request.workspace, source) ?? { extension: isModule(source) ? 'output' : 'none' },
  )
}

function builtIn(name: string): readonly Wanted[] {
  const known = builtinModules.includes(name)
    ? [{ specifier: `node:${name}`, imported: '*', weight: 0.7, why: `Node has a module "${name}".` }]
    : []
  const owner = builtInOwners.find(([, names]) => names.includes(name))
  return owner === undefined
    ? known
    : [
        ...known,
        { specifier: `node:${owner[0]}`, imported: name, weight: 0.65, why: `Node's module "${owner[0]}" exports "${name}".` },
      ]
}

/** What is imported by name most often. */
const builtInOwners: readonly (readonly [string, readonly string[]])[] = [
  [
    'fs',
    [
      'readFileSync',
      'writeFileSync',
      'existsSync',
      'statSync',
      'mkdirSync',
      'readdirSync',
      'createReadStream',
      'createWriteStream',
    ],
  ],
  ['path', ['join', 'resolve', 'dirname', 'basename', 'extname', 'relative', 'posix']],
  ['url', ['fileURLToPath', 'pathToFileURL']],
  ['util', ['promisify', 'inspect', 'format', 'isDeepStrictEqual', 'types']],
  ['events', ['EventEmitter', 'once']],
  ['child_process', ['spawn', 'exec', 'execFile', 'execSync', 'spawnSync', 'fork']],
  ['crypto', ['createHash', 'randomBytes', 'createHmac', 'randomUUID', 'timingSafeEqual']],
  ['stream', ['Readable', 'Writable', 'Transform', 'PassThrough', 'pipeline']],
  ['module', ['createRequire']],
  ['os', ['tmpdir', 'homedir', 'EOL']],
]

function isModule({ top, text }: Source): boolean {
  return top['sourceType'] === 'module' || /^(?:import|export)[\s{*'"]/m.test(text)
}

/** Joins an import of the same module, or adds one below the last. */
function importing(
  source: Source,
  { name, besides }: { readonly name: string; readonly besides: readonly string[] },
  { specifier, imported, weight, why }: Wanted,
): readonly Candidate[] {
  const what = `Import "${name}"${besides.length > 0 ? ` and ${besides.length} more` : ''} from "${specifier}"`
  const more = besides.map((other) => `, ${other}`).join('')
  const candidate = (at: number, text: string): readonly Candidate[] => [
    { source, edits: [{ start: at, end: at, text, what }], weight, why },
  ]
  const binding = imported === name ? name : undefined
  const joinable = imported === '*' || imported === 'default' ? undefined : listTaking(source, specifier)
  if (joinable !== undefined)
    return candidate(
      joinable.at,
      `, ${binding ?? (joinable.isImport ? `${imported} as ${name}` : `${imported}: ${name}`)}${more}`,
    )
  const quote = (source.text.match(/'/g)?.length ?? 0) >= (source.text.match(/"/g)?.length ?? 0) ? "'" : '"'
  const literal = `${quote}${specifier}${quote}`
  const semicolon = /;\s*$/m.test(source.text) ? ';' : ''
  const line = isModule(source)
    ? `import ${imported === '*' ? (isRelative(specifier) ? `* as ${name}` : name) : imported === 'default' ? name : `{ ${binding ?? `${imported} as ${name}`}${more} }`} from ${literal}${semicolon}\n`
    : `const ${imported === '*' || imported === 'default' ? name : `{ ${binding ?? `${imported}: ${name}`}${more} }`} = require(${literal})${semicolon}\n`
  return candidate(importPlace(source), line)
}

function listTaking(source: Source, specifier: string): { readonly at: number; readonly isImport: boolean } | undefined {
  for (const node of source.parents.keys()) {
    if (node.type === 'ImportDeclaration' && asNode(node['source'])?.['value'] === specifier) {
      const last = asNodes(node['specifiers']).findLast(({ type }) => type === 'ImportSpecifier')
      if (last !== undefined && node['importKind'] !== 'type') return { at: last.end, isImport: true }
    }
    const call = node.type === 'VariableDeclarator' ? asNode(node['init']) : undefined
    if (nameOf(call?.['callee']) !== 'require' || asNodes(call?.['arguments'])[0]?.['value'] !== specifier) continue
    const last = asNodes(asNode(node['id'])?.['properties']).at(-1)
    if (last !== undefined && last.type !== 'RestElement') return { at: last.end, isImport: false }
  }
  return undefined
}

/** The start of the line below the last import; of the first statement where there is none. */
function importPlace(source: Source): number {
  const statements = asNodes(source.top['body'])
  const literals = moduleLiterals(source.text, source.path)
  const isImport = ({ start, end, type }: { start: number; end: number; type: string }): boolean =>
    type === 'ImportDeclaration' || (type === 'VariableDeclaration' && literals.some((one) => one.start > start && one.end < end))
  const last = statements.findLast((statement) => isImport(statement))
  if (last === undefined) return statements[0]?.start ?? 0
  const newline = source.text.indexOf('\n', last.end)
  return newline === -1 ? last.start : newline + 1
}
