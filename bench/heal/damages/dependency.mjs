import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { join, posix } from 'node:path'
import { misspelt, textDamage } from './text-damage.mjs'

const importing = /(?:\bfrom\s*|\bimport\s*\(?\s*|\brequire\s*\(\s*)(['"])([^'"\n]+)\1/g

/**
 * Modules that are not found. Names of packages are never misspelt: what somebody has published under such a name
 * would be installed and run.
 */
export function dependencyDamages(project) {
  const imports = [
    ...project.code,
    ...project.tests.filter((path) => project.text.has(path) && !project.hidden.includes(path)),
  ].flatMap((path) => importsIn(project, path))
  const own = imports.filter(({ path, target }) => target.startsWith('.') && project.code.includes(path))
  const packages = [...new Set(imports.map(({ target }) => packageOf(target)).filter((name) => name !== undefined))]
  return [
    ...own.flatMap((each) => wrongPaths(project, each)),
    ...packages.filter((name) => existsSync(join(project.root, 'node_modules', name))).flatMap((name) => missing(project, name)),
    ...movedFiles(project, own),
  ]
}

function importsIn(project, path) {
  return [...project.text.get(path).matchAll(importing)].map((match) => {
    const target = match[2]
    const start = match.index + match[0].lastIndexOf(target)
    return { path, target, start, end: start + target.length }
  })
}

function wrongPaths(project, { path, target, start, end }) {
  const folder = posix.dirname(target)
  const file = posix.basename(target)
  const extension = posix.extname(file)
  const name = file.slice(0, file.length - extension.length)
  if (!/\w/.test(name)) return []
  const become = (kind, put) => (put === target ? [] : [textDamage(project, path, kind)({ start, end, put })])
  return [
    ...become('path misspelt', `${folder}/${misspelt(name)}${extension}`),
    ...become('wrong folder', target.startsWith('./') ? `../${target.slice(2)}` : target.replace('../', './')),
    ...become('wrong case', `${folder}/${name.charAt(0).toUpperCase()}${name.slice(1)}${extension}`),
    ...(extension === ''
      ? become('extension wrong', `${target}.mjs`)
      : become('extension dropped', target.slice(0, -extension.length))),
  ]
}

function missing(project, name) {
  const folder = `node_modules/${name}`
  const remove = (copy) => rmSync(join(copy, folder), { recursive: true, force: true })
  const found = [{ name: 'not installed', path: folder, paths: [folder], inflict: remove }]
  for (const field of ['dependencies', 'devDependencies']) {
    if (project.manifest[field]?.[name] === undefined) continue
    const { [name]: _, ...others } = project.manifest[field]
    const text = `${JSON.stringify({ ...project.manifest, [field]: others }, undefined, 2)}\n`
    const inflict = (copy) => {
      remove(copy)
      writeFileSync(join(copy, 'package.json'), text)
    }
    found.push({ name: 'undeclared', path: folder, paths: [folder, 'package.json'], inflict })
  }
  return found
}

function movedFiles(project, imports) {
  const used = new Set(imports.map(({ path, target }) => posix.join(posix.dirname(path), target)))
  return project.code
    .filter((path) => used.has(path) || used.has(path.replace(/\.[cm]?[jt]sx?$/, '')))
    .map((path) => {
      const moved = posix.join(posix.dirname(path), `moved-${posix.basename(path)}`)
      return {
        name: 'file renamed',
        path,
        paths: [path, moved],
        inflict: (copy) => renameSync(join(copy, path), join(copy, moved)),
      }
    })
}

function packageOf(target) {
  if (/^(?:[./#]|node:)/.test(target) || builtinModules.includes(target)) return undefined
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/')
}
