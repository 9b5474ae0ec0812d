import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fitsGlob } from '../../src/security/path-glob.js'

describe('fitsGlob()', () => {
  it.each([
    ['.github/workflows/ci.yml', '.github/**', true],
    ['a/.github/ci.yml', '.github/**', false],
    ['.GitHub/ci.yml', '.github/**', true],
    ['a/b/node_modules/c/d.js', '**/node_modules/**', true],
    ['node_modules/c', '**/node_modules/**', true],
    ['a/.env.local', '.env.*', true],
    ['a/.env', '.env.*', false],
    ['src/cart.js', 'src/*.js', true],
    ['src/a/cart.js', 'src/*.js', false],
    ['src/a/cart.js', 'src/**/*.js', true],
    ['src/cart.js', 'src/**/*.js', true],
    ['src', 'src/**', true],
    ['', '*', true],
    ['a', '', false],
  ])('%j fits %j: %j', (path, glob, expected) => {
    expect(fitsGlob(path, glob)).toBe(expected)
  })

  it('finds every path by itself and by `**`', () => {
    const segment = fc.stringMatching(/^[a-z.]{1,6}$/)
    fc.assert(
      fc.property(fc.array(segment, { minLength: 2, maxLength: 5 }), (segments) => {
        const path = segments.join('/')
        expect(fitsGlob(path, path)).toBe(true)
        expect(fitsGlob(path, `**/${segments.at(-1) ?? ''}`)).toBe(true)
        expect(fitsGlob(path, `${segments[0] ?? ''}/**`)).toBe(true)
      }),
    )
  })

  it('is quick where many stars meet a long name', () => {
    expect(fitsGlob('a'.repeat(2_000), `${'a*'.repeat(200)}b`)).toBe(false)
  })
})
