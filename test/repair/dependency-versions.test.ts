import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/core/fault.js'
import type { RepairRequest } from '../../src/core/repairer.js'
import { classify } from '../../src/faults/classify.js'
import { dependencyRepairer } from '../../src/repair/dependencies/dependency.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'
import { fakeRegistry, type Shelf } from './fake-registry.js'

const root = '/project'

const shelf: Shelf = {
  money: { '1.0.0': {}, '1.2.0': {}, '2.0.0': {} },
  format: { '1.0.0': { peerDependencies: { money: '^1.0.0' } }, '2.0.0': { peerDependencies: { money: '^2.0.0' } } },
  engine: { '1.0.0': {}, '1.5.0': { engines: { node: '>=99' } }, '2.0.0': { engines: { node: '>=99' } } },
  old: { '1.0.0': {}, '2.0.0': { deprecated: 'use 1' } },
  monye: { '1.0.0': { 'scripts.postinstall': 'node steal.js' } },
  helpful: { '3.0.0': { 'scripts.postinstall': 'node build.js' } },
}

interface Setting {
  readonly dependencies: Readonly<Record<string, string>>
  readonly files?: Record<string, string>
  /** As a tool prints it. */
  readonly output: string
  readonly installs?: RepairRequest['installs']
  /** An older tree is installed, so that npm only warns of peers that do not agree. */
  readonly isLenient?: boolean
}

/** Asks with the fault that the output is read as. */
async function ask({ dependencies, files = {}, output, installs = 'any', isLenient = false }: Setting) {
  const manifest = `${JSON.stringify({ name: 'shop', type: 'module', dependencies }, null, 2)}\n`
  const [fault] = classify({ output, exitCode: 1 })
  const { rehearse, asked } = fakeRegistry(shelf, manifest, { isLenient })
  const answer = await dependencyRepairer.propose({
    fault: fault as Fault, // A failed run always gives one.
    workspace: memoryWorkspace({ 'package.json': manifest, ...files }, { root }),
    command: ['npm', 'test'],
    rehearse,
    installs,
    proposalsMax: 5,
    signal: new AbortController().signal,
  })
  const declared = answer.proposals.map(({ edits }) => {
    const after = edits.find(({ path }) => path === 'package.json')?.after
    return after == null ? undefined : (JSON.parse(after) as { dependencies: Record<string, string> }).dependencies // Written by the code under test.
  })
  return { ...answer, declared, asked }
}

const missing = (name: string) => `Error [ERR_MODULE_NOT_FOUND]: Cannot find package '${name}' imported from ${root}/src/a.js`

