import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs'
import { execFileSync } from 'node:child_process'
import { basename, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeCommandRunner } from '../../src/adapters/command-runner.js'
import { processSandbox } from '../../src/adapters/process-sandbox.js'
import { isHomeostatError } from '../../src/core/errors.js'
import type { CommandOptions, SandboxLimits } from '../../src/core/ports.js'
import { createWorld } from '../../src/core/world.js'
import { commandRunnerContract, script } from '../contract/command-runner.js'
import { sandboxContract } from '../contract/sandbox.js'
import { plant, temporaryFolder, type Planted } from './temporary.js'

const world = createWorld()
const runner = nodeCommandRunner(world)
const limits: SandboxLimits = {
  filesMax: 5_000,
  copyBytesMax: 50_000_000,
  timeoutMs: 20_000,
  outputBytesMax: 10_000,
  memoryBytesMax: 512 * 1_048_576,
}
const sandbox = processSandbox({ world, runner, limits })
const plain = { timeoutMs: 10_000, outputBytesMax: 10_000 }

sandboxContract('processSandbox()', () => sandbox)

/** Opens a copy of a tree; everything is removed when the test ends. */
async function opened(tree: Readonly<Record<string, Planted>>, packages: 'link' | 'copy' = 'link') {
  const root = temporaryFolder(tree)
  const copy = await sandbox.open(root, { packages })
  return { root, copy, at: (path: string) => join(copy.root, path), [Symbol.asyncDispose]: () => copy.close() }
}

const failsWith = (pattern: RegExp) => (error: unknown) =>
  isHomeostatError(error, 'HS_SANDBOX_FAILED') && pattern.test(error.message)

