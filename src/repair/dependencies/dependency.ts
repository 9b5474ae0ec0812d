import { isBuiltin } from 'node:module'
import type { Fault } from '../../core/fault.js'
import type { Workspace } from '../../core/ports.js'
import type { Repairer, RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { similarNames } from '../../core/similar-name.js'
import { packageOfSpecifier } from '../../security/package-names.js'
import { repairBare } from './dependency-bare.js'
import { packageAtFault } from './dependency-damage.js'
import { detailOf } from './dependency-detail.js'
import { installDeclared, isDeclared } from './dependency-install.js'
import { type InstalledQuestion, lacking, repairBoundName, repairDamaged, repairInstalledFile } from './dependency-installed.js'
import { withoutMisdeclared } from './dependency-misdeclared.js'
import { planned } from './dependency-plan.js'
import { repairProgram } from './dependency-program.js'
import { packageInPath, sceneOf } from './dependency-project.js'
import { joined, nothing, quoted } from './dependency-proposal.js'
import { repairOutOfStep, repairUnknownPackage } from './dependency-registry.js'
import { registryBy } from './dependency-releases.js'
import { screened } from './dependency-screen.js'
import { repairTypes } from './dependency-types.js'
import { repairEngine, repairPeerConflict, repairUnknownVersion } from './dependency-versions.js'
import { remembered } from './dependency-view.js'
import { repairAlias } from '../imports/import-alias.js'
import { withoutScheme } from '../imports/import-builtin.js'
import { repairModuleType, repairModuleTypes } from '../imports/import-module-type.js'
import { moduleExports } from '../imports/import-exports.js'
import { repairName } from '../imports/import-names.js'
import { folderOf, projectPath } from '../imports/import-path.js'
import { addEndings, repairRelative } from '../imports/import-relative.js'
import { isRelative, resolveRelative, spellImport } from '../imports/import-resolve.js'
import { usesOf } from '../imports/import-uses.js'

/**
 * Heals what is not found: modules, packages, exported names, types and programs. Edits imports, and brings in packages as far
 * as the policy goes. All it knows of the fault is untrusted text: files outside the project are never touched, and names only
 * used when npm would accept them.
 */
export const dependencyRepairer: Repairer = {
  id: 'dependency',
  categories: ['dependency', 'build', 'configuration', 'syntax', 'runtime'],
  async propose(request) {
    request.signal.throwIfAborted()
    const registry = registryBy(request)
    const repairIn = (fault: Fault, workspace: Workspace): Promise<RepairAnswer> =>
      repair({ ...request, fault, workspace, registry })
    const workspace = remembered(request.workspace)
    const found = withoutMisdeclared(await repairIn(request.fault, workspace), workspace, request.installs)
    const answer = await planned(found, { ...request, workspace, repair: repairIn })
    return { proposals: answer.proposals.slice(0, Math.max(0, request.proposalsMax)), notes: answer.notes.slice(0, notesMax) }
  },
}

const notesMax = 6
/** A longer one is no import that anyone wrote. */
const specifierLengthMax = 512

async function repair(request: InstalledQuestion): Promise<RepairAnswer> {
  const { fault, workspace, installs } = request
  const damaged = packageAtFault(fault, workspace)
  const isKind = fault.code === 'ESM_IN_COMMONJS' || fault.code === 'COMMONJS_IN_ESM'
  if (damaged !== undefined && fault.category !== 'dependency' && !isKind) return repairInstalledFile(request, damaged)
  if (fault.category === 'syntax' && fault.location === undefined) return repairDamaged(request)
  switch (fault.code) {
    case 'COMMAND_NOT_FOUND':
      return repairProgram(workspace, installs, detailOf(fault, 'program') ?? '')
    case 'LOCKFILE_MISSING':
    case 'LOCKFILE_OUT_OF_STEP':
    case 'PACKAGES_OUT_OF_STEP':
      return repairOutOfStep(workspace, installs)
    case 'PACKAGE_NOT_FOUND':
    case 'VERSION_NOT_FOUND':
      return repairAtRegistry(request)
    case 'PEER_CONFLICT':
      return repairPeerConflict(request, fault)
    case 'ENGINE_MISMATCH':
      return repairEngine(request, fault)
    case 'ESM_IN_COMMONJS':
      return repairKind(fault, workspace, 'module')
    case 'COMMONJS_IN_ESM':
      return repairKind(fault, workspace, 'commonjs')
    case 'TypeError':
      return repairBoundName(request)
    case 'EINTEGRITY':
      return nothing(
        'A downloaded package is not the one the lockfile names. Clear the cache of the package manager; if it stays so, find out who changed the package before going on.',
      )
    case 'ERR_REQUIRE_ESM':
      return nothing(
        'A CommonJS file requires an ECMAScript module. Load it by "await import(…)", write the file as a module itself, or use Node 22.12 or later, where require() can do it.',
      )
    case 'TS2834':
    case 'TS2835':
      return repairEndings(fault, workspace)
  }
  if (typesMissing.has(fault.code)) return repairMissingTypes(fault, workspace, installs)
  if (namesMissing.has(fault.code)) return repairMissingName(request)
  const internal =
    fault.code === 'ERR_PACKAGE_IMPORT_NOT_DEFINED'
      ? /^Package import specifier "(#[^"]{1,300})"/.exec(fault.message)?.[1]
      : undefined
  const asked = detailOf(fault, 'specifier') ?? internal
  return asked === undefined ? nothing() : repairModule({ ...request, specifier: asked })
}

