import { describe, expect, it } from 'vitest'
import { ask, best, manifest, type Files } from './ask.js'

const library = {
  'lib/index.js': 'module.exports = { parse: 1, stringify: 2 }\n',
  'lib/utils.js': 'exports.merge = 1\n',
  'test/parse.js': "var qs = require('../')\nqs.parse('a')\nqs.stringify({})\n",
}
const notFound = "Error: Cannot find module '../'\nRequire stack:\n- /project/test/parse.js"
const notFunction = 'TypeError: qs.parse is not a function\n    at Object.<anonymous> (/project/test/parse.js:2:4)'

describe('configurationRepairer on the main file', () => {
  it('adds one where a package has none, that exports what is taken from it', async () => {
    const after = await best({ ...library, 'package.json': manifest({ name: 'qs' }) }, notFound)
    expect(after).toEqual({ 'package.json': manifest({ name: 'qs', main: 'lib/index.js' }) })
  })

  it('takes the file that has everything that is used in the place of one that has not', async () => {
    const files = (main: string): Files => ({ ...library, 'package.json': manifest({ name: 'qs', main }) })
    expect(await best(files('lib/utils.js'), notFunction)).toEqual({
      'package.json': manifest({ name: 'qs', main: 'lib/index.js' }),
    })
    expect(await best(files('./lib/utils'), notFunction)).toEqual({
      'package.json': manifest({ name: 'qs', main: './lib/index.js' }),
    })
    expect(await best(files('lib/index.js'), notFunction)).toEqual({})
  })

  it('works for a package in a folder, imported by its name', async () => {
    const files = {
      'package.json': manifest({ workspaces: ['packages/*'] }),
      'packages/queue/package.json': manifest({ name: '@shop/queue', type: 'module', main: './part.js' }),
      'packages/queue/part.js': 'export const part = 1\n',
      'packages/queue/queue.js': 'export class Queue {}\nexport const drain = 1\n',
      'packages/app/index.js': "import { Queue, drain } from '@shop/queue'\n",
    }
    const output =
      "SyntaxError: The requested module '@shop/queue' does not provide an export named 'Queue'\n    at /project/packages/app/index.js:1:1"
    expect(await best(files, output)).toEqual({
      'packages/queue/package.json': manifest({ name: '@shop/queue', type: 'module', main: './queue.js' }),
    })
  })

  it('proposes nothing where nobody says what is used, where the names are elsewhere, or where there are "exports"', async () => {
    const quiet = { ...library, 'test/parse.js': "var qs = require('../')\nqs('a')\n" }
    expect(await best({ ...quiet, 'package.json': manifest({ main: 'lib/utils.js' }) }, notFunction)).toEqual({})
    const strange = { ...library, 'test/parse.js': "var qs = require('../')\nqs.unheard()\n" }
    expect(await best({ ...strange, 'package.json': manifest({ main: 'lib/utils.js' }) }, notFunction)).toEqual({})
    expect(
      await best({ ...library, 'package.json': manifest({ main: 'lib/utils.js', exports: './lib/utils.js' }) }, notFunction),
    ).toEqual({})
    expect(await best({ ...library, 'package.json': manifest({}) }, "Error: Cannot find module 'other'")).toEqual({})
    expect(await best({ ...library, 'package.json': manifest({ main: 1 }) }, notFound)).toEqual({})
  })

  it('guesses the usual place, with less trust, when nothing is said of what is used', async () => {
    const files = {
      'lib/index.js': 'module.exports = load()\n',
      'test/a.js': "const run = require('../')\nrun()\n",
      'package.json': manifest({}),
    }
    const { proposals } = await ask(files, "Error: Cannot find module '../'\nRequire stack:\n- /project/test/a.js")
    expect(proposals[0]).toMatchObject({ edits: [{ after: manifest({ main: 'lib/index.js' }) }], plausibility: 0.75 })
  })
})

