import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import type { FileSystem } from '../../src/core/ports.js'
import { createJournalLock, isProcessAlive, nameOf, type JournalLock, type LockOptions } from '../../src/patch/journal-lock.js'
import { memoryFileSystem, type MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { createTestWorld } from '../../src/testing/test-world.js'

const path = '/p/.homeostat/lock'

function folder(): MemoryFileSystem {
  const files = memoryFileSystem()
  files.mkdir('/p', 0o755)
  files.mkdir('/p/.homeostat', 0o700)
  return files
}

let worlds = 0

function lockOf(files: FileSystem, options: Partial<LockOptions> = {}): JournalLock {
  worlds += 1
  const world = createTestWorld(worlds)
  return createJournalLock({
    files,
    world: { ...world, id: () => `w${worlds}-${world.id()}` },
    root: '/p',
    home: '/p/.homeostat',
    pid: 1,
    isAlive: () => true,
    ...options,
  })
}

const busy = expect.objectContaining({ code: 'HS_JOURNAL_BUSY' })

describe('the journal lock', () => {
  it('is taken by one process at a time and given back', () => {
    const files = folder()
    const [mine, theirs] = [lockOf(files), lockOf(files, { pid: 2 })]
    mine.take()
    expect(() => theirs.take()).toThrow(expect.objectContaining({ code: 'HS_JOURNAL_BUSY', details: { root: '/p', pid: 1 } }))
    theirs.release()
    mine.release()
    mine.release()
    expect(files.readdir('/p/.homeostat')).toEqual([])
    theirs.take()
    expect(() => mine.take()).toThrow(busy)
  })

  it('is taken over from a dead process', () => {
    const files = folder()
    lockOf(files, { pid: 2 }).take()
    const mine = lockOf(files, { isAlive: () => false })
    mine.take()
    expect(files.readdir('/p/.homeostat')).toEqual(['lock'])
    mine.release()
    expect(files.readdir('/p/.homeostat')).toEqual([])
  })

  it.each(['', '{', '[]', '{"pid":"x"}', '\0'.repeat(5_000)])(
    'is taken over when it holds %j, which no one finished writing',
    (content) => {
      const files = folder()
      files.writeNew(path, Buffer.from(content), 0o600)
      lockOf(files).take()
      expect(Buffer.from(files.readFile(path)).toString()).toContain('"pid":1')
    },
  )

  it('is taken over when it is a folder or a link', () => {
    const files = folder()
    files.mkdir(path, 0o700)
    lockOf(files).take()
    files.unlink(path)
    files.link('/p', path)
    lockOf(files).take()
    expect(files.lstat(path)?.kind).toBe('file')
    expect(files.lstat('/p')?.kind).toBe('folder')
  })

  it('is taken over after an hour, when another program has the pid', async () => {
    const files = folder()
    const world = createTestWorld()
    lockOf(files, { pid: 2 }).take()
    const mine = lockOf(files, { world })
    expect(() => mine.take()).toThrow(busy)
    await world.clock.advance(3_600_001)
    mine.take()
  })

  it('knows what this process forgot, and what a former life with the same pid left', () => {
    const files = folder()
    lockOf(files).take()
    lockOf(files).take()
    // A container that was restarted: the same pid, another start.
    lockOf(files, { world: createTestWorld(1, { epochMs: 1_700_000_100_000 }) }).take()
  })

  it('is busy when another thread of this process holds it', async () => {
    const files = folder()
    const world = createTestWorld(1, { epochMs: 1_700_000_010_000 })
    lockOf(files, { world }).take()
    expect(() => lockOf(files).take()).toThrow(busy)
  })

  it('puts back a living lock that it moved by mistake', () => {
    const files = folder()
    files.writeNew(path, Buffer.from('torn'), 0o600)
    // Between our look at the lock and our move, another process finishes writing it.
    const racing: FileSystem = {
      ...files,
      rename(from, to) {
        if (from === path) {
          files.unlink(path)
          lockOf(files, { pid: 2 }).take()
        }
        files.rename(from, to)
      },
    }
    expect(() => lockOf(racing).take()).toThrow(busy)
    expect(Buffer.from(files.readFile(path)).toString()).toContain('"pid":2')
    expect(files.readdir('/p/.homeostat')).toEqual(['lock'])
  })

  it('does not clobber a third process while it puts it back', () => {
    const files = folder()
    files.writeNew(path, Buffer.from('torn'), 0o600)
    const racing: FileSystem = {
      ...files,
      rename(from, to) {
        files.unlink(path)
        lockOf(files, { pid: 2 }).take()
        files.rename(from, to)
        lockOf(files, { pid: 3 }).take()
      },
    }
    expect(() => lockOf(racing).take()).toThrow(busy)
    expect(Buffer.from(files.readFile(path)).toString()).toContain('"pid":3')
  })

  it('is lost to who was faster', () => {
    const files = folder()
    const late: FileSystem = {
      ...files,
      writeNew(at, bytes, mode) {
        lockOf(files, { pid: 2 }).take()
        files.writeNew(at, bytes, mode)
      },
    }
    expect(() => lockOf(late).take()).toThrow(busy)
    const robbed: FileSystem = {
      ...files,
      writeNew(at, bytes, mode) {
        files.writeNew(at, bytes, mode)
        files.unlink(at)
        lockOf(files, { pid: 3 }).take()
      },
    }
    files.unlink(path)
    const loser = lockOf(robbed)
    expect(() => loser.take()).toThrow(expect.objectContaining({ details: { root: '/p', pid: 3 } }))
    loser.release()
    expect(files.lstat(path)).toBeDefined()
    const broken: FileSystem = {
      ...files,
      writeNew() {
        throw Object.assign(new Error('EIO'), { code: 'EIO' })
      },
    }
    files.unlink(path)
    expect(() => lockOf(broken).take()).toThrow('EIO')
  })

  it('does not fail when it cannot be given back', () => {
    const files = folder()
    const stuck: FileSystem = {
      ...files,
      unlink() {
        throw Object.assign(new Error('EIO'), { code: 'EIO' })
      },
    }
    const lock = lockOf(stuck)
    lock.take()
    lock.release()
    expect(files.lstat(path)).toBeDefined()
    lockOf(files).take()
  })
})

describe('isProcessAlive()', () => {
  it('knows the living from the dead', () => {
    expect(isProcessAlive(process.pid)).toBe(true)
    const { pid } = spawnSync(process.execPath, ['--version'])
    expect(isProcessAlive(pid)).toBe(false)
  })
})

describe('nameOf()', () => {
  it('makes a harmless file name of any id', () => {
    expect(nameOf('6f1a-B')).toBe('6f1a-B')
    expect(nameOf('../../x\0')).toBe('x')
    expect(nameOf('/')).toBe('x')
    expect(nameOf('a'.repeat(99))).toHaveLength(36)
  })
})
