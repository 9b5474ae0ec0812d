import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify } from '../../src/faults/classify.js'
import { fingerprintOf, type Fingerprinted } from '../../src/faults/fingerprint.js'
import { everyCase } from './fixtures.js'

const base: Fingerprinted = {
  category: 'runtime',
  code: 'TypeError',
  message: "TypeError: Cannot read properties of undefined (reading 'length')",
  location: { file: '/app/src/cart.js', line: 3, column: 9 },
  details: { name: 'length' },
}

/** The text of a crash at a place. */
function crash(root: string, line: number, message: string): string {
  return `${root}/src/cart.js:${line}\n  return cart.items.length\n                    ^\n\n${message}\n    at total (${root}/src/cart.js:${line}:21)\n\nNode.js v24.0.0\n`
}

const folder = fc
  .stringMatching(/^[a-z][a-z0-9_-]{0,12}$/)
  .filter(
    (name) =>
      !['src', 'lib', 'test', 'tests', 'spec', 'packages', 'apps', 'scripts', 'bin', 'dist', 'build', 'at'].includes(name),
  )
const root = fc.array(folder, { minLength: 1, maxLength: 5 }).map((names) => `/${names.join('/')}`)

describe('fingerprintOf()', () => {
  it('is 16 hex digits', () => {
    expect(fingerprintOf(base)).toMatch(/^[0-9a-f]{16}$/)
  })

  it('does not change with the line, the column or the folder above the project', () => {
    fc.assert(
      fc.property(root, fc.nat(100_000), fc.nat(500), (prefix, line, column) => {
        expect(fingerprintOf({ ...base, location: { file: `${prefix}/src/cart.js`, line, column } })).toBe(fingerprintOf(base))
      }),
    )
  })

  it('changes with each part that names the fault', () => {
    const prints = [
      base,
      { ...base, category: 'test' as const },
      { ...base, code: 'RangeError' },
      { ...base, message: 'TypeError: x is not a function' },
      { ...base, location: { file: '/app/src/order.js' } },
      { ...base, details: { name: 'size' } },
    ].map(fingerprintOf)
    expect(new Set(prints).size).toBe(prints.length)
  })

  it('changes with the name of a missing module, whatever the name', () => {
    const name = fc.stringMatching(/^(@[a-z]{1,8}\/)?[a-z0-9][a-z0-9._-]{0,20}$/)
    fc.assert(
      fc.property(name, name, (one, other) => {
        fc.pre(one !== other)
        const missing = (specifier: string): string =>
          fingerprintOf({
            category: 'dependency',
            code: 'MODULE_NOT_FOUND',
            message: `Cannot find module '${specifier}'`,
            details: { specifier },
          })
        expect(missing(one)).not.toBe(missing(other))
      }),
    )
  })

  it('changes with a name that only the details know', () => {
    const missing = (specifier: string): string =>
      fingerprintOf({ category: 'dependency', code: 'MODULE_NOT_FOUND', message: 'a module is missing', details: { specifier } })
    expect(missing('left-pad')).not.toBe(missing('right-pad'))
  })

  it.each([
    ['timed out after 5000 ms', 'timed out after 12.5s'],
    ['at 2024-05-01T10:00:00.123Z', 'at 2025-12-31 23:59:59'],
    ['listen on :::38771', 'listen on :::40112'],
    ['object 0x7f3a2b1c', 'object 0x11111111'],
    ['commit 1f0e9a8b7c6d', 'commit aa0e9a8b7c61'],
    ['run 4c1bd2a0-6f5e-4e8c-9d3e-2b7a1c0f5e11', 'run 00000000-1111-2222-3333-444444444444'],
    ['open /home/ann/app/src/a.js', 'open C:\\work\\app\\src\\a.js'],
  ])('does not tell %j from %j', (one, other) => {
    expect(fingerprintOf({ ...base, message: one })).toBe(fingerprintOf({ ...base, message: other }))
  })

  it.each([
    ['es2015 is missing', 'es2020 is missing'],
    ['cannot open ./a.js', 'cannot open ./b.js'],
    ['open /app/src/a.js', 'open /app/src/b.js'],
  ])('tells %j from %j', (one, other) => {
    expect(fingerprintOf({ ...base, message: one })).not.toBe(fingerprintOf({ ...base, message: other }))
  })
})

describe('the fingerprint of a classified output', () => {
  it('is the same on another machine, after other lines moved, with colours and a time in front', () => {
    fc.assert(
      fc.property(
        root,
        root,
        fc.integer({ min: 1, max: 9_999 }),
        fc.integer({ min: 1, max: 9_999 }),
        (one, other, line, otherLine) => {
          const message = "TypeError: Cannot read properties of undefined (reading 'length')"
          const [first] = classify({ stderr: crash(one, line, message), exitCode: 1 })
          const coloured = crash(other, otherLine, `\u001b[31m${message}\u001b[0m`)
          const [second] = classify({ stderr: coloured, exitCode: 1 })
          expect(second?.fingerprint).toBe(first?.fingerprint)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('differs between faults that differ', () => {
    const prints = new Map<string, string>()
    for (const { report } of everyCase()) {
      const [fault] = classify(report)
      if (fault === undefined) continue
      const identity = JSON.stringify([fault.category, fault.code, fault.message, fault.location?.file, fault.details])
      prints.set(identity, fault.fingerprint)
    }
    // Not all identities need to differ (numbers are left out), but most do.
    expect(new Set(prints.values()).size).toBeGreaterThan(prints.size * 0.85)
  })
})