describe('configurationRepairer on entries that are built', () => {
  const missing = (path: string) =>
    `Error [ERR_MODULE_NOT_FOUND]: Cannot find module '/project/${path}' imported from /project/check.mjs`
  const typed = { 'tsconfig.json': '{ "compilerOptions": { "outDir": "dist", "rootDir": "src" } }', 'src/index.ts': 'export {}' }
  const scripts = { build: 'tsc' }

  it('points an entry to where the compiler writes', async () => {
    for (const from of ['./lib/index.js', './dist/main.js'])
      expect(
        await best(
          { ...typed, 'dist/other.js': '', 'package.json': manifest({ exports: from, scripts }) },
          missing(from.slice(2)),
        ),
      ).toEqual({ 'package.json': manifest({ exports: './dist/index.js', scripts }) })
  })

  it('leaves what is not built yet', async () => {
    expect(
      await best(
        { ...typed, 'package.json': manifest({ exports: './dist/index.js', types: './dist/index.d.ts', scripts }) },
        missing('dist/index.js'),
      ),
    ).toEqual({})
  })
})

describe('configurationRepairer on programs', () => {
  it('points "bin" to the file that begins as a program does', async () => {
    const files = {
      'index.js': '',
      'bin/fill.js': '#!/usr/bin/env node\n',
      'package.json': manifest({ bin: { fill: './cli.js' } }),
    }
    expect(await best(files, "Error: Cannot find module '/project/cli.js'")).toEqual({
      'package.json': manifest({ bin: { fill: './bin/fill.js' } }),
    })
  })
})

describe('configurationRepairer on conditions', () => {
  const output =
    'Error [ERR_PACKAGE_PATH_NOT_EXPORTED]: No "exports" main defined in /project/package.json imported from /project/self.js'

  it('offers a module to "import", and CommonJS to "require"', async () => {
    const exports = (condition: string) => ({ '.': { types: './index.d.ts', [condition]: './index.js' } })
    const files = { 'index.d.ts': '', 'self.js': '' }
    expect(
      await best(
        { ...files, 'index.js': 'export default 1', 'package.json': manifest({ type: 'module', exports: exports('require') }) },
        output,
      ),
    ).toEqual({
      'package.json': manifest({ type: 'module', exports: exports('import') }),
    })
    expect(
      await best(
        { ...files, 'index.js': 'module.exports = 1', 'package.json': manifest({ exports: exports('import') }) },
        output,
      ),
    ).toEqual({
      'package.json': manifest({ exports: exports('require') }),
    })
    expect(
      await best(
        { ...files, 'index.js': 'export default 1', 'package.json': manifest({ type: 'module', exports: exports('import') }) },
        output,
      ),
    ).toEqual({})
  })

  it('does not rename a subpath that others import by its name', async () => {
    const files = {
      'index.js': 'export {}',
      'lib/drains.js': 'export {}',
      'a.js': "import 'shop/drains'",
      'package.json': manifest({ type: 'module', exports: { '.': './index.js', './drains': './lib/drains.js' } }),
    }
    const { proposals } = await ask(
      files,
      `Error [ERR_PACKAGE_PATH_NOT_EXPORTED]: Package subpath './drain' is not defined by "exports" in /project/package.json imported from /project/b.js`,
    )
    expect(proposals.every(({ plausibility }) => plausibility < 0.5)).toBe(true)
  })

  it('lists a file that has the name elsewhere in the package', async () => {
    const files = {
      'index.js': 'export {}',
      'lib/drain.js': 'export {}',
      'package.json': manifest({ type: 'module', exports: { '.': './index.js' } }),
    }
    expect(
      await best(
        files,
        `Error [ERR_PACKAGE_PATH_NOT_EXPORTED]: Package subpath './drain' is not defined by "exports" in /project/package.json imported from /project/b.js`,
      ),
    ).toEqual({
      'package.json': manifest({ type: 'module', exports: { '.': './index.js', './drain': './lib/drain.js' } }),
    })
  })
})

describe('configurationRepairer on what a file is an example of', () => {
  it('reads YAML and code for places of secrets too', async () => {
    const missing = (path: string) => `Error: ENOENT: no such file or directory, open '/project/${path}'`
    expect(await best({ 'shop.example.yml': 'port: 80\nname: north\n' }, missing('shop.yml'))).toEqual({
      'shop.yml': 'port: 80\nname: north\n',
    })
    expect(await best({ 'shop.example.yml': 'apiKey: abc\n' }, missing('shop.yml'))).toEqual({})
    expect(await best({ 'shop.example.js': 'module.exports = { token: process.env.TOKEN }\n' }, missing('shop.js'))).toEqual({
      'shop.js': 'module.exports = { token: process.env.TOKEN }\n',
    })
    expect(await best({ 'shop.example.js': "module.exports = { token: '<token>' }\n" }, missing('shop.js'))).toEqual({})
  })
})
