import { stat } from 'node:fs/promises'
import { basename, dirname, extname, resolve } from 'node:path'
import { HomeostatError } from '../core/errors.js'
import { importDefault, isAbsent, reasonOf, readJson, readPackage, requireObject, unreadable } from './config-reader.js'

/** One place that configures homeostat. */
export interface ConfigPlace {
  /** Absolute path. */
  readonly name: string
  /** The configuration as it stands, an object; whether it is a policy is not asked here. */
  read(): Promise<object>
}

/** What a search for the configuration found. */
export interface FoundConfig {
  readonly place?: ConfigPlace
  /** What was passed over, and why: sentences for people. */
  readonly notes: readonly string[]
}

const scriptEndings = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs']
const fileNames = ['.ts', '.mts', '.js', '.mjs', '.cjs', '.json'].map((ending) => `homeostat.config${ending}`)

/**
 * The configuration of a project: `file` if it is named, or else what the nearest folder from `cwd` up to the root of the
 * package has. Without a package.json above, only `cwd` is looked at.
 *
 * @throws HS_CONFIG_UNREADABLE when one folder has two, and when a place cannot be looked at.
 * @throws HS_FOLDER_MISSING when `cwd` is not a folder.
 */
export async function findConfig(cwd: string, file?: string): Promise<FoundConfig> {
  const start = resolve(cwd)
  const folder = await stat(start).catch(() => undefined)
  if (folder?.isDirectory() !== true) throw new HomeostatError('HS_FOLDER_MISSING', { path: start })
  if (file !== undefined) return { place: placeOf(resolve(start, file)), notes: [] }
  const notes: string[] = []
  for (const each of await foldersToPackageRoot(start)) {
    const places = await placesIn(each, notes)
    if (places.length > 1)
      throw unreadable(each, `it has ${places.map(({ name }) => basename(name)).join(' and ')}; keep one of them`)
    const [place] = places
    if (place !== undefined) return { place, notes }
  }
  return { notes }
}

async function foldersToPackageRoot(start: string): Promise<readonly string[]> {
  const folders = [start]
  for (let folder = start; ; folder = dirname(folder)) {
    if (folder !== start) folders.push(folder)
    if (await exists(resolve(folder, 'package.json'))) return folders
    if (dirname(folder) === folder) return [start]
  }
}

async function placesIn(folder: string, notes: string[]): Promise<readonly ConfigPlace[]> {
  const places: ConfigPlace[] = []
  for (const name of fileNames) if (await exists(resolve(folder, name))) places.push(placeOf(resolve(folder, name)))
  const manifest = resolve(folder, 'package.json')
  if (await exists(manifest)) {
    const { config, note } = await readPackage(manifest)
    if (note !== undefined) notes.push(note)
    if (config !== undefined) places.push({ name: manifest, read: () => Promise.resolve(config) })
  }
  return places
}

function placeOf(path: string): ConfigPlace {
  const ending = extname(path)
  if (basename(path) === 'package.json')
    return { name: path, read: async () => requireObject(path, (await readPackage(path)).config) }
  if (ending === '.json') return { name: path, read: async () => requireObject(path, await readJson(path)) }
  if (scriptEndings.includes(ending)) return { name: path, read: async () => requireObject(path, await importDefault(path)) }
  throw unreadable(path, `its name must end in .json, ${scriptEndings.join(', ')}`)
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path)
    return true
  } catch (error) {
    if (isAbsent(error)) return false
    throw unreadable(path, reasonOf(error), error)
  }
}
