import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer } from '../../core/repairer.js'
import type { Manifest } from '../dependencies/dependency-manifest.js'
import { changedFile, joined, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { projectManifests } from '../dependencies/dependency-project.js'
import { moduleExports } from '../imports/import-exports.js'
import { folderOf, inFolder, insidePath, isTest } from '../imports/import-path.js'
import { targetOf } from '../imports/import-resolve.js'
import { namesTaken, usesOf, type ImportUse } from '../imports/import-uses.js'
import { exists } from './near-path.js'
import { detail, type ConfigurationQuestion } from './question.js'
import { readSettings } from './settings-text.js'

/**
 * The main file of a package whose manifest names none, or names one that exists and does not have what is taken from the
 * package: the file that has it all.
 */
export function repairMain(question: ConfigurationQuestion): RepairAnswer {
  const { workspace } = question
  return joined(
    ...projectManifests(workspace)
      .slice(0, manifestsMax)
      .map((manifest) => repairManifest(question, manifest)),
  )
}

const manifestsMax = 20
const candidatesMax = 40

function repairManifest({ workspace, fault, said }: ConfigurationQuestion, manifest: Manifest): RepairAnswer {
  const settings = readSettings(manifest.text)
  const { main, exports } = manifest.json
  if (settings === undefined || exports !== undefined || (main !== undefined && typeof main !== 'string')) return nothing()
  const present = main === undefined ? implied(workspace, manifest.folder) : resolved(workspace, manifest.folder, main)
  const isAbsent = present === undefined && main === undefined
  if (
    !isAbsent &&
    (present === undefined ||
      !/is not a function|is not a constructor|undefined|does not provide an export|has no exported/.test(said))
  )
    return nothing()
  const specifier = detail(fault, 'specifier')
  const isAsked =
    specifier !== undefined &&
    (specifier === manifest.name ||
      /^\.{1,2}\/?$|^\.\.\//.test(specifier) ||
      insidePath(specifier.replace(`${workspace.root}/`, '')) === manifest.folder)
  if (isAbsent && !isAsked) return nothing()
  const uses = usesOfPackage(workspace, manifest)
  const names = new Set(uses.flatMap((use) => [...namesTaken([use]), ...membersUsed(use)]))
  if (uses.length === 0 || (!isAbsent && (names.size === 0 || hasAll(workspace, present ?? '', names)))) return nothing()
  const candidates = candidatesOf(workspace, manifest)
    .filter((path) => path !== present)
    .map((path, rank) => ({ path, share: judged(workspace, path, names, isAbsent) - rank * 0.02 }))
    .filter(({ share }) => share > 0.3)
    .sort((a, b) => b.share - a.share)
    .slice(0, 3)
  const proposals = candidates.flatMap(({ path, share }) => {
    const below = manifest.folder === '' ? path : path.slice(manifest.folder.length + 1)
    const value = typeof main === 'string' && main.startsWith('./') ? `./${below}` : below
    const after = main === undefined ? settings.withMember([], 'main', value) : settings.withValue(['main'], value)
    if (after === undefined) return []
    return [
      proposal({
        title: `Set "main" to ${quoted(value)} in ${manifest.path}`,
        edits: [changedFile(manifest.path, manifest.text, after)],
        plausibility: share,
        rationale:
          names.size > 0
            ? `${value} exports what is taken from the package: ${[...names].slice(0, 5).join(', ')}.`
            : `The package has no main file; ${value} is where packages usually begin.`,
      }),
    ]
  })
  return { proposals, notes: [] }
}

function implied(workspace: Workspace, folder: string): string | undefined {
  return ['index.js', 'index.json', 'index.node']
    .map((name) => inFolder(folder, name))
    .find((path) => exists(workspace, path, 'file'))
}

function resolved(workspace: Workspace, folder: string, main: string): string | undefined {
  const target = insidePath(inFolder(folder, main))
  return ['', '.js', '/index.js'].map((ending) => `${target ?? ''}${ending}`).find((path) => exists(workspace, path, 'file'))
}

/** Where the package is imported as a whole: by its name, or by its folder. */
function usesOfPackage(workspace: Workspace, { name, folder }: Manifest): readonly ImportUse[] {
  const isMeant = (specifier: string, path: string): boolean =>
    specifier === name ||
    (/^\.{1,2}(?:\/|$)/.test(specifier) && /(?:^|\/)\.{0,2}\/?$/.test(specifier) && targetOf(path, specifier) === folder)
  return usesOf(workspace, { importer: undefined, hint: '', isMeant })
}

/** `qs.parse(` after `var qs = require('../')`. */
function membersUsed({ text, literals }: ImportUse): readonly string[] {
  return literals.flatMap(({ start }) => {
    const line = text.slice(text.lastIndexOf('\n', start) + 1, start)
    const local = /(?:const|let|var)\s+([A-Za-z_$][\w$]*)\s*=\s*require\(\s*['"`]$/.exec(line)?.[1]
    if (local === undefined) return []
    const members = text.matchAll(
      new RegExp(String.raw`(?<![\w.$])${local.replaceAll('$', String.raw`\$`)}\.([A-Za-z_$][\w$]*)`, 'g'),
    )
    return [...new Set([...members].flatMap((match) => match[1] ?? []))].slice(0, 50)
  })
}

/** Files that a package may begin with, the likeliest first. */
function candidatesOf(workspace: Workspace, { folder, name }: Manifest): readonly string[] {
  const own = name?.replace(/^@[^/]*\//, '') ?? 'index'
  const bases = ['index', own, 'main']
  const prefix = folder === '' ? '' : `${folder}/`
  const rankOf = (path: string): number => {
    const base = path.slice(path.lastIndexOf('/') + 1).replace(/\.[cm]?js$/, '')
    const at = bases.indexOf(base)
    return (at === -1 ? bases.length : at) * 10 + folderOf(path).split('/').length
  }
  return workspace
    .files()
    .filter(
      (path) =>
        path.startsWith(prefix) &&
        /\.[cm]?js$/.test(path) &&
        !isTest(path) &&
        !/\.config\.|(?:^|\/)(?:bin|scripts|examples?|bench\w*|docs)\//.test(path),
    )
    .sort((a, b) => rankOf(a) - rankOf(b) || (a < b ? -1 : 1))
    .slice(0, candidatesMax)
}

function hasAll(workspace: Workspace, path: string, names: ReadonlySet<string>): boolean {
  const exported = moduleExports(workspace, path)
  return !exported.complete || [...names].every((name) => exported.names.has(name))
}

/** A file that has all that is taken is nearly sure; one that builds its exports as it runs may have it. */
function judged(workspace: Workspace, path: string, names: ReadonlySet<string>, isAbsent: boolean): number {
  const exported = moduleExports(workspace, path)
  const share = names.size === 0 ? 0 : [...names].filter((name) => exported.names.has(name)).length / names.size
  const isIndex = /(?:^|\/)(?:index|main)\.[cm]?js$/.test(path)
  if (share > 0.6) return 0.9 * share + (isIndex ? 0.05 : 0)
  return isAbsent && isIndex && !(exported.complete && names.size > 0 && share === 0) ? 0.75 : 0
}
