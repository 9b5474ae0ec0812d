import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodeCompressor } from '../../../src/adapters/node-compressor.js'
import { isHomeostatError } from '../../../src/core/errors.js'
import { sha256 } from '../../../src/core/hash.js'
import type { FileSystem } from '../../../src/core/ports.js'
import type { MemoryBufferOptions } from '../../../src/memory/buffer/buffer-options.js'
import { ResilientMemoryBuffer } from '../../../src/memory/buffer/resilient-memory-buffer.js'
import { readEntries, writeEntries, type SavedEntry } from '../../../src/memory/buffer/saved-entries.js'
import { faultyFileSystem } from '../../../src/testing/faulty-file-system.js'
import { memoryFileSystem, type MemoryFileSystem } from '../../../src/testing/memory-file-system.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const path = '/home/memory.hs'
const compressor = nodeCompressor()
const long = 'a value that says the same again. '.repeat(60)

function open<V = unknown>(files: FileSystem, options: MemoryBufferOptions<V> = {}): ResilientMemoryBuffer<V> {
  return new ResilientMemoryBuffer<V>({ world: createTestWorld(), compressor, file: { path, files }, ...options })
}

function content(files: FileSystem): Readonly<Record<string, unknown>> {
  const buffer = open(files)
  buffer.load()
  return Object.fromEntries(buffer.entries())
}

function put(files: MemoryFileSystem, bytes: Uint8Array): void {
  if (files.lstat('/home') === undefined) files.mkdir('/home', 0o755)
  files.writeNew(path, bytes, 0o600)
}

describe('ResilientMemoryBuffer.save()', () => {
  it('writes what load() reads: values, order, worth, uses, text and time left', async () => {
    const files = memoryFileSystem()
    const world = createTestWorld()
    const buffer = open(files, { world })
    buffer.set('old', { n: 1 }, { text: 'found by this text', worth: 1_000 })
    buffer.set('long', long)
    buffer.set('short-lived', 1, { ttlMs: 1_000 })
    buffer.set('__proto__', { polluted: true })
    buffer.set('date', new Date(5))
    expect(buffer.save()).toBe(true)
    expect(files.lstat(path)?.mode).toBe(0o600)

    await world.clock.advance(400)
    const later = open(files, { world, entriesMax: 4 })
    expect(later.load()).toBe(4)
    expect([...later.entries()]).toEqual([...buffer.entries()].filter(([key]) => key !== 'date'))
    expect(later.stats.compressed.entries).toBe(1)
    expect(later.similar('found by this text')[0]?.key).toBe('old')
    for (let key = 0; key < 20; key += 1) later.set(String(key), key)
    expect(later.has('old')).toBe(true)
    await world.clock.advance(600)
    expect(open(files, { world }).load()).toBe(3)
  })

  it('says false, and keeps the file before, whatever the disk does', () => {
    for (const mode of ['error', 'full', 'crash'] as const)
      for (let failAt = 1; failAt <= 6; failAt += 1) {
        const disk = memoryFileSystem()
        const first = open(disk)
        first.set('a', 'before')
        first.save()
        const errors: unknown[] = []
        const files = faultyFileSystem(disk, { failAt, mode, torn: true, error: 'ENOSPC' })
        const second = open(files, { onError: (error) => errors.push(error) })
        second.set('a', 'after')
        const saved = second.save()
        expect(errors.every((error) => isHomeostatError(error, 'HS_MEMORY_UNSAVED'))).toBe(true)
        expect(errors).toHaveLength(saved ? 0 : 1)
        expect(second.get('a')).toBe('after')
        expect([{ a: 'before' }, { a: 'after' }]).toContainEqual(content(disk))
        if (saved) expect(content(disk)).toEqual({ a: 'after' })
        expect(Object.keys(disk.dump('/home'))).toEqual(['memory.hs'])
      }
  })

  it('does nothing without a file, and close() saves only what has changed', () => {
    const alone = new ResilientMemoryBuffer<number>()
    alone.set('a', 1)
    expect([alone.save(), alone.load(), alone.close()]).toEqual([false, 0, true])

    const files = memoryFileSystem()
    const buffer = open(files)
    buffer.set('a', 1)
    expect(buffer.close()).toBe(true)
    expect(content(files)).toEqual({ a: 1 })
    const counted = faultyFileSystem(files, { failAt: Infinity, mode: 'error' })
    const reader = open(counted)
    reader.load()
    reader.close()
    expect(counted.mutations).toBe(0)
    const failing = open(faultyFileSystem(files, { failAt: 1, mode: 'full' }))
    failing.set('b', 2)
    expect(failing.close()).toBe(false)
  })
})

