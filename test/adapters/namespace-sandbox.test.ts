import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeCommandRunner } from '../../src/adapters/command-runner.js'
import { findWalls, namespaceSandbox } from '../../src/adapters/namespace-sandbox.js'
import { environmentHolds, listProcesses } from '../../src/adapters/process-table.js'
import { tryWalls, type WallName } from '../../src/adapters/sandbox-probe.js'
import { isHomeostatError } from '../../src/core/errors.js'
import type { CommandResult, CommandRunner, SandboxCopy, SandboxLimits } from '../../src/core/ports.js'
import { createWorld } from '../../src/core/world.js'
import { commandRunnerContract, script } from '../contract/command-runner.js'
import { sandboxContract } from '../contract/sandbox.js'
import { onPlatform } from './on-platform.js'
import { temporaryFolder } from './temporary.js'

const world = createWorld()
const runner = nodeCommandRunner(world)
const limits: SandboxLimits = {
  filesMax: 5_000,
  copyBytesMax: 50_000_000,
  timeoutMs: 20_000,
  outputBytesMax: 10_000,
  memoryBytesMax: 512 * 1_048_576,
}
const plain = { timeoutMs: 10_000, outputBytesMax: 10_000 }

// Not assumed: tried. A machine without them runs the tests of the argument arrays only.
const names: readonly WallName[] = ['bubblewrap', 'unshare']
const trials = new Map<WallName, boolean>()
for (const name of names) trials.set(name, (await tryWalls(name, runner)).holds)

