import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../../src/core/fault.js'
import { rootsFirst, type Candidate } from '../../src/faults/causes.js'
import { classify } from '../../src/faults/classify.js'
import { fingerprintOf } from '../../src/faults/fingerprint.js'
import { ranks } from '../../src/faults/rule.js'

const codes = (faults: readonly Fault[]): readonly (readonly [string, boolean])[] =>
  faults.map(({ code, causedBy }) => [code, causedBy !== undefined])

describe('classify() tells root faults from what follows from them', () => {
  it('takes one missing module and two hundred complaints for one root', () => {
    const output = [
      "src/a.ts(1,20): error TS2307: Cannot find module 'fastify' or its corresponding type declarations.",
      ...Array.from(
        { length: 200 },
        (_, at) => `src/a.ts(${at + 4},22): error TS7006: Parameter 'p${at}' implicitly has an 'any' type.`,
      ),
      "src/z.ts(3,1): error TS2322: Type 'string' is not assignable to type 'number'.",
    ].join('\n')
    const faults = classify({ output, exitCode: 2, command: 'tsc' })
    const roots = faults.filter(({ causedBy }) => causedBy === undefined)
    expect(roots.map(({ code, location }) => [code, location?.file])).toEqual([
      ['TS2307', 'src/a.ts'],
      ['TS2322', 'src/z.ts'],
    ])
    expect(faults.slice(0, 2)).toEqual(roots)
    expect(faults).toHaveLength(50)
    expect(faults.slice(2).every(({ causedBy }) => causedBy === roots[0]?.fingerprint)).toBe(true)
  })

  it('takes the same module missed in many files for one root', () => {
    const output = Array.from(
      { length: 5 },
      (_, at) => `src/f${at}.ts(1,20): error TS2307: Cannot find module 'zod' or its corresponding type declarations.`,
    ).join('\n')
    expect(codes(classify({ output, exitCode: 2 })).map(([, follows]) => follows)).toEqual([false, true, true, true, true])
  })

  it('takes a program that an install should have brought for a consequence of the install', () => {
    const output = [
      'npm error code E404',
      "npm error 404  'left-padd@1.0.0' is not in this registry.",
      'sh: 1: jest: not found',
    ].join('\n')
    expect(codes(classify({ output, exitCode: 127, command: 'npm ci && npm test' }))).toEqual([
      ['PACKAGE_NOT_FOUND', false],
      ['COMMAND_NOT_FOUND', true],
    ])
  })

  it('takes everything after a full disk for its consequence', () => {
    const output = "src/a.ts(1,7): error TS2304: Cannot find name 'x'.\nError: ENOSPC: no space left on device, write"
    expect(codes(classify({ output, exitCode: 2 }))).toEqual([
      ['ENOSPC', false],
      ['TS2304', true],
    ])
  })

  it('takes a failing test for the consequence of the crash it names', () => {
    const output = [
      ' FAIL  test/cart.test.ts > totals',
      "TypeError: Cannot read properties of undefined (reading 'length')",
      ' ❯ total src/cart.ts:3:21',
      '',
    ].join('\n')
    expect(codes(classify({ output, exitCode: 1, command: 'vitest run' }))).toEqual([
      ['TypeError', false],
      ['TEST_FAILED', true],
    ])
  })

  it('takes what else is wrong with a file that cannot be parsed for a consequence, and other files for themselves', () => {
    const output = [
      "src/a.ts(2,3): error TS1005: ';' expected.",
      "src/a.ts(3,7): error TS2304: Cannot find name 'x'.",
      "src/b.ts(3,7): error TS2304: Cannot find name 'y'.",
    ].join('\n')
    expect(codes(classify({ output, exitCode: 2 })).map(([, follows]) => follows)).toEqual([false, false, true])
  })

  it('takes one unknown name used in many files for one root, and another name for another', () => {
    const error = (file: string, name: string): string => `${file}(1,1): error TS2304: Cannot find name '${name}'.`
    const output = [error('src/a.ts', 'describe'), error('src/b.ts', 'describe'), error('src/b.ts', 'prcie')].join('\n')
    expect(classify({ output, exitCode: 2 }).map(({ details, causedBy }) => [details['name'], causedBy !== undefined])).toEqual([
      ['describe', false],
      ['prcie', false],
      ['describe', true],
    ])
  })

  it('says which command was run and how it ended', () => {
    expect(classify({ output: 'Killed', exitCode: 137, command: 'node a.js' })[0]).toMatchObject({
      command: 'node a.js',
      exitCode: 137,
    })
    const [fault] = classify({ output: "Error: Cannot find module 'x'\nRequire stack:\n- /app/a.js" })
    expect(fault).toBeDefined()
    expect(fault).not.toHaveProperty('command')
    expect(fault).not.toHaveProperty('exitCode')
  })
})

describe('rootsFirst()', () => {
  it('loses no fault, points only at roots before, and starts with a root', () => {
    const ranked = fc
      .record({
        category: fc.constantFrom(
          'dependency' as const,
          'syntax' as const,
          'build' as const,
          'test' as const,
          'runtime' as const,
        ),
        code: fc.constantFrom('A', 'COMMAND_NOT_FOUND'),
        message: fc.constantFrom('m', 'src/a.ts broke', ''),
        severity: fc.constantFrom('critical' as const, 'high' as const),
        tool: fc.constantFrom('npm', 'node'),
        location: fc.option(fc.record({ file: fc.constantFrom('src/a.ts', 'b'), line: fc.integer({ min: 1, max: 2 }) }), {
          nil: undefined,
        }),
        details: fc.constantFrom<Record<string, string>>({}, { specifier: 'x' }, { name: 'n' }, { importer: 'b', package: 'p' }),
        rank: fc.constantFrom(...ranks),
      })
      .map(({ rank, location, ...rest }): Candidate => ({
        rank,
        fault: { ...rest, transient: false, evidence: [], ...(location === undefined ? {} : { location }) },
      }))
    fc.assert(
      fc.property(fc.array(ranked, { maxLength: 20 }), fc.integer({ min: 1, max: 30 }), (given, faultsMax) => {
        const faults = rootsFirst(given, faultsMax)
        const prints = new Set(given.map(({ fault }) => fingerprintOf(fault)))
        expect(faults).toHaveLength(Math.min(prints.size, faultsMax))
        expect(new Set(faults.map(({ fingerprint }) => fingerprint)).size).toBe(faults.length)
        const roots = new Set(faults.filter(({ causedBy }) => causedBy === undefined).map(({ fingerprint }) => fingerprint))
        for (const { causedBy } of faults) if (causedBy !== undefined) expect(roots.has(causedBy)).toBe(true)
        if (faults.length > 0) expect(faults[0]).not.toHaveProperty('causedBy')
      }),
    )
  })
})
