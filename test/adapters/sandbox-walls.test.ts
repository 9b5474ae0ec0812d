import { describe, expect, it } from 'vitest'
import { bubblewrapCommand } from '../../src/adapters/sandbox-bubblewrap.js'
import { unshareCommand } from '../../src/adapters/sandbox-unshare.js'
import type { Walled } from '../../src/adapters/sandbox-walls.js'

const hostile = ['; touch pwned', '$(touch pwned)', '--', '--bind', '\n', '"']
const walled: Walled = {
  command: ['npm', 'test', ...hostile],
  cwd: '/tmp/base/$(id)',
  view: {
    links: [['/bin', 'usr/bin']],
    readable: [
      { path: '/usr', kind: 'folder' },
      { path: '/etc/hosts', kind: 'file' },
      { path: '/etc/passwd', from: '/tmp/walls/passwd', kind: 'file' },
    ],
    base: '/tmp/base',
    caches: [{ path: '/home/me/.npm', kind: 'folder' }],
  },
  install: false,
  privateTmp: '/tmp/walls/run/tmp',
  newRoot: '/tmp/walls/run/root',
}

/** Whether these words stand in this order, one after another. */
const holds = (command: readonly string[], ...words: readonly string[]): boolean =>
  command.some((_, at) => words.every((word, offset) => command[at + offset] === word))

describe('bubblewrapCommand()', () => {
  const command = bubblewrapCommand(walled)

  it('has namespaces of its own for everything, and the command, as it is, after the last option', () => {
    expect(command[0]).toBe('bwrap')
    for (const option of [
      '--unshare-user',
      '--unshare-pid',
      '--unshare-net',
      '--unshare-ipc',
      '--unshare-uts',
      '--die-with-parent',
    ])
      expect(command).toContain(option)
    expect(command.slice(-walled.command.length - 3)).toEqual(['--chdir', walled.cwd, '--', ...walled.command])
  })

  it('binds only the copy and the private folder for writing, and the root folder not at all', () => {
    const written = command.flatMap((word, at) => (word === '--bind' && at < command.indexOf('--') ? [command[at + 1]] : []))
    expect(written).toEqual([walled.privateTmp, walled.privateTmp, '/tmp/base'])
    expect(holds(command, '--ro-bind', '/usr', '/usr')).toBe(true)
    expect(holds(command, '--ro-bind', '/tmp/walls/passwd', '/etc/passwd')).toBe(true)
    expect(holds(command, '--ro-bind', '/home/me/.npm', '/home/me/.npm')).toBe(true)
    expect(holds(command, '--ro-bind-try', '/proc/sys', '/proc/sys')).toBe(true)
    expect(holds(command, '--remount-ro', '/')).toBe(true)
  })

  it('opens network and caches to an install only', () => {
    const install = bubblewrapCommand({ ...walled, install: true })
    expect(install).not.toContain('--unshare-net')
    expect(holds(install, '--bind', '/home/me/.npm', '/home/me/.npm')).toBe(true)
  })
})

describe('unshareCommand()', () => {
  const command = unshareCommand(walled, { user: 1_000, group: 100 })
  const script = command[command.indexOf('-c') + 1] ?? ''

  it('gives the shell a script that no path and no word of the command is part of', () => {
    const other = unshareCommand({ ...walled, command: ['other'], cwd: '/x', newRoot: '/y', privateTmp: '/z' })
    expect(other[other.indexOf('-c') + 1]).toBe(script)
    expect(script).not.toMatch(/pwned|base|\/home/)
    expect(command.slice(command.lastIndexOf('/tmp/base') + 1)).toEqual(['--', ...walled.command])
  })

  it('has namespaces of its own for everything, and is the same user inside', () => {
    for (const option of ['--user', '--pid', '--mount', '--net', '--ipc', '--uts', '--kill-child'])
      expect(command.slice(0, command.indexOf('--'))).toContain(option)
    expect(holds(command, 'homeostat', walled.newRoot, '1000', '100', 'none', walled.cwd)).toBe(true)
  })

  it('seals everything that is read before what is written is there', () => {
    const seal = command.indexOf('seal')
    expect(command.indexOf('/usr')).toBeLessThan(seal)
    expect(holds(command, 'read-file', '/tmp/walls/passwd', '/etc/passwd')).toBe(true)
    expect(command.indexOf('/home/me/.npm')).toBeLessThan(seal)
    expect(command.indexOf('/tmp/base')).toBeGreaterThan(seal)
  })

  it('opens network and caches to an install only', () => {
    const install = unshareCommand({ ...walled, install: true }, { user: 1_000, group: 100 })
    expect(install).not.toContain('--net')
    expect(holds(install, 'host', walled.cwd)).toBe(true)
    expect(install.indexOf('/home/me/.npm')).toBeGreaterThan(install.indexOf('seal'))
  })
})