describe.each(names.filter((name) => trials.get(name) === true))('namespaceSandbox() by %s', (name) => {
  const sandbox = namespaceSandbox({ world, runner, limits, find: findWalls(runner, [name]) })
  const copies: SandboxCopy[] = []
  const opened = async (root: string): Promise<SandboxCopy> => {
    const copy = await sandbox.open(root, { packages: 'link' })
    copies.push(copy)
    return copy
  }

  sandboxContract(`namespaceSandbox() by ${name}`, () => sandbox)
  // A process behind walls knows itself by another id: what counts is that nobody of the last copy is left.
  commandRunnerContract(
    `a copy of namespaceSandbox() by ${name}`,
    async () => {
      const copy = await opened(temporaryFolder())
      return { runner: copy, cwd: copy.root }
    },
    () =>
      listProcesses().some((entry) => !entry.ended && environmentHolds(entry.pid, dirname(copies.at(-1)?.root ?? '/none/none'))),
  )

  it('says how strong it is', () => {
    expect(sandbox.tier).toBe('namespace')
  })

  it('shows the copy, programs and packages, and nothing else of the files of the machine', async () => {
    const root = temporaryFolder({ 'package.json': '{}', 'node_modules/dep/index.js': 'module.exports = 1', secret: 'secret' })
    const copy = await opened(root)
    const look = `const fs = require('node:fs'); const has = (path) => fs.existsSync(path)
      console.log(JSON.stringify({
        homes: fs.existsSync('/home') ? fs.readdirSync('/home') : [], shadow: has('/etc/shadow'), original: has(${JSON.stringify(join(root, 'secret'))}),
        run: has('/run'), sys: has('/sys'),
        user: require('node:os').userInfo().username, dep: require('dep') }))`
    const { output } = await copy.run(script(look), { ...plain, cwd: copy.root })
    expect(JSON.parse(output)).toEqual({
      homes: [],
      shadow: false,
      original: false,
      run: false,
      sys: false,
      user: 'user',
      dep: 1,
    })
  })

  it('lets nobody write beside the copy: packages, programs, and the folder that holds the walls', async () => {
    const root = temporaryFolder({ 'package.json': '{}', 'node_modules/dep/index.js': 'as it was' })
    const copy = await opened(root)
    const outside = [
      join(root, 'node_modules/dep/index.js'),
      `${process.execPath}.new`,
      '/new',
      '/etc/passwd',
      '/proc/sys/kernel/domainname',
    ]
    const contents = (): unknown[] => outside.map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : undefined))
    const before = contents()
    const attempt = `const fs = require('node:fs')
      for (const path of ['node_modules/dep/index.js', ...process.argv.slice(1)]) {
        try { fs.writeFileSync(path, 'changed'); console.log('wrote', path) } catch (error) { console.log(error.code) }
      }`
    const { output } = await copy.run(script(attempt, ...outside.slice(1)), { ...plain, cwd: copy.root })
    expect(output.trim().split('\n')).toHaveLength(outside.length)
    // Where Node itself lies under /tmp, the folder beside it is in the private /tmp, which is gone with the command.
    const written = output.split('\n').filter((line) => line.startsWith('wrote'))
    expect(written.filter((line) => !line.startsWith('wrote /tmp/'))).toEqual([])
    expect(contents()).toEqual(before)
  })

  it('gives every command an empty /tmp, and keeps the temporary folder of the copy', async () => {
    const copy = await opened(temporaryFolder())
    const write =
      'const fs = require("node:fs"); fs.writeFileSync("/tmp/a", ""); fs.writeFileSync(require("node:os").tmpdir() + "/b", "")'
    await copy.run(script(write), { ...plain, cwd: copy.root })
    const look =
      'const fs = require("node:fs"); console.log(fs.existsSync("/tmp/a"), fs.existsSync(require("node:os").tmpdir() + "/b"))'
    expect(await copy.run(script(look), { ...plain, cwd: copy.root })).toMatchObject({ output: 'false true\n' })
  })

  it('opens the network to an install, and to nothing else', async () => {
    const copy = await opened(temporaryFolder())
    const server = createServer((socket) => socket.end('hello')).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const address = server.address()
    const port = address !== null && typeof address === 'object' ? address.port : 0
    const call = script(
      'require("node:net").connect(Number(process.argv[1]), "127.0.0.1").on("error", (error) => console.log(error.code)).pipe(process.stdout)',
      String(port),
    )
    try {
      expect((await copy.run(call, { ...plain, cwd: copy.root })).output).toBe('ECONNREFUSED\n')
      expect((await copy.run(call, { ...plain, cwd: copy.root, install: true })).output).toBe('hello')
    } finally {
      server.close()
    }
  })

  it('lets an install write the shared caches, and everyone else read them', async () => {
    const cache = temporaryFolder({ kept: 'kept' })
    process.env['npm_config_cache'] = cache
    try {
      const copy = await opened(temporaryFolder())
      const write = script(
        `try { require('node:fs').writeFileSync(process.env.npm_config_cache + '/new', 'x') } catch (error) { console.log(error.code) }
        console.log(require('node:fs').readFileSync(process.env.npm_config_cache + '/kept', 'utf8'))`,
      )
      expect((await copy.run(write, { ...plain, cwd: copy.root })).output).toBe('EROFS\nkept\n')
      expect(readdirSync(cache)).toEqual(['kept'])
      expect((await copy.run(write, { ...plain, cwd: copy.root, install: true })).output).toBe('kept\n')
      expect(readdirSync(cache)).toEqual(['kept', 'new'])
    } finally {
      delete process.env['npm_config_cache']
    }
  })

  it('follows no link that a command has put in the way of the next one', async () => {
    const outside = temporaryFolder({ secret: 'secret' })
    const copy = await opened(temporaryFolder({ a: '' }))
    const home = join(dirname(copy.root), 'home')
    const trap = `const fs = require('node:fs')
      for (const path of ['/tmp', '/var/tmp', ${JSON.stringify(home)}, require('node:os').tmpdir()])
        try { fs.renameSync(path, path + '.old'); fs.symlinkSync(${JSON.stringify(outside)}, path) } catch {}`
    await copy.run(script(trap), { ...plain, cwd: copy.root })
    const look = `const fs = require('node:fs')
      for (const path of ['/tmp', '/var/tmp', ${JSON.stringify(home)}]) try { console.log(fs.readdirSync(path).includes('secret')) } catch { console.log(false) }`
    expect((await copy.run(script(look), { ...plain, cwd: copy.root })).output).toBe('false\nfalse\nfalse\n')
    expect(readFileSync(join(outside, 'secret'), 'utf8')).toBe('secret')
  })

  it('leaves nothing in the temporary folder', async () => {
    const temporary = temporaryFolder()
    const copy = await namespaceSandbox({
      world,
      runner,
      limits,
      temporaryFolder: temporary,
      find: findWalls(runner, [name]),
    }).open(temporaryFolder({ a: '' }), { packages: 'link' })
    await copy.run(script('require("node:fs").mkdirSync("/tmp/closed", { mode: 0 })'), { ...plain, cwd: copy.root })
    expect(readdirSync(temporary)).toHaveLength(2)
    await copy.close()
    expect(readdirSync(temporary)).toEqual([])
  })

  it('tells a program that may not be executed from one that is not there', async () => {
    const copy = await opened(temporaryFolder({ 'run.sh': '#!/bin/sh\nexit 5\n' }))
    expect(await copy.run(['./run.sh'], { ...plain, cwd: copy.root })).toMatchObject({ ending: 'exited', exitCode: 126 })
    copy.chmod('run.sh', 0o755)
    expect(await copy.run(['./run.sh'], { ...plain, cwd: copy.root })).toMatchObject({ ending: 'exited', exitCode: 5 })
    expect(await copy.run(['sh', '-c', 'exit 129'], { ...plain, cwd: copy.root })).toMatchObject({
      ending: 'exited',
      exitCode: 129,
    })
  })

  it('(all copies are closed)', async () => {
    await Promise.all(copies.map((copy) => copy.close()))
    expect(copies.length).toBeGreaterThan(0)
  })
})