describe('dependencyRepairer: what the package manager would refuse', () => {
  it('asks for a version that exists, the newest first', async () => {
    const { declared, proposals } = await ask({
      dependencies: { money: '^9.0.0' },
      files: { 'src/a.js': "import 'money'" },
      output: missing('money'),
    })
    expect(declared).toEqual([{ money: '^2.0.0' }, { money: '^1.2.0' }])
    expect(proposals[0]).toMatchObject({
      actions: [{ kind: 'install', packages: [] }],
      title: 'Ask for "money" ^2.0.0 in package.json',
    })
  })

  it('goes back to the locked version where the range of the manifest lets nothing in', async () => {
    const lock = { packages: { '': {}, 'node_modules/money': { version: '1.0.0' } } }
    const { declared } = await ask({
      dependencies: { money: '^9.0.0' },
      files: { 'src/a.js': "import 'money'", 'package-lock.json': JSON.stringify(lock) },
      output: missing('money'),
    })
    expect(declared[0]).toEqual({ money: '^1.0.0' })
  })

  it('stays in the major version that was meant where there is one', async () => {
    const { declared } = await ask({
      dependencies: { money: '^1.9.0' },
      output: 'npm error code ETARGET\nnpm error notarget No matching version found for money@^1.9.0.',
    })
    expect(declared[0]).toEqual({ money: '^1.2.0' })
  })

  it('heals several wrong versions by one proposal', async () => {
    const { declared, asked } = await ask({
      dependencies: { money: '^7.0.0', old: '^7.0.0' },
      files: { 'src/a.js': "import 'money'" },
      output: missing('money'),
    })
    expect(declared[0]).toEqual({ money: '^2.0.0', old: '^1.0.0' })
    expect(asked.length).toBeLessThan(15)
  })

  it('solves a peer conflict by versions that agree, on either side, and never by force', async () => {
    const { declared, asked } = await ask({
      dependencies: { money: '^1.0.0', format: '^2.0.0' },
      files: { 'src/a.js': "import 'money'" },
      output: missing('money'),
    })
    expect(declared).toEqual([
      { money: '^1.0.0', format: '^1.0.0' },
      { money: '^2.0.0', format: '^2.0.0' },
    ])
    expect(asked.some((command) => /force|legacy/.test(command))).toBe(false)
  })

  it('takes the newest version that is made for the running Node, without letting in a newer one', async () => {
    const { declared } = await ask({
      dependencies: { engine: '^2.0.0' },
      files: { 'src/a.js': "import 'engine'" },
      output: missing('engine'),
    })
    expect(declared).toEqual([{ engine: '1.0.0' }])
  })

  it('takes a conflict that npm only warns of for one, when the change is behind it', async () => {
    const files = {
      'node_modules/money/package.json': '{"version":"2.0.0","type":"module","exports":"./i.js"}',
      'node_modules/money/i.js': 'export const toCents = 1',
      'src/a.js': "import { cents } from 'money'",
    }
    const output = "SyntaxError: The requested module 'money' does not provide an export named 'cents'"
    const { declared } = await ask({ dependencies: { money: '^2.0.0', format: '^2.0.0' }, files, output, isLenient: true })
    expect(declared).toEqual([{ money: '^1.2.0', format: '^1.0.0' }])
    const other = { dependencies: { money: '^2.0.0', old: '^1.0.0' }, files, output, isLenient: true }
    expect((await ask(other)).declared).toEqual([{ money: '^1.2.0', old: '^1.0.0' }])
  })

  it('reads a refusal that the command itself met', async () => {
    const { declared } = await ask({
      dependencies: { money: '^1.0.0', format: '^2.0.0' },
      output:
        'npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error Found: money@1.2.0\nnpm error peer money@"^2.0.0" from format@2.0.0',
    })
    expect(declared).toContainEqual({ money: '^1.0.0', format: '^1.0.0' })
  })

  it('leaves a conflict alone that no version of a declared package solves', async () => {
    const { proposals, notes } = await ask({
      dependencies: {},
      output:
        'npm error code ERESOLVE\nnpm error ERESOLVE unable to resolve dependency tree\nnpm error Found: a@1.2.0\nnpm error peer a@"^2.0.0" from b@2.0.0',
    })
    expect(proposals).toEqual([])
    expect(notes[0]).toContain('Change one of the two ranges')
  })

  it('asks the registry nothing where the policy allows no installs', async () => {
    const { asked, proposals } = await ask({
      dependencies: { money: '^9.0.0' },
      files: { 'src/a.js': "import 'money'" },
      output: missing('money'),
      installs: 'never',
    })
    expect({ asked, proposals }).toEqual({ asked: [], proposals: [] })
  })
})

