import { describe, expect, it } from 'vitest'
import type { FileSystem } from '../../src/core/ports.js'
import { Crash, faultyFileSystem, type FaultyOptions } from '../../src/testing/faulty-file-system.js'
import { memoryFileSystem, type MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { fileSystemContract } from '../contract/file-system.js'

fileSystemContract('memoryFileSystem()', () => {
  const files = memoryFileSystem()
  files.mkdir('/disk', 0o755)
  return { files, root: '/disk', link: files.link }
})

fileSystemContract('faultyFileSystem() that never fails', () => {
  const files = memoryFileSystem()
  files.mkdir('/disk', 0o755)
  return { files: faultyFileSystem(files, { failAt: Number.POSITIVE_INFINITY, mode: 'crash' }), root: '/disk', link: files.link }
})

describe('memoryFileSystem()', () => {
  it('follows links on the way, relative and absolute, and stops at a loop', () => {
    const files = memoryFileSystem()
    files.mkdir('/a', 0o755)
    files.writeNew('/a/x', Buffer.from('x'), 0o644)
    files.link('/a', '/to-a')
    files.link('../a/x', '/a/up')
    files.link('loop', '/loop')
    expect(Buffer.from(files.readFile('/to-a/up')).toString()).toBe('x')
    expect(() => files.readFile('/loop')).toThrow('ELOOP')
    expect(() => files.rmdir('/')).toThrow('EBUSY')
    expect(files.lstat('/')?.kind).toBe('folder')
  })

  it('is cloned whole, and apart', () => {
    const files = memoryFileSystem()
    files.mkdir('/a', 0o755)
    files.writeNew('/a/x', Buffer.from('x'), 0o600)
    const other = files.clone()
    files.chmod('/a/x', 0o644)
    files.writeNew('/a/y', Buffer.from('y'), 0o600)
    expect(other.dump('/')).toEqual({ a: 'folder 755 ', 'a/x': 'file 600 x' })
    other.removeTree('/a')
    expect(files.lstat('/a/y')).toBeDefined()
  })

  it('dumps a tree so that equal trees have equal dumps', () => {
    const files = memoryFileSystem()
    files.mkdir('/a', 0o755)
    files.writeNew('/a/x', Buffer.from('x'), 0o600)
    files.link('x', '/a/l')
    expect(files.dump('/')).toEqual({ a: 'folder 755 ', 'a/l': 'link 777 x', 'a/x': 'file 600 x' })
  })
})

describe('faultyFileSystem()', () => {
  const act = (
    options: FaultyOptions,
    work: (files: FileSystem) => void,
  ): { readonly inner: MemoryFileSystem; readonly error: unknown; readonly files: FileSystem } => {
    const inner = memoryFileSystem()
    const files = faultyFileSystem(inner, options)
    try {
      work(files)
    } catch (error) {
      return { inner, error, files }
    }
    return { inner, error: undefined, files }
  }
  const three = (files: FileSystem): void => {
    files.mkdir('/d', 0o755)
    files.writeNew('/d/a', Buffer.from('four'), 0o644)
    files.chmod('/d/a', 0o600)
  }

  it('counts only calls that change something', () => {
    const files = faultyFileSystem(memoryFileSystem(), { failAt: Number.POSITIVE_INFINITY, mode: 'error' })
    three(files)
    files.readdir('/d')
    files.readFile('/d/a')
    files.lstat('/d/a')
    files.realpath('/d')
    expect(files.mutations).toBe(3)
    expect(files.calls).toBe(7)
  })

  it('counts and fails calls that only read when asked to, and not where only room is missing', () => {
    const look = (files: FileSystem): void => {
      files.mkdir('/d', 0o755)
      files.readdir('/d')
    }
    expect(act({ failAt: 2, reads: true, mode: 'error', error: 'EMFILE' }, look).error).toMatchObject({ code: 'EMFILE' })
    expect(act({ failAt: 2, reads: true, mode: 'crash' }, look).error).toBeInstanceOf(Crash)
    expect(act({ failAt: 2, reads: true, mode: 'full' }, look).error).toBeUndefined()
    expect(act({ failAt: 2, mode: 'error' }, look).error).toBeUndefined()
  })

  it('fails once with the code asked for, and does nothing then', () => {
    const { inner, error, files } = act({ failAt: 2, mode: 'error', error: 'ENOSPC' }, three)
    expect(error).toMatchObject({ code: 'ENOSPC' })
    expect(inner.dump('/')).toEqual({ d: 'folder 755 ' })
    files.writeNew('/d/a', Buffer.from(''), 0o644)
    expect(inner.lstat('/d/a')).toBeDefined()
  })

  it('is full for everything that needs room, and for nothing else', () => {
    const { error, files } = act({ failAt: 2, mode: 'full' }, three)
    expect(error).toMatchObject({ code: 'EIO' })
    expect(() => files.mkdir('/e', 0o755)).toThrow('EIO')
    expect(() => files.copyTree('/d', '/e')).toThrow('EIO')
    files.chmod('/d', 0o700)
    files.rename('/d', '/f')
    files.removeTree('/f')
  })

  it('is dead after a crash, even for reading', () => {
    const { inner, error, files } = act({ failAt: 2, mode: 'crash' }, three)
    expect(error).toBeInstanceOf(Crash)
    expect(inner.dump('/')).toEqual({ d: 'folder 755 ' })
    expect(() => files.lstat('/d')).toThrow(Crash)
    expect(() => files.unlink('/d')).toThrow(Crash)
  })

  it('does half of what it dies in when torn', () => {
    expect(act({ failAt: 2, mode: 'crash', torn: true }, three).inner.dump('/')).toEqual({
      d: 'folder 755 ',
      'd/a': 'file 600 fo',
    })
    const copied = act({ failAt: 3, mode: 'crash', torn: true }, (files) => {
      files.mkdir('/d', 0o755)
      files.writeNew('/d/a', Buffer.from('a'), 0o644)
      files.copyTree('/d', '/e')
    })
    expect(copied.inner.dump('/e')).toEqual({})
    const removed = act({ failAt: 4, mode: 'crash', torn: true }, (files) => {
      files.mkdir('/d', 0o755)
      files.writeNew('/d/a', Buffer.from('a'), 0o644)
      files.writeNew('/d/b', Buffer.from('b'), 0o644)
      files.removeTree('/d')
    })
    expect(removed.inner.dump('/')).toEqual({ d: 'folder 755 ', 'd/b': 'file 644 b' })
    expect(act({ failAt: 1, mode: 'crash', torn: true }, (files) => files.removeTree('/none')).error).toBeInstanceOf(Crash)
    expect(act({ failAt: 1, mode: 'crash', torn: true }, (files) => files.mkdir('/d', 0o755)).inner.dump('/')).toEqual({})
  })
})
