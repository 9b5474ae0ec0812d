import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareVersions, isRelease, majorOf, satisfies } from '../../src/repair/dependencies/version-range.js'

const part = fc.integer({ min: 0, max: 30 })
const version = fc.tuple(part, part, part).map((parts) => parts.join('.'))

describe('satisfies()', () => {
  it.each([
    ['1.2.3', '^1.2.0', true],
    ['2.0.0', '^1.2.0', false],
    ['1.1.9', '^1.2.0', false],
    ['0.2.9', '^0.2.3', true],
    ['0.3.0', '^0.2.3', false],
    ['0.0.4', '^0.0.3', false],
    ['0.9.0', '^0', true],
    ['1.2.9', '~1.2.3', true],
    ['1.3.0', '~1.2.3', false],
    ['1.9.0', '~1', true],
    ['1.9.0', '1.x', true],
    ['2.0.0', '1.x', false],
    ['1.2.7', '1.2', true],
    ['1.2.3', '1.2.3', true],
    ['1.2.3', '=1.2.3', true],
    ['1.2.4', '1.2.3', false],
    ['5.0.0', '*', true],
    ['5.0.0', '', true],
    ['2.5.0', '>=2 <3', true],
    ['3.0.0', '>= 2 < 3', false],
    ['3.0.0', '>2', true],
    ['2.9.9', '>2', false],
    ['2.9.9', '<=2', true],
    ['2.9.9', '<2.9', false],
    ['2.3.0', '1.0.0 - 2.3', true],
    ['2.4.0', '1.0.0 - 2.3', false],
    ['20.1.0', '^18.0.0 || >=20', true],
    ['19.0.0', '^18.0.0 || >=20', false],
    ['1.0.0-beta.1', '1.0.0-beta.1', true],
    ['1.0.0-beta.1', '>=0', false],
    ['1.0.0', 'latest', undefined],
    ['1.0.0', '^1 || git+https://x', undefined],
    ['next', '^1', undefined],
  ])('%s in %s: %s', (one, range, expected) => {
    expect(satisfies(one, range)).toBe(expected)
  })

  it('holds for a caret exactly within the first number that is not zero', () => {
    fc.assert(
      fc.property(version, version, (one, base) => {
        const [a, b] = [one, base].map((text) => text.split('.').map(Number))
        const fixed = b?.[0] !== 0 ? 1 : b[1] !== 0 ? 2 : 3
        const same = a?.slice(0, fixed).join() === b?.slice(0, fixed).join()
        expect(satisfies(one, `^${base}`)).toBe(same && compareVersions(one, base) >= 0)
      }),
    )
  })

  it('never throws, whatever the texts', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (one, range) => {
        expect([true, false, undefined]).toContain(satisfies(one, range))
      }),
    )
    expect(satisfies('1.0.0', '1'.repeat(600))).toBeUndefined()
  })
})

describe('compareVersions()', () => {
  it('orders by number, and its mirror is its negative', () => {
    expect(['1.10.0', '1.9.0', '2.0.0', 'x'].toSorted(compareVersions)).toEqual(['x', '1.9.0', '1.10.0', '2.0.0'])
    fc.assert(
      fc.property(version, version, (a, b) => {
        expect(compareVersions(a, b) + compareVersions(b, a)).toBe(0)
      }),
    )
  })
})

it('isRelease() and majorOf() read whole versions only', () => {
  expect([isRelease('1.2.3'), isRelease('1.2.3-rc.1'), isRelease('1.2')]).toEqual([true, false, false])
  expect([majorOf('12.0.1'), majorOf('v3.0.0-rc'), majorOf('^1.0.0')]).toEqual([12, 3, undefined])
})
