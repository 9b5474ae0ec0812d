import type { Workspace } from '../../core/ports.js'
import { foldersUp, inFolder } from '../imports/import-path.js'

/** What a manifest (`package.json`) says, as far as finding packages needs it. Values are unchecked text. */
export interface Manifest {
  /** `''` for the root. */
  readonly folder: string
  readonly path: string
  readonly text: string
  readonly name?: string
  readonly packageManager?: string
  readonly type: 'module' | 'commonjs'
  /** Every dependency of any kind, and its range. */
  readonly declared: ReadonlyMap<string, Declaration>
  /** Targets of `bin` by the name of the program. */
  readonly bins: ReadonlyMap<string, string>
  readonly scripts: ReadonlyMap<string, string>
  readonly isWorkspaceRoot: boolean
  /** The whole parsed manifest. */
  readonly json: Readonly<Record<string, unknown>>
}

export interface Declaration {
  readonly range: string
  readonly dev: boolean
}

/** Peers come last: they are only named where nobody else names the package. */
const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

/** The manifest in a folder; `undefined` when there is none or it does not parse. */
export function readManifest(workspace: Workspace, folder: string): Manifest | undefined {
  const path = inFolder(folder, 'package.json')
  const text = workspace.read(path)
  const json = parseObject(text)
  if (text === undefined || json === undefined) return undefined
  const { name, packageManager, type, bin } = json
  const bins =
    typeof bin === 'string' && typeof name === 'string' ? new Map([[name.replace(/^@[^/]*\//, ''), bin]]) : new Map(textsOf(bin))
  return {
    folder,
    path,
    text,
    ...(typeof name === 'string' && { name }),
    ...(typeof packageManager === 'string' && { packageManager }),
    type: type === 'module' ? 'module' : 'commonjs',
    declared: declarationsOf(json),
    bins,
    scripts: new Map(textsOf(json['scripts'])),
    isWorkspaceRoot: json['workspaces'] !== undefined || workspace.stat(inFolder(folder, 'pnpm-workspace.yaml'))?.kind === 'file',
    json,
  }
}

/** Every dependency of any kind that a manifest, or what a lockfile keeps of one, names. */
export function declarationsOf(json: Readonly<Record<string, unknown>>): ReadonlyMap<string, Declaration> {
  const declared = new Map<string, Declaration>()
  for (const field of fields) {
    for (const [dependency, range] of textsOf(json[field]))
      if (!declared.has(dependency)) declared.set(dependency, { range, dev: field === 'devDependencies' })
  }
  return declared
}

/** The nearest manifest at or above a folder. */
export function manifestAbove(workspace: Workspace, folder: string): Manifest | undefined {
  for (const place of foldersUp(folder)) {
    const manifest = readManifest(workspace, place)
    if (manifest !== undefined) return manifest
  }
  return undefined
}

/** JSON text as an object; `undefined` when it is anything else. A leading BOM is no error: npm reads it too. */
export function parseObject(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    return objectOf(JSON.parse((text ?? '').replace(/^\ufeff/, '')))
  } catch {
    return undefined // Damaged JSON is the business of another repairer.
  }
}

/** The value as an object to look into, if it is one. Look up own names only. */
export function objectOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  // An object that is no array can be read by any key; what is found stays unknown.
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined
}

function textsOf(value: unknown): readonly (readonly [string, string])[] {
  return Object.entries(objectOf(value) ?? {}).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text] as const] : []))
}
