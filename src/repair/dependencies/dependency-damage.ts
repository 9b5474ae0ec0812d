import type { Fault } from '../../core/fault.js'
import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer, RepairRequest } from '../../core/repairer.js'
import { parseSource } from '../imports/import-literals.js'
import { projectPath } from '../imports/import-path.js'
import { packageFile } from '../imports/package-entry.js'
import { installDeclared, isDeclared } from './dependency-install.js'
import { readManifest } from './dependency-manifest.js'
import { nothing, quoted } from './dependency-proposal.js'
import { packageInPath, sceneOf } from './dependency-project.js'

/** The installed package in whose file a fault lies, if it lies in one. */
export function packageAtFault(fault: Fault, workspace: Workspace): { readonly name: string; readonly path: string } | undefined {
  const path = fault.location === undefined ? undefined : projectPath(workspace, fault.location.file)
  const name = path === undefined ? undefined : packageInPath(path)
  return path === undefined || name === undefined ? undefined : { name, path }
}

/** What is wrong with an installed package as it lies there: the end of a sentence about it; `undefined` when nothing shows. */
export function damageOf(workspace: Workspace, folder: string): string | undefined {
  if (workspace.stat(folder)?.kind !== 'folder') return undefined
  const manifest = readManifest(workspace, folder)
  if (manifest === undefined) return 'has no package.json that can be read'
  const entry = packageFile(workspace, folder, '.', 'import') ?? packageFile(workspace, folder, '.', 'require')
  if (entry === undefined) return undefined
  const text = workspace.read(entry)
  // Packages of types or of single files name no entry, and have none.
  const isNamed = manifest.json['main'] !== undefined || manifest.json['exports'] !== undefined
  if (text === undefined) return isNamed && workspace.stat(entry) === undefined ? `lacks its file ${entry}` : undefined
  if (text.trim() === '') return `has an empty ${entry}`
  const isRead = /\.[cm]?js$/.test(entry) && text.length <= parsedLengthMax
  return isRead && parseSource(text, entry) === undefined ? `has a file ${entry} that is no JavaScript` : undefined
}

/** Larger files are bundles, which take long to parse. */
const parsedLengthMax = 512 * 1024

/**
 * Brings an installed package in again, as the lockfile names it; its files are never edited.
 *
 * @param why - The end of a sentence about the package.
 */
export function reinstall(
  workspace: Workspace,
  installs: RepairRequest['installs'],
  { name, why, plausibility }: { readonly name: string; readonly why: string; readonly plausibility: number },
): RepairAnswer {
  const scene = sceneOf(workspace, '')
  const rationale = `The installed ${quoted(name)} ${why}.`
  if (!isDeclared(scene, name)) return nothing(`${rationale} Install it again; no manifest and no lockfile names it.`)
  return installDeclared({
    scene,
    installs,
    name,
    plausibility,
    rationale,
    title: `Install the declared packages again: ${quoted(name)} is damaged`,
  })
}