describe('dependencyRepairer: versions that lack what is asked of them', () => {
  const installed = {
    'node_modules/money/package.json': '{"version":"2.0.0","type":"module","exports":"./i.js"}',
    'node_modules/money/i.js': 'export const toCents = 1',
  }

  it('asks for the nearest other major version when a name is not exported', async () => {
    const { declared } = await ask({
      dependencies: { money: '^2.0.0' },
      files: { ...installed, 'src/a.js': "import { cents } from 'money'" },
      output: "SyntaxError: The requested module 'money' does not provide an export named 'cents'",
    })
    expect(declared).toEqual([{ money: '^1.2.0' }])
  })

  it('prefers a name that is exported and nearly the one that was written', async () => {
    const { proposals } = await ask({
      dependencies: { money: '^2.0.0' },
      files: { ...installed, 'src/a.js': "import { toCent } from 'money'\ntoCents(1)" },
      output: "SyntaxError: The requested module 'money' does not provide an export named 'toCent'",
    })
    expect(proposals[0]?.edits[0]?.after).toBe("import { toCents } from 'money'\ntoCents(1)")
    expect(proposals).toHaveLength(2)
  })

  it('asks for another version when a required name is no function', async () => {
    const { declared } = await ask({
      dependencies: { money: '^2.0.0' },
      files: { ...installed, 'src/a.cjs': "const { cents } = require('money')\ncents(1)" },
      output: `TypeError: cents is not a function\n    at Object.<anonymous> (${root}/src/a.cjs:2:1)`,
    })
    expect(declared).toEqual([{ money: '^1.2.0' }])
  })

  it('asks for it also where the name is taken from the call at once', async () => {
    const { declared } = await ask({
      dependencies: { money: '^2.0.0' },
      files: { ...installed, 'src/a.cjs': "var cents = require('money').cents\ncents(1)" },
      output: `TypeError: cents is not a function\n    at Object.<anonymous> (${root}/src/a.cjs:2:1)`,
    })
    expect(declared).toEqual([{ money: '^1.2.0' }])
  })

  it('takes the default export of a module that was required as a whole', async () => {
    const { proposals } = await ask({
      dependencies: { money: '^2.0.0' },
      files: {
        ...installed,
        'node_modules/money/i.js': 'export default () => 1',
        'src/a.cjs': "const money = require('money')\nmoney(1)",
      },
      output: `TypeError: money is not a function\n    at Object.<anonymous> (${root}/src/a.cjs:2:1)`,
    })
    expect(proposals[0]?.edits[0]?.after).toBe("const money = require('money').default\nmoney(1)")
  })

  it('leaves a call alone whose name the package has, or does not come from one', async () => {
    for (const code of ["const { toCents } = require('money')\ntoCents(1)", 'const toCents = 1\ntoCents()'])
      expect(
        await ask({
          dependencies: { money: '^2.0.0' },
          files: { ...installed, 'src/a.cjs': code },
          output: `TypeError: toCents is not a function\n    at Object.<anonymous> (${root}/src/a.cjs:2:1)`,
        }),
      ).toMatchObject({ proposals: [] })
  })

  it('brings in what the manifest asks for when something else is installed', async () => {
    const { proposals } = await ask({
      dependencies: { money: '^1.0.0' },
      files: { ...installed, 'src/a.js': "import { cents } from 'money'" },
      output: "SyntaxError: The requested module 'money' does not provide an export named 'cents'",
    })
    expect(proposals).toMatchObject([{ edits: [], actions: [{ kind: 'install', packages: [] }] }])
    expect(proposals[0]?.rationale).toContain('asks for "^1.0.0"')
  })
})

