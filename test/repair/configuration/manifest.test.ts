import { describe, expect, it } from 'vitest'
import { ask, best, manifest } from './ask.js'

const esm = { 'index.js': 'export default 1\n', 'lib/part.js': "import one from '../index.js'\nexport { one }\n" }
const cjs = { 'lib/index.js': "module.exports = require('./utils')\n", 'lib/utils.js': 'exports.a = 1\n' }
const notDefined =
  'ReferenceError: require is not defined in ES module scope, you can use import instead\n    at file:///project/lib/index.js:1:18'

describe('configurationRepairer on "type"', () => {
  it('sets what all files are written as, where it says the other kind, nothing, or no kind at all', async () => {
    expect(await best({ ...cjs, 'package.json': manifest({ type: 'module' }) }, notDefined)).toEqual({
      'package.json': manifest({ type: 'commonjs' }),
    })
    const outside = 'SyntaxError: Cannot use import statement outside a module\n    at /project/lib/part.js:1:1'
    expect(await best({ ...esm, 'package.json': manifest({ type: 'commonjs' }) }, outside)).toEqual({
      'package.json': manifest({ type: 'module' }),
    })
    expect(await best({ ...esm, 'package.json': manifest({}) }, outside)).toEqual({
      'package.json': manifest({ type: 'module' }),
    })
    expect(await best({ ...esm, 'package.json': manifest({ type: 'modul' }) }, {})).toEqual({
      'package.json': manifest({ type: 'module' }),
    })
  })

  it('proposes nothing where the files disagree, or where it is right', async () => {
    const { proposals, notes } = await ask({ ...esm, ...cjs, 'package.json': manifest({ type: 'esm' }) }, {})
    expect(proposals).toEqual([])
    expect(notes.join()).toMatch(/"module" or "commonjs"/)
    expect(await best({ ...esm, 'package.json': manifest({ type: 'module' }) }, notDefined)).toEqual({})
    expect(await best({ ...cjs, 'package.json': manifest({}) }, notDefined)).toEqual({})
  })

  it('does not count files of their own kind by their ending, nor those of another package', async () => {
    const files = {
      ...esm,
      'a.cjs': 'module.exports = 1',
      'b.mjs': 'export {}',
      'packages/x/package.json': manifest({ name: 'x' }),
      'packages/x/index.js': 'module.exports = 1',
    }
    expect(await best({ ...files, 'package.json': manifest({ type: 'esm' }) }, {})).toEqual({
      'package.json': manifest({ type: 'module' }),
    })
  })
})

describe('configurationRepairer on entries', () => {
  const missing = (target: string) =>
    `Error: Cannot find module '/project/${target}'. Please verify that the package.json has a valid "main" entry\n    at Function.resolve`

  it.each([
    ['lib/indx.js', 'lib/index.js'],
    ['libs/index.js', 'lib/index.js'],
    ['./lib/Index.js', './lib/index.js'],
    ['lib/index.ts', 'lib/index.js'],
    ['src/index.js', 'lib/index.js'],
    ['dist/main.js', 'lib/index.js'],
  ])('points "main" from %s to %s', async (from, to) => {
    expect(await best({ ...cjs, 'package.json': manifest({ main: from }) }, missing(from))).toEqual({
      'package.json': manifest({ main: to }),
    })
  })

  it('points every field that says the same to the same file', async () => {
    const broken = manifest({
      main: './lib/indx.js',
      exports: { '.': { require: './lib/indx.js', default: './lib/indx.js' } },
      bin: { shop: './lib/utls.js' },
    })
    const mended = manifest({
      main: './lib/index.js',
      exports: { '.': { require: './lib/index.js', default: './lib/index.js' } },
      bin: { shop: './lib/utils.js' },
    })
    expect(await best({ ...cjs, 'package.json': broken }, missing('lib/indx.js'))).toEqual({ 'package.json': mended })
  })

  it('leaves alone what a build has yet to make, what has its ending implied, and patterns whose folder is there', async () => {
    for (const fields of [
      { main: 'dist/index.js', scripts: { build: 'tsc' } },
      { main: 'lib' },
      { main: 'lib/index' },
      { exports: { './*': './lib/*.js' } },
      { types: 'lib/index', main: 'lib/index.js', 'types-x': 1 },
    ])
      expect(await best({ ...cjs, 'lib/index.d.ts': '', 'package.json': manifest(fields) }, missing('x.js'))).toEqual({})
  })

  it('moves a pattern of "exports" or "imports" to the folder that was meant', async () => {
    const missingPart =
      "Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/project/libs/a.js' imported from /project/test/a.test.js"
    expect(await best({ 'lib/a.js': '', 'package.json': manifest({ imports: { '#lib/*': './libs/*' } }) }, missingPart)).toEqual({
      'package.json': manifest({ imports: { '#lib/*': './lib/*' } }),
    })
  })

  it('tells what leads nowhere and is like nothing', async () => {
    const { proposals, notes } = await ask({ 'package.json': manifest({ bin: './zzz/qqq.sh' }) }, {})
    expect(proposals).toEqual([])
    expect(notes.join()).toContain('zzz/qqq.sh')
  })

  it('does not touch a manifest that the fault has nothing to do with', async () => {
    const files = { ...cjs, 'package.json': manifest({ name: 'a-name-nobody-says', main: './lib/indx.js' }) }
    expect(await best(files, { category: 'test', code: 'ASSERTION', message: 'expected 1 to equal 2' })).toEqual({})
  })
})