describe('processSandbox()', () => {
  it('says how strong it is', () => {
    expect(sandbox.tier).toBe('process')
  })

  it('keeps the name of the project, in a folder that only the user may enter', async () => {
    await using here = await opened({ a: '' })
    expect(basename(here.copy.root)).toBe(basename(here.root))
    expect(statSync(join(here.copy.root, '..')).mode & 0o777).toBe(0o700)
  })

  it('copies links that stay inside, and leaves out what leads or is elsewhere', async () => {
    const outside = temporaryFolder({ secret: 'secret' })
    const root = temporaryFolder({
      'src/a.js': 'a',
      'src/alias.js': { link: 'a.js' },
      folder: { link: 'src' },
      dangling: { link: 'later.js' },
      out: { link: join(outside, 'secret') },
      up: { link: '../..' },
      lost: { link: '../nothing' },
      self: { link: 'self' },
    })
    symlinkSync(join(root, 'src'), join(root, 'absolute'))
    execFileSync('mkfifo', [join(root, 'pipe')])
    const copy = await sandbox.open(root, { packages: 'link' })
    try {
      expect(readdirSync(copy.root).sort()).toEqual(['absolute', 'dangling', 'folder', 'self', 'src'])
      expect(readlinkSync(join(copy.root, 'src/alias.js'))).toBe('a.js')
      expect(readlinkSync(join(copy.root, 'absolute'))).toBe('src')
      expect(readlinkSync(join(copy.root, 'dangling'))).toBe('later.js')
      expect(realpathSync(join(copy.root, 'absolute'))).toBe(join(copy.root, 'src'))
    } finally {
      await copy.close()
    }
  })

  it('keeps modes, those of folders too, but no setuid bit', async () => {
    const root = temporaryFolder({ 'closed/file': { text: 'x', mode: 0o400 } })
    plant(root, { setuid: { text: '', mode: 0o4755 } })
    chmodSync(join(root, 'closed'), 0o500)
    const copy = await sandbox.open(root, { packages: 'link' })
    try {
      const mode = (path: string) => statSync(join(copy.root, path)).mode & 0o7777
      expect([mode('closed/file'), mode('closed'), mode('setuid')]).toEqual([0o400, 0o500, 0o755])
    } finally {
      await copy.close()
      expect(existsSync(copy.root)).toBe(false)
    }
  })

  const workspaces: Readonly<Record<string, Planted>> = {
    'packages/lib/index.js': 'lib',
    'packages/app/node_modules/own/index.js': 'own',
    'node_modules/lib': { link: '../packages/lib' },
    'node_modules/dep/index.js': 'dep',
    'node_modules/@scope/dep/index.js': 'scoped',
    'node_modules/@scope/lib': { link: '../../packages/lib' },
    'node_modules/.bin/dep': { link: '../dep/index.js' },
    'node_modules/.package-lock.json': '{}',
    'node_modules/.cache/x': 'cache',
    'node_modules/.prisma/client/index.js': 'generated',
    'node_modules/.pnpm/deep@1/node_modules/deep/index.js': 'deep',
    'node_modules/deep': { link: '.pnpm/deep@1/node_modules/deep' },
  }

  it('links packages one by one, and those of the project into the copy', async () => {
    await using here = await opened(workspaces)
    const { root, at } = here
    expect(readdirSync(at('node_modules')).sort()).toEqual([
      '.bin',
      '.package-lock.json',
      '.pnpm',
      '.prisma',
      '@scope',
      'deep',
      'dep',
      'lib',
    ])
    expect(realpathSync(at('node_modules/lib'))).toBe(at('packages/lib'))
    expect(realpathSync(at('node_modules/@scope/lib'))).toBe(at('packages/lib'))
    expect(realpathSync(at('node_modules/dep'))).toBe(join(root, 'node_modules/dep'))
    expect(realpathSync(at('node_modules/@scope/dep'))).toBe(join(root, 'node_modules/@scope/dep'))
    expect(realpathSync(at('node_modules/.bin/dep'))).toBe(join(root, 'node_modules/dep/index.js'))
    expect(realpathSync(at('node_modules/deep'))).toBe(join(root, 'node_modules/.pnpm/deep@1/node_modules/deep'))
    expect(realpathSync(at('packages/app/node_modules/own'))).toBe(join(root, 'packages/app/node_modules/own'))
    expect(realpathSync(at('node_modules/.prisma/client'))).toBe(at('node_modules/.prisma/client'))
    expect(here.copy.workspace.read('node_modules/dep/index.js')).toBe('dep')
  })

  it('copies packages when an install may change them', async () => {
    await using here = await opened({ ...workspaces, 'node_modules/far': { link: '/usr' } }, 'copy')
    const { at } = here
    for (const path of ['node_modules/dep', 'node_modules/@scope/dep', 'packages/app/node_modules/own', 'node_modules/.pnpm'])
      expect(realpathSync(at(path))).toBe(at(path))
    expect(realpathSync(at('node_modules/deep'))).toBe(at('node_modules/.pnpm/deep@1/node_modules/deep'))
    expect(readlinkSync(at('node_modules/far'))).toBe('/usr')
    expect(existsSync(at('node_modules/.cache'))).toBe(false)
  })

  it.each(['link', 'copy'] as const)('bears packages that are kept elsewhere (%s)', async (packages) => {
    const shared = temporaryFolder({ 'modules/dep/index.js': 'shared', notes: '' })
    await using here = await opened(
      {
        a: '',
        node_modules: { link: join(shared, 'modules') },
        'own/node_modules/dep/index.js': '',
        'alias/node_modules': { link: '../own/node_modules' },
        'sub/node_modules': { link: 'nowhere' },
        'odd/node_modules': { link: join(shared, 'notes') },
      },
      packages,
    )
    expect(readFileSync(here.at('node_modules/dep/index.js'), 'utf8')).toBe('shared')
    expect(statSync(here.at('node_modules')).isDirectory()).toBe(true)
    plant(here.at('node_modules'), { 'new/index.js': 'mine' })
    expect(readdirSync(join(shared, 'modules'))).toEqual(['dep'])
    expect(readlinkSync(here.at('alias/node_modules'))).toBe('../own/node_modules')
    expect(readdirSync(here.at('odd')).concat(readdirSync(here.at('sub')))).toEqual([])
  })

  it('finds packages of the folders above, the nearest first', async () => {
    const outer = temporaryFolder({
      'node_modules/both/index.js': 'module.exports = "outer"',
      'node_modules/outer/index.js': 'module.exports = "outer"',
      'node_modules/@s/x/index.js': 'module.exports = "scoped"',
      'node_modules/.package-lock.json': 'outer',
      'node_modules/.prisma/client/a': 'outer',
      'repo/node_modules/.prisma/client/b': 'near',
      'repo/node_modules/.package-lock.json': 'near',
      'repo/node_modules/both/index.js': 'module.exports = "near"',
      'repo/node_modules/app': { link: '../packages/app' },
      'repo/node_modules/@s': { link: '../scope' },
      'repo/scope/y/index.js': '',
      'repo/packages/app/index.js': 'module.exports = "app"',
    })
    const copy = await sandbox.open(join(outer, 'repo/packages/app'), { packages: 'link' })
    try {
      const { output } = await copy.run(script('console.log(require("both"), require("outer"), require.resolve("app"))'), {
        ...plain,
        cwd: copy.root,
      })
      expect(output).toBe(`near outer ${copy.root}/index.js\n`)
      expect(readFileSync(join(copy.root, '../node_modules/.package-lock.json'), 'utf8')).toBe('near')
      expect(readdirSync(join(copy.root, '../node_modules/.prisma/client'))).toEqual(['b'])
      expect(readdirSync(join(outer, 'repo/scope'))).toEqual(['y'])
    } finally {
      await copy.close()
    }
  })

  it('does not copy itself when the temporary folder is inside the project', async () => {
    const root = temporaryFolder({ 'tmp/x': '' })
    const copy = await processSandbox({ world, runner, limits, temporaryFolder: join(root, 'tmp') }).open(root, {
      packages: 'link',
    })
    expect(readdirSync(join(copy.root, 'tmp'))).toEqual(['x'])
    await copy.close()
    expect(readdirSync(join(root, 'tmp'))).toEqual(['x'])
  })

  it('refuses a project that is too large, and leaves nothing behind', async () => {
    const temporary = temporaryFolder()
    const root = temporaryFolder({ a: 'x'.repeat(1_000), 'b/c': 'x'.repeat(1_000), link: { link: 'a' } })
    const within = (some: Partial<SandboxLimits>) =>
      processSandbox({ world, runner, temporaryFolder: temporary, limits: { ...limits, ...some } }).open(root, {
        packages: 'link',
      })
    await expect(within({ filesMax: 4 })).rejects.toSatisfy(failsWith(/more than 4 files/))
    await expect(within({ copyBytesMax: 1_999 })).rejects.toSatisfy(failsWith(/more than 1999 bytes/))
    expect(readdirSync(temporary)).toEqual([])
    await (await within({ filesMax: 5, copyBytesMax: 2_000 })).close()
  })

  it('stops copying as soon as it is told to', async () => {
    const temporary = temporaryFolder()
    const root = temporaryFolder(Object.fromEntries(Array.from({ length: 400 }, (_, index) => [`f/${index}`, 'x'])))
    const controller = new AbortController()
    const opening = processSandbox({ world, runner, temporaryFolder: temporary, limits }).open(root, {
      packages: 'link',
      signal: controller.signal,
    })
    setImmediate(() => controller.abort('enough'))
    await expect(opening).rejects.toBe('enough')
    expect(readdirSync(temporary)).toEqual([])
  })

  it('says why when there is no place for a copy', async () => {
    const root = temporaryFolder({ file: '' })
    const nowhere = (temporary: string) =>
      processSandbox({ world, runner, limits, temporaryFolder: temporary }).open(root, { packages: 'link' })
    await expect(nowhere(join(root, 'missing'))).rejects.toSatisfy(failsWith(/ENOENT/))
    await expect(nowhere(join(root, 'file'))).rejects.toSatisfy(failsWith(/ENOTDIR/))
  })

  it('cuts what a command may use to its limits', async () => {
    const asked: CommandOptions[] = []
    const listening = processSandbox({
      world,
      limits: { ...limits, timeoutMs: 50, outputBytesMax: 60, memoryBytesMax: 70 },
      runner: {
        async run(_, options) {
          asked.push(options)
          return { ending: 'exited', exitCode: 0, output: '', outputBytes: 0, truncated: false, durationMs: 0 }
        },
      },
    })
    await using copy = await listening.open(temporaryFolder(), { packages: 'link' })
    await copy.run(['x'], { cwd: '.', timeoutMs: 100, outputBytesMax: 100 })
    await copy.run(['x'], { cwd: copy.root, timeoutMs: 1, outputBytesMax: 2, memoryBytesMax: 3, signal: AbortSignal.abort() })
    expect(asked[0]).toMatchObject({ cwd: copy.root, timeoutMs: 50, outputBytesMax: 60, memoryBytesMax: 70 })
    expect(asked[1]).toMatchObject({ timeoutMs: 1, outputBytesMax: 2, memoryBytesMax: 3 })
    expect([asked[0]?.signal?.aborted, asked[1]?.signal?.aborted]).toEqual([false, true])
  })

  it.runIf(process.platform !== 'win32')('removes what commands left, however they left it', async () => {
    const temporary = temporaryFolder()
    const copy = await processSandbox({ world, runner, limits, temporaryFolder: temporary }).open(temporaryFolder({ a: '' }), {
      packages: 'link',
    })
    const mess =
      'const fs = require("node:fs"); fs.mkdirSync("closed/in", { recursive: true }); fs.writeFileSync("closed/in/x", "", { mode: 0 }); fs.chmodSync("closed", 0); for (let depth = 0; depth < 60; depth++) { fs.mkdirSync("d".repeat(90)); process.chdir("d".repeat(90)) }'
    expect(await copy.run(script(mess), { ...plain, cwd: copy.root })).toMatchObject({ exitCode: 0 })
    await copy.close()
    expect(readdirSync(temporary)).toEqual([])
  })

  it('write() follows no link that a command has put in its way', async () => {
    const outside = temporaryFolder({ kept: 'kept' })
    await using here = await opened({ 'src/a.js': 'a' })
    symlinkSync(outside, here.at('trap'))
    symlinkSync(join(outside, 'kept'), here.at('direct'))
    for (const path of ['trap/kept', 'trap/new', 'direct']) expect(() => here.copy.write(path, 'x')).toThrow(/is a link/)
    expect(() => here.copy.write('trap/kept', null)).toThrow(/is a link/)
    await expect(here.copy.run(['echo'], { ...plain, cwd: here.at('trap') })).rejects.toSatisfy((error) =>
      isHomeostatError(error, 'HS_PATH_REFUSED'),
    )
    expect(readdirSync(outside)).toEqual(['kept'])
    expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('kept')
  })

  it('write() says what went wrong', async () => {
    await using here = await opened({ a: '' })
    mkdirSync(here.at('x'))
    expect(() => here.copy.write(`x/${'n'.repeat(250)}/${'n'.repeat(255)}`, 'x')).not.toThrow()
    const copy = here.copy
    await copy.close()
    expect(() => copy.write('a', 'x')).toThrow(/was closed/)
  })
})

describe('a command in a copy of processSandbox()', () => {
  const copies: { close(): Promise<void> }[] = []
  commandRunnerContract('a copy of processSandbox()', async () => {
    const copy = await sandbox.open(temporaryFolder(), { packages: 'link' })
    copies.push(copy)
    return { runner: copy, cwd: copy.root }
  })
  it('(all copies are closed)', async () => {
    await Promise.all(copies.map((copy) => copy.close()))
    expect(copies.length).toBeGreaterThan(0)
  })
})
