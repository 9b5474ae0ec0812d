import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { endFamily, followProcess, withoutAncestry, type ProcessFamily } from '../../src/adapters/process-family.js'
import { createWorld } from '../../src/core/world.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { isAlive } from './alive.js'
import { onPlatform } from './on-platform.js'
import { temporaryFolder } from './temporary.js'

/** A family that ends after so many signals. */
function family(signalsNeeded: number): ProcessFamily & { readonly heard: string[] } {
  const heard: string[] = []
  const alive = (): number => (heard.length < signalsNeeded ? 1 : 0)
  return {
    heard,
    watch: () => undefined,
    processorMs: () => undefined,
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

describe('withoutAncestry()', () => {
  it('spares a process and those it descends from, and no one else', () => {
    const entry = (pid: number, parent: number) => ({ pid, parent, group: pid, session: pid, start: '1', ended: false })
    const entries = [entry(1, 0), entry(2, 0), entry(10, 1), entry(20, 10), entry(30, 20), entry(31, 20), entry(40, 30)]
    expect(withoutAncestry(entries, 30).map(({ pid }) => pid)).toEqual([2, 31, 40])
    expect(withoutAncestry([entry(5, 6), entry(6, 5), entry(7, 1)], 5).map(({ pid }) => pid)).toEqual([7])
  })
})

describe.runIf(process.platform === 'linux')('followProcess()', () => {
  it('finds a child that left, once its parent is gone, and never a stranger', async () => {
    const leave = `const { spawn } = require('node:child_process'); const child = spawn('sleep', ['300'], { detached: true, stdio: 'ignore', env: {} }); child.unref(); console.log(child.pid); process.stdin.resume()`
    const root = spawn(process.execPath, ['-e', leave], { detached: true, stdio: ['pipe', 'pipe', 'ignore'] })
    const stranger = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' })
    try {
      const followed = followProcess(root.pid ?? 0, 'hs:test:none;')
      const [said] = (await once(root.stdout, 'data')) as [Buffer]
      followed.watch()
      root.stdin.end()
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
    const root = spawn(process.execPath, ['-e', leave], {
      detached: true,
      stdio: ['ignore', 'pipe', 'ignore'],
      env: { ...process.env, MARK: 'hs:test:mark;' },
    })
    const followed = followProcess(root.pid ?? 0, 'hs:test:mark;')
    const [said] = (await once(root.stdout, 'data')) as [Buffer]
    await once(root, 'exit')
    expect(isAlive(Number(said))).toBe(true)
    expect(await endFamily(followed, createWorld().clock, 0)).toBe(0)
    expect(isAlive(Number(said))).toBe(false)
  })

  it('falls back to the group for a process that is not listed', () => {
    const gone = followProcess(2 ** 30, 'hs:test:none;')
    gone.watch()
    expect(gone.alive()).toBe(0)
    expect(gone.signal('SIGKILL')).toBe(0)
  })
})

describe.runIf(process.platform !== 'win32')('followProcess() on Windows', () => {
  it('leaves the tree to taskkill, and uses force only at the end', async () => {
    const bin = temporaryFolder({
      taskkill: { text: '#!/bin/sh\necho "$@" >> "$(dirname "$0")/calls"\n[ "$4" = /F ] && kill -9 "$2"\nexit 0\n', mode: 0o755 },
    })
    const root = spawn('sleep', ['300'], { stdio: 'ignore' })
    const path = process.env['PATH']
    process.env['PATH'] = `${bin}:${path}`
    try {
      const followed = await onPlatform('win32', () => followProcess(root.pid ?? 0, 'hs:test:none;'))
      followed.watch()
      expect(followed.alive()).toBe(1)
      expect(await endFamily(followed, createWorld().clock, 60)).toBe(0)
      expect(readFileSync(join(bin, 'calls'), 'utf8').split('\n').slice(0, 2)).toEqual([
        `/PID ${root.pid} /T`,
        `/PID ${root.pid} /T /F`,
      ])
    } finally {
      process.env['PATH'] = path
      root.kill('SIGKILL')
    }
  })
})

describe.runIf(process.platform === 'linux')('followProcess() where only ps tells', () => {
  it('finds the children all the same', async () => {
    const root = spawn('sh', ['-c', 'sleep 300 & echo $!; wait'], { detached: true, stdio: ['ignore', 'pipe', 'ignore'] })
    const [said] = (await once(root.stdout, 'data')) as [Buffer]
    await onPlatform('darwin', async () => {
      const followed = followProcess(root.pid ?? 0, 'hs:test:none;')
      expect(followed.alive()).toBe(2)
      expect(await endFamily(followed, createWorld().clock, 0)).toBe(0)
    })
    expect(isAlive(Number(said))).toBe(false)
  })
})
