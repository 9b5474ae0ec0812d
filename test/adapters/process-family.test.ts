import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { endFamily, followProcess, type ProcessFamily } from '../../src/adapters/process-family.js'
import { createWorld } from '../../src/core/world.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { isAlive } from './alive.js'

/** A family that ends after so many signals. */
function family(signalsNeeded: number): ProcessFamily & { readonly heard: string[] } {
  const heard: string[] = []
  const alive = (): number => (heard.length < signalsNeeded ? 1 : 0)
  return {
    heard,
    watch: () => undefined,
    alive,
    signal(name) {
      const count = alive()
      heard.push(name)
      return count
    },
  }
}

describe('endFamily()', () => {
  it('asks once, waits as long as it may, then kills until nobody is left', async () => {
    const { clock } = createTestWorld()
    const stubborn = family(5)
    expect(await clock.until(endFamily(stubborn, clock, 2_000))).toBe(0)
    expect(stubborn.heard).toEqual(['SIGTERM', ...Array<string>(5).fill('SIGKILL')])
    expect(clock.monoMs()).toBeGreaterThanOrEqual(2_000)
  })

  it('waits no longer than the family lives', async () => {
    const { clock } = createTestWorld()
    const polite = family(1)
    expect(await clock.until(endFamily(polite, clock, 2_000))).toBe(0)
    expect(polite.heard).toEqual(['SIGTERM'])
    expect(clock.monoMs()).toBeLessThan(100)
  })

  it('kills at once without grace', async () => {
    const { clock } = createTestWorld()
    const stubborn = family(1)
    expect(await clock.until(endFamily(stubborn, clock, 0))).toBe(0)
    expect(stubborn.heard[0]).toBe('SIGKILL')
  })

  it('gives up on those that cannot be ended, and says how many', async () => {
    const { clock } = createTestWorld()
    expect(await clock.until(endFamily(family(Number.POSITIVE_INFINITY), clock, 100))).toBe(1)
    expect(clock.monoMs()).toBeLessThan(5_000)
  })
})

describe.runIf(process.platform === 'linux')('followProcess()', () => {
  it('finds a child that left, once its parent is gone, and never a stranger', async () => {
    const leave = `const { spawn } = require('node:child_process'); const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore', env: {} }); child.unref(); console.log(child.pid); setTimeout(() => {}, 150)`
    const root = spawn(process.execPath, ['-e', leave], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
    const stranger = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' })
    try {
      const followed = followProcess(root.pid ?? 0, 'hs:test:none;')
      const [said] = (await once(root.stdout, 'data')) as [Buffer]
      followed.watch()
      await once(root, 'exit')
      expect(isAlive(Number(said))).toBe(true)
      expect(followed.alive()).toBe(1)
      expect(await endFamily(followed, createWorld().clock, 0)).toBe(0)
      expect(isAlive(Number(said))).toBe(false)
      expect(isAlive(stranger.pid ?? 0)).toBe(true)
    } finally {
      stranger.kill('SIGKILL')
    }
  })

  it('knows its own by the mark, although all other ties are cut', async () => {
    const leave = `const child = require('node:child_process').spawn('sleep', ['300'], { detached: true, stdio: 'ignore' }); child.unref(); console.log(child.pid)`
    const root = spawn(process.execPath, ['-e', leave], { detached: true, stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, MARK: 'hs:test:mark;' } })
    const followed = followProcess(root.pid ?? 0, 'hs:test:mark;')
    const [said] = (await once(root.stdout, 'data')) as [Buffer]
    await once(root, 'exit')
    expect(isAlive(Number(said))).toBe(true)
    expect(await endFamily(followed, createWorld().clock, 0)).toBe(0)
    expect(isAlive(Number(said))).toBe(false)
  })

  it('never touches this process, even when it carries the mark', () => {
    // PATH is in the environment that this process was started with: as a mark it fits ourselves and all of our ancestors.
    const gone = followProcess(process.pid, 'PATH=')
    expect(gone.signal('SIGTERM')).toBe(0)
    expect(isAlive(process.pid)).toBe(true)
  })

  it('falls back to the group for a process that is not listed', () => {
    const gone = followProcess(2 ** 30, 'hs:test:none;')
    gone.watch()
    expect(gone.alive()).toBe(0)
    expect(gone.signal('SIGKILL')).toBe(0)
  })
})
