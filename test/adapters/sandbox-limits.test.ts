import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { nodeCommandRunner } from '../../src/adapters/command-runner.js'
import { hardLimits, isProgram, limitArguments } from '../../src/adapters/sandbox-limits.js'
import { createWorld } from '../../src/core/world.js'
import { script } from '../contract/command-runner.js'
import { onPlatform } from './on-platform.js'
import { temporaryFolder } from './temporary.js'

const hasLimits = limitArguments({ fileBytesMax: 1 }).length > 0

describe('limitArguments()', () => {
  it('is nothing when nothing is to be limited, or nothing can', async () => {
    expect(limitArguments({})).toEqual([])
    expect(await onPlatform('darwin', () => limitArguments({ fileBytesMax: 1, processesMax: 1 }))).toEqual([])
  })

  it.runIf(hasLimits)('sets whole numbers, no core file, and never more than the hard limit', () => {
    const hard = hardLimits(readFileSync('/proc/self/limits', 'utf8'))
    const [prlimit, core, size, last] = limitArguments({ fileBytesMax: 4_096.7 })
    expect([prlimit?.endsWith('/prlimit'), core, last]).toEqual([true, '--core=0', '--'])
    expect(size).toBe(`--fsize=${Math.min(4_096, hard.fileBytes)}`)
  })

  it.runIf(hasLimits)('counts processes from those that the user has, and sets no limit that would not bind', () => {
    const processesOf = (user: number | undefined): string | undefined =>
      limitArguments({ processesMax: 100.5 }, user).find((word) => word.startsWith('--nproc='))
    expect(processesOf(0)).toBeUndefined()
    expect(processesOf(4_000_000_000)).toBe('--nproc=100') // nobody has this number
  })
})

describe('hardLimits()', () => {
  it('reads what /proc tells, and takes silence for no limit', () => {
    const text = `Limit                     Soft Limit           Hard Limit           Units
Max file size             1024                 2048                 bytes
Max processes             100                  unlimited            processes
`
    expect(hardLimits(text)).toEqual({ fileBytes: 2_048, processes: Infinity })
    expect(hardLimits('')).toEqual({ fileBytes: Infinity, processes: Infinity })
  })
})

describe('isProgram()', () => {
  it('finds what may be executed, by its path or in PATH', () => {
    const cwd = temporaryFolder({
      'bin/run': { text: '', mode: 0o755 },
      'bin/text': { text: '', mode: 0o644 },
      'bin/folder/x': '',
    })
    const path = `/nowhere:${cwd}/bin`
    expect(isProgram('./bin/run', { cwd, path: undefined })).toBe(true)
    expect(isProgram('run', { cwd, path })).toBe(true)
    for (const name of ['text', 'folder', 'none', './bin/text', './run', 'bin/run/x'])
      expect(isProgram(name, { cwd, path }), name).toBe(false)
    expect(isProgram('run', { cwd, path: undefined })).toBe(false)
  })
})

describe('nodeCommandRunner() with limits', () => {
  const runner = nodeCommandRunner(createWorld())
  const plain = { timeoutMs: 10_000, outputBytesMax: 10_000 }

  it.runIf(hasLimits)('limits the size of files, for children too', async () => {
    const cwd = temporaryFolder()
    const write =
      'try { require("node:fs").writeFileSync("large", Buffer.alloc(9000)) } catch (error) { console.log(error.code) }'
    const inner = `require('node:child_process').spawnSync(process.execPath, ['-e', ${JSON.stringify(write)}], { stdio: 'inherit' })`
    expect((await runner.run(script(inner), { ...plain, cwd, fileBytesMax: 8_192 })).output).toBe('EFBIG\n')
    expect((await runner.run(script(write), { ...plain, cwd, fileBytesMax: 9_000 })).output).toBe('')
  })

  it('says the same of what cannot be started as without limits', async () => {
    const cwd = temporaryFolder({ text: { text: '', mode: 0o644 } })
    for (const command of [['no-such-program-of-homeostat'], ['./text'], ['./none']]) {
      const { durationMs: _, ...bare } = await runner.run(command, { ...plain, cwd })
      expect(await runner.run(command, { ...plain, cwd, fileBytesMax: 1_000, processesMax: 100 })).toMatchObject(bare)
    }
  })

  it.each([0, -1, Number.NaN])('refuses a limit of %d', async (limit) => {
    const cwd = temporaryFolder()
    await expect(runner.run(['echo'], { ...plain, cwd, fileBytesMax: limit })).rejects.toThrow(RangeError)
    await expect(runner.run(['echo'], { ...plain, cwd, processesMax: limit })).rejects.toThrow(RangeError)
  })
})