describe('configurationRepairer on the shape of "exports" and "imports"', () => {
  const own = {
    'index.js': 'export default 1',
    'lib/drain.js': 'export const drain = 1',
    'test/self.js': "import 'shop/drain'\nimport '#lib/drain.js'",
  }
  const notExported = (subpath: string) =>
    `Error [ERR_PACKAGE_PATH_NOT_EXPORTED]: Package subpath '${subpath}' is not defined by "exports" in /project/package.json imported from /project/test/self.js`
  const noMain =
    'Error [ERR_PACKAGE_PATH_NOT_EXPORTED]: No "exports" main defined in /project/package.json imported from /project/test/self.js'
  const good = { '.': { import: './index.js' }, './drain': './lib/drain.js' }

  it.each([
    ['a subpath that is a slip', { '.': { import: './index.js' }, './drian': './lib/drain.js' }, notExported('./drain')],
    ['a condition that is a slip', { '.': { imports: './index.js' }, './drain': './lib/drain.js' }, noMain],
    ['a package itself that is called "./"', { './': { import: './index.js' }, './drain': './lib/drain.js' }, noMain],
    [
      'a subpath without its dot',
      { '.': { import: './index.js' }, drain: './lib/drain.js' },
      'Error [ERR_INVALID_PACKAGE_CONFIG]: Invalid package config /project/package.json. "exports" cannot contain some keys starting with \'.\' and some not.',
    ],
    [
      'a target without its dot',
      { '.': { import: './index.js' }, './drain': 'lib/drain.js' },
      'Error [ERR_INVALID_PACKAGE_TARGET]: Invalid "exports" target "lib/drain.js" defined for \'./drain\' in the package config /project/package.json imported from /project/test/self.js; targets must start with "./"',
    ],
  ])('mends %s', async (_, exports, output) => {
    expect(await best({ ...own, 'package.json': manifest({ type: 'module', exports }) }, output)).toEqual({
      'package.json': manifest({ type: 'module', exports: good }),
    })
  })

  it('lists a file that is asked for and exists', async () => {
    const files = { ...own, 'drain.js': '', 'package.json': manifest({ type: 'module', exports: { '.': './index.js' } }) }
    expect(await best(files, notExported('./drain'))).toEqual({
      'package.json': manifest({ type: 'module', exports: { '.': './index.js', './drain': './drain.js' } }),
    })
  })

  it('renames an internal name that nothing imports to the one that is imported', async () => {
    const output =
      'TypeError [ERR_PACKAGE_IMPORT_NOT_DEFINED]: Package import specifier "#lib/drain.js" is not defined in package /project/package.json imported from /project/test/self.js'
    const files = { ...own, 'package.json': manifest({ type: 'module', imports: { '#lbi/*': './lib/*' } }) }
    expect(await best(files, output)).toEqual({ 'package.json': manifest({ type: 'module', imports: { '#lib/*': './lib/*' } }) })
  })

  it('leaves conditions that tools made up for themselves', async () => {
    const files = {
      ...own,
      'index.ts': '',
      'package.json': manifest({ type: 'module', exports: { '.': { 'shop-source': './index.ts', import: './index.js' } } }),
    }
    expect(await best(files, notExported('./other'))).toEqual({})
  })
})

describe('configurationRepairer on names of fields', () => {
  it('renames a slip that the command needs, and keeps the order', async () => {
    const scripts = { test: 'node --test' }
    const output = 'npm error Missing script: "test"'
    expect(await best({ 'package.json': manifest({ scirpts: scripts }) }, output)).toEqual({
      'package.json': manifest({ scripts }),
    })
    expect(await best({ 'package.json': manifest({ script: scripts }) }, output)).toEqual({
      'package.json': manifest({ scripts }),
    })
    expect(await best({ 'package.json': manifest({ scirpts: { build: 'tsc' } }) }, output)).toEqual({})
  })

  it('brings in what the renamed field names, where installs are allowed', async () => {
    const files = { 'package.json': manifest({ dependancies: { qs: '^6.0.0' } }), 'index.js': "require('qs')" }
    const output = "Error: Cannot find module 'qs'\nRequire stack:\n- /project/index.js"
    const { proposals } = await ask(files, output)
    expect(proposals[0]).toMatchObject({
      edits: [{ after: manifest({ dependencies: { qs: '^6.0.0' } }) }],
      actions: [{ kind: 'install', packages: [] }],
    })
    expect((await ask(files, output, 'never')).proposals).toEqual([])
  })

  it('never edits a script, and says which one there is', async () => {
    const { proposals, notes } = await ask(
      { 'package.json': manifest({ scripts: { tset: 'node --test' } }) },
      'npm error Missing script: "test"',
    )
    expect(proposals).toEqual([])
    expect(notes.join()).toContain('"tset"')
  })

  it('leaves fields of tools and fields of another shape', async () => {
    const files = { 'package.json': manifest({ contributors: [], dependencie: 'text', '//': 'note', typing: 'x' }) }
    expect(await best(files, { category: 'dependency', code: 'MODULE_NOT_FOUND', message: 'qs' })).toEqual({})
  })
})

describe('configurationRepairer on workspaces', () => {
  const packages = { 'packages/a/package.json': manifest({ name: 'a' }), 'packages/beta/package.json': manifest({ name: 'b' }) }

  it.each([
    [['pakages/*'], ['packages/*']],
    [['./package/*'], ['./packages/*']],
    [
      ['packages/a', 'packages/bta'],
      ['packages/a', 'packages/beta'],
    ],
  ])('points %j to %j', async (from, to) => {
    expect(await best({ ...packages, 'package.json': manifest({ workspaces: from }) }, 'npm error No workspaces found!')).toEqual(
      { 'package.json': manifest({ workspaces: to }) },
    )
  })

  it('leaves patterns that reach a package, and those that leave some out', async () => {
    expect(
      await best(
        { ...packages, 'package.json': manifest({ workspaces: ['packages/*', '!pakages/a'] }) },
        'npm error No workspaces found!',
      ),
    ).toEqual({})
  })
})
