import type { Workspace } from '../../core/ports.js'
import { editDistance } from '../../core/similar-name.js'
import { objectOf, readManifest } from '../dependencies/dependency-manifest.js'
import { moduleExports } from './import-exports.js'
import { inFolder, stemOf } from './import-path.js'
import { type Asking, offeredFiles } from './package-entry.js'

/** A module inside an installed package that an import may have meant. */
export interface MeantSubpath {
  readonly specifier: string
  /** 0..1. */
  readonly plausibility: number
}

export interface SubpathQuestion {
  /** Names that the imports take from it, `default` among them. */
  readonly names: readonly string[]
  readonly asking: Asking
  /** Of the installed package, relative to the root. */
  readonly folder: string
  readonly name: string
  /** The package and the path in it, as imported. */
  readonly specifier: string
  /** The loader adds no extension and opens no folder. */
  readonly isExact: boolean
}

const entriesMax = 3_000
const candidatesMax = 3

/**
 * Modules of an installed package whose path is nearly the one that was asked for, best first: what its `exports` offer, or
 * its files where it has none.
 */
export function meantSubpaths(workspace: Workspace, question: SubpathQuestion): readonly MeantSubpath[] {
  const { folder, name, specifier, isExact } = question
  const asked = specifier.slice(name.length + 1)
  const isBare = !isExact && stemOf(asked) === asked && readManifest(workspace, folder)?.json['exports'] === undefined
  const near = [...new Set([...offered(workspace, folder)].map((subpath) => (isBare ? stemOf(subpath) : subpath)))].flatMap(
    (subpath): readonly MeantSubpath[] => {
      const plausibility = likeness(asked, subpath)
      return plausibility === undefined || subpath === asked ? [] : [{ specifier: `${name}/${subpath}`, plausibility }]
    },
  )
  const best = new Map<string, number>()
  for (const { specifier: path, plausibility } of [...near, ...byTarget(workspace, question, asked)])
    best.set(path, Math.max(plausibility, best.get(path) ?? 0))
  return [...best]
    .map(([path, plausibility]): MeantSubpath => ({ specifier: path, plausibility }))
    .sort((a, b) => b.plausibility - a.plausibility || (a.specifier < b.specifier ? -1 : 1))
    .slice(0, candidatesMax)
}

/** What `exports` offer under another name: the very file that was asked for, else one that exports all that is taken. */
function byTarget(
  workspace: Workspace,
  { folder, name, names, asking }: SubpathQuestion,
  asked: string,
): readonly MeantSubpath[] {
  const targets = [asked, `${asked}.js`, `${asked}/index.js`].map((path) => inFolder(folder, path))
  return [...offeredFiles(workspace, folder, asking)].flatMap(([subpath, file]): readonly MeantSubpath[] => {
    const specifier = subpath === '.' ? name : `${name}/${subpath.slice(2)}`
    if (targets.includes(file)) return [{ specifier, plausibility: 0.96 }]
    const exports = moduleExports(workspace, file)
    const hasAll = names.length > 0 && names.every((taken) => exports.names.has(taken))
    return hasAll ? [{ specifier, plausibility: subpath === '.' ? 0.86 : 0.78 }] : []
  })
}

function likeness(asked: string, subpath: string): number | undefined {
  const [a, b] = [stemOf(asked), stemOf(subpath)]
  if (a === b) return 0.95
  if (a.toLowerCase().replace(/[-_.]/g, '') === b.toLowerCase().replace(/[-_.]/g, '')) return 0.9
  const distanceMax = Math.max(1, Math.floor(a.length / 5))
  const distance = editDistance(a.toLowerCase(), b.toLowerCase(), distanceMax)
  if (distance <= distanceMax) return 0.9 - distance * 0.08
  const [nameA, nameB] = [a, b].map((path) => path.slice(path.lastIndexOf('/') + 1))
  return nameA === nameB ? 0.6 : undefined
}

function* offered(workspace: Workspace, folder: string): Iterable<string> {
  const exports = readManifest(workspace, folder)?.json['exports']
  if (exports === undefined) return yield* filesBelow(workspace, folder)
  for (const [key, target] of Object.entries(objectOf(exports) ?? {})) {
    if (!key.startsWith('./') || target === null) continue
    if (!key.includes('*')) yield key.slice(2)
    else yield* expanded(workspace, folder, key.slice(2), firstText(target))
  }
}

/** `./features/*` to `./src/features/*.js`: every file that the target's pattern fits. */
function* expanded(workspace: Workspace, folder: string, key: string, target: string | undefined): Iterable<string> {
  const [head = '', tail = '', ...rest] = (target ?? '').replace(/^\.\//, '').split('*')
  if (rest.length > 0 || target?.includes('*') !== true) return
  for (const path of filesBelow(workspace, folder)) {
    if (path.length > head.length + tail.length && path.startsWith(head) && path.endsWith(tail))
      yield key.replace('*', () => path.slice(head.length, path.length - tail.length))
  }
}

/** The first file that any condition leads to. */
function firstText(target: unknown, depth = 0): string | undefined {
  if (typeof target === 'string') return target
  if (depth > 6) return undefined
  return Object.values(Array.isArray(target) ? target : (objectOf(target) ?? {}))
    .map((value) => firstText(value, depth + 1))
    .find((text) => text !== undefined)
}

function* filesBelow(workspace: Workspace, folder: string): Iterable<string> {
  const open = ['']
  let left = entriesMax
  for (let place = open.shift(); place !== undefined && left > 0; place = open.shift()) {
    for (const name of workspace.list(inFolder(folder, place).replace(/\/$/, ''))) {
      left -= 1
      if (left < 0 || name === 'node_modules' || name.startsWith('.')) continue
      const path = inFolder(place, name)
      if (workspace.stat(inFolder(folder, path))?.kind === 'folder') open.push(path)
      else if (/\.(?:[cm]?js|json|css)$/.test(name) && name !== 'package.json') yield path
    }
  }
}
