import fc from 'fast-check'
import { describe, expect, expectTypeOf, it } from 'vitest'
import { nodeCompressor } from '../../../src/adapters/node-compressor.js'
import { isHomeostatError } from '../../../src/core/errors.js'
import type { Compressor } from '../../../src/memory/buffer/compressor.js'
import { ResilientMemoryBuffer } from '../../../src/memory/buffer/resilient-memory-buffer.js'
import { Session } from '../../../src/orchestrator/heal/session.js'
import { createTestWorld } from '../../../src/testing/test-world.js'
import { generator, message } from './texts.js'

const long = (seed: string): { text: string } => ({ text: `${seed} says it again and again. `.repeat(100) })

describe('ResilientMemoryBuffer', () => {
  it('keeps values by key, and names that mean something elsewhere are names like any other', () => {
    const buffer = new ResilientMemoryBuffer<number>()
    for (const key of ['a', '__proto__', 'constructor', '']) expect(buffer.set(key, key.length)).toBe(true)
    expect([buffer.get('a'), buffer.get('__proto__'), buffer.get('constructor'), buffer.get('')]).toEqual([1, 9, 11, 0])
    expect([buffer.has('a'), buffer.has('toString'), buffer.get('toString')]).toEqual([true, false, undefined])
    expect([buffer.delete('a'), buffer.delete('a'), buffer.has('a')]).toEqual([true, false, false])
    expect(buffer.stats).toMatchObject({ entries: 3, hits: 4, misses: 1, failures: 0 })
    expectTypeOf(buffer.get('a')).toEqualTypeOf<number | undefined>()
  })

  it('shows its entries, the most recently used first, and not those that go meanwhile', () => {
    const buffer = new ResilientMemoryBuffer<number>()
    for (const key of ['a', 'b', 'c']) buffer.set(key, 1)
    buffer.get('a')
    expect([...buffer.entries()].map(([key]) => key)).toEqual(['a', 'c', 'b'])
    const seen: string[] = []
    for (const [key] of buffer.entries()) {
      seen.push(key)
      buffer.delete('c')
      buffer.set('d', 1)
    }
    expect(seen).toEqual(['a', 'b'])
  })

  it('refuses options that are out of range when it is made', () => {
    for (const options of [
      { entriesMax: 0 },
      { bytesMax: Number.NaN },
      { ttlMs: 0 },
      { entryBytesMax: -1 },
      { compressFromBytes: 0.5 },
    ])
      expect(() => new ResilientMemoryBuffer(options)).toThrow(RangeError)
  })

  it('never throws for what it cannot keep, and says so', () => {
    const errors: unknown[] = []
    const buffer = new ResilientMemoryBuffer<unknown>({ bytesMax: 100_000, onError: (error) => errors.push(error) })
    const cycle: { self?: unknown } = {}
    cycle.self = cycle
    const trap = {
      get trapped(): never {
        throw new Error('a getter that throws')
      },
    }
    for (const value of [undefined, cycle, trap, 'x'.repeat(50_000), 'x'.repeat(500_000)]) {
      buffer.set('key', 'earlier')
      expect(buffer.set('key', value)).toBe(false)
      expect(buffer.has('key')).toBe(false)
    }
    for (const options of [{ worth: -1 }, { costMs: Number.NaN }, { ttlMs: -1 }, { worth: Infinity }])
      expect(buffer.set('key', 1, options)).toBe(false)
    // @ts-expect-error a key is a text
    expect(buffer.set(7, 1)).toBe(false)
    expect(buffer.similar('x', { limit: Number.NaN })).toEqual([])
    expect(errors).toHaveLength(11)
    expect(errors.filter((error) => isHomeostatError(error, 'HS_MEMORY_REFUSED'))).toHaveLength(3)
    expect(buffer.stats).toMatchObject({ entries: 0, bytes: 0, failures: 11 })
    expect(buffer.stats.lastError?.message).toContain('limit')
  })

  it('keeps nothing after it was closed', () => {
    const buffer = new ResilientMemoryBuffer<number>()
    buffer.set('a', 1)
    expect(buffer.close()).toBe(true)
    buffer[Symbol.dispose]()
    expect([buffer.set('a', 1), buffer.get('a'), buffer.save(), buffer.load(), buffer.stats.bytes]).toEqual([
      false,
      undefined,
      false,
      0,
      0,
    ])
    expect(buffer.stats.lastError?.message).toContain('closed')
  })
})

