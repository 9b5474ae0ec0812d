import { describe, expect, it } from 'vitest'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

describe('memoryWorkspace()', () => {
  const workspace = memoryWorkspace({
    'package.json': '{}',
    './src/a.js': '\ufeffé\n',
    'bin/run.sh': { text: '#!/bin/sh\n', mode: 0o755 },
    'node_modules/left/index.js': '',
    'packages/x/dist/out.js': '',
  })

  it('reads texts as they are, the BOM included', () => {
    expect(workspace.read('src/a.js')).toBe('\ufeffé\n')
    expect(workspace.read('src/../src/./a.js')).toBe('\ufeffé\n')
    expect(workspace.read('src')).toBeUndefined()
    expect(workspace.read('nothing.js')).toBeUndefined()
  })

  it('knows nothing outside its root', () => {
    for (const path of ['../package.json', '/project/package.json', 'src/../../package.json', '..', 'src/a.js\0']) {
      expect(workspace.read(path)).toBeUndefined()
      expect(workspace.stat(path)).toBeUndefined()
      expect(workspace.list(path)).toEqual([])
    }
  })

  it('tells kind, mode and size', () => {
    expect(workspace.stat('bin/run.sh')).toEqual({ kind: 'file', mode: 0o755, sizeBytes: 10 })
    expect(workspace.stat('src/a.js')).toEqual({ kind: 'file', mode: 0o644, sizeBytes: 6 })
    expect(workspace.stat('')?.kind).toBe('folder')
    expect(workspace.stat('node_modules/left')?.kind).toBe('folder')
    expect(workspace.stat('node_modules/right')).toBeUndefined()
  })

  it('lists folders, sorted', () => {
    expect(workspace.list('')).toEqual(['bin', 'node_modules', 'package.json', 'packages', 'src'])
    expect(workspace.list('./node_modules/')).toEqual(['left'])
    expect(workspace.list('src/a.js')).toEqual([])
  })

  it('counts only sources as files of the project', () => {
    expect(workspace.files()).toEqual(['bin/run.sh', 'package.json', 'src/a.js'])
  })

  it('hides what a real workspace would not read', () => {
    const odd = memoryWorkspace(
      { 'large.txt': 'x'.repeat(4 * 1024 * 1024 + 1), 'broken.txt': 'a\ud800b' },
      { root: '/elsewhere' },
    )
    expect(odd.root).toBe('/elsewhere')
    expect(odd.read('large.txt')).toBeUndefined()
    expect(odd.stat('large.txt')?.sizeBytes).toBe(4 * 1024 * 1024 + 1)
    expect(odd.read('broken.txt')).toBeUndefined()
  })

  it('refuses files that are not inside its root', () => {
    for (const path of ['../x', '/x', '', '.']) expect(() => memoryWorkspace({ [path]: '' })).toThrow(RangeError)
  })
})