function repairAtRegistry(request: InstalledQuestion): RepairAnswer | Promise<RepairAnswer> {
  const { fault, workspace, installs } = request
  const wanted = detailOf(fault, 'package')
  if (wanted === undefined || packageOfSpecifier(wanted) !== wanted)
    return nothing('The registry lacks a package whose name cannot be read. Look at the manifest.')
  return fault.code === 'PACKAGE_NOT_FOUND'
    ? screened(repairUnknownPackage(workspace, installs, wanted), sceneOf(workspace, ''), request.registry)
    : repairUnknownVersion(request, wanted)
}

/** What Node, bundlers and the compiler say when a module does not export what is imported. */
const namesMissing: ReadonlySet<string> = new Set(['EXPORT_NOT_FOUND', 'TS2305', 'TS2614', 'TS2724', 'TS2613', 'TS1192'])

/** What the compiler says when it knows a package or a global and has no types for it. */
const typesMissing: ReadonlySet<string> = new Set([
  'TS7016',
  'TS2688',
  'TS2580',
  'TS2591',
  'TS2582',
  'TS2593',
  'TS2584',
  'TS2868',
  'TS2867',
])

/** Where an import was written, as far as the fault tells. */
type Importer =
  | { readonly kind: 'source'; readonly path: string }
  /** A file of an installed package. */
  | { readonly kind: 'package'; readonly path: string; readonly owner: string }
  | { readonly kind: 'foreign'; /** Why it is not touched: the end of a sentence about it. */ readonly why: string }
  | { readonly kind: 'unknown' }

function importerOf(fault: Fault, workspace: Workspace): Importer {
  const named = detailOf(fault, 'importer') ?? fault.location?.file
  if (named === undefined) return { kind: 'unknown' }
  const path = projectPath(workspace, named)
  if (path === undefined) return { kind: 'foreign', why: 'is not a file of the project' }
  const owner = packageInPath(path)
  if (owner !== undefined) return { kind: 'package', path, owner }
  const files = workspace.files()
  if (files.includes(path)) return { kind: 'source', path }
  if (workspace.stat(path)?.kind === 'file')
    return { kind: 'foreign', why: 'is no source file of the project; if a build made it, change its source and build again' }
  // Tools that run in a package of the project name files from there.
  const [found, ...others] = files.filter((file) => file.endsWith(`/${path}`))
  return found !== undefined && others.length === 0 ? { kind: 'source', path: found } : { kind: 'unknown' }
}

function sourceOf(importer: Importer): string | undefined {
  return importer.kind === 'source' ? importer.path : undefined
}

interface ModuleQuestion extends InstalledQuestion {
  readonly specifier: string
}

