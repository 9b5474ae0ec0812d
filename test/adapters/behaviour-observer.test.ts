import { execFile } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it, onTestFinished } from 'vitest'
import { nodeBehaviourObserver } from '../../src/adapters/behaviour-observer.js'
import type { BehaviourEvent, BehaviourTrace } from '../../src/security/behaviour/behaviour-trace.js'
import { temporaryFolder } from './temporary.js'

const run = promisify(execFile)

/** Runs `src/main.*` of a project under observation. */
async function observed(
  files: Readonly<Record<string, string>>,
  { main = 'src/main.cjs', env = {} }: { main?: string; env?: Record<string, string> } = {},
): Promise<{ readonly trace: BehaviourTrace; readonly output: string; readonly folder: string }> {
  const root = temporaryFolder(files)
  const folder = join(root, '.homeostat', 'with "quotes" and blanks')
  const recording = await nodeBehaviourObserver().begin({ folder, root, env })
  const { stdout } = await run(process.execPath, [main], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: homedir(), SECRET_TOKEN: 'x', ...env, ...recording.env },
  })
  return { trace: await recording.finish({ durationMs: 12 }), output: stdout, folder }
}

const of = (trace: BehaviourTrace, kind: BehaviourEvent['kind']): readonly string[] =>
  trace.events.filter((event) => event.kind === kind && event.from?.startsWith('src/')).map(({ subject }) => subject)

describe('nodeBehaviourObserver()', () => {
  it('sees programs, however they are started, and which file starts them', async () => {
    const { trace } = await observed({
      'src/main.cjs': `
        const children = require('child_process')
        children.execFileSync(process.execPath, ['-e', ''])
        children.execSync('true && false || true')
        require('./other.cjs')`,
      'src/other.cjs': `
        const { spawn, exec } = require('node:child_process')
        spawn('true')
        require('util').promisify(exec)('A=1 echo hi | cat')`,
    })
    expect(of(trace, 'process')).toEqual(expect.arrayContaining(['node', 'true', 'echo']))
    expect(trace.events).toContainEqual({ kind: 'process', subject: 'echo', from: 'src/other.cjs' })
    expect(trace.processes).toBeGreaterThanOrEqual(2)
    expect(trace.durationMs).toBe(12)
    expect(trace.memoryBytesMax).toBeGreaterThan(1_000_000)
    expect(trace.complete).toBe(true)
  })

  it('sees files outside the project, not those within, also through modules of the ES kind and promises', async () => {
    const { trace } = await observed(
      {
        'src/main.mjs': `
          import { readFileSync, promises } from 'node:fs'
          import { readFile } from 'node:fs/promises'
          readFileSync(new URL('../data.txt', import.meta.url))
          try { readFileSync('/etc/hostname') } catch {}
          await readFile(${JSON.stringify(join(homedir(), '.no-such-key'))}).catch(() => {})
          await promises.open('/no/such/folder/x', 'w').catch(() => {})`,
        'data.txt': 'a',
      },
      { main: 'src/main.mjs' },
    )
    expect(of(trace, 'read')).toEqual(expect.arrayContaining(['/etc/hostname', '~/.no-such-key']))
    expect(of(trace, 'write')).toEqual(['/no/such/folder/x'])
    expect(trace.events.some(({ subject }) => subject.endsWith('data.txt'))).toBe(false)
  })

  it('sees connections by their host and port', async () => {
    const server = createServer((socket) => socket.end())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void server.close())
    const address = server.address()
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0
    const { trace } = await observed({
      'src/main.cjs': `
        require('http').get('http://127.0.0.1:${port}/').on('error', () => {})
        fetch('http://127.0.0.1:${port}/').catch(() => {})
        require('dns').lookup('localhost', () => {})`,
    })
    expect(of(trace, 'connection')).toEqual(expect.arrayContaining([`127.0.0.1:${port}`, 'localhost']))
  })

  it('sees which variables the program reads, not what Node copies for its children, and leaves the environment as it was', async () => {
    const { trace, output } = await observed({
      'src/main.cjs': `
        const secret = process.env.SECRET_TOKEN
        process.env.MADE = 'here'
        delete process.env.GONE
        require('child_process').execFileSync('true')
        console.log(secret, process.env.MADE, 'GONE' in process.env)`,
    })
    expect(output).toBe('x here false\n')
    expect(of(trace, 'environment')).toEqual(expect.arrayContaining(['SECRET_TOKEN', 'MADE']))
    expect(of(trace, 'environment')).not.toContain('*')
    const all = await observed({ 'src/main.cjs': 'console.log(Object.keys({ ...process.env }).includes("SECRET_TOKEN"))' })
    expect(all.output).toBe('true\n')
    expect(of(all.trace, 'environment')).toContain('*')
  })

  it('keeps the options of Node that are there, and leaves nothing behind', async () => {
    const { trace, folder, output } = await observed(
      { 'src/main.cjs': 'console.log(process.execArgv.length, process.env.NODE_OPTIONS.startsWith("--no-warnings --require"))' },
      { env: { NODE_OPTIONS: '--no-warnings' } },
    )
    expect(output).toBe('0 true\n')
    expect(trace.processes).toBe(1)
    expect(existsSync(join(folder, 'preload.cjs'))).toBe(false)
    expect(existsSync(join(folder, 'trace.jsonl'))).toBe(false)
  })

  it('is bounded, and says what was cut', async () => {
    const { trace } = await observed({ 'src/main.cjs': 'for (let i = 0; i < 3000; i += 1) process.env["V" + i]' })
    expect(trace.complete).toBe(false)
    expect(trace.events.length).toBeLessThanOrEqual(2_000)
  })

  it('says that nobody was watched when the trace is gone, and does not follow what stands in its place', async () => {
    const root = temporaryFolder({ 'secret.txt': '{"kind":"start"}\n' })
    const begin = () => nodeBehaviourObserver().begin({ folder: join(root, 'watch'), root })
    expect(await (await begin()).finish()).toEqual({ events: [], processes: 0, complete: false })
    const linked = await begin()
    await run('ln', ['-s', join(root, 'secret.txt'), join(root, 'watch', 'trace.jsonl')])
    expect((await linked.finish()).processes).toBe(0)
    expect(readFileSync(join(root, 'secret.txt'), 'utf8')).toBe('{"kind":"start"}\n')
    const forged = await begin()
    writeFileSync(
      join(root, 'watch', 'trace.jsonl'),
      '{"kind":"start"}\nnot json\n{"kind":"process","subject":"","__proto__":1}\n',
    )
    expect(await forged.finish()).toEqual({ events: [], processes: 1, complete: false })
    await expect(nodeBehaviourObserver().begin({ folder: 'here', root })).rejects.toThrow(RangeError)
    expect(nodeBehaviourObserver().blindSpots.length).toBeGreaterThan(3)
  })
})
