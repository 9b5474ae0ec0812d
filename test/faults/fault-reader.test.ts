import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify, createClassifier } from '../../src/faults/classify.js'
import { createFaultReader } from '../../src/faults/fault-reader.js'
import { documented } from './fixtures.js'

const missing = "Error: Cannot find module 'left-pad'\nRequire stack:\n- /app/index.js\n"

describe('createFaultReader()', () => {
  it('tells what classify() tells of the whole, however the output is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...documented()),
        fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 20 }),
        fc.boolean(),
        ({ report }, sizes, asBytes) => {
          const whole = (report.output ?? '').replaceAll('\n', '\r\n')
          const bytes = new TextEncoder().encode(whole)
          const reader = createFaultReader(report.command === undefined ? {} : { command: report.command })
          for (let at = 0, turn = 0; at < (asBytes ? bytes.length : whole.length); turn += 1) {
            const end = at + (sizes[turn % sizes.length] ?? 1)
            reader.write(asBytes ? bytes.slice(at, end) : whole.slice(at, end))
            at = end
          }
          expect(reader.faults({ exitCode: report.exitCode })).toEqual(classify({ ...report, output: whole }))
        },
      ),
      { numRuns: 80 },
    )
  })

  it('answers while the command runs, and more when it has ended', () => {
    const reader = createFaultReader()
    expect(reader.faults()).toEqual([])
    reader.write(missing.slice(0, 20), 'stderr')
    reader.write(missing.slice(20), 'stderr')
    expect(reader.faults()).toMatchObject([{ code: 'MODULE_NOT_FOUND' }])
    expect(reader.faults({ exitCode: 0 })).toEqual([])
    expect(reader.faults({ exitCode: null })).toHaveLength(1)
  })

  it('does not mix the streams within a line', () => {
    const reader = createFaultReader()
    reader.write('Error: Cannot find mod', 'stderr')
    reader.write('progress 10%\n', 'stdout')
    reader.write("ule 'left-pad'\n", 'stderr')
    expect(reader.faults({ exitCode: 1 })[0]?.details['specifier']).toBe('left-pad')
  })

  it("takes a line's end that is cut in two for one", () => {
    const reader = createFaultReader()
    for (const chunk of ["Error: Cannot find module 'left-pad'\r", '\nRequire stack:\r', '\n- /app/index.js\r\n'])
      reader.write(chunk)
    expect(reader.faults({ exitCode: 1 })[0]?.details['importer']).toBe('/app/index.js')
  })

  it('uses the patterns of a classifier', () => {
    const classifier = createClassifier({
      patterns: [{ name: 'x', pattern: /^acme broke$/, category: 'deployment', code: 'ACME' }],
    })
    const reader = createFaultReader({ classifier })
    reader.write('acme broke')
    expect(reader.faults({ exitCode: 1 })).toMatchObject([{ code: 'ACME' }])
  })

  it('keeps both ends, what stands out in between, and a bounded part of everything else', () => {
    const reader = createFaultReader()
    const filler = 'nothing to see here, all is well\n'.repeat(1_000)
    reader.write('first words\n')
    for (let time = 0; time < 100; time += 1) reader.write(filler)
    reader.write('Error: ENOSPC: no space left on device, write\n')
    for (let time = 0; time < 100; time += 1) reader.write(filler)
    reader.write(missing)
    expect(reader.heldChars).toBeLessThan(1_050_000)
    expect(reader.faults({ exitCode: 1 }).map(({ code }) => code)).toEqual(['ENOSPC', 'MODULE_NOT_FOUND'])
  })

  it('holds little of a line that does not end', () => {
    const reader = createFaultReader()
    for (let time = 0; time < 50; time += 1) reader.write('y'.repeat(100_000))
    reader.write(" Error: Cannot find module 'left-pad'")
    expect(reader.heldChars).toBeLessThan(20_000)
    expect(reader.faults({ exitCode: 1 })).toHaveLength(1)
  })

  it('refuses what is no output', () => {
    const reader = createFaultReader()
    // @ts-expect-error: a number is no chunk
    expect(() => reader.write(7)).toThrow(TypeError)
    // @ts-expect-error: there is no such stream
    expect(() => reader.write('x', 'stdin')).toThrow(TypeError)
  })
})