/** A machine whose programs all end so; it remembers what was run. */
function machine(answer: Partial<CommandResult>): CommandRunner & { readonly asked: (readonly string[])[] } {
  const asked: (readonly string[])[] = []
  return {
    asked,
    async run(command) {
      asked.push(command)
      return { ending: 'exited', exitCode: 0, output: '', outputBytes: 0, truncated: false, durationMs: 1, ...answer }
    },
  }
}

describe('namespaceSandbox()', () => {
  const open = (fake: CommandRunner, signal?: AbortSignal) =>
    namespaceSandbox({ world, runner: fake, limits, find: findWalls(fake) }).open(temporaryFolder(), {
      packages: 'link',
      ...(signal && { signal }),
    })

  it('refuses with HS_SANDBOX_TIER, and runs nothing in weaker walls, where none hold', async () => {
    for (const answer of [
      { ending: 'not-found', exitCode: null, output: 'command not found\n' },
      { exitCode: 1, output: 'Operation not permitted\n' },
      { output: 'a file outside was read\n' },
      { output: 'homeostat: walls hold\n' }, // said, and nothing written inside
    ] satisfies Partial<CommandResult>[]) {
      const fake = machine(answer)
      await expect(open(fake)).rejects.toSatisfy(
        (error) => isHomeostatError(error, 'HS_SANDBOX_TIER') && /bubblewrap: .*; unshare: /.test(error.message),
      )
      expect(fake.asked.map(([program]) => program)).toEqual(['bwrap', 'unshare'])
    }
  })

  it('tries walls once', async () => {
    const fake = machine({ exitCode: 1 })
    const find = findWalls(fake)
    await expect(find()).rejects.toThrow()
    await expect(find()).rejects.toThrow()
    expect(fake.asked).toHaveLength(2)
  })

  it('tries nothing when it is told to stop before', async () => {
    const fake = machine({})
    await expect(open(fake, AbortSignal.abort('gone'))).rejects.toBe('gone')
    expect(fake.asked).toEqual([])
  })
})

describe('tryWalls()', () => {
  // Without this, walls that are broken would look like a machine that has none, and every test of them would be left out.
  it.each([
    ['bubblewrap', ['bwrap', '--ro-bind', '/', '/', '--proc', '/proc', '--unshare-all', 'true']],
    [
      'unshare',
      ['unshare', '--map-root-user', '--net', '--pid', '--fork', '--mount-proc', 'sh', '-c', 'ip link set lo up && setpriv -V'],
    ],
  ] as const)('finds that the walls of %s hold wherever namespaces can be made at all', async (name, command) => {
    const { ending, exitCode } = await runner.run(command, { ...plain, cwd: temporaryFolder() })
    expect(trials.get(name)).toBe(ending === 'exited' && exitCode === 0)
  })

  it('says why there are none on another system, or where nothing can be started', async () => {
    expect(await onPlatform('darwin', () => tryWalls('unshare', runner))).toEqual({
      holds: false,
      detail: 'there are none on darwin',
    })
    const broken: CommandRunner = { run: () => Promise.reject(new Error('no more processes')) }
    expect(await tryWalls('bubblewrap', broken)).toEqual({ holds: false, detail: 'no more processes' })
  })
})