describe('ResilientMemoryBuffer.load()', () => {
  it('adds what there is room for, and what is there already stays', () => {
    const files = memoryFileSystem()
    const buffer = open<number>(files)
    for (let key = 0; key < 10; key += 1) buffer.set(String(key), key)
    buffer.save()
    const small = open<number>(files, { entriesMax: 4 })
    small.set('9', 99)
    expect(small.load()).toBe(3)
    expect([...small.entries()].map(([key]) => key).sort()).toEqual(['6', '7', '8', '9'])
    expect([small.get('9'), small.stats.evictions, small.load()]).toEqual([99, 0, 0])
  })

  it('finds nothing where nothing is', () => {
    const buffer = open(memoryFileSystem())
    expect([buffer.load(), buffer.stats.failures]).toEqual([0, 0])
  })

  it('puts aside a file in which any byte was changed, and works on', () => {
    const saved = memoryFileSystem()
    const buffer = open(saved)
    buffer.set('a', { n: 1 })
    buffer.set('b', long)
    buffer.save()
    const good = Uint8Array.from(saved.readFile(path))
    const damages = fc.oneof(
      fc.record({ at: fc.nat(good.length - 1), by: fc.integer({ min: 1, max: 255 }) }).map(({ at, by }) => {
        const bytes = good.slice()
        bytes[at] = (bytes[at] ?? 0) ^ by
        return bytes
      }),
      fc.nat(good.length - 1).map((length) => good.slice(0, length)),
      fc.uint8Array({ maxLength: 300 }),
    )
    fc.assert(
      fc.property(damages, (bytes) => {
        const files = memoryFileSystem()
        put(files, bytes)
        const errors: unknown[] = []
        const reader = open(files, { onError: (error) => errors.push(error) })
        const loaded = reader.load()
        if (loaded > 0) {
          // A change of the head that changes nothing, such as another case of a hexadecimal escape.
          expect(Object.fromEntries(reader.entries())).toEqual({ a: { n: 1 }, b: long })
          return
        }
        expect(errors).toHaveLength(1)
        expect(isHomeostatError(errors[0], 'HS_MEMORY_UNREADABLE')).toBe(true)
        expect(files.lstat(path)).toBeUndefined()
        expect(Buffer.from(files.readFile(`${path}.corrupt`)).equals(bytes)).toBe(true)
        reader.set('c', 1)
        expect(reader.save()).toBe(true)
        expect(content(files)).toEqual({ c: 1 })
      }),
      { numRuns: 150 },
    )
  })

  const entry: SavedEntry = {
    key: 'a',
    weight: 1,
    frequency: 1,
    expiresEpochMs: null,
    text: null,
    plainBytes: null,
    bytes: Buffer.from('1'),
  }
  const sealed = (body: string, head: object = {}): Uint8Array => {
    const all = {
      format: 'homeostat-memory',
      version: 1,
      compressor: null,
      bytes: Buffer.byteLength(body),
      sha256: sha256(body),
      ...head,
    }
    return Buffer.from(`${JSON.stringify(all)}\n${body}`)
  }
  const record = (change: object): string => `${JSON.stringify({ ...entry, bytes: 1, ...change })}\n1\n`

  it('believes nothing in a forged file', () => {
    expect(readEntries(sealed(record({})), null)).toEqual({ entries: [{ ...entry, bytes: new Uint8Array([0x31]) }] })
    const forged = [
      { key: 7 },
      { weight: -1 },
      { weight: 1e300 },
      { weight: null },
      { frequency: 0 },
      { frequency: 1.5 },
      { expiresEpochMs: 'never' },
      { expiresEpochMs: -1 },
      { text: 5 },
      { plainBytes: -1 },
      { bytes: 1e9 },
      { bytes: -1 },
      { bytes: 0 },
    ]
    for (const change of forged) expect(readEntries(sealed(record(change)), null)).toEqual({ problem: 'it is malformed' })
    for (const body of ['null\n1\n', 'no end of line', '{"key":', '[]\n\n'])
      expect(readEntries(sealed(body), null)).toHaveProperty('problem')
    expect(readEntries(sealed('', { version: 2 }), null)).toEqual({ problem: expect.stringContaining('version 2') })
    expect(readEntries(sealed('', { version: {} }), null)).toEqual({ problem: expect.stringContaining('version unknown') })
    expect(readEntries(sealed('', { format: 'x' }), null)).toEqual({ problem: 'it is something else' })
    expect(readEntries(sealed(record({ plainBytes: 5 }), { compressor: 'br' }), 'zstd')).toEqual({
      problem: expect.stringContaining('br'),
    })
  })

  it('does not let a small file become a large value, or a short life a long one', async () => {
    const bomb = compressor.compress(Buffer.from(JSON.stringify('x'.repeat(5_000_000))))
    const world = createTestWorld()
    const entries = [
      { ...entry, key: 'honest bomb', plainBytes: 5_000_002, bytes: bomb },
      { ...entry, key: 'lying bomb', plainBytes: 10, bytes: bomb },
      { ...entry, key: 'for ever', expiresEpochMs: Number.MAX_SAFE_INTEGER },
      { ...entry, key: 'gone', expiresEpochMs: 1 },
      { ...entry, key: 'too large', bytes: Buffer.from(JSON.stringify('x'.repeat(200_000))) },
    ]
    const files = memoryFileSystem()
    put(files, writeEntries(entries, compressor.name, 1e9))
    const buffer = open(files, { bytesMax: 1_000_000, ttlMs: 1_000, world })
    expect(buffer.load()).toBe(2)
    expect([buffer.get('lying bomb'), buffer.get('for ever'), buffer.has('honest bomb')]).toEqual([undefined, 1, false])
    await world.clock.advance(1_000)
    expect(buffer.stats.failures).toBe(1)
    expect(buffer.has('for ever')).toBe(false)
  })

  it('reports a value that is no JSON, reads nothing from what is no file or too large, and cleans up after a crash', () => {
    const files = memoryFileSystem()
    put(files, writeEntries([{ ...entry, bytes: Buffer.from('{') }], null, 1e6))
    const buffer = open(files)
    expect([buffer.load(), buffer.stats.failures]).toEqual([0, 1])

    const large = memoryFileSystem()
    put(large, new Uint8Array(1_100_000))
    large.writeNew(`${path}.0123456789abcdef.tmp`, new Uint8Array(3), 0o600)
    large.writeNew(`${path}.mine.tmp`, new Uint8Array(3), 0o600)
    large.mkdir(`${path}.corrupt`, 0o755)
    const small = open(large, { bytesMax: 4_096 })
    expect([small.load(), small.stats.lastError?.message]).toEqual([0, expect.stringContaining('1100000 bytes')])
    expect(Object.keys(large.dump('/home'))).toEqual(['memory.hs.corrupt', 'memory.hs.mine.tmp'])

    const linked = memoryFileSystem()
    linked.mkdir('/home', 0o755)
    linked.link('/etc/passwd', path)
    expect([open(linked).load(), linked.lstat(path)]).toEqual([0, undefined])
  })

  it('leaves a file alone that cannot be read for now', () => {
    const files = memoryFileSystem()
    put(files, writeEntries([entry], null, 1e6))
    const buffer = open({
      ...files,
      readFile: () => {
        throw Object.assign(new Error('EIO: not now'), { code: 'EIO' })
      },
    })
    expect([buffer.load(), buffer.stats.lastError?.message]).toEqual([0, expect.stringContaining('EIO: not now')])
    expect(files.lstat(path)?.kind).toBe('file')
  })
})

describe('writeEntries()', () => {
  const entry: SavedEntry = {
    key: 'a',
    weight: 1,
    frequency: 1,
    expiresEpochMs: null,
    text: null,
    plainBytes: null,
    bytes: new Uint8Array(500),
  }

  it('leaves out what does not fit', () => {
    const file = writeEntries([entry, entry, entry], null, 1_024 + 1_400)
    expect(file.length).toBeLessThanOrEqual(1_024 + 1_400)
    expect(readEntries(file, null)).toMatchObject({ entries: [{ key: 'a' }, { key: 'a' }] })
  })
})
