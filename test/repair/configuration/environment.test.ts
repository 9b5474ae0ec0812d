import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { configurationRepairer } from '../../../src/repair/configuration/configuration.js'
import { isSecretName } from '../../../src/core/secret-name.js'
import { isPlaceholder } from '../../../src/repair/configuration/secret-like.js'
import { ask, best, manifest, type Files } from './ask.js'

const example = '# where\nREGION_NAME=north\nPAGE_SIZE=2 # small\n\nAPI_TOKEN=abc\nDB_URL=postgres://u:p@localhost/x\n'
const lacks = (name: string) => `Error: Missing required environment variable: ${name}\n    at file:///project/src/a.js:1:1`

describe('configurationRepairer on variables of the environment', () => {
  it('makes the file from the example without secrets and placeholders', async () => {
    for (const path of ['.env.example', '.env.sample', '.env.template', 'example.env', 'env.example'])
      expect(await best({ [path]: example }, lacks('REGION_NAME'))).toEqual({
        '.env': '# where\nREGION_NAME=north\nPAGE_SIZE=2 # small\n\n',
      })
    expect(await best({ '.env.test.example': 'REGION_NAME=n\n' }, lacks('REGION_NAME'))).toEqual({
      '.env.test': 'REGION_NAME=n\n',
    })
  })

  it('adds a line to the file that is there, or renames one that is a slip', async () => {
    expect(await best({ '.env.example': example, '.env': 'PAGE_SIZE=9' }, lacks('REGION_NAME'))).toEqual({
      '.env': 'PAGE_SIZE=9\nREGION_NAME=north\n',
    })
    expect(await best({ '.env.example': example, '.env': 'REGIN_NAME=south\n' }, lacks('REGION_NAME'))).toEqual({
      '.env': 'REGION_NAME=south\n',
    })
  })

  it('never makes up a secret: it says who has to', async () => {
    for (const name of ['API_TOKEN', 'DB_URL']) {
      const { proposals, notes } = await ask({ '.env.example': example }, lacks(name))
      expect(proposals).toEqual([])
      expect(notes.join()).toMatch(new RegExp(`"${name}" has to be set by a person`))
    }
    const { proposals, notes } = await ask({}, lacks('REGION_NAME'))
    expect(proposals).toEqual([])
    expect(notes.join()).toContain('no example')
  })

  it('keeps every secret and placeholder of an example out of what it makes', async () => {
    const secret = fc.constantFrom(
      'PASSWORD',
      'API_KEY',
      'JWT_SECRET',
      'ACCESS_TOKEN',
      'PRIVATE_KEY',
      'SESSION_SECRET',
      'CLIENT_SECRET',
      'SIGNING_KEY',
    )
    const place = fc.constantFrom('changeme', '<your key>', 'your-key-here', 'xxxx', '...', '', 'TODO', 'replace_me')
    await fc.assert(
      fc.asyncProperty(secret, place, fc.stringMatching(/^[a-z0-9]{1,20}$/), async (name, value, other) => {
        const after = await best(
          { '.env.example': `REGION_NAME=north\n${name}=${other}\nSOME_SETTING=${value}\n` },
          lacks('REGION_NAME'),
        )
        expect(after['.env']).toContain('REGION_NAME=north')
        expect(after['.env']).not.toContain(name)
        expect(after['.env']).not.toContain('SOME_SETTING')
      }),
      { numRuns: 40 },
    )
  })
})

describe('configurationRepairer on files of settings', () => {
  const missing =
    "Error: ENOENT: no such file or directory, open '/project/config/shop.json'\n    at Object.openSync (node:fs:1:1)"

  it('makes the file from the example beside it', async () => {
    for (const path of [
      'config/shop.example.json',
      'config/shop.sample.json',
      'config/shop.json.dist',
      'config/shop.json.example',
      'config/shop-template.json',
      'config/example.shop.json',
    ])
      expect(await best({ [path]: '{ "port": 80 }\n' }, missing)).toEqual({ 'config/shop.json': '{ "port": 80 }\n' })
    const imported = "Error: Cannot find module '../config/shop'\nRequire stack:\n- /project/src/a.js"
    expect(await best({ 'config/shop.example.json': '{}', 'src/a.js': "require('../config/shop')" }, imported)).toEqual({
      'config/shop.json': '{}',
    })
  })

  it('leaves an example that holds places of secrets to a person', async () => {
    for (const text of ['{ "apiKey": "YOUR_KEY" }', '{ "db": { "password": "postgres" } }', '{ "host": "<host>" }']) {
      const { proposals, notes } = await ask({ 'config/shop.example.json': text }, missing)
      expect(proposals).toEqual([])
      expect(notes.join()).toContain('real values')
    }
  })

  it('does not take other files for examples', async () => {
    expect(await best({ 'config/default.json': '{}', 'config/other.example.json': '{}' }, missing)).toEqual({})
  })
})