describe('ResilientMemoryBuffer.get()', () => {
  it('gives a value until its time to live is over', async () => {
    const world = createTestWorld()
    const buffer = new ResilientMemoryBuffer<number>({ ttlMs: 1_000, world })
    buffer.set('a', 1)
    buffer.set('b', 2, { ttlMs: 5_000 })
    await world.clock.advance(999)
    expect([buffer.get('a'), buffer.get('b')]).toEqual([1, 2])
    await world.clock.advance(1)
    expect([buffer.has('a'), buffer.get('a'), buffer.get('b')]).toEqual([false, undefined, 2])
    expect(buffer.stats).toMatchObject({ entries: 1, expirations: 1 })
    await world.clock.advance(10_000)
    expect([...buffer.entries()]).toEqual([])
    expect(buffer.stats).toMatchObject({ entries: 0, bytes: 0, expirations: 2 })
  })

  it('lets what has expired go before anything else', async () => {
    const world = createTestWorld()
    const buffer = new ResilientMemoryBuffer<number>({ entriesMax: 10, world })
    for (let key = 0; key < 5; key += 1) buffer.set(`short ${key}`, key, { ttlMs: 10, worth: 1_000 })
    for (let key = 0; key < 5; key += 1) buffer.set(`long ${key}`, key)
    await world.clock.advance(20)
    for (let key = 5; key < 10; key += 1) buffer.set(`long ${key}`, key)
    expect(buffer.stats).toMatchObject({ entries: 10, evictions: 0, expirations: 5 })
  })
})

describe('ResilientMemoryBuffer.set()', () => {
  it('makes room by worth, cost and use', () => {
    const buffer = new ResilientMemoryBuffer<number>({ entriesMax: 4 })
    buffer.set('plain', 1)
    buffer.set('worthy', 1, { worth: 10 })
    buffer.set('costly', 1, { costMs: 10 })
    buffer.set('used', 1)
    for (let uses = 0; uses < 10; uses += 1) buffer.get('used')
    for (let key = 0; key < 3; key += 1) buffer.set(`new ${key}`, 1)
    expect(['plain', 'worthy', 'costly', 'used', 'new 2'].map((key) => buffer.has(key))).toEqual([false, true, true, true, true])
    expect(buffer.stats.evictions).toBe(3)
  })

  it('never exceeds its bounds, and counts every byte back', async () => {
    const compressor = nodeCompressor()
    const step = fc.record({
      key: fc.integer({ min: 0, max: 30 }).map(String),
      // Long enough to hold the key.
      size: fc.integer({ min: 3, max: 3_000 }),
      do: fc.constantFrom('set', 'set', 'set', 'get', 'delete', 'similar', 'wait'),
      ttlMs: fc.option(fc.integer({ min: 1, max: 50 }), { nil: undefined }),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const world = createTestWorld()
        const limits = { entriesMax: 12, bytesMax: 30_000, entryBytesMax: 10_000 }
        const buffer = new ResilientMemoryBuffer<string>({ ...limits, compressor, world })
        for (const { key, size, do: what, ttlMs } of steps) {
          const value = `${key} `.repeat(size).slice(0, size)
          if (what === 'set') {
            const kept = buffer.set(key, value, { ttlMs })
            expect(buffer.get(key)).toBe(kept ? value : undefined)
          } else if (what === 'get') expect([undefined, key]).toContain(buffer.get(key)?.split(' ')[0] || undefined)
          else if (what === 'delete') expect(buffer.delete(key) && buffer.has(key)).toBe(false)
          else if (what === 'similar') for (const found of buffer.similar(value)) expect(found.similarity).toBeLessThanOrEqual(1)
          else await world.clock.advance(20)
          const { entries, bytes, indexed, compressed } = buffer.stats
          expect(entries).toBeLessThanOrEqual(limits.entriesMax)
          expect(bytes).toBeLessThanOrEqual(limits.bytesMax)
          expect(indexed).toBeLessThanOrEqual(entries)
          expect(compressed.entries).toBeLessThanOrEqual(entries)
        }
        for (const [key] of [...buffer.entries()]) buffer.delete(key)
        expect(buffer.stats).toMatchObject({
          entries: 0,
          bytes: 0,
          indexed: 0,
          compressed: { entries: 0, bytes: 0, plainBytes: 0 },
        })
      }),
      { numRuns: 60 },
    )
  })
})

