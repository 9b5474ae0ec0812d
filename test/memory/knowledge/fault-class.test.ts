import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { classify } from '../../../src/faults/classify.js'
import { classIdOf, faultClassOf, shapeSimilarity, type Classed } from '../../../src/memory/knowledge/fault-class.js'

const missing = (name: string, importer = '/app/index.js'): Classed => {
  const [fault] = classify({ stderr: `Error: Cannot find module '${name}'\nRequire stack:\n- ${importer}`, exitCode: 1 })
  if (fault === undefined) throw new Error('no fault')
  return fault
}
const fault = (message: string, details: Record<string, string | number> = {}): Classed => ({
  category: 'build',
  code: 'X',
  message,
  details,
})

describe('faultClassOf()', () => {
  it('is one class for faults that differ in names, places and numbers', () => {
    const names = ['lodash', 'express', '@scope/thing', 'left-pad']
    const ids = names.map((name) => classIdOf(faultClassOf(missing(name, `/home/${name}/app/src/${name}.js`))))
    expect(new Set(ids).size).toBe(1)
    expect(faultClassOf(missing('lodash')).shape).toContain('$specifier')
  })

  it('keeps apart what differs in kind', () => {
    const plain = faultClassOf(fault('Unexpected token'))
    expect(classIdOf(plain)).not.toBe(classIdOf({ ...plain, code: 'Y' }))
    expect(classIdOf(plain)).not.toBe(classIdOf({ ...plain, category: 'test' }))
    expect(classIdOf(plain)).not.toBe(classIdOf({ ...plain, tool: 'tsc' }))
    expect(classIdOf(plain)).not.toBe(classIdOf(faultClassOf(fault('Unexpected end of input'))))
  })

  it('takes quoted texts, paths, numbers, hashes and secrets out of the message', () => {
    expect(faultClassOf(fault("Bad 'thing' at /home/me/x.js:12:7, 0xdeadbeef0, retry in 30")).shape).toBe(
      "Bad '…' at $file:N H, retry in N",
    )
    expect(faultClassOf(fault('Cannot reach postgres://app:hunter22@db.internal/x')).shape).not.toContain('hunter22')
  })

  it('replaces whole words only', () => {
    expect(faultClassOf(fault('at attic at', { name: 'at' })).shape).toBe('$name attic $name')
  })

  it('survives any text, and stays bounded', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300 }), fc.dictionary(fc.string(), fc.string({ minLength: 1 })), (message, details) => {
        const { shape } = faultClassOf(fault(message, details))
        expect(shape.length).toBeLessThanOrEqual(240)
      }),
    )
  })
})

describe('shapeSimilarity()', () => {
  it('is 1 for the same, 0 for nothing in common, and symmetric', () => {
    expect(shapeSimilarity('Cannot find module $specifier', 'Cannot find module $specifier')).toBe(1)
    expect(shapeSimilarity('Cannot find module', 'Unexpected token')).toBe(0)
    expect(shapeSimilarity('', '')).toBe(1)
    expect(shapeSimilarity('!', '?')).toBe(0)
    expect(shapeSimilarity('Cannot find module $specifier', 'Cannot find module $specifier imported from $file')).toBeCloseTo(
      4 / 7,
    )
    fc.assert(
      fc.property(fc.string(), fc.string(), (a, b) => {
        expect(shapeSimilarity(a, b)).toBe(shapeSimilarity(b, a))
      }),
    )
  })
})
