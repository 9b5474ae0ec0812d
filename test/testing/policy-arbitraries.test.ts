import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policyFields } from '../../src/orchestrator/policy/policy-paths.js'
import { orderings, valueAt } from '../../src/orchestrator/policy/policy-schema.js'
import { invalidPolicy, validPolicy } from '../../src/testing/policy-arbitraries.js'

const sampled = { numRuns: 600, seed: 7 }

describe('validPolicy()', () => {
  it('reaches every field, with and without a value', () => {
    const inputs = fc.sample(validPolicy(), sampled)
    for (const path of policyFields.keys()) {
      const given = inputs.filter((input) => valueAt(input, path) !== undefined).length
      expect(given, path).toBeGreaterThan(0)
      expect(given, path).toBeLessThan(inputs.length)
    }
  })

  it('reaches the ends of ranges', () => {
    const inputs = fc.sample(validPolicy(), sampled)
    const attempts = new Set(inputs.map((input) => input.guard?.retry?.attemptsMax))
    expect([1, 20].every((end) => attempts.has(end))).toBe(true)
  })
})

describe('invalidPolicy()', () => {
  it('reaches mistakes in every field, in names, in sections and in orderings', () => {
    const mistakes = fc.sample(invalidPolicy(), { numRuns: 3_000, seed: 7 })
    const paths = new Set(mistakes.map(({ path }) => path))
    for (const path of policyFields.keys()) expect(paths.has(path), path).toBe(true)
    expect(paths.has('guard')).toBe(true)
    expect([...paths].some((path) => !policyFields.has(path))).toBe(true)
    for (const [lower, upper] of orderings) {
      const contradicts = mistakes.some(({ input, path }) => path === lower && numberAt(input, lower) > numberAt(input, upper))
      expect(contradicts, `${lower} above ${upper}`).toBe(true)
    }
  })
})

function numberAt(input: unknown, path: string): number {
  const value = valueAt(input, path)
  return typeof value === 'number' ? value : Number.NaN
}