describe('compression', () => {
  it('takes at least half off the envelopes of sessions, which come back equal', () => {
    const buffer = new ResilientMemoryBuffer<unknown>({ compressor: nodeCompressor() })
    const envelopes = Array.from({ length: 20 }, (_, seed) => envelope(seed))
    envelopes.forEach((one, index) => buffer.set(String(index), one))
    expect([...buffer.entries()].map(([, value]) => value).reverse()).toEqual(envelopes)
    const { compressed, bytes } = buffer.stats
    expect(compressed.entries).toBe(20)
    expect(compressed.plainBytes).toBe(envelopes.reduce<number>((sum, one) => sum + Buffer.byteLength(JSON.stringify(one)), 0))
    expect(compressed.bytes / compressed.plainBytes).toBeLessThan(0.5)
    expect(bytes / compressed.plainBytes).toBeLessThan(0.6)
  })

  it('leaves alone what is short, what JSON would change, and what does not become smaller', () => {
    const buffer = new ResilientMemoryBuffer<unknown>({ compressor: nodeCompressor() })
    const stubborn = new ResilientMemoryBuffer<unknown>({ compressor: { ...nodeCompressor(), compress: (bytes) => bytes } })
    stubborn.set('a', long('a'))
    expect([stubborn.get('a'), stubborn.stats.compressed.entries]).toEqual([long('a'), 0])
    const values = ['short', { ...long('a'), at: new Date(5) }]
    values.forEach((value, index) => buffer.set(String(index), value))
    values.forEach((value, index) => expect(buffer.get(String(index))).toBe(value))
    expect(buffer.stats.compressed.entries).toBe(0)
  })

  it('survives a compressor that fails, in either direction', () => {
    const broken: Compressor = {
      ...nodeCompressor(),
      compress: () => {
        throw new Error('no compression today')
      },
    }
    const buffer = new ResilientMemoryBuffer<unknown>({ compressor: broken })
    expect(buffer.set('a', long('a'))).toBe(true)
    expect([buffer.get('a'), buffer.stats.failures]).toEqual([long('a'), 1])

    for (const decompress of [
      () => {
        throw new Error('torn')
      },
      () => new Uint8Array(3),
    ]) {
      const lossy = new ResilientMemoryBuffer<unknown>({ compressor: { ...nodeCompressor(), decompress } })
      lossy.set('a', long('a'))
      lossy.set('b', long('b'))
      expect([lossy.get('a'), lossy.has('a'), lossy.similar('says it again')]).toEqual([undefined, false, []])
      expect(lossy.stats).toMatchObject({ failures: 2, entries: 0, bytes: 0 })
    }
  })
})

