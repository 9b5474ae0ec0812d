import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openMemoryBuffer } from '../../src/adapters/memory-buffer.js'

describe('openMemoryBuffer()', () => {
  let folder = ''
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'homeostat-memory-'))
  })
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it('has what an earlier one left, compressed', () => {
    const path = join(folder, 'new', 'memory.hs')
    const first = openMemoryBuffer<string>({ path })
    first.set('a', 'again and again '.repeat(500))
    expect(first.close()).toBe(true)
    const second = openMemoryBuffer<string>({ path })
    expect(second.get('a')).toBe('again and again '.repeat(500))
    expect(second.stats.compressed.entries).toBe(1)
    expect(readdirSync(join(folder, 'new'))).toEqual(['memory.hs'])
  })

  it('works on when its file is damaged, and without one', () => {
    const path = join(folder, 'memory.hs')
    writeFileSync(path, 'something else')
    const buffer = openMemoryBuffer<string>({ path })
    expect(buffer.stats.lastError?.message).toContain('memory.hs.corrupt')
    buffer.set('a', 'b')
    expect(buffer.save()).toBe(true)
    expect(openMemoryBuffer<string>({ path }).get('a')).toBe('b')
    expect(openMemoryBuffer().save()).toBe(false)
  })
})
