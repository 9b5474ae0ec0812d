import { posix } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contains, insidePath } from '../../src/adapters/confined-path.js'

describe('insidePath()', () => {
  it('gives the plain form', () => {
    for (const [path, plain] of [
      ['a', 'a'],
      ['./a//b/', 'a/b'],
      ['a/../b', 'b'],
      ['', ''],
      ['.', ''],
      ['..a', '..a'],
      ['a/..', ''],
      ['__proto__', '__proto__'],
    ])
      expect(insidePath(path ?? '')).toBe(plain)
  })

  it('names nothing that is not inside', () => {
    for (const path of ['..', '../a', 'a/../../b', '/', '/a', '//a', 'a\\b', 'C:', 'c:/a', 'a\0b', 'a/'.repeat(3_000)])
      expect(insidePath(path)).toBeUndefined()
    fc.assert(
      fc.property(fc.array(fc.constantFrom('..', '.', 'a', '', '/', '\\', '..a'), { maxLength: 10 }), (parts) => {
        const plain = insidePath(parts.join('/'))
        if (plain !== undefined) expect(contains('/root', posix.join('/root', plain))).toBe(true)
      }),
    )
  })
})

describe('contains()', () => {
  it('holds for the folder and what lies under it', () => {
    expect(contains('/a', '/a')).toBe(true)
    expect(contains('/a', '/a/b/c')).toBe(true)
    expect(contains('/a', '/a/..b')).toBe(true)
    expect(contains('/', '/anything')).toBe(true)
    for (const path of ['/ab', '/', '/b', '/a/../b']) expect(contains('/a', path)).toBe(false)
  })
})
