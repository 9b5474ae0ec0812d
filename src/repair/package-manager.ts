import { HomeostatError } from '../core/errors.js'
import { type Action, type PackageManager, type PackageRequest, packageManagers } from '../core/patch.js'
import type { Workspace } from '../core/ports.js'
import { oneLine } from '../core/text.js'
import { isPackageName } from '../security/package-names.js'
import { foldersUp, inFolder } from './imports/import-path.js'
import { objectOf, readManifest } from './dependencies/dependency-manifest.js'

export type InstallAction = Extract<Action, { kind: 'install' }>

/** Who installs packages for a folder of a project, and how that is known. */
export interface PackageManagerChoice {
  readonly manager: PackageManager
  /** Path of the lockfile it keeps, when there is one. */
  readonly lockfile?: string
  /** A sentence for people. */
  readonly reason: string
}

/** A command as an argument array, and what it needs in its environment. */
export interface InstallCommand {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/**
 * The package manager of a folder: the one its manifest names, else the one whose lockfile is there, else the one that left
 * other files there, else the same questions one folder up; npm when nobody answers.
 */
export function packageManagerOf(workspace: Workspace, folder: string): PackageManagerChoice {
  for (const place of foldersUp(folder)) {
    const lockfiles = lockfilesIn(workspace, place)
    const declared = declaredManager(workspace, place)
    const own = lockfiles.find(({ manager }) => manager === declared?.manager)
    if (declared !== undefined)
      return choice(
        declared.manager,
        own?.path,
        `"${declared.field}" in ${inFolder(place, 'package.json')} names ${declared.manager}`,
      )
    const [first, ...others] = lockfiles
    const trace = first === undefined ? traceIn(workspace, place) : undefined
    if (trace !== undefined) return choice(trace.manager, undefined, `there is no lockfile, and ${trace.path} is there`)
    if (first === undefined) continue
    const rivals = others.filter(({ manager }) => manager !== first.manager).map(({ path }) => path)
    const doubt =
      rivals.length === 0
        ? ''
        : `, though ${rivals.join(' and ')} ${rivals.length === 1 ? 'is' : 'are'} there too: keep one, or name the manager in "packageManager"`
    return choice(first.manager, first.path, `${first.path} is there${doubt}`)
  }
  return choice('npm', undefined, 'there is no lockfile, and npm comes with Node')
}

/**
 * The command that performs an install, to be run in the action's folder. Install scripts stay off, nothing asks, and every
 * name and range is checked again.
 *
 * @param options - `exact`: take precisely what the lockfile says, and fail when manifest and lockfile differ; only without
 * packages to add.
 * @throws HS_INPUT_INVALID for a name npm would not accept or a range that is none.
 */
export function installCommand(action: InstallAction, { exact = false }: { readonly exact?: boolean } = {}): InstallCommand {
  const { packages } = action
  const tool = tools[action.manager]
  if (packages.length === 0) return { command: exact ? tool.exact : tool.install, env }
  if (exact)
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: 'an exact install',
      reason: 'packages to add are not in the lockfile yet',
    })
  const [first] = packages
  if (packages.some(({ dev }) => dev !== first?.dev)) {
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: 'an install',
      reason: 'packages for use and for development are added by two actions',
    })
  }
  return { command: [...tool.add, ...(first?.dev === true ? [tool.dev] : []), '--', ...packages.map(argumentOf)], env }
}

/** Files that an install may change, relative to the folder it is run in. */
export function filesOfInstall(manager: PackageManager): readonly string[] {
  return ['package.json', ...tools[manager].lockfiles, ...tools[manager].others]
}

/** Whether `range` is a plain version, range or tag. Addresses, aliases and files are none: they come from other sources. */
export function isPackageRange(range: string): boolean {
  return range.length <= 128 && /^[0-9A-Za-z^~<>=*][0-9A-Za-z.+^~<>=*| -]*$/.test(range)
}

interface Tool {
  /** The first is the one it writes today. */
  readonly lockfiles: readonly string[]
  readonly others: readonly string[]
  readonly install: readonly string[]
  readonly exact: readonly string[]
  readonly add: readonly string[]
  readonly dev: string
}