describe('ResilientMemoryBuffer.similar()', () => {
  it('finds by the text in values, and names in common do not make two values alike', () => {
    const buffer = new ResilientMemoryBuffer<{ message: string }>()
    buffer.set('dns', { message: 'DNS timeout' })
    buffer.set('module', { message: "Error: Cannot find module 'express'" })
    expect(buffer.similar('CSS button colour { message }')).toEqual([])
    expect(buffer.similar("Error: Cannot find module 'lodash'").map(({ key }) => key)).toEqual(['module'])
  })

  it('finds by the text that was given, or made from the value, and hears of changes', () => {
    const errors: unknown[] = []
    const buffer = new ResilientMemoryBuffer<number>({
      textOf: (value) => {
        if (value < 0) throw new Error('no text for that')
        return value === 0 ? '' : `the number ${value} of them all`
      },
      onError: (error) => errors.push(error),
    })
    buffer.set('a', 1)
    buffer.set('b', 2, { text: 'connection refused by the database' })
    buffer.set('c', 0)
    buffer.set('d', -1)
    const keys = (text: string): readonly string[] => buffer.similar(text, { similarityMin: 0.5 }).map(({ key }) => key)
    expect(keys('connection refused by database')).toEqual(['b'])
    expect(keys('the number 1 of them all')).toEqual(['a'])
    expect([buffer.stats.indexed, errors.length]).toEqual([2, 1])
    buffer.set('b', 2)
    expect(keys('connection refused by database')).toEqual([])
    expect(keys('the number 2 of them all')).toContain('b')
    buffer.delete('a')
    expect(keys('the number 1 of them all')).toEqual(['b'])
    expect(buffer.similar('the number 2 of them all', { limit: 1 })).toEqual([{ key: 'b', value: 2, similarity: 1 }])
  })

  it('does not find an entry by the text of one whose place it took meanwhile', () => {
    const buffer: ResilientMemoryBuffer<number> = new ResilientMemoryBuffer<number>({
      textOf: (_, key) => {
        if (key === 'first' && buffer.delete('first')) buffer.set('second', 2)
        return `the text of the ${key} one`
      },
    })
    buffer.set('first', 1)
    expect(buffer.similar('the text of the first one', { similarityMin: 0.9 })).toEqual([])
    expect(buffer.similar('the text of the second one', { similarityMin: 0.9 }).map(({ key }) => key)).toEqual(['second'])
    expect(buffer.stats).toMatchObject({ entries: 1, indexed: 1, failures: 0 })
  })

  it('gives nothing that has expired, and makes room for the index', async () => {
    const world = createTestWorld()
    const random = generator(9)
    const buffer = new ResilientMemoryBuffer<string>({ bytesMax: 40_000, ttlMs: 1_000, world })
    for (let count = 0; count < 60; count += 1) buffer.set(String(count), message(random))
    expect(buffer.stats.entries).toBe(60)
    expect(buffer.similar(message(random)).length).toBeGreaterThan(0)
    expect(buffer.stats.entries).toBeLessThan(20)
    expect(buffer.stats.bytes).toBeLessThanOrEqual(40_000)
    await world.clock.advance(1_000)
    expect(buffer.similar(message(random))).toEqual([])
  })
})

function envelope(seed: number): unknown {
  const random = generator(seed + 1)
  const session = new Session({ world: createTestWorld(seed), policy: { autonomy: 'apply' }, command: ['npm', 'test'] })
  session.record('run', { exitCode: 1, output: Array.from({ length: 12 }, () => message(random)).join('\n    at ') })
  session.record('fault', { category: 'dependency', code: 'MODULE_NOT_FOUND', message: message(random), fingerprint: seed })
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    const title = `Install ${message(random)}`
    session.record('attempt', {
      repairer: 'dependency',
      title,
      actions: [{ kind: 'install', packages: [{ name: 'express', range: '^4' }] }],
    })
    session.record('audit', { verdict: 'allow', findings: [], stages: { static: 'done', dynamic: 'absent', compliance: 'done' } })
    session.record('validation', { passed: attempt === 3, checks: [{ name: 'command', passed: attempt === 3, durationMs: 812 }] })
  }
  return session.end({ kind: 'promote', reasons: ['the command passes'] })
}