describe('dependencyRepairer: names nobody vouches for', () => {
  it('does not add a package whose installation starts a program', async () => {
    const { proposals, notes } = await ask({
      dependencies: {},
      files: { 'src/a.js': "import 'helpful'" },
      output: missing('helpful'),
    })
    expect(proposals).toEqual([])
    expect(notes.join()).toContain('starts a program')
  })

  it('adds the newest version that is neither abandoned nor made for another Node', async () => {
    for (const [name, range] of [
      ['old', '^1.0.0'],
      ['engine', '1.0.0'],
      ['money', undefined],
    ] as const) {
      const { proposals } = await ask({ dependencies: {}, files: { 'src/a.js': `import '${name}'` }, output: missing(name) })
      expect(proposals[0]?.actions).toMatchObject([{ packages: [{ name, ...(range !== undefined && { range }) }] }])
    }
  })

  it('adds the newest version that other locked packages want beside them', async () => {
    const wanting = (range: string) => ({
      'package-lock.json': JSON.stringify({
        packages: { '': {}, 'node_modules/format': { peerDependencies: { money: range } } },
      }),
    })
    const added = async (range: string) => {
      const files = { 'src/a.js': "import 'money'", ...wanting(range) }
      return (await ask({ dependencies: {}, files, output: missing('money') })).proposals[0]?.actions
    }
    expect(await added('^1.0.0')).toMatchObject([{ packages: [{ name: 'money', range: '^1.2.0' }] }])
    expect(await added('>=1')).toEqual([expect.objectContaining({ packages: [{ name: 'money', dev: false }] })])
    expect(await added('^9.0.0')).toEqual([expect.objectContaining({ packages: [{ name: 'money', dev: false }] })])
  })

  it('corrects a misspelt declaration instead of bending the code to it', async () => {
    const { declared, proposals } = await ask({
      dependencies: { monye: '^1.0.0' },
      files: { 'src/a.js': "import 'money'", 'src/b.js': "import 'money'" },
      output: missing('money'),
    })
    expect(declared[0]).toEqual({ money: '^1.0.0' })
    expect(proposals[0]?.title).toBe('Declare "money" instead of "monye" in package.json')
  })

  it('corrects it also when another package is the one that is missed', async () => {
    const { declared } = await ask({
      dependencies: { monye: '^1.0.0', format: '^1.0.0' },
      files: { 'src/a.js': "import 'format'\nimport 'money'" },
      output: missing('format'),
    })
    expect(declared).toEqual([{ money: '^1.0.0', format: '^1.0.0' }])
  })

  it('declares the name that the code imports when the registry has no other, and no trap in its place', async () => {
    const output =
      "npm error code E404\nnpm error 404 Not Found - GET https://registry.example.com/monney - Not found\nnpm error 404  'monney@^1.0.0' is not in this registry."
    const healed = await ask({ dependencies: { monney: '^1.0.0' }, files: { 'src/a.js': "import 'money'" }, output })
    expect(healed.declared).toEqual([{ money: '^1.0.0' }])
    const trap = await ask({ dependencies: { monney: '^1.0.0' }, files: { 'src/a.js': "import 'monye'" }, output })
    expect(trap.proposals).toEqual([])
  })

  it('corrects it before anything is installed, whatever the fault is about', async () => {
    const output = 'sh: 1: old: not found'
    const manifest = { dependencies: { monye: '^1.0.0', old: '^1.0.0' }, output }
    expect((await ask({ ...manifest, files: { 'src/a.js': "import 'money'" } })).declared).toEqual([
      { money: '^1.0.0', old: '^1.0.0' },
    ])
    // What code does import may be called what it likes.
    const both = { 'src/a.js': "import 'money'", 'src/b.js': "import 'monye'" }
    expect((await ask({ ...manifest, files: both })).proposals).toMatchObject([{ edits: [], actions: [{ packages: [] }] }])
  })

  it('corrects the name of a tool that a script runs', async () => {
    const manifest =
      '{\n  "scripts": {\n    "test": "mocha --exit"\n  },\n  "devDependencies": {\n    "mocah": "^1.0.0"\n  }\n}\n'
    const { proposals } = await dependencyRepairer.propose({
      fault: classify({ output: 'sh: 1: mocha: not found', exitCode: 127 })[0] as Fault, // A failed run always gives one.
      workspace: memoryWorkspace({ 'package.json': manifest }, { root }),
      command: ['npm', 'test'],
      installs: 'any',
      proposalsMax: 5,
      signal: new AbortController().signal,
    })
    expect(proposals.map(({ title }) => title)).toEqual(['Declare "mocha" instead of "mocah" in package.json'])
  })

  it('installs nothing while it may not correct it', async () => {
    const { proposals, notes } = await ask({
      dependencies: { monye: '^1.0.0', format: '^1.0.0' },
      files: { 'src/a.js': "import 'format'\nimport 'money'" },
      output: missing('format'),
      installs: 'declared',
    })
    expect(proposals).toEqual([])
    expect(notes[0]).toContain('Do not install before')
  })
})