const npmQuiet = ['--ignore-scripts', '--no-audit', '--no-fund']
const tools: Readonly<Record<PackageManager, Tool>> = {
  npm: {
    lockfiles: ['package-lock.json', 'npm-shrinkwrap.json'],
    others: [],
    install: ['npm', 'install', ...npmQuiet],
    exact: ['npm', 'ci', ...npmQuiet],
    add: ['npm', 'install', ...npmQuiet],
    dev: '--save-dev',
  },
  pnpm: {
    lockfiles: ['pnpm-lock.yaml'],
    others: ['pnpm-workspace.yaml'],
    install: ['pnpm', 'install', '--ignore-scripts', '--no-frozen-lockfile'],
    exact: ['pnpm', 'install', '--ignore-scripts', '--frozen-lockfile'],
    add: ['pnpm', 'add', '--ignore-scripts'],
    dev: '--save-dev',
  },
  yarn: {
    // Version 1 stops at no option it does not know, later ones do: scripts are switched off for it by the environment.
    lockfiles: ['yarn.lock'],
    others: ['.pnp.cjs', '.pnp.loader.mjs'],
    install: ['yarn', 'install', '--mode=skip-build'],
    exact: ['yarn', 'install', '--mode=skip-build', '--frozen-lockfile'],
    add: ['yarn', 'add', '--mode=skip-build'],
    dev: '--dev',
  },
  bun: {
    lockfiles: ['bun.lock', 'bun.lockb'],
    others: [],
    install: ['bun', 'install', '--ignore-scripts'],
    exact: ['bun', 'install', '--ignore-scripts', '--frozen-lockfile'],
    add: ['bun', 'add', '--ignore-scripts'],
    dev: '--dev',
  },
}

/** For every manager the same: one does not mind the others' names, and a wrapper that calls another is covered too. */
const env: Readonly<Record<string, string>> = {
  npm_config_ignore_scripts: 'true',
  npm_config_update_notifier: 'false',
  YARN_IGNORE_SCRIPTS: 'true',
  YARN_ENABLE_SCRIPTS: 'false',
  YARN_ENABLE_TELEMETRY: '0',
  // Where a variable says that a server builds, later versions of yarn refuse to write the lockfile unless told.
  YARN_ENABLE_IMMUTABLE_INSTALLS: 'false',
  COREPACK_ENABLE_DOWNLOAD_PROMPT: '0',
}

function choice(manager: PackageManager, lockfile: string | undefined, reason: string): PackageManagerChoice {
  return { manager, ...(lockfile !== undefined && { lockfile }), reason }
}

function lockfilesIn(
  workspace: Workspace,
  folder: string,
): readonly { readonly manager: PackageManager; readonly path: string }[] {
  return packageManagers.flatMap((manager) =>
    tools[manager].lockfiles
      .map((name) => ({ manager, path: inFolder(folder, name) }))
      .filter(({ path }) => workspace.stat(path)?.kind === 'file'),
  )
}

/** What a manager leaves beside the manifest or among the installed packages, where the lockfile is kept out of the project. */
const traces: Readonly<Record<PackageManager, readonly string[]>> = {
  npm: ['node_modules/.package-lock.json'],
  pnpm: ['pnpm-workspace.yaml', '.pnpmfile.cjs', 'node_modules/.modules.yaml', 'node_modules/.pnpm/lock.yaml'],
  yarn: ['.yarnrc.yml', '.yarnrc', '.pnp.cjs', 'node_modules/.yarn-state.yml', 'node_modules/.yarn-integrity'],
  bun: ['bunfig.toml'],
}

function traceIn(workspace: Workspace, folder: string): { readonly manager: PackageManager; readonly path: string } | undefined {
  return packageManagers
    .flatMap((manager) => traces[manager].map((name) => ({ manager, path: inFolder(folder, name) })))
    .find(({ path }) => workspace.stat(path)?.kind === 'file')
}

/** `pnpm` for `"packageManager": "pnpm@9.1.0+sha512…"`, and for `"devEngines": { "packageManager": { "name": "pnpm" } }`. */
function declaredManager(
  workspace: Workspace,
  folder: string,
): { readonly manager: PackageManager; readonly field: string } | undefined {
  const manifest = readManifest(workspace, folder)
  const text = manifest?.packageManager
  const named = packageManagers.find((manager) => text === manager || text?.startsWith(`${manager}@`) === true)
  if (named !== undefined) return { manager: named, field: 'packageManager' }
  const wanted = objectOf(manifest?.json['devEngines'])?.['packageManager']
  // A list names those that will do, the preferred one first.
  const [first]: readonly unknown[] = Array.isArray(wanted) ? wanted : [wanted]
  const preferred = packageManagers.find((manager) => manager === objectOf(first)?.['name'])
  return preferred === undefined ? undefined : { manager: preferred, field: 'devEngines' }
}

function argumentOf({ name, range }: PackageRequest): string {
  if (!isPackageName(name))
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: `the package name "${oneLine(name, 80)}"`,
      reason: 'npm would not accept it',
    })
  if (range === undefined) return name
  if (!isPackageRange(range))
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: `the range "${oneLine(range, 80)}" of ${name}`,
      reason: 'it is not a version, a range or a tag',
    })
  return `${name}@${range}`
}