describe('configurationRepairer on types of values', () => {
  const wrong = '{ "port": "8080", "gift": "true", "name": "x" }'

  it('gives a value the type that it has in the example, or that the message asks for', async () => {
    const files = { 'config/shop.json': wrong, 'config/shop.example.json': '{ "port": 1, "gift": "true", "name": "y" }' }
    expect(await best(files, { message: 'port is wrong' })).toEqual({ 'config/shop.json': wrong.replace('"8080"', '8080') })
    expect(await best({ 'config/shop.json': wrong }, { message: '"gift" must be a boolean' })).toEqual({
      'config/shop.json': wrong.replace('"true"', 'true'),
    })
    expect(
      await best({ 'config/shop.json': '{ "shelves": "a" }' }, { message: 'Expected array, received string at shelves' }),
    ).toEqual({ 'config/shop.json': '{ "shelves": ["a"] }' })
  })

  it('leaves a value that may be anything', async () => {
    for (const value of ['"many"', '"0x10"', '"1e9"', 'null', '2'])
      expect(await best({ 'config/shop.json': `{ "gift": ${value} }` }, { message: '"gift" must be a boolean' })).toEqual({})
  })
})

describe('configurationRepairer', () => {
  it('leaves faults of the machine alone and tells what to do', async () => {
    const files = {
      'package.json': manifest({ main: './indx.js', engines: { node: '>=99' } }),
      'index.js': '',
      '.nvmrc': 'v99\n',
    }
    expect((await ask(files, 'Error: listen EADDRINUSE: address already in use :::8080')).notes.join()).toMatch(/8080.*another/)
    const engine = await ask(
      files,
      'npm error code EBADENGINE\nnpm error engine Unsupported engine\nnpm error notsup Required: {"node":">=99"}\nnpm error notsup Actual:   {"node":"v24.0.0"}',
    )
    expect(engine.proposals).toEqual([])
    expect(engine.notes.join()).toMatch(/">=99".*"v99"/)
    for (const output of [
      "Error: ENOSPC: no space left on device, write '/x'",
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory',
    ])
      expect((await ask(files, output)).proposals).toEqual([])
  })

  it('edits neither tests nor packages nor scripts, proposes no more than is wanted, and stops when it is told to', async () => {
    const files = {
      'package.json': manifest({ type: 'modul', main: './indx.js' }),
      'index.js': 'export {}',
      'test/tsconfig.json': '{ "extends": "./bse.json" }',
      'test/base.json': '{}',
    }
    const { proposals } = await ask(files, {})
    expect(proposals.flatMap(({ edits }) => edits.map(({ path }) => path))).toEqual(['package.json', 'package.json'])
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    const [request] = [{ ...(await requestOf(files)), signal: controller.signal }]
    expect(() => configurationRepairer.propose(request)).toThrow('enough')
    expect((await configurationRepairer.propose({ ...(await requestOf(files)), proposalsMax: 1 })).proposals).toHaveLength(1)
  })

  it('survives whatever an output holds, and edits only what is there', async () => {
    const files: Files = {
      'package.json': manifest({ main: './lib/indx.js', __proto__: {}, exports: { '.': './lib/indx.js' } }),
      'lib/index.js': '',
      'tsconfig.json': '{ "extends": "../../x.json", "include": ["/", "..", "**"] }',
      '.env.example': '__proto__=1\nconstructor=2\n',
      '.eslintrc': '{"extends":["__proto__"]}',
    }
    const words = fc.constantFrom(
      '__proto__',
      '../../etc/passwd',
      '/project/',
      "'lib/indx.js'",
      'TS2307',
      '"constructor"',
      '\u0000',
      'tsconfig.json',
      'Cannot find module',
      'https://x',
      '${a}',
      '"exports"',
      'toString',
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(words, fc.string())),
        fc.dictionary(fc.constantFrom('specifier', 'path', 'name', 'importer', 'subpath'), fc.oneof(words, fc.string())),
        async (texts, details) => {
          const { proposals } = await ask(files, { message: texts.join(' '), details, evidence: texts })
          for (const { edits, plausibility } of proposals) {
            expect(plausibility).toBeGreaterThan(0)
            expect(plausibility).toBeLessThanOrEqual(1)
            for (const { path, before } of edits) expect(before).toBe(path === '.env' ? null : files[path])
          }
        },
      ),
      { numRuns: 60 },
    )
  })
})

async function requestOf(files: Files) {
  const { memoryWorkspace } = await import('../../../src/testing/memory-workspace.js')
  return {
    fault: {
      category: 'configuration',
      severity: 'high',
      code: 'CONFIG_INVALID',
      transient: false,
      fingerprint: '0',
      message: '',
      details: {},
      evidence: [],
    },
    workspace: memoryWorkspace(files),
    command: ['npm', 'test'],
    installs: 'any',
    proposalsMax: 5,
    signal: new AbortController().signal,
  } as const
}

describe('isSecretName() and isPlaceholder()', () => {
  it('know secrets by their names, and values that are none', () => {
    for (const name of ['DB_PASSWORD', 'apiKey', 'SESSION_SECRET', 'GITHUB_TOKEN', 'privateKey', 'SENTRY_DSN', 'CLIENT_ID'])
      expect(isSecretName(name)).toBe(true)
    for (const name of ['PORT', 'REGION_NAME', 'PAGE_SIZE', 'LOG_LEVEL', 'keyboard', 'monkeys'])
      expect(isSecretName(name)).toBe(false)
    for (const value of ['', '  ', '<key>', 'changeme', 'your-name', 'put-yours-here', 'http://u:p@h/x', 'a1b2c3d4e5f6a7b8c9d0'])
      expect(isPlaceholder(value)).toBe(true)
    for (const value of ['north', '8080', 'http://localhost:3000', 'true', './data', 'a-plain-text-of-several-words'])
      expect(isPlaceholder(value)).toBe(false)
  })
})
