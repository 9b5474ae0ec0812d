import { execFile } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'tsup'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { loadPolicy } from '../../src/adapters/config-file.js'
import { parsePolicy } from '../../src/orchestrator/policy/policy.js'

const run = promisify(execFile)
let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'homeostat-config-')))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

function load(options: Partial<Parameters<typeof loadPolicy>[0]> = {}): ReturnType<typeof loadPolicy> {
  return loadPolicy({ cwd: root, environment: {}, ...options })
}

/** An error of this code whose message holds this text. */
function failure(code: string, text: string): Error {
  return expect.objectContaining({ code, message: expect.stringContaining(text) as string }) as Error
}

describe('loadPolicy()', () => {
  it('gives the defaults where nothing is configured', async () => {
    expect(await load()).toEqual({ policy: parsePolicy(), sources: [], notes: [] })
  })

  it('lets the file win over the preset, and the environment over the file', async () => {
    write({ 'homeostat.config.json': '\ufeff{"preset":"sota","guard":{"keysMax":5,"retry":{"attemptsMax":2}}}' })
    const { policy, sources } = await load({ environment: { HOMEOSTAT_GUARD_RETRY_ATTEMPTS_MAX: '7', PATH: '/bin' } })
    expect(policy).toEqual(parsePolicy({ preset: 'sota', guard: { keysMax: 5, retry: { attemptsMax: 7 } } }))
    expect(sources).toEqual([join(root, 'homeostat.config.json'), 'the environment'])
  })

  it('keeps what the file sets when the environment names another preset', async () => {
    write({ 'homeostat.config.json': '{"heal":{"syntaxAttemptsMax":5}}' })
    const { policy } = await load({ environment: { HOMEOSTAT_PRESET: 'local-small' } })
    expect(policy.heal).toMatchObject({ syntaxAttemptsMax: 5, logicAttemptsMax: 10 })
  })

  it.each([
    ['homeostat.config.mjs', 'export default { guard: { keysMax: await Promise.resolve(7) } }'],
    ['homeostat.config.js', 'export default { guard: { keysMax: 7 } }'],
    ['homeostat.config.cjs', 'module.exports = { guard: { keysMax: 7 } }'],
    ['homeostat.config.json', '{"guard":{"keysMax":7}}'],
    ['package.json', '{"type":"module","homeostat":{"guard":{"keysMax":7}}}'],
  ])('reads %s', async (name, text) => {
    write({ 'package.json': '{"type":"module"}', [name]: text })
    const { policy, sources } = await load()
    expect(policy.guard.keysMax).toBe(7)
    expect(sources).toEqual([join(root, name)])
  })

  it('looks upwards to the root of the package, and no further', async () => {
    write({
      'homeostat.config.json': '{"guard":{"keysMax":1}}',
      'package/package.json': '{}',
      'package/homeostat.config.json': '{"guard":{"keysMax":2}}',
      'package/src/deep/file.txt': '',
      'package/near/homeostat.config.json': '{"guard":{"keysMax":3}}',
      'other/package.json': '{}',
      'other/src/file.txt': '',
    })
    const keysMax = async (cwd: string): Promise<number> => (await load({ cwd: join(root, cwd) })).policy.guard.keysMax
    expect(await keysMax('package/src/deep')).toBe(2)
    expect(await keysMax('package/near')).toBe(3)
    expect(await keysMax('other/src')).toBe(1_000)
  })

  it('looks only in the folder itself when no package.json is above', async () => {
    write({ 'homeostat.config.json': '{"guard":{"keysMax":1}}', 'src/file.txt': '' })
    expect((await load({ cwd: join(root, 'src') })).sources).toEqual([])
  })

  it('reads the file that is named, relative to cwd, and looks for no other', async () => {
    write({
      'homeostat.config.json': '{',
      'conf/policy.mjs': 'export default { autonomy: "observe" }',
      'conf/package.json': '{"homeostat":{"autonomy":"apply"}}',
    })
    expect((await load({ file: 'conf/policy.mjs' })).policy.autonomy).toBe('observe')
    expect((await load({ file: join(root, 'conf/package.json') })).policy.autonomy).toBe('apply')
  })

  it('sees a script that has changed', async () => {
    write({ 'homeostat.config.mjs': 'export default { guard: { keysMax: 1 } }' })
    expect((await load()).policy.guard.keysMax).toBe(1)
    write({ 'homeostat.config.mjs': 'export default { guard: { keysMax: 2 } }' })
    utimesSync(join(root, 'homeostat.config.mjs'), 1, 1)
    expect((await load()).policy.guard.keysMax).toBe(2)
  })

  it('follows a link to a file', async () => {
    write({ 'shared/policy.json': '{"guard":{"keysMax":9}}' })
    symlinkSync('shared/policy.json', join(root, 'homeostat.config.json'))
    expect((await load()).policy.guard.keysMax).toBe(9)
  })

  it('passes over a broken package.json with a note, for that may be what is to be healed', async () => {
    write({ 'package.json': '{"devDependencies": {"homeostat": "^0.1.0",}}' })
    const { policy, sources, notes } = await load()
    expect({ policy, sources }).toEqual({ policy: parsePolicy(), sources: [] })
    expect(notes).toEqual([`${join(root, 'package.json')} is not valid JSON, so it was not asked for a policy`])
  })

  it('refuses a broken package.json in which a policy seems to stand', async () => {
    write({ 'package.json': '{"homeostat": {"autonomy": "observe"},}' })
    await expect(load()).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'move the policy to homeostat.config.json'))
  })

  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    [
      'two files',
      { 'homeostat.config.json': '{}', 'homeostat.config.mjs': '' },
      'it has homeostat.config.mjs and homeostat.config.json; keep one of them',
    ],
    [
      'a file and package.json',
      { 'homeostat.config.json': '{}', 'package.json': '{"homeostat":{}}' },
      'homeostat.config.json and package.json',
    ],
    ['broken JSON', { 'homeostat.config.json': '{"a": \u001b[31m' }, 'SyntaxError'],
    ['a huge file', { 'homeostat.config.json': ' '.repeat(4_194_305) }, 'it has 4194305 bytes'],
    ['a list', { 'homeostat.config.json': '[]' }, 'must be an object, and is a list'],
    ['null', { 'homeostat.config.json': 'null' }, 'must be an object, and is null'],
    ['a text in package.json', { 'package.json': '{"homeostat":"x"}' }, 'must be an object, and is a string'],
    [
      'a function as default export',
      { 'homeostat.config.mjs': 'export default () => ({})' },
      'must be an object, and is a function',
    ],
    ['no default export', { 'homeostat.config.mjs': 'export const policy = {}' }, 'no default export; write'],
    ['an undefined default export', { 'homeostat.config.mjs': 'export default undefined' }, 'is nothing'],
    ['a script that throws', { 'homeostat.config.mjs': 'throw new TypeError("no \\u001b[31mluck\\n")' }, 'TypeError: no luck'],
    ['a script that throws a text', { 'homeostat.config.mjs': 'throw "no luck"' }, 'it threw no luck'],
    [
      'a script that throws what cannot be shown',
      { 'homeostat.config.mjs': 'throw { __proto__: null }' },
      'it threw something that cannot be shown',
    ],
    ['broken JavaScript', { 'homeostat.config.mjs': 'export default {' }, 'Error'],
    ['a missing import', { 'homeostat.config.mjs': 'import "./absent.mjs"; export default {}' }, 'absent'],
  ])('refuses %s with HS_CONFIG_UNREADABLE', async (_, files, text) => {
    write(files)
    const error: unknown = await load().catch((thrown: unknown) => thrown)
    expect(error).toEqual(failure('HS_CONFIG_UNREADABLE', text))
    expect((error as Error).message).toContain(root)
    expect((error as Error).message).not.toMatch(/[\u0000-\u001f]/)
  })

  it('refuses a named file that is absent, of another kind, or a folder', async () => {
    mkdirSync(join(root, 'folder.json'))
    mkdirSync(join(root, 'homeostat.config.ts'))
    write({ 'package.json': '{}' })
    await expect(load({ file: 'absent.json' })).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'there is no such file'))
    await expect(load({ file: 'absent.mjs' })).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'there is no such file'))
    await expect(load({ file: 'policy.yaml' })).rejects.toThrow(
      failure('HS_CONFIG_UNREADABLE', 'its name must end in .json, .ts'),
    )
    await expect(load({ file: 'folder.json' })).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'it is not a file'))
    await expect(load({ file: 'package.json' })).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'is nothing'))
    await expect(load()).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'it is not a file'))
    await expect(load({ file: 'a\u0000.json' })).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'null bytes'))
  })

  it('never opens a pipe, which would wait for ever', async () => {
    await run('mkfifo', [join(root, 'homeostat.config.json')])
    await expect(load()).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'it is not a file'))
  })

  it('refuses a link that leads round in a circle', async () => {
    symlinkSync('homeostat.config.json', join(root, 'homeostat.config.json'))
    await expect(load()).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'ELOOP'))
  })

  it.skipIf(process.getuid?.() === 0)('refuses a file that may not be read', async () => {
    write({ 'homeostat.config.json': '{}' })
    chmodSync(join(root, 'homeostat.config.json'), 0)
    await expect(load()).rejects.toThrow(failure('HS_CONFIG_UNREADABLE', 'EACCES'))
  })

  it('refuses a folder that is none', async () => {
    write({ file: '' })
    await expect(load({ cwd: join(root, 'absent') })).rejects.toThrow(failure('HS_FOLDER_MISSING', join(root, 'absent')))
    await expect(load({ cwd: join(root, 'file') })).rejects.toThrow(failure('HS_FOLDER_MISSING', 'file'))
  })

  it('says which source holds a policy that is wrong', async () => {
    write({ 'homeostat.config.json': '{"autonomy":"always","__proto__":{"polluted":1}}' })
    await expect(load()).rejects.toThrow(failure('HS_POLICY_INVALID', `${join(root, 'homeostat.config.json')}: `))
    write({ 'homeostat.config.json': '{"guard":{"retry":{"delayMsMax":2000}}}' })
    await expect(load({ environment: { HOMEOSTAT_AUTONOMY: 'x' } })).rejects.toThrow(
      failure('HS_POLICY_INVALID', 'from the environment: HOMEOSTAT_AUTONOMY'),
    )
    await expect(load({ environment: { HOMEOSTAT_GUARD_RETRY_DELAY_MS_BASE: '3000' } })).rejects.toThrow(
      failure('HS_POLICY_INVALID', 'from the environment: guard.retry.delayMsBase is 3000'),
    )
  })

  it('stops waiting for a script when the signal aborts, with its reason', async () => {
    write({ 'homeostat.config.mjs': 'await new Promise(() => {}); export default {}' })
    const reason = new Error('enough')
    const controller = new AbortController()
    const loading = load({ signal: controller.signal })
    controller.abort(reason)
    await expect(loading).rejects.toBe(reason)
    await expect(load({ signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
    write({ 'homeostat.config.mjs': 'export default { autonomy: "apply" }' })
    utimesSync(join(root, 'homeostat.config.mjs'), 1, 1)
    expect((await load({ signal: new AbortController().signal })).policy.autonomy).toBe('apply')
  })
})

// The test runner puts itself between import() and Node, and reads TypeScript in its own way.
describe('loadPolicy() outside the test runner, on Node itself', () => {
  it('runs TypeScript by type stripping, and names the remedy where Node has none', async () => {
    const entry = { load: join(import.meta.dirname, '../../src/adapters/config-file.ts') }
    await build({
      entry,
      outDir: root,
      format: 'esm',
      outExtension: () => ({ js: '.mjs' }),
      noExternal: [/./],
      config: false,
      silent: true,
    })
    write({
      'a/homeostat.config.ts':
        'interface Keys { max: number }\nconst keys: Keys = { max: 7 }\nexport default { guard: { keysMax: keys.max } }',
      'b/homeostat.config.mts': 'export default { guard: { keysMax: 8 satisfies number } }',
      'c/homeostat.config.ts': 'enum Keys { max = 9 }\nexport default { guard: { keysMax: Keys.max } }',
      'main.mjs': `import { loadPolicy } from './load.mjs'
        for (const folder of ['a', 'b', 'c']) {
          try { console.log((await loadPolicy({ cwd: import.meta.dirname + '/' + folder, environment: {} })).policy.guard.keysMax) }
          catch (error) { console.log(error.message) }
        }`,
    })
    const lines = async (...options: string[]): Promise<string[]> =>
      (await run(process.execPath, [...options, join(root, 'main.mjs')])).stdout.trim().split('\n')
    const remedy = expect.stringContaining('use Node 22.18, 24 or newer, or rename it to homeostat.config.mjs') as string
    expect(await lines()).toEqual(['7', '8', expect.stringContaining('TypeScript enum is not supported')])
    expect(await lines('--no-experimental-strip-types')).toEqual([remedy, remedy, remedy])
  })
})
