import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { basename, dirname, join, posix } from 'node:path'

const filesMax = 5000
const sizeMax = 200_000
const ignored = new Set(['.git', '.homeostat', 'node_modules', 'coverage', '.nyc_output'])
const besideTheSource = /(?:^|\/)(?:dist|build|bench|benchmarks?|examples?|docs?|scripts|\.[^/]+)\//
const testPath = /(?:^|\/)(?:tests?|__tests__|spec)\/|(?:^|\/)test\.[cm]?[jt]sx?$|[.-](?:test|spec)(?:-d)?\.[cm]?[jt]sx?$/
const code = /\.[cm]?[jt]sx?$/
const settings = /(?:^|\/)(?:\.[^/]*|[^/]*\.config\.[cm]?[jt]s|tsconfig[^/]*\.json|package(?:-lock)?\.json)$/

/** What a case is made from: the files of a project by what they are for. Paths are relative, with `/`. */
export function readProject(root, { hidden }) {
  const paths = pathsOf(root)
  const text = new Map()
  for (const path of paths) if (code.test(path) || path.endsWith('.json')) text.set(path, readFileSync(join(root, path), 'utf8'))
  const tests = paths.filter((path) => testPath.test(path))
  const source = paths.filter(
    (path) =>
      text.has(path) &&
      text.get(path).length <= sizeMax &&
      !testPath.test(path) &&
      !besideTheSource.test(path) &&
      !settings.test(path),
  )
  return {
    root,
    paths,
    text,
    tests,
    hidden: hidden === undefined ? everySecond(tests, text) : tests.filter((path) => patternOf(hidden).test(path)),
    code: source.filter((path) => code.test(path) && !/\.d\.[cm]?ts$/.test(path)),
    json: source.filter((path) => path.endsWith('.json')),
    manifest: text.has('package.json') ? JSON.parse(text.get('package.json')) : {},
    hasTypes: paths.includes('tsconfig.json') && existsSync(join(root, 'node_modules/typescript')),
  }
}

/** Every file but what tools write. @throws {RangeError} when there are too many. */
export function pathsOf(root) {
  const found = []
  const visit = (folder) => {
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (ignored.has(entry.name)) continue
      const path = posix.join(folder, entry.name)
      if (entry.isDirectory()) visit(path)
      else if (entry.isFile()) found.push(path)
      if (found.length > filesMax) throw new RangeError(`Cannot read ${root}: it has more than ${filesMax} files`)
    }
  }
  visit('')
  return found.toSorted((a, b) => (a < b ? -1 : 1))
}

/** Half of the test files that nothing else imports; a helper that were hidden would break the rest. */
function everySecond(tests, text) {
  const used = new Set(tests.flatMap((path) => importsOf(path, text.get(path) ?? '')))
  const own = tests.filter(
    (path) =>
      code.test(path) && !/-d\.ts$/.test(path) && !used.has(stem(path)) && /\btest\b|\bit\b|assert|expect/.test(text.get(path)),
  )
  return own.filter((_, index) => index % 2 === 1)
}

function importsOf(path, text) {
  return [...text.matchAll(/['"](\.{1,2}\/[^'"]+)['"]/g)].map(([, target]) => stem(posix.join(posix.dirname(path), target)))
}

function stem(path) {
  return posix.join(dirname(path), basename(path).replace(/\.[cm]?[jt]sx?$/, ''))
}

/** A glob of `**`, `*` and `?` as a pattern of whole paths. */
function patternOf(glob) {
  const body = glob.replaceAll(/\*\*\/?|[*?]|[.+^${}()|[\]\\]/g, (part) => {
    if (part.startsWith('**')) return '.*'
    if (part === '*') return '[^/]*'
    return part === '?' ? '[^/]' : `\\${part}`
  })
  return new RegExp(`^${body}$`)
}
