import { lstatSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createCopyBudget } from '../../src/adapters/copy-budget.js'
import { copyProject } from '../../src/adapters/project-copy.js'
import { temporaryFolder, type Planted } from './temporary.js'

type Tree = Readonly<Record<string, Planted>>

/** A package of one file, which answers with a text, and with that of another package if it needs one. */
function member(folder: string, name: string, needs?: string): Tree {
  return {
    [`${folder}/package.json`]: JSON.stringify({
      name,
      version: '1.0.0',
      ...(needs !== undefined && { dependencies: { [needs]: '*' } }),
    }),
    [`${folder}/index.js`]:
      needs === undefined ? `module.exports = '${name}'\n` : `module.exports = '${name}, ' + require('${needs}')\n`,
  }
}

const members: Tree = {
  'package.json': JSON.stringify({ name: 'root', private: true, workspaces: ['packages/*'] }),
  ...member('packages/range', '@shop/range'),
  ...member('packages/cart', '@shop/cart', '@shop/range'),
}

/** What `npm install` makes: a link for each member in the root's `node_modules`. */
const npm: Tree = {
  ...members,
  'node_modules/@shop/range': { link: '../../packages/range' },
  'node_modules/@shop/cart': { link: '../../packages/cart' },
  ...member('node_modules/plain', 'plain'),
}

/** What `pnpm install` makes: links in the members' own `node_modules`, and a store that everything else is linked into. */
const pnpm: Tree = {
  ...members,
  'pnpm-workspace.yaml': "packages:\n  - 'packages/*'\n",
  'packages/cart/node_modules/@shop/range': { link: '../../../range' },
  'packages/cart/node_modules/plugin': {
    link: '../../../node_modules/.pnpm/plugin@1.0.0_@shop+range@packages+range/node_modules/plugin',
  },
  'node_modules/plain': { link: '.pnpm/plain@1.0.0/node_modules/plain' },
  ...member('node_modules/.pnpm/plain@1.0.0/node_modules/plain', 'plain'),
  ...member('node_modules/.pnpm/plugin@1.0.0_@shop+range@packages+range/node_modules/plugin', 'plugin', '@shop/range'),
  'node_modules/.pnpm/plugin@1.0.0_@shop+range@packages+range/node_modules/@shop/range': {
    link: '../../../../../packages/range',
  },
  'node_modules/.pnpm/plugin@1.0.0_@shop+range@packages+range/node_modules/plain': {
    link: '../../plain@1.0.0/node_modules/plain',
  },
  'node_modules/.pnpm/node_modules/@shop/range': { link: '../../../../packages/range' },
  'node_modules/.pnpm/lock.yaml': 'lockfileVersion: 9\n',
}

/** A copy of a tree, in which `@shop/range` answers with another text than in the original. */
async function changedCopy(
  tree: Tree,
  packages: 'link' | 'copy' = 'link',
): Promise<{ readonly root: string; readonly copy: string }> {
  const root = temporaryFolder(tree)
  const copy = join(temporaryFolder(), 'copy')
  const budget = createCopyBudget({ filesMax: 10_000, copyBytesMax: 10_000_000 })
  await copyProject({ root, copy, packages, budget, signal: undefined, except: '' })
  writeFileSync(join(copy, 'packages/range/index.js'), "module.exports = 'changed'\n")
  return { root, copy }
}

/** What a package answers, as a file in a folder sees it. */
function ask(folder: string, name: string): unknown {
  return createRequire(join(folder, 'index.js'))(name)
}

const layouts = [
  ['npm', npm],
  ['pnpm', pnpm],
] as const

describe.each(layouts)('copyProject() of a monorepo of %s', (_, tree) => {
  it.each(['link', 'copy'] as const)('shows the change of a member to its sibling (%s)', async (packages) => {
    const { root, copy } = await changedCopy(tree, packages)
    expect(ask(join(copy, 'packages/cart'), '@shop/range')).toBe('changed')
    expect(ask(copy, './packages/cart')).toBe('@shop/cart, changed')
    expect(ask(root, './packages/cart')).toBe('@shop/cart, @shop/range')
  })

  it('has no link of its own packages that leads to the original', async () => {
    const { root, copy } = await changedCopy(tree)
    for (const [path, what] of Object.entries(tree)) {
      if (typeof what === 'string' || !('link' in what) || !path.endsWith('@shop/range')) continue
      expect(realpathSync(join(copy, path)), path).toBe(join(copy, 'packages/range'))
      expect(realpathSync(join(root, path)), path).toBe(join(root, 'packages/range'))
    }
  })
})

describe('copyProject()', () => {
  it('links what needs nothing of the project', async () => {
    const { root, copy } = await changedCopy(npm)
    expect(readlinkSync(join(copy, 'node_modules/plain'))).toBe(join(root, 'node_modules/plain'))
    const other = await changedCopy(pnpm)
    expect(readlinkSync(join(other.copy, 'node_modules/.pnpm/plain@1.0.0'))).toBe(
      join(other.root, 'node_modules/.pnpm/plain@1.0.0'),
    )
  })

  it('links a whole store where the project has no packages of its own', async () => {
    const { root, copy } = await changedCopy({
      ...member('packages/range', '@shop/range'),
      ...member('node_modules/.pnpm/plain@1.0.0/node_modules/plain', 'plain'),
    })
    expect(readlinkSync(join(copy, 'node_modules/.pnpm'))).toBe(join(root, 'node_modules/.pnpm'))
  })

  it('copies an installed package that needs one of the project, and what needs that', async () => {
    const { root, copy } = await changedCopy({
      ...npm,
      ...member('node_modules/plugin', 'plugin', '@shop/range'),
      ...member('node_modules/@other/preset', '@other/preset', 'plugin'),
      'node_modules/odd/package.json': '{ broken',
      'node_modules/list/package.json': '[]',
    })
    expect(ask(copy, 'plugin')).toBe('plugin, changed')
    expect(ask(copy, '@other/preset')).toBe('@other/preset, plugin, changed')
    expect(ask(root, 'plugin')).toBe('plugin, @shop/range')
    for (const name of ['plain', 'odd', 'list'])
      expect(lstatSync(join(copy, 'node_modules', name)).isSymbolicLink(), name).toBe(true)
  })

  it('copies what a store holds for a package of the project, and what needs that', async () => {
    const { root, copy } = await changedCopy({
      ...pnpm,
      'node_modules/preset': { link: '.pnpm/preset@1.0.0/node_modules/preset' },
      ...member('node_modules/.pnpm/preset@1.0.0/node_modules/preset', 'preset', 'plugin'),
      'node_modules/.pnpm/preset@1.0.0/node_modules/plugin': {
        link: '../../plugin@1.0.0_@shop+range@packages+range/node_modules/plugin',
      },
    })
    expect(ask(join(copy, 'packages/cart'), 'plugin')).toBe('plugin, changed')
    expect(ask(copy, 'preset')).toBe('preset, plugin, changed')
    expect(ask(root, 'preset')).toBe('preset, plugin, @shop/range')
  })
})