function repairModule(question: ModuleQuestion): RepairAnswer | Promise<RepairAnswer> {
  const { fault, workspace, specifier } = question
  if (specifier.length > specifierLengthMax)
    return nothing(`The name ${quoted(specifier)} is too long to be an import. Look at the line that makes it.`)
  const place = importerOf(fault, workspace)
  if (place.kind === 'foreign')
    return nothing(
      `${quoted(detailOf(fault, 'importer') ?? fault.location?.file ?? '')} ${place.why}, so what it imports is not touched.`,
    )
  if (place.kind === 'package') return repairInDependency(question, place.owner)
  const importer = sourceOf(place)
  // Node says so with an absolute path or an address; bundlers that use the same words print a relative one, and mind endings less.
  const isSaidByNode = / imported from (?:\/|file:|[A-Za-z]:[\\/])/.test(fault.message) && !fault.code.startsWith('TS')
  const isExact = fault.code === 'ERR_UNSUPPORTED_DIR_IMPORT' || isSaidByNode

  // Node prints where it looked: a path into an installed package was a path in that package.
  const inside =
    packageInPath(specifier) === undefined
      ? undefined
      : specifier.slice(specifier.lastIndexOf('node_modules/') + 'node_modules/'.length)
  const meant = inside ?? specifier
  if (isRelative(meant)) {
    const file = importer ?? onlyImporter(workspace, meant)
    if (file === undefined)
      return nothing(
        `${quoted(meant)} was not found, and which file imports it was not said. Run the command again with a full stack trace.`,
      )
    return repairRelative(workspace, { specifier: meant, importer: file, isExact, isTyped: fault.code.startsWith('TS') })
  }
  if (isAbsolute(meant)) {
    const path = projectPath(workspace, meant)
    if (path === undefined || importer === undefined) return repairEntry(workspace, meant)
    return repairRelative(workspace, {
      specifier: spellImport(importer, path, { extension: 'source' }),
      importer,
      isExact,
      isTyped: false,
    })
  }
  if (isBuiltin(meant))
    return nothing(
      `${quoted(meant)} is a module of Node that this tool does not offer. A build for browsers needs another module in its place.`,
    )
  const alias = repairAlias(workspace, { specifier: meant, importer })
  if (alias !== undefined) return alias
  return repairPackage(question, { meant, importer, isExact })
}

/** The one file whose relative import of that text leads nowhere. */
function onlyImporter(workspace: Workspace, specifier: string): string | undefined {
  const isMeant = (candidate: string, path: string): boolean =>
    candidate === specifier && resolveRelative(workspace, path, candidate) === undefined
  const [use, ...others] = usesOf(workspace, { importer: undefined, hint: specifier, isMeant })
  return others.length === 0 ? use?.path : undefined
}

async function repairPackage(
  request: ModuleQuestion,
  { meant, importer, isExact }: { readonly meant: string; readonly importer: string | undefined; readonly isExact: boolean },
): Promise<RepairAnswer> {
  const { workspace, installs, specifier, registry } = request
  const scene = sceneOf(workspace, folderOf(importer ?? ''))
  const bare = withoutScheme(meant)
  const name = packageOfSpecifier(bare) ?? (bare === meant ? undefined : bare)
  if (name === undefined)
    return nothing(`${quoted(specifier)} is no name that npm would accept, so nothing is installed. Correct the import.`)
  const answer = await screened(repairBare({ scene, installs, specifier: meant, name, importer, isExact }), scene, registry)
  const isPathInside = meant !== name && scene.installed.has(name) && importer !== undefined
  if (answer.proposals.length > 0 || !isPathInside) return answer
  // No path of what is installed is meant: perhaps another version has it.
  const other = await lacking(request, name, importer, meant)
  return other.proposals.length > 0 ? other : answer
}

/** An installed package misses something: what manifest and lockfile name is brought in; its files are never edited. */
function repairInDependency({ workspace, installs, specifier }: ModuleQuestion, owner: string): RepairAnswer {
  const scene = sceneOf(workspace, '')
  const missing = packageInPath(specifier) ?? packageOfSpecifier(specifier)
  const rationale = `The installed ${quoted(owner)} does not find ${quoted(specifier)}.`
  if (isRelative(specifier) || (missing !== undefined && isDeclared(scene, missing))) {
    return installDeclared({
      scene,
      installs,
      name: missing ?? owner,
      plausibility: 0.8,
      rationale: `${rationale} What is installed is not whole.`,
    })
  }
  return nothing(`${rationale} Install ${quoted(owner)} again, or add what it asks for by "peerDependencies".`)
}

/** The file that was to be run is not there. Commands and scripts are the user's: they are never changed. */
function repairEntry(workspace: Workspace, absolute: string): RepairAnswer {
  const path = projectPath(workspace, absolute)
  if (path === undefined) return nothing(`${quoted(absolute)} is outside the project and was not found. Correct the path.`)
  const near = similarNames(path, workspace.files(), 2).map(quoted)
  return nothing(
    `${quoted(path)} was to be run and is not there.${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''} Correct the command or the script that names it.`,
  )
}