describe('dependencyRepairer: damaged packages', () => {
  const dependencies = { money: '^1.0.0' }
  const manifest = { 'node_modules/money/package.json': '{"version":"1.2.0","main":"i.js"}' }
  const again = [
    { title: 'Install the declared packages again: "money" is damaged', edits: [], actions: [{ kind: 'install', packages: [] }] },
  ]

  it('brings in again a package whose entry is empty, gone or cut short', async () => {
    const output = "SyntaxError: The requested module 'money' does not provide an export named 'cents'"
    for (const files of [{ 'node_modules/money/i.js': ' ' }, {}, { 'node_modules/money/i.js': 'exports.a = (' }])
      expect(
        await ask({ dependencies, files: { ...manifest, ...files, 'src/a.js': "import { cents } from 'money'" }, output }),
      ).toMatchObject({ proposals: again })
  })

  it('brings in again one that lacks what is taken from it, where a lockfile says what it was', async () => {
    const output = `TypeError: money.cents is not a function\n    at Object.<anonymous> (${root}/src/a.cjs:2:1)`
    const files = {
      ...manifest,
      'node_modules/money/i.js': 'module.exports = {}',
      'src/a.cjs': "const money = require('money')\nmoney.cents()",
    }
    const lock = { 'package-lock.json': JSON.stringify({ packages: { 'node_modules/money': { version: '1.2.0' } } }) }
    const { proposals, declared } = await ask({ dependencies, files: { ...files, ...lock }, output })
    expect(proposals[0]).toMatchObject({ ...again[0], rationale: 'The installed "money" has no "cents".' })
    expect(declared.slice(1)).toEqual([{ money: '^2.0.0' }])
    expect((await ask({ dependencies, files, output })).declared).toEqual([{ money: '^2.0.0' }])
  })

  it('finds the package when the tool names no file', async () => {
    const files = { ...manifest, 'node_modules/money/i.js': 'exports.a = (' }
    expect(await ask({ dependencies, files, output: 'SyntaxError: Unexpected end of input' })).toMatchObject({ proposals: again })
  })

  it('finds it by the file that the tool names, also when that is its manifest', async () => {
    const files = { 'node_modules/money/package.json': '{"version"' }
    const output = `Error [ERR_INVALID_PACKAGE_CONFIG]: Invalid package config ${root}/node_modules/money/package.json.`
    expect((await ask({ dependencies, files, output })).proposals).toMatchObject(again)
  })
})

