import { execFileSync } from 'node:child_process'
import { linkSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { nodeWorkspace } from '../../src/adapters/node-workspace.js'
import { isHomeostatError } from '../../src/core/errors.js'
import { workspaceContract } from '../contract/workspace.js'
import { temporaryFolder } from './temporary.js'

workspaceContract('nodeWorkspace()', (files) => nodeWorkspace(temporaryFolder(files)))

describe('nodeWorkspace()', () => {
  it('follows links that stay inside, and none that lead out', () => {
    const outside = temporaryFolder({ secret: 'secret', 'folder/a': 'secret' })
    const root = temporaryFolder({
      'src/a.js': 'a',
      'link.js': { link: 'src/a.js' },
      linked: { link: 'src' },
      out: { link: join(outside, 'secret') },
      far: { link: join(outside, 'folder') },
      up: { link: `../${outside.split('/').at(-1)}/secret` },
      self: { link: 'self' },
      dangling: { link: 'nothing' },
      chain: { link: 'out' },
    })
    const workspace = nodeWorkspace(root)
    expect(workspace.read('link.js')).toBe('a')
    expect(workspace.read('linked/a.js')).toBe('a')
    expect(workspace.stat('linked')).toMatchObject({ kind: 'folder' })
    expect(workspace.list('linked')).toEqual(['a.js'])
    for (const path of ['out', 'far/a', 'up', 'self', 'dangling', 'chain']) {
      expect(workspace.read(path), path).toBeUndefined()
      expect(workspace.stat(path), path).toBeUndefined()
      expect(workspace.list(path), path).toEqual([])
    }
    expect(workspace.list('far')).toEqual([])
    expect(workspace.files()).toEqual(['src/a.js'])
  })

  it('follows links to folders that it was told of', () => {
    const outside = temporaryFolder({ 'a/b': 'reached' })
    const root = temporaryFolder({ link: { link: join(outside, 'a') }, etc: { link: '/etc' } })
    const workspace = nodeWorkspace(root, { reachable: [outside] })
    expect(workspace.read('link/b')).toBe('reached')
    expect(workspace.list('etc')).toEqual([])
  })

  it('knows its root by its real name', () => {
    const root = temporaryFolder({ 'real/a': 'a' })
    symlinkSync(join(root, 'real'), join(root, 'alias'))
    expect(nodeWorkspace(join(root, 'alias')).root).toBe(join(root, 'real'))
  })

  it('reads no file that is too large, or is no text, or is no file', () => {
    const root = temporaryFolder({
      full: 'x'.repeat(4 * 1_048_576),
      over: 'x'.repeat(4 * 1_048_576 + 1),
      latin: { text: Uint8Array.of(0xfc) },
      utf16: { text: Uint8Array.of(0xff, 0xfe, 65, 0) },
      nul: 'a\0b',
      surrogate: { text: Uint8Array.of(0xed, 0xa0, 0x80) },
    })
    const workspace = nodeWorkspace(root)
    expect(workspace.read('full')).toHaveLength(4 * 1_048_576)
    expect(workspace.read('nul')).toBe('a\0b')
    for (const path of ['over', 'latin', 'utf16', 'surrogate']) expect(workspace.read(path), path).toBeUndefined()
    expect(workspace.stat('over')).toMatchObject({ kind: 'file', sizeBytes: 4 * 1_048_576 + 1 })
  })

  it.runIf(process.platform !== 'win32')('neither reads a named pipe nor waits for it', () => {
    const root = temporaryFolder()
    execFileSync('mkfifo', [join(root, 'pipe')])
    const workspace = nodeWorkspace(root)
    expect(workspace.read('pipe')).toBeUndefined()
    expect(workspace.stat('pipe')?.kind).toBe('other')
    expect(workspace.files()).toEqual([])
  })

  it('tells permission bits', () => {
    const workspace = nodeWorkspace(temporaryFolder({ 'run.sh': { text: '', mode: 0o755 } }))
    expect(workspace.stat('run.sh')?.mode).toBe(0o755)
    expect(workspace.stat('')?.kind).toBe('folder')
  })

  it('takes folders for generated only beside a manifest', () => {
    const root = temporaryFolder({
      'src/build/a.js': '',
      'src/vendor/b.js': '',
      'packages/p/package.json': '',
      'packages/p/dist/c.js': '',
      'packages/p/src/d.js': '',
      'out/e.js': '',
      '.cache/f': '',
      'packages/p/node_modules/q/g.js': '',
    })
    expect(nodeWorkspace(root).files()).toEqual([
      'packages/p/package.json',
      'packages/p/src/d.js',
      'src/build/a.js',
      'src/vendor/b.js',
    ])
  })

  it('ends its lists', () => {
    const root = temporaryFolder({ 'many/first': '' })
    // Hard links: the cheapest way to ten thousand names.
    for (let index = 0; index < 10_050; index += 1) linkSync(join(root, 'many/first'), join(root, 'many', String(index)))
    const workspace = nodeWorkspace(root)
    expect(workspace.list('many')).toHaveLength(10_000)
    expect(workspace.files()).toHaveLength(10_000)
  })

  it('does not list what it cannot name', () => {
    const root = temporaryFolder({ 'a\\b': '', 'C:x': '', fine: '' })
    expect(nodeWorkspace(root).list('')).toEqual(['fine'])
  })

  it('refuses a root that is no folder', () => {
    const root = temporaryFolder({ file: '' })
    for (const path of [join(root, 'file'), join(root, 'missing')]) {
      expect(() => nodeWorkspace(path)).toThrow(
        expect.toSatisfy((error: unknown) => isHomeostatError(error, 'HS_FOLDER_MISSING')),
      )
    }
    mkdirSync(join(root, 'folder'))
    expect(nodeWorkspace(join(root, 'folder')).files()).toEqual([])
  })
})
