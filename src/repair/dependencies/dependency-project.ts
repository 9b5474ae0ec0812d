import type { Workspace } from '../../core/ports.js'
import { packageOfSpecifier } from '../../security/package-names.js'
import { folderOf, foldersUp, inFolder } from '../imports/import-path.js'
import { type Lockfile, readLockfile } from './dependency-lockfile.js'
import { type Declaration, type Manifest, manifestAbove, readManifest } from './dependency-manifest.js'
import { type PackageManagerChoice, packageManagerOf } from '../package-manager.js'

/** What one place in a project knows of packages: its manifests, its lockfile, and what is installed. */
export interface PackageScene {
  readonly workspace: Workspace
  /** The manifest that counts here; absent in a project without one. */
  readonly manifest: Manifest | undefined
  readonly manager: PackageManagerChoice
  /** Where the package manager is run: the folder of the lockfile or of the workspace's root. */
  readonly installFolder: string
  readonly lockfile: Lockfile
  /** What the manifests from here up to the root name; the nearest one wins. */
  readonly declared: ReadonlyMap<string, Declaration>
  /** Names of installed packages that can be imported from here. */
  readonly installed: ReadonlySet<string>
}

/** Looks around from a folder of the project. */
export function sceneOf(workspace: Workspace, folder: string): PackageScene {
  const manifest = manifestAbove(workspace, folder)
  const place = manifest?.folder ?? ''
  const manager = packageManagerOf(workspace, place)
  const installFolder = manager.lockfile === undefined ? rootFolder(workspace, place) : folderOf(manager.lockfile)
  const lockText = manager.lockfile === undefined ? undefined : workspace.read(manager.lockfile)
  const declared = new Map<string, Declaration>()
  for (const above of foldersUp(place)) {
    for (const [name, declaration] of readManifest(workspace, above)?.declared ?? [])
      if (!declared.has(name)) declared.set(name, declaration)
  }
  return {
    workspace,
    manifest,
    manager,
    installFolder,
    lockfile: readLockfile(manager.lockfile ?? '', lockText ?? ''),
    declared,
    installed: installedNames(workspace, folder),
  }
}

/** The folder of an installed package as an import from `folder` finds it. */
export function installedFolder(workspace: Workspace, folder: string, name: string): string | undefined {
  return foldersUp(folder)
    .map((place) => inFolder(place, `node_modules/${name}`))
    .find((path) => workspace.stat(path)?.kind === 'folder')
}

/** Manifests of all packages in the project, the nearest to the root first; at most 200. */
export function projectManifests(workspace: Workspace): readonly Manifest[] {
  return workspace
    .files()
    .filter((path) => path === 'package.json' || path.endsWith('/package.json'))
    .sort((a, b) => a.split('/').length - b.split('/').length)
    .slice(0, 200)
    .flatMap((path) => readManifest(workspace, folderOf(path)) ?? [])
}

/** The scene of the manifest nearest to the root that declares a package. */
export function declaringScene(workspace: Workspace, name: string): PackageScene | undefined {
  const manifest = projectManifests(workspace).find(({ declared }) => declared.has(name))
  return manifest === undefined ? undefined : sceneOf(workspace, manifest.folder)
}

/** `foo` for `/app/node_modules/foo/lib/a.js`; the innermost one. */
export function packageInPath(path: string): string | undefined {
  const start = path.replace(/\\/g, '/').lastIndexOf('node_modules/')
  return start === -1 ? undefined : packageOfSpecifier(path.replace(/\\/g, '/').slice(start + 'node_modules/'.length))
}

/** Whose install also serves the package at `folder`. */
function rootFolder(workspace: Workspace, folder: string): string {
  return foldersUp(folder).find((place) => readManifest(workspace, place)?.isWorkspaceRoot) ?? folder
}

function installedNames(workspace: Workspace, folder: string): ReadonlySet<string> {
  const names = new Set<string>()
  for (const place of foldersUp(folder)) {
    const modules = inFolder(place, 'node_modules')
    for (const name of workspace.list(modules)) {
      if (name.startsWith('.')) continue
      if (!name.startsWith('@')) names.add(name)
      else for (const inner of workspace.list(`${modules}/${name}`)) names.add(`${name}/${inner}`)
    }
  }
  return names
}
