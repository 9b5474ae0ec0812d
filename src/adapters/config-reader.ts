import { readFile, stat } from 'node:fs/promises'
import { extname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HomeostatError } from '../core/errors.js'
import { oneLine } from '../core/text.js'

const sizeBytesMax = 4 * 1_024 * 1_024

/**
 * The value in a JSON file; a byte order mark is passed over.
 *
 * @throws HS_CONFIG_UNREADABLE
 */
export async function readJson(path: string): Promise<unknown> {
  const text = await readText(path)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw unreadable(path, reasonOf(error), error)
  }
}

/**
 * What `homeostat` in a package.json holds, if there is one. A package.json that is broken is a fault that homeostat may be
 * about to heal, so it is passed over with a note; but not when a policy seems to stand in it: then nothing is certain.
 *
 * @throws HS_CONFIG_UNREADABLE
 */
export async function readPackage(path: string): Promise<{ readonly config?: object; readonly note?: string }> {
  const text = await readText(path)
  let manifest: unknown
  try {
    manifest = JSON.parse(text)
  } catch (error) {
    if (mentionsPolicy.test(text))
      throw unreadable(path, `${reasonOf(error)}; repair it by hand, or move the policy to homeostat.config.json`, error)
    return { note: `${path} is not valid JSON, so it was not asked for a policy` }
  }
  if (typeof manifest !== 'object' || manifest === null || !Object.hasOwn(manifest, 'homeostat')) return {}
  return { config: requireObject(path, Reflect.get(manifest, 'homeostat')) }
}

/**
 * The default export of a script. TypeScript goes through Node's own type stripping.
 *
 * @throws HS_CONFIG_UNREADABLE when it is absent, throws, or has none.
 */
export async function importDefault(path: string): Promise<unknown> {
  const { mtimeMs } = await statFile(path)
  let script: object
  try {
    // The module cache never forgets; the version in the address makes a changed file a new module.
    script = (await import(/* @vite-ignore */ `${pathToFileURL(path).href}?version=${mtimeMs}`)) as object // a namespace is an object
  } catch (error) {
    throw unreadable(path, withRemedy(path, error), error)
  }
  if (!('default' in script)) throw unreadable(path, 'it has no default export; write "export default { … }"')
  return script.default
}

/**
 * The same value, known to be an object and not a list.
 *
 * @throws HS_CONFIG_UNREADABLE
 */
export function requireObject(path: string, value: unknown): object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value
  const what = value === undefined ? 'nothing' : value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`
  throw unreadable(path, `the configuration must be an object, and is ${what}`)
}

/** The error that says why a configuration cannot be used. */
export function unreadable(path: string, reason: string, cause?: unknown): HomeostatError<'HS_CONFIG_UNREADABLE'> {
  return new HomeostatError('HS_CONFIG_UNREADABLE', { path: oneLine(path), reason }, { cause })
}

/** What an error says, in one bounded line; whatever was thrown. */
export function reasonOf(error: unknown): string {
  try {
    if (isAbsent(error)) return 'there is no such file'
    return oneLine(error instanceof Error ? `${error.name}: ${error.message}` : `it threw ${String(error)}`, 300)
  } catch {
    return 'it threw something that cannot be shown'
  }
}

/** Whether a file system error says that there is nothing at the path. */
export function isAbsent(error: unknown): boolean {
  const code = codeOf(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** A policy, as opposed to homeostat in a list of dependencies, which holds a text. */
const mentionsPolicy = /homeostat["']?\s{0,100}:\s{0,100}\{/

async function readText(path: string): Promise<string> {
  const { size } = await statFile(path)
  if (size > sizeBytesMax) throw unreadable(path, `it has ${size} bytes, allowed: ${sizeBytesMax}`)
  try {
    return (await readFile(path, 'utf8')).replace(/^\ufeff/, '')
  } catch (error) {
    throw unreadable(path, reasonOf(error), error)
  }
}

/** Looked at before it is opened: opening a pipe would wait for ever. */
async function statFile(path: string): Promise<{ readonly size: number; readonly mtimeMs: number }> {
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, reasonOf(error), error)
  })
  if (!found.isFile()) throw unreadable(path, 'it is not a file')
  return found
}

function withRemedy(path: string, error: unknown): string {
  if (extname(path).endsWith('ts') && codeOf(error) === 'ERR_UNKNOWN_FILE_EXTENSION') {
    return `Node ${process.versions.node} does not run TypeScript here; use Node 22.18, 24 or newer, or rename it to homeostat.config.mjs`
  }
  return reasonOf(error)
}

function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}