function isAbsolute(specifier: string): boolean {
  return specifier.startsWith('/') || /^[A-Za-z]:[\\/]/.test(specifier) || specifier.startsWith('file:')
}

function repairEndings(fault: Fault, workspace: Workspace): RepairAnswer {
  const importer = sourceOf(importerOf(fault, workspace))
  return importer === undefined
    ? nothing(`Relative imports need their endings: ${quoted(fault.message)}. The importing file is not one of the project.`)
    : addEndings(workspace, importer)
}

function repairMissingTypes(fault: Fault, workspace: Workspace, installs: RepairRequest['installs']): RepairAnswer {
  const suggested = detailOf(fault, 'package')?.replace(/^@types\//, '')
  const folder = folderOf(sourceOf(importerOf(fault, workspace)) ?? '')
  const name = packageOfSpecifier(detailOf(fault, 'specifier') ?? suggested ?? '')
  if (fault.code === 'TS7016' && name === undefined)
    return nothing('A file of the project has no types. Write it in TypeScript, or set "allowJs".')
  if (name === undefined)
    return nothing(`The compiler lacks types: ${quoted(fault.message)}. Check "types" and "lib" in tsconfig.json.`)
  return repairTypes(sceneOf(workspace, folder), installs, name)
}

async function repairMissingName(request: InstalledQuestion): Promise<RepairAnswer> {
  const { fault, workspace } = request
  const name = detailOf(fault, 'name') ?? (/default export/.test(fault.message) ? 'default' : undefined)
  const specifier = detailOf(fault, 'specifier')?.replace(/^["']|["']$/g, '')
  const importer = sourceOf(importerOf(fault, workspace)) ?? onlyTaker(workspace, specifier, name)
  if (importer === undefined)
    return nothing(
      `A name is imported that its module does not export: ${quoted(fault.message)}. The importing file is not one of the project.`,
    )
  if (name === undefined) return nothing(`${importer} imports a name that its module does not export: ${quoted(fault.message)}.`)
  const module = specifier === undefined || isRelative(specifier) ? undefined : projectPath(workspace, specifier)
  const isFile = module !== undefined && workspace.stat(module)?.kind === 'file'
  const meant = repairName(workspace, { specifier, module: isFile ? module : undefined, name, importer })
  const file = specifier === undefined || !isRelative(specifier) ? undefined : resolveRelative(workspace, importer, specifier)
  // Node reads no exports from a file that is written as CommonJS and that it takes for a module.
  const hasName = file !== undefined && !fault.code.startsWith('TS') && moduleExports(workspace, file).names.has(name)
  const kind = hasName ? repairModuleType(workspace, file, 'commonjs') : nothing()
  if (kind.proposals.length > 0) return kind
  const owner = specifier === undefined || isFile || fault.code.startsWith('TS') ? undefined : packageOfSpecifier(specifier)
  const other = owner === undefined ? nothing() : await lacking(request, owner, importer, name)
  return other.proposals.length === 0 ? meant : joined(meant, other)
}

/** The one file of the project that takes a name from a module. */
function onlyTaker(workspace: Workspace, specifier: string | undefined, name: string | undefined): string | undefined {
  if (specifier === undefined) return undefined
  const uses = usesOf(workspace, { importer: undefined, hint: specifier, isMeant: (candidate) => candidate === specifier })
  const [taker, ...others] = uses.filter(({ literals }) =>
    literals.some(({ names }) => names.some(({ imported }) => imported === name)),
  )
  return others.length === 0 || packageOfSpecifier(specifier) !== undefined ? taker?.path : undefined
}

function repairKind(fault: Fault, workspace: Workspace, needs: 'module' | 'commonjs'): RepairAnswer {
  const file = fault.location === undefined ? undefined : projectPath(workspace, fault.location.file)
  if (file === undefined) return repairModuleTypes(workspace, needs)
  if (!workspace.files().includes(file)) {
    return nothing(
      `A file that is not one of the project is read as the wrong kind of module: ${quoted(fault.message)}. Look at how the tool loads installed packages.`,
    )
  }
  return repairModuleType(workspace, file, needs)
}
