import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { nodeFileSystem } from '../../src/adapters/node.js'
import { createWorld } from '../../src/core/world.js'
import { openJournal } from '../../src/patch/index.js'

const examples = join(import.meta.dirname, '../../examples')
export const brokenShop = join(examples, 'broken-shop')
export const healthyShop = join(examples, 'healthy-shop')

/** Every way in which the shop is broken: files that differ, a mode, and packages that are declared and not installed. */
export const breaks = [
  { name: 'a comma missing in package.json', file: 'package.json' },
  { name: 'a trailing comma in data', file: 'data/products.json' },
  { name: 'a misspelt built-in module', file: 'src/catalogue.js' },
  { name: 'a missing bracket', file: 'src/cart.js' },
  { name: 'a misspelt keyword', file: 'src/price.js' },
  { name: 'a path in the wrong case', file: 'src/receipt.js' },
  { name: 'a script that is not executable', file: 'bin/receipt' },
] as const

/** A copy of an example in a fresh folder that is removed at the end. */
export function copyOf(example: string): { readonly root: string } & Disposable {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'shop-')))
  cpSync(example, root, { recursive: true, verbatimSymlinks: true })
  return { root, [Symbol.dispose]: () => rmSync(root, { recursive: true, force: true }) }
}

/** Puts the broken form of one file into a healthy shop. */
export function breakOne(root: string, file: string): void {
  cpSync(join(brokenShop, file), join(root, file))
}

/** What `npm ci` makes of the shop: one link to the package of its own. */
export function install(root: string): void {
  mkdirSync(join(root, 'node_modules'))
  symlinkSync('../packages/currency', join(root, 'node_modules', 'shop-currency'))
}

/** Takes the newest transaction back. */
export function rollBack(root: string): void {
  const journal = openJournal({ root, files: nodeFileSystem(), world: createWorld() })
  expect(journal.rollback().outcome).toBe('rolled-back')
  journal.close()
}

/** Everything in a tree: modes, bytes and links; without the journal's own folder. */
export function snapshotOf(
  root: string,
  { packages = true }: { readonly packages?: boolean } = {},
): Readonly<Record<string, string>> {
  const entries = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(
    (path) => !/^\.homeostat(?:\/|$)/.test(path) && (packages || !/^node_modules(?:\/|$)/.test(path)),
  )
  return Object.fromEntries(entries.sort().map((path) => [path, contentOf(join(root, path))]))
}

function contentOf(path: string): string {
  const stat = lstatSync(path)
  if (stat.isSymbolicLink()) return `link to ${readlinkSync(path)}`
  if (stat.isDirectory()) return `folder ${(stat.mode & 0o777).toString(8)}`
  return `${(stat.mode & 0o777).toString(8)} ${readFileSync(path, 'latin1')}`
}
