// The lockfile must be complete on every platform and name no registry host: `npm ci` has to work everywhere.
import { readFileSync } from 'node:fs'

const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'))
const problems = []

for (const [path, entry] of Object.entries(lock.packages)) {
  if (typeof entry.resolved === 'string' && /^[a-z+]+:\/\//.test(entry.resolved))
    problems.push(`${path} names a host: ${entry.resolved}`)
  if (path !== '' && !entry.link && typeof entry.integrity !== 'string') problems.push(`${path} has no integrity`)
  // An optional package that the lockfile lacks is what makes `npm ci` refuse it.
  for (const name of Object.keys({ ...entry.dependencies, ...entry.optionalDependencies })) {
    if (!isLocked(path, name)) problems.push(`${path || 'the project'} needs ${name}, which is not in the lockfile`)
  }
}

/** Looks a dependency up the way Node does: beside the one who needs it, then in each folder above. */
function isLocked(from, name) {
  let folder = from
  while (!(`${folder}${folder === '' ? '' : '/'}node_modules/${name}` in lock.packages)) {
    if (folder === '') return false
    folder = folder.slice(0, Math.max(0, folder.lastIndexOf('node_modules/'))).replace(/\/$/, '')
  }
  return true
}

for (const problem of problems) console.error(problem)
console.log(
  problems.length === 0
    ? `package-lock.json is complete: ${Object.keys(lock.packages).length - 1} packages, no host`
    : `${problems.length} problems in package-lock.json`,
)
process.exitCode = problems.length === 0 ? 0 : 1
