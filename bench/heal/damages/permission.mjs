import { chmodSync, existsSync, readdirSync, realpathSync, statSync } from 'node:fs'
import { join, relative, sep } from 'node:path'

/** Files that may not be run or read. Root may read anything: as root, only the first kind becomes a case. */
export function permissionDamages(project) {
  const modeOf = (path) => statSync(join(project.root, path)).mode & 0o777
  const change = (name, path, mode) => ({ name, path, paths: [path], inflict: (copy) => chmodSync(join(copy, path), mode) })
  return [
    ...[...project.paths, ...tools(project)]
      .filter((path) => (modeOf(path) & 0o111) !== 0)
      .map((path) => change('not executable', path, modeOf(path) & ~0o111)),
    ...[...project.code, ...project.json].map((path) => change('not readable', path, 0)),
  ]
}

/** The programs of the packages that the project's scripts name. */
function tools({ root, manifest }) {
  const folder = join(root, 'node_modules/.bin')
  if (!existsSync(folder)) return []
  const named = new Set(Object.values(manifest.scripts ?? {}).flatMap((script) => script.split(/[\s;&|]+/)))
  return readdirSync(folder)
    .filter((name) => named.has(name))
    .map((name) => relative(realpathSync(root), realpathSync(join(folder, name))).replaceAll(sep, '/'))
    .filter((path) => !path.startsWith('..'))
}
