import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeCommandRunner } from '../../src/adapters/command-runner.js'
import { checkMachine, supportsNode } from '../../src/adapters/machine-check.js'
import type { CommandResult, CommandRunner } from '../../src/core/ports.js'
import { createWorld } from '../../src/core/world.js'
import { onPlatform } from './on-platform.js'
import { temporaryFolder } from './temporary.js'

const world = createWorld()

/** A runner on a machine where only these programs are there, and answer so. */
function machine(programs: Readonly<Record<string, Partial<CommandResult>>>): CommandRunner {
  return {
    async run([name = '']) {
      const absent: CommandResult = {
        ending: 'not-found',
        exitCode: null,
        output: `${name}: command not found\n`,
        outputBytes: 0,
        truncated: false,
        durationMs: 1,
      }
      const answer = programs[name]
      return answer === undefined ? absent : { ...absent, ending: 'exited', exitCode: 0, ...answer }
    },
  }
}

describe('checkMachine()', () => {
  it('finds this machine fit, and leaves nothing behind', async () => {
    const cwd = temporaryFolder()
    const report = await checkMachine({ runner: nodeCommandRunner(world), world, cwd })
    expect(report.ok).toBe(true)
    for (const name of ['node', 'sandbox-process', 'workspace', 'temporary-folder'])
      expect(report.checks.find((check) => check.name === name)).toMatchObject({ ok: true, required: true })
    expect(new Set(report.checks.map((check) => check.name)).size).toBe(report.checks.length)
    for (const check of report.checks) {
      expect(check.detail).not.toMatch(/^$|\n/)
      if (check.ok) expect(check).not.toHaveProperty('remedy')
    }
    expect(readdirSync(cwd)).toEqual([])
  })

  it('does not need what is only useful', async () => {
    const runner = machine({
      [process.execPath]: { output: 'ready' },
      git: { output: 'git version 2\n' },
      npm: { output: 'npm warn x\n\u001b[1m11.0.0\u001b[0m\n' },
      bwrap: { output: '' },
      unshare: { exitCode: 1, output: 'unshare: unshare failed: Operation not permitted\n' },
      yarn: { ending: 'timed-out', exitCode: null, output: '' },
    })
    const { ok, checks } = await checkMachine({ runner, world, cwd: temporaryFolder() })
    expect(ok).toBe(true)
    const check = (name: string) => checks.find((one) => one.name === name)
    expect(check('npm')).toEqual({ name: 'npm', ok: true, required: false, detail: '11.0.0' })
    // That it runs and says nothing does not show that its walls hold.
    expect(check('sandbox-bubblewrap')).toMatchObject({
      ok: false,
      required: false,
      detail: 'exit code 0',
      remedy: expect.any(String),
    })
    expect(check('sandbox-unshare')).toMatchObject({ ok: false, detail: expect.stringContaining('not permitted') })
    expect(check('sandbox-tier')).toMatchObject({ ok: true, detail: expect.stringMatching(/^process:/) })
    expect(check('yarn')).toMatchObject({ ok: false, detail: 'timed-out' })
    expect(check('pnpm')).toMatchObject({ ok: false, detail: 'pnpm: command not found', remedy: expect.stringContaining('pnpm') })
  })

  it('fails when commands cannot run or files cannot be written, and says what to do', async () => {
    const broken: CommandRunner = { run: () => Promise.reject(new Error('no more processes')) }
    const cwd = join(temporaryFolder(), 'missing')
    const { ok, checks } = await checkMachine({ runner: broken, world, cwd })
    expect(ok).toBe(false)
    expect(checks.find((check) => check.name === 'sandbox-process')).toMatchObject({
      ok: false,
      detail: 'no more processes',
      remedy: expect.any(String),
    })
    expect(checks.find((check) => check.name === 'workspace')).toMatchObject({
      ok: false,
      detail: expect.stringContaining('ENOENT'),
      remedy: expect.any(String),
    })
    expect(checks.find((check) => check.name === 'workspace-disk')).toMatchObject({ ok: false })
  })

  it('names the strongest tier that its own trial has shown', async () => {
    const { checks } = await checkMachine({ runner: nodeCommandRunner(world), world, cwd: temporaryFolder() })
    const check = (name: string) => checks.find((one) => one.name === name)
    const hasWalls = check('sandbox-bubblewrap')?.ok === true || check('sandbox-unshare')?.ok === true
    expect(check('sandbox-tier')?.detail).toMatch(hasWalls ? /^namespace:/ : /^process:/)
  })

  it('says when processes are not listed', async () => {
    const runner = machine({ [process.execPath]: { output: 'ready' } })
    const { checks } = await onPlatform('win32', () => checkMachine({ runner, world, cwd: temporaryFolder() }))
    expect(checks.find((check) => check.name === 'process-table')).toMatchObject({
      ok: false,
      required: false,
      remedy: expect.any(String),
    })
    expect(checks.find((check) => check.name === 'sandbox-limits')).toMatchObject({ ok: false, required: false })
    expect(checks.find((check) => check.name === 'sandbox-unshare')).toMatchObject({
      ok: false,
      detail: 'there are none on win32',
    })
  })

  it('rejects with the reason when it is told to stop', async () => {
    await expect(
      checkMachine({ runner: nodeCommandRunner(world), world, cwd: temporaryFolder(), signal: AbortSignal.abort('enough') }),
    ).rejects.toBe('enough')
  })
})

describe('supportsNode()', () => {
  it('is what package.json says', () => {
    for (const version of ['22.13.0', '22.23.3', '24.0.0', '24.21.0', '26.0.0', '28.1.0'])
      expect(supportsNode(version), version).toBe(true)
    for (const version of ['20.20.2', '22.12.9', '23.11.0', '25.9.0', '', 'x']) expect(supportsNode(version), version).toBe(false)
  })
})