describe('dependencyRepairer: names of packages, and files that moved', () => {
  it('imports a CommonJS package as a whole when Node sees no names in it', async () => {
    const { proposals } = await ask({
      dependencies: { 'tiny-format': '^1.0.0' },
      files: {
        'node_modules/tiny-format/package.json': '{"version":"1.0.0","main":"i.js"}',
        'node_modules/tiny-format/i.js': 'module.exports = build()',
        'src/a.js': "import { pad, trim as cut } from 'tiny-format';\npad(cut('x'))",
      },
      output: "SyntaxError: Named export 'pad' not found. The requested module 'tiny-format' is a CommonJS module",
    })
    expect(proposals[0]?.edits[0]?.after).toBe(
      "import tinyFormat from 'tiny-format';\nconst { pad, trim: cut } = tinyFormat;\npad(cut('x'))",
    )
  })

  it('gives a file its name back that tests import, when it alone exports what they take', async () => {
    const files = {
      'src/money.js': 'export const label = 1\nexport const pair = 2',
      'src/other.js': 'export const label = 1',
      'test/a.test.js': "import { label, pair } from '../src/price.js'",
    }
    const output = `Error [ERR_MODULE_NOT_FOUND]: Cannot find module '${root}/src/price.js' imported from ${root}/test/a.test.js`
    const { proposals } = await ask({ dependencies: {}, files, output })
    expect(proposals[0]?.title).toBe('Rename src/money.js to src/price.js')
    const twice = { ...files, 'src/third.js': 'export const label = 1, pair = 2' }
    expect(await ask({ dependencies: {}, files: twice, output })).toMatchObject({ proposals: [] })
  })

  it('imports what "exports" offer instead of a path that they hide', async () => {
    const files = {
      'node_modules/money/package.json': '{"version":"1.0.0","exports":{".":"./i.js","./deep":"./lib/deep.js"}}',
      'node_modules/money/i.js': 'export default 1',
      'node_modules/money/lib/deep.js': 'export const deep = 1',
    }
    for (const [code, expected] of [
      ["import a from 'money/lib/index.js'", "import a from 'money'"],
      ["import { deep } from 'money/lib/deep.js'", "import { deep } from 'money/deep'"],
      ["import { deep } from 'money/src/gone.js'", "import { deep } from 'money/deep'"],
    ] as const) {
      const subpath = /money\/([^']+)/.exec(code)?.[1] ?? ''
      const { proposals } = await ask({
        dependencies: { money: '^1.0.0' },
        files: { ...files, 'src/a.js': code },
        output: `Error [ERR_PACKAGE_PATH_NOT_EXPORTED]: Package subpath './${subpath}' is not defined by "exports" in ${root}/node_modules/money/package.json imported from ${root}/src/a.js`,
      })
      expect(proposals[0]?.edits[0]?.after).toBe(expected)
    }
  })

  it('asks for another version when the installed one has no such path at all', async () => {
    const { declared } = await ask({
      dependencies: { money: '^2.0.0' },
      files: {
        'node_modules/money/package.json': '{"version":"2.0.0","exports":{".":"./i.js"}}',
        'node_modules/money/i.js': 'export default 1',
        'src/a.js': "import { far } from 'money/far/away.js'",
      },
      output: `Error [ERR_PACKAGE_PATH_NOT_EXPORTED]: Package subpath './far/away.js' is not defined by "exports" in ${root}/node_modules/money/package.json imported from ${root}/src/a.js`,
    })
    expect(declared).toEqual([{ money: '^1.2.0' }])
  })

  it('tries another version of a package that fails in its own file, after bringing it in again', async () => {
    const { proposals, declared } = await ask({
      dependencies: { money: '^2.0.0' },
      files: {
        'node_modules/money/package.json': '{"version":"2.0.0","main":"i.js"}',
        'node_modules/money/i.js': 'exports.a = 1',
        'node_modules/money/lib/b.js': 'let a = ',
      },
      output: `${root}/node_modules/money/lib/b.js:1\nlet a = \n        ^\n\nSyntaxError: Unexpected end of input\n    at wrapSafe (node:internal/modules/cjs/loader:1:1)`,
    })
    expect(proposals[0]?.edits).toEqual([])
    expect(declared[1]).toEqual({ money: '^1.2.0' })
  })

  it('explains what it cannot choose', async () => {
    for (const output of [
      'npm error code EBADENGINE\nnpm error engine Not compatible with your version of node/npm: stranger@1.0.0\nnpm error notsup Required: {"node":">=99"}',
      'npm error code ETARGET\nnpm error notarget No matching version found for stranger@^9.0.0.',
    ]) {
      const { proposals, notes } = await ask({ dependencies: {}, output })
      expect(proposals).toEqual([])
      expect(notes.length).toBeGreaterThan(0)
    }
  })

  it('reads names bound to a whole package', async () => {
    for (const code of [
      "const m = require('money')\nm.cents(1)",
      "import m from 'money'\nm.cents(1)",
      "import * as m from 'money'\nm.cents(1)",
    ]) {
      const { declared } = await ask({
        dependencies: { money: '^2.0.0' },
        files: {
          'node_modules/money/package.json': '{"version":"2.0.0","exports":"./i.js"}',
          'node_modules/money/i.js': 'exports.toCents = 1',
          'src/a.js': code,
        },
        output: 'TypeError: m.cents is not a function',
      })
      expect(declared.at(-1)).toEqual({ money: '^1.2.0' })
    }
  })
})
