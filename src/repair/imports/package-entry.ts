import type { Workspace } from '../../core/ports.js'
import { objectOf, readManifest } from '../dependencies/dependency-manifest.js'
import { impliedExtensions, inFolder, insidePath } from './import-path.js'

/** How a package is asked for: by `import` or by `require`. */
export type Asking = 'import' | 'require'

/**
 * The file of an installed package that an import reaches by what its manifest says, whether or not it is there.
 * `undefined` when the manifest cannot be read or offers nothing under that path.
 *
 * @param subpath - `.` for the package itself, else `./path`.
 */
export function packageFile(workspace: Workspace, folder: string, subpath: string, asking: Asking): string | undefined {
  const manifest = readManifest(workspace, folder)
  if (manifest === undefined) return undefined
  const { exports, main } = manifest.json
  if (exports !== undefined) return placed(folder, targetIn(exports, subpath, asking))
  const named = subpath === '.' ? (typeof main === 'string' && main !== '' ? main : './index.js') : subpath
  const path = placed(folder, named)
  return path === undefined ? undefined : completed(workspace, path)
}

/** Every path that the manifest's `exports` offer by name, patterns left out, and the file behind each. */
export function offeredFiles(workspace: Workspace, folder: string, asking: Asking): ReadonlyMap<string, string> {
  const exports = objectOf(readManifest(workspace, folder)?.json['exports']) ?? {}
  const paths = ['.', ...Object.keys(exports).filter((key) => key.startsWith('./') && !key.includes('*'))]
  return new Map(
    paths.flatMap((subpath): readonly [string, string][] => {
      const file = packageFile(workspace, folder, subpath, asking)
      return file === undefined ? [] : [[subpath, file]]
    }),
  )
}

function placed(folder: string, target: string | undefined): string | undefined {
  const path = target === undefined ? undefined : insidePath(inFolder(folder, target.replace(/^\.\//, '')))
  return path?.startsWith(`${folder}/`) === true ? path : undefined
}

/** With the ending or the index that a loader adds where no `exports` rule. */
function completed(workspace: Workspace, path: string): string {
  const names = [path, ...impliedExtensions.map((ending) => path + ending), `${path}/index.js`, `${path}/index.json`]
  return names.find((name) => workspace.stat(name)?.kind === 'file') ?? path
}

function targetIn(exports: unknown, subpath: string, asking: Asking): string | undefined {
  const table = objectOf(exports)
  const isTable = table !== undefined && Object.keys(table).some((key) => key.startsWith('.'))
  if (!isTable) return subpath === '.' ? chosen(exports, asking) : undefined
  if (Object.hasOwn(table, subpath)) return chosen(table[subpath], asking)
  for (const [key, target] of Object.entries(table)) {
    const [head = '', tail] = key.split('*')
    if (tail === undefined || !subpath.startsWith(head) || !subpath.endsWith(tail) || subpath.length < key.length - 1) continue
    return chosen(target, asking)?.replaceAll('*', () => subpath.slice(head.length, subpath.length - tail.length))
  }
  return undefined
}

const depthMax = 8

/** The target by the conditions of Node, in the order of the manifest. */
function chosen(target: unknown, asking: Asking, depth = 0): string | undefined {
  if (typeof target === 'string') return target
  if (depth > depthMax) return undefined
  if (Array.isArray(target)) return target.map((one: unknown) => chosen(one, asking, depth + 1)).find((one) => one !== undefined)
  const conditions: readonly string[] = [asking, 'node', 'default', 'module-sync']
  for (const [condition, inner] of Object.entries(objectOf(target) ?? {})) {
    const found = conditions.includes(condition) ? chosen(inner, asking, depth + 1) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
