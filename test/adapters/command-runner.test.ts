import { getEventListeners } from 'node:events'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeCommandRunner } from '../../src/adapters/command-runner.js'
import { createWorld } from '../../src/core/world.js'
import { commandRunnerContract, script } from '../contract/command-runner.js'
import { isAlive } from './alive.js'
import { temporaryFolder } from './temporary.js'

commandRunnerContract('nodeCommandRunner()', async () => ({ runner: nodeCommandRunner(createWorld()), cwd: temporaryFolder() }))

describe('nodeCommandRunner()', () => {
  const runner = nodeCommandRunner(createWorld())
  const limits = { timeoutMs: 20_000, outputBytesMax: 65_536 }

  it.runIf(process.platform !== 'win32')('says like a shell why a file cannot be executed', async () => {
    const cwd = temporaryFolder({ 'plain.sh': 'echo', 'lost.sh': { text: '#!/no/such/interpreter\n', mode: 0o755 } })
    const run = (name: string) => runner.run([name], { ...limits, cwd })
    expect(await run('./plain.sh')).toMatchObject({ ending: 'exited', exitCode: 126, output: './plain.sh: Permission denied\n' })
    expect(await run('./lost.sh')).toMatchObject({
      ending: 'exited',
      exitCode: 126,
      output: expect.stringContaining('bad interpreter'),
    })
    expect(await runner.run(['echo', 'x'.repeat(4_000_000)], { ...limits, cwd })).toMatchObject({
      exitCode: 126,
      output: 'echo: cannot be started: E2BIG\n',
    })
    writeFileSync(join(cwd, 'fine.sh'), '#!/bin/sh\necho fine')
    chmodSync(join(cwd, 'fine.sh'), 0o755)
    expect(await run('./fine.sh')).toMatchObject({ exitCode: 0, output: 'fine\n' })
  })

  it.runIf(process.platform !== 'win32' && process.getuid?.() !== 0)(
    'says not-found of a program that is nowhere, also when a folder of PATH may not be looked into',
    async () => {
      const cwd = temporaryFolder({ 'here/plain': 'not executable', closed: { folder: 0o000 } })
      const environment = { PATH: `${join(cwd, 'closed')}:${join(cwd, 'here')}` }
      const run = (name: string) => nodeCommandRunner(createWorld(), { environment }).run([name], { ...limits, cwd })
      expect(await run('nowhere')).toMatchObject({ ending: 'not-found', output: 'nowhere: command not found\n' })
      expect(await run('plain')).toMatchObject({ exitCode: 126, output: 'plain: Permission denied\n' })
    },
  )

  it('shows the name of a program without its escape sequences', async () => {
    const { output } = await runner.run(['\u001b[31mred\u001b[0m'], { ...limits, cwd: temporaryFolder() })
    expect(output).toBe('red: command not found\n')
  })

  it.runIf(process.platform === 'linux')(
    'finds a daemon that left its group, its session, its parent and its environment',
    async () => {
      const pidOf = async (line: string): Promise<number> =>
        Number((await runner.run(['sh', '-c', line], { ...limits, cwd: temporaryFolder() })).output)
      // By the output it still holds; and, when it holds none, because somebody looked while its parent was there.
      expect(isAlive(await pidOf('setsid env -i /bin/sleep 300 & echo $!; sleep 0.2'))).toBe(false)
      expect(isAlive(await pidOf('setsid env -i /bin/sleep 300 </dev/null >/dev/null 2>&1 & echo $!; sleep 1'))).toBe(false)
    },
  )

  it('lets a command tidy up before it is killed', async () => {
    const polite =
      'process.on("SIGTERM", () => { console.log("tidy"); process.exit(0) }); console.log("ready"); setInterval(() => {}, 1_000)'
    const controller = new AbortController()
    const result = await runner.run(script(polite), {
      ...limits,
      cwd: temporaryFolder(),
      signal: controller.signal,
      onOutput: () => controller.abort(),
    })
    expect(result).toMatchObject({ ending: 'aborted', exitCode: null, output: 'ready\ntidy\n' })
  })

  it('hears the last words of a child that outlives the command by a moment', async () => {
    const leave =
      'require("node:child_process").spawn("sh", ["-c", "sleep 0.01; echo last words"], { stdio: "inherit" }); process.nextTick(() => process.exit(0))'
    expect((await runner.run(script(leave), { ...limits, cwd: temporaryFolder() })).output).toBe('last words\n')
  })

  it('never tears a character, although both streams bring theirs byte by byte', async () => {
    const slow = `
      const streams = [[process.stdout, Buffer.from('€ü'.repeat(20))], [process.stderr, Buffer.from('😀'.repeat(25))]]
      let at = 0
      const next = () => {
        const [stream, bytes] = streams[at % 2]
        if (at < 200) stream.write(bytes.subarray(at >> 1, (at++ >> 1) + 1), () => setImmediate(next))
      }
      next()`
    const heard: string[] = []
    const { output, outputBytes } = await runner.run(script(slow), {
      ...limits,
      cwd: temporaryFolder(),
      onOutput: (text) => heard.push(text),
    })
    expect(outputBytes).toBe(200)
    expect(output).not.toContain('\ufffd')
    expect(heard.join('')).toBe(output)
    expect(Array.from(output).sort()).toEqual(Array.from(`${'€ü'.repeat(20)}${'😀'.repeat(25)}`).sort())
  })

  it('refuses limits that are none', async () => {
    const cwd = temporaryFolder()
    for (const wrong of [
      { timeoutMs: 0 },
      { timeoutMs: Number.NaN },
      { outputBytesMax: -1 },
      { outputBytesMax: 0.5 },
      { memoryBytesMax: 0 },
    ]) {
      await expect(runner.run(['echo'], { ...limits, cwd, ...wrong })).rejects.toBeInstanceOf(RangeError)
    }
  })

  it('leaves no listener on this process and none on the signal', async () => {
    const listeners = process.listenerCount('exit')
    const controller = new AbortController()
    await runner.run(script(''), { ...limits, cwd: temporaryFolder(), signal: controller.signal })
    expect(process.listenerCount('exit')).toBe(listeners)
    expect(getEventListeners(controller.signal, 'abort')).toEqual([])
  })

  it.runIf(process.platform !== 'win32')('ends its commands when this process exits in the middle of them', async () => {
    // What the exit listener does, without exiting: the command ends as one that somebody else has killed.
    const before = new Set(process.listeners('exit'))
    let hear: () => void = () => undefined
    const started = new Promise<void>((resolve) => (hear = resolve))
    const running = runner.run(script('console.log(1); setInterval(() => {}, 1_000)'), {
      ...limits,
      cwd: temporaryFolder(),
      onOutput: () => hear(),
    })
    await started
    for (const listener of process.listeners('exit')) if (!before.has(listener)) listener(0)
    expect(await running).toMatchObject({ ending: 'killed', exitCode: null })
  })
})
