import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  environmentHolds,
  listProcesses,
  openDescriptors,
  parseProcessStat,
  psProcesses,
} from '../../src/adapters/process-table.js'
import { onPlatform } from './on-platform.js'

const stat = (name: string, state = 'S') => `4711 (${name}) ${state} 12 4700 4699 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 99182 0 0`

describe('parseProcessStat()', () => {
  it('reads what matters, whatever the process calls itself', () => {
    for (const name of ['node', 'a b', ') S 1 1 1', '((()', '']) {
      expect(parseProcessStat(stat(name))).toEqual({
        pid: 4711,
        parent: 12,
        group: 4700,
        session: 4699,
        start: '99182',
        ended: false,
      })
    }
    expect(parseProcessStat(stat('node', 'Z'))?.ended).toBe(true)
    expect(parseProcessStat(stat('node', 'X'))?.ended).toBe(true)
  })

  it('reads nothing from anything else', () => {
    for (const text of ['', '4711', '4711 (node) S 12', 'x (node) S 12 4700 4699 0 -1 4194304 1 0 0 0 0 0 0 0 20 0 1 0 99182'])
      expect(parseProcessStat(text)).toBeUndefined()
    fc.assert(fc.property(fc.string(), (text) => void parseProcessStat(text)))
  })
})

describe.runIf(process.platform !== 'win32')('listProcesses()', () => {
  it('knows this process and its children', async () => {
    const child = spawn(process.execPath, ['-e', 'console.log(1); setInterval(() => {}, 1000)'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    })
    try {
      await once(child.stdout, 'data')
      const entry = listProcesses().find(({ pid }) => pid === child.pid)
      expect(entry).toMatchObject({ parent: process.pid, group: child.pid, session: child.pid, ended: false })
      expect(psProcesses().find(({ pid }) => pid === child.pid)).toMatchObject({
        parent: process.pid,
        group: child.pid,
        ended: false,
      })
    } finally {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
    expect(listProcesses().some(({ pid }) => pid === child.pid)).toBe(false)
  })
})

describe.runIf(process.platform === 'linux')('environmentHolds() and openDescriptors()', () => {
  it('look into a process', async () => {
    const child = spawn('sleep', ['30'], {
      env: { PATH: process.env['PATH'], MARK: 'hs:1:abc;' },
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    await once(child, 'spawn')
    try {
      expect(environmentHolds(child.pid ?? 0, 'hs:1:abc;')).toBe(true)
      expect(environmentHolds(child.pid ?? 0, 'hs:1:abd;')).toBe(false)
      expect(openDescriptors(child.pid ?? 0, [1])).toEqual([expect.stringMatching(/^socket:\[\d+\]$/)])
      expect(openDescriptors(child.pid ?? 0)).toContain('/dev/null')
    } finally {
      child.kill('SIGKILL')
      await once(child, 'close')
    }
  })

  it('see nothing in a process that is gone', () => {
    expect(environmentHolds(2 ** 30, 'x')).toBe(false)
    expect(openDescriptors(2 ** 30)).toEqual([])
    expect(openDescriptors(2 ** 30, [1])).toEqual([])
  })
})

describe('listProcesses() on Windows', () => {
  it('is empty: the system keeps the tree itself', async () => {
    expect(await onPlatform('win32', listProcesses)).toEqual([])
  })
})
