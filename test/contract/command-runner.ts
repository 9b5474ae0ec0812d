import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import type { CommandOptions, CommandRunner } from '../../src/core/ports.js'
import { isAlive } from '../adapters/alive.js'

/** A script for Node, as a command. */
export function script(text: string, ...args: readonly string[]): readonly string[] {
  return [process.execPath, '-e', text, ...args]
}

/**
 * What everyone who depends on a {@link CommandRunner} may rely on.
 *
 * @param make - A runner, and a folder in which it may run commands.
 * @param alive - Whether a process still runs, by the id that it knows itself by.
 */
export function commandRunnerContract(
  name: string,
  make: () => Promise<{ readonly runner: CommandRunner; readonly cwd: string }>,
  alive: (pid: number) => boolean = isAlive,
): void {
  const limits = { timeoutMs: 10_000, outputBytesMax: 10_000 }
  const run = async (command: readonly string[], options: Partial<CommandOptions> = {}) => {
    const { runner, cwd } = await make()
    return runner.run(command, { ...limits, cwd, ...options })
  }

  describe(`${name} as a CommandRunner`, () => {
    it('tells the exit code and both streams', async () => {
      const result = await run(script('console.log("out"); console.error("err"); process.exitCode = 3'))
      expect(result).toMatchObject({ ending: 'exited', exitCode: 3, outputBytes: 8, truncated: false })
      expect(result.output.split('\n').sort()).toEqual(['', 'err', 'out'])
      expect(result.durationMs).toBeGreaterThan(0)
    })

    it('hands arguments over as they are, and to no shell', async () => {
      const words = ['; touch pwned', '$(touch pwned)', '`id`', 'a b', '"', "'", '*', '', '\n', '&&', '\u001b[31m']
      const { output } = await run(script('console.log(JSON.stringify(process.argv.slice(1)))', '--', ...words))
      expect(JSON.parse(output)).toEqual(words)
    })

    it('runs where it is told to', async () => {
      const { runner, cwd } = await make()
      const { output } = await runner.run(script('process.stdout.write(process.cwd())'), { ...limits, cwd })
      expect(output).toBe(cwd)
    })

    it('gives no standard input', async () => {
      const { output } = await run(script('process.stdin.on("data", () => {}).on("end", () => console.log("ended"))'))
      expect(output).toBe('ended\n')
    })

    it('says not-found, without an exit code, when there is no such program', async () => {
      expect(await run(['no-such-program-of-homeostat', '--version'])).toMatchObject({ ending: 'not-found', exitCode: null })
      expect(await run(['./missing/program'])).toMatchObject({ ending: 'not-found', exitCode: null })
      expect(await run([join(process.execPath, 'below-a-file')])).toMatchObject({ ending: 'not-found', exitCode: null })
    })

    it('says killed when somebody else ends it', async () => {
      expect(await run(script('process.kill(process.pid, "SIGKILL")'))).toMatchObject({ ending: 'killed', exitCode: null })
    })

    it('keeps the beginning and the end of long output, and counts all of it', async () => {
      const { output, outputBytes, truncated } = await run(
        script('process.stdout.write("first" + "x".repeat(1_000_000) + "last")'),
        { outputBytesMax: 1_000 },
      )
      expect(output).toMatch(/^firstx+\n… 999009 bytes dropped …\nx+last$/)
      expect({ outputBytes, truncated }).toEqual({ outputBytes: 1_000_009, truncated: true })
    })

    it('bears output that is no text', async () => {
      const { output, outputBytes } = await run(script('process.stdout.write(Buffer.from([0, 255, 254, 128, 65, 0xf0, 0x9f]))'))
      expect(outputBytes).toBe(7)
      expect(output).toContain('A')
      expect(output).toContain('\0')
    })

    it('lets its output be heard as it comes', async () => {
      const heard: string[] = []
      const { output } = await run(script('console.log("grüß dich"); setTimeout(() => console.log("wieder"), 150)'), {
        onOutput: (text) => heard.push(text),
      })
      expect(heard.join('')).toBe(output)
      expect(heard.length).toBeGreaterThan(1)
    })

    it('rejects with what the listener threw, once the command is stopped', async () => {
      const fault = new Error('the listener is broken')
      const hears = (): void => {
        throw fault
      }
      await expect(run(script('console.log(1); setInterval(() => {}, 1_000)'), { onOutput: hears })).rejects.toBe(fault)
      await expect(run(script('process.stdout.write(Buffer.from([0xf0]))'), { onOutput: hears })).rejects.toBe(fault)
    })

    it('stops a command at its time limit', async () => {
      const result = await run(script('console.log(process.pid); setInterval(() => {}, 1_000)'), { timeoutMs: 300 })
      expect(result).toMatchObject({ ending: 'timed-out', exitCode: null })
      expect(result.durationMs).toBeGreaterThanOrEqual(300)
      if (result.output !== '') expect(alive(Number(result.output))).toBe(false)
    })

    it('ends with a command its children and theirs, although they ignore every polite signal and leave its group', async () => {
      const stubborn = `process.on('SIGTERM', () => {}); console.log(process.pid); setInterval(() => {}, 1_000);`
      const spawned = (text: string, options: string): string =>
        `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(text)}], ${options}).unref()`
      const family = `${stubborn} ${spawned(`${stubborn} ${spawned(stubborn, '{ detached: true, stdio: "inherit" }')}`, '{ stdio: "inherit" }')}`
      const controller = new AbortController()
      let heard = ''
      const onOutput = (text: string): void => {
        heard += text
        if (heard.split('\n').length > 3) controller.abort()
      }
      expect(await run(script(family), { onOutput, signal: controller.signal })).toMatchObject({
        ending: 'aborted',
        exitCode: null,
      })
      const started = heard.trim().split('\n').map(Number)
      expect(started).toHaveLength(3)
      expect(started.filter(alive)).toEqual([])
    })

    it('says aborted as soon as it is told to stop, and did not start at all when that was before', async () => {
      const controller = new AbortController()
      const result = run(script('console.log("started"); setInterval(() => {}, 1_000)'), {
        signal: controller.signal,
        onOutput: () => controller.abort(),
      })
      expect(await result).toMatchObject({ ending: 'aborted', exitCode: null, output: 'started\n' })
      expect(await run(script('console.log("started")'), { signal: AbortSignal.abort() })).toMatchObject({
        ending: 'aborted',
        output: '',
        outputBytes: 0,
      })
    })

    it('ends what a passing command left in the background, and does not wait for it', async () => {
      const leave = `const { spawn } = require('node:child_process'); const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1_000)'], { detached: true, stdio: 'inherit' }); child.unref(); console.log(child.pid)`
      const result = await run(script(leave))
      expect(result).toMatchObject({ ending: 'exited', exitCode: 0 })
      expect(alive(Number(result.output))).toBe(false)
    })

    it('does not hand the secrets of this process over', async () => {
      process.env['HOMEOSTAT_TEST_TOKEN'] = 'canary'
      try {
        const { output } = await run(script('console.log(JSON.stringify(process.env))'), {
          env: { EXTRA: 'yes', LANG: undefined },
        })
        expect(output).not.toContain('canary')
        expect(JSON.parse(output)).toMatchObject({ EXTRA: 'yes' })
        expect(JSON.parse(output)).not.toHaveProperty('LANG')
      } finally {
        delete process.env['HOMEOSTAT_TEST_TOKEN']
      }
    })

    it('limits the heap of Node children', async () => {
      const { output } = await run(script('console.log(require("node:v8").getHeapStatistics().heap_size_limit / 1_048_576)'), {
        memoryBytesMax: 100 * 1_048_576,
      })
      // The old generation, which is what the flag sets, and up to 200 MiB for the young one.
      expect(Number(output)).toBeLessThan(301)
    })

    it('refuses an empty command, a NUL, and a folder that is not there', async () => {
      for (const command of [[], [''], ['echo', 'a\0b']])
        await expect(run(command)).rejects.toSatisfy((error) => isHomeostatError(error, 'HS_INPUT_INVALID'))
      const { runner, cwd } = await make()
      await expect(runner.run(['echo'], { ...limits, cwd: join(cwd, 'missing') })).rejects.toSatisfy((error) =>
        isHomeostatError(error, 'HS_FOLDER_MISSING'),
      )
    })

    it('runs several commands at once without mixing them up', async () => {
      const { runner, cwd } = await make()
      const results = await Promise.all(
        [1, 2, 3].map((n) => runner.run(script(`setTimeout(() => process.exit(${n}), 50)`), { ...limits, cwd })),
      )
      expect(results.map((result) => result.exitCode)).toEqual([1, 2, 3])
    })
  })
}
