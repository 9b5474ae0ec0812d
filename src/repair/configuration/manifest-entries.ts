import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { changedFile, joined, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { projectManifests } from '../dependencies/dependency-project.js'
import type { Manifest } from '../dependencies/dependency-manifest.js'
import { folderOf, inFolder, insidePath, isTest } from '../imports/import-path.js'
import { exists, nearPaths, type NearPath } from './near-path.js'
import type { ConfigurationQuestion } from './question.js'
import { readSettings, type Setting, type SettingPath, type SettingsText } from './settings-text.js'

/**
 * Entries of a manifest (`main`, `module`, `types`, `bin`, `exports`, `imports`, …) that lead to no file, pointed to the
 * file that was meant. What a build has not made yet is no mistake.
 */
export function repairEntries(question: ConfigurationQuestion): RepairAnswer {
  return joined(
    ...projectManifests(question.workspace)
      .filter((manifest) => concerns(question, manifest))
      .map((manifest) => repairManifest(question, manifest)),
  )
}

const filesMax = 500

/** The fields of a manifest that name files of the package. */
const fileFields = ['main', 'module', 'browser', 'types', 'typings', 'bin', 'exports', 'imports'] as const

function concerns({ said, fault }: ConfigurationQuestion, { name, folder, json }: Manifest): boolean {
  if (fault.category === 'configuration') return true
  if (/package\.json|"(?:main|exports|module)"|entry for package|Cannot find module ['"]\.{1,2}\/?['"]/.test(said)) return true
  if (name !== undefined && said.includes(name)) return true
  const targets = readSettings(JSON.stringify(json))?.settings.filter(isEntry) ?? []
  return targets.some(({ value }) => {
    const target = typeof value === 'string' ? insidePath(inFolder(folder, value.replace(/\*.*$/, ''))) : undefined
    return target !== undefined && target !== '' && said.includes(target)
  })
}

function isEntry({ path, value }: Setting): boolean {
  const [field] = path
  if (typeof value !== 'string' || value === '' || value.length > 400) return false
  if (!fileFields.some((known) => known === field)) return false
  // Another package may stand for a module inside (`imports`), or for one in a browser.
  return (
    field === 'main' || field === 'module' || field === 'types' || field === 'typings' || field === 'bin' || value.startsWith('.')
  )
}

interface Dangling {
  readonly path: SettingPath
  readonly value: string
  readonly meant: readonly Meant[]
}

interface Meant {
  readonly value: string
  readonly plausibility: number
}

function repairManifest({ workspace }: ConfigurationQuestion, manifest: Manifest): RepairAnswer {
  const settings = readSettings(manifest.text)
  if (settings === undefined) return nothing()
  const dangling = settings.settings.filter(isEntry).flatMap(({ path, value }): readonly Dangling[] => {
    if (typeof value !== 'string' || leadsSomewhere(workspace, manifest, path, value)) return []
    return [{ path, value, meant: meantTargets(workspace, manifest, path, value) }]
  })
  const notes = dangling
    .filter(({ meant }) => meant.length === 0)
    .map(({ path, value }) => `${manifest.path}: ${quoted(path.join('.'))} leads to ${quoted(value)}, which does not exist.`)
  const fixable = dangling.filter(({ meant }) => meant.length > 0)
  return { proposals: proposalsFor(manifest, settings, fixable), notes }
}

/** All of them together first, for one slip is often made in several fields; then the other readings of each. */
function proposalsFor(manifest: Manifest, settings: SettingsText, fixable: readonly Dangling[]): readonly Proposal[] {
  const [first] = fixable
  if (first === undefined) return []
  const choices = first.meant.map((meant) => {
    // A field that said the same is meant the same.
    const changes = fixable.map((one) => ({ ...one, to: one.value === first.value ? meant : (one.meant[0] ?? meant) }))
    const after = changes.reduce<string | undefined>(
      (text, { path, to }) => readSettings(text)?.withValue(path, to.value),
      settings.text,
    )
    const fields = changes.map(({ path }) => path.join('.')).join(', ')
    return after === undefined
      ? []
      : [
          proposal({
            title: `Point ${quoted(fields)} of ${manifest.path} to ${quoted(changes[0]?.to.value ?? '')}`,
            edits: [changedFile(manifest.path, settings.text, after)],
            plausibility: Math.min(...changes.map(({ to }) => to.plausibility)),
            rationale: `${quoted(first.value)} does not exist; ${quoted(meant.value)} does, and is what it is most like.`,
          }),
        ]
  })
  return choices.flat()
}

/** Whether an entry names something that is there, or that a build of the project makes. */
function leadsSomewhere(workspace: Workspace, manifest: Manifest, path: SettingPath, value: string): boolean {
  const target = insidePath(inFolder(manifest.folder, value))
  if (target === undefined) return false
  if (value.includes('*')) return exists(workspace, folderOf(target.slice(0, target.indexOf('*') + 1)), 'folder')
  const isLoose = path[0] === 'main' || path[0] === 'module' || path[0] === 'types' || path[0] === 'typings'
  const endings = isLoose ? ['', '.js', '.json', '.node', '.cjs', '.d.ts', '/index.js', '/index.json', '/index.d.ts'] : ['']
  return endings.some((ending) => exists(workspace, `${target}${ending}`, 'file')) || isGenerated(workspace, manifest, target)
}

const outputFolders =
  /^(?:dist|build|out|output|lib|libs|es|esm|cjs|umd|types|typings|module|commonjs|\.?temp|target|bundles?|pkg)$/

function isGenerated(workspace: Workspace, manifest: Manifest, target: string): boolean {
  const below = manifest.folder === '' ? target : target.slice(manifest.folder.length + 1)
  const [top = '', ...rest] = below.split('/')
  const isBuilt = [...manifest.scripts.keys()].some((name) =>
    /^(?:pre)?(?:build|compile|bundle|prepare|prepack|dist|tsc)/.test(name),
  )
  // Where the compiler says to which folder it writes, no other is made by it.
  const output = outputOf(workspace, manifest)?.folder
  const isOutput = output === undefined ? outputFolders.test(top) : output === inFolder(manifest.folder, top)
  return rest.length > 0 && isBuilt && isOutput && !exists(workspace, inFolder(manifest.folder, top), 'folder')
}

/** Where the compiler writes, and from where it reads, as the settings beside the manifest say. */
function outputOf(workspace: Workspace, { folder }: Manifest): { readonly folder: string; readonly sources: string } | undefined {
  const settings = readSettings(workspace.read(inFolder(folder, 'tsconfig.json')))?.settings ?? []
  const pathOf = (name: string): string | undefined => {
    const value = settings.find(({ path }) => path.length === 2 && path[0] === 'compilerOptions' && path[1] === name)?.value
    return typeof value === 'string' ? insidePath(inFolder(folder, value)) : undefined
  }
  const output = pathOf('outDir')
  return output === undefined ? undefined : { folder: output, sources: pathOf('rootDir') ?? inFolder(folder, 'src') }
}

function meantTargets(workspace: Workspace, manifest: Manifest, path: SettingPath, value: string): readonly Meant[] {
  const target = insidePath(inFolder(manifest.folder, value))
  const star = value.indexOf('*')
  if (target === undefined) return []
  if (star !== -1) {
    const literal = value.slice(0, value.lastIndexOf('/', star))
    const folder = insidePath(inFolder(manifest.folder, literal)) ?? ''
    return nearPaths(workspace, folder, { kind: 'folder' }).map((near) => ({
      value: `${spelt(manifest, near.path, value)}${value.slice(literal.length)}`,
      plausibility: near.plausibility * 0.95,
    }))
  }
  const isTyped = /\.d\.[cm]?ts$/.test(value) || path.includes('types') || path[0] === 'typings'
  const fits = (file: string): boolean => isTyped === /\.d\.[cm]?ts$/.test(file) && !/\.(?:map|md|txt)$/.test(file)
  const near = [
    ...nearPaths(workspace, target, { kind: 'file', anyExtension: true }),
    // Without an extension Node tries some; so does whoever looks for what was meant.
    ...(/\.[a-z]+$/.test(target) ? [] : nearPaths(workspace, `${target}.js`, { kind: 'file', anyExtension: true })),
  ]
  const others = path[0] === 'bin' ? programs(workspace, manifest) : customary(workspace, manifest, target, isTyped)
  const meant = [...near, ...others].filter((one) => fits(one.path)).sort((a, b) => b.plausibility - a.plausibility)
  const seen = new Set<string>()
  return meant
    .map((one) => ({ value: spelt(manifest, one.path, value), plausibility: one.plausibility * 0.97 }))
    .filter((one) => !seen.has(one.value) && seen.add(one.value))
    .slice(0, 4)
}

/** Files of the package that begin as programs do. */
function programs(workspace: Workspace, { folder }: Manifest): readonly NearPath[] {
  const prefix = folder === '' ? '' : `${folder}/`
  const found = workspace
    .files()
    .filter((path) => path.startsWith(prefix) && /\.[cm]?[jt]s$/.test(path) && !isTest(path))
    .slice(0, filesMax)
    .filter((path) => workspace.read(path)?.startsWith('#!') === true)
  return found.slice(0, 3).map((path) => ({ path, plausibility: found.length === 1 ? 0.9 : 0.6 }))
}

/** Where packages usually begin, when the name that was written says nothing. */
function customary(
  workspace: Workspace,
  manifest: Manifest,
  target: string,
  isTyped: boolean,
): readonly { path: string; plausibility: number }[] {
  const name = manifest.name?.replace(/^@[^/]*\//, '') ?? 'index'
  const base = target.slice(target.lastIndexOf('/') + 1)
  const folders = [
    folderOf(target),
    manifest.folder,
    ...['lib', 'src', 'dist'].map((folder) => inFolder(manifest.folder, folder)),
  ]
  // The right name in another folder says more than a customary one.
  const bases = [base, ...(isTyped ? ['index.d.ts'] : ['index.js', 'index.cjs', 'index.mjs', `${name}.js`, 'main.js'])]
  const found = bases.flatMap((file, rank) =>
    folders.map((folder) => ({ path: inFolder(folder, file), plausibility: (rank === 0 ? 0.88 : 0.8) - rank * 0.03 })),
  )
  const output = outputOf(workspace, manifest)
  const built = bases.flatMap((file, rank) => {
    const source = file.replace(/\.d\.ts$|\.js$/, '.ts')
    const isMade = output !== undefined && source !== file && exists(workspace, inFolder(output.sources, source), 'file')
    return isMade ? [{ path: inFolder(output.folder, file), plausibility: (rank === 0 ? 0.92 : 0.85) - rank * 0.03 }] : []
  })
  const there = found.filter(({ path }) => path !== target && exists(workspace, path, 'file'))
  return [...there, ...built.filter(({ path }) => path !== target)]
}

/** A path of the project as the manifest writes it: with `./` where the old value had it. */
function spelt(manifest: Manifest, path: string, old: string): string {
  const below = manifest.folder === '' ? path : path.slice(manifest.folder.length + 1)
  return old.startsWith('./') || old.startsWith('../') ? `./${below}` : below
}
