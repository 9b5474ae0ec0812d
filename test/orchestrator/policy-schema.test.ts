import { describe, expect, it } from 'vitest'
import { presetNames } from '../../src/orchestrator/policy/policy-field.js'
import { nest, policyFields, policySections, presetValues } from '../../src/orchestrator/policy/policy-paths.js'
import { describeRange } from '../../src/orchestrator/policy/policy-problems.js'
import { definePolicy, policySchema } from '../../src/orchestrator/policy/policy-schema.js'

describe('policySchema', () => {
  it('takes a whole policy only, and no unknown field at any level', () => {
    const whole = (): Record<string, unknown> => ({ ...nest(presetValues('sota')) })
    expect(policySchema.safeParse(whole()).success).toBe(true)
    expect(policySchema.safeParse({}).success).toBe(false)
    for (const path of policySections.keys()) {
      const values = presetValues('sota').set(path === '' ? 'nope' : `${path}.nope`, 1)
      expect(policySchema.safeParse(nest(values)).success).toBe(false)
    }
  })

  it('gives each field a sentence, a range, and a default in range for each preset', () => {
    for (const { path, note, accepts } of policyFields.values()) {
      expect(note.description, path).toMatch(/^[A-Z].*\.$/)
      expect(describeRange(path, note.range), path).not.toBe('')
      for (const preset of presetNames) expect(accepts(note.defaults[preset]), `${path} of ${preset}`).toBe(true)
    }
    for (const section of policySections.values())
      if (section.path !== '') expect(section.description, section.path).toMatch(/^[A-Z].*\.$/)
  })

  it('accepts both ends of a range and nothing beyond', () => {
    for (const {
      path,
      note: { range },
      accepts,
    } of policyFields.values()) {
      if (range.kind !== 'number') continue
      const step = range.whole ? 1 : 1e-9
      expect([range.min, range.max].every(accepts), path).toBe(true)
      expect([range.min - step, range.max + step, ...(range.whole ? [range.min + 0.5] : [])].some(accepts), path).toBe(false)
    }
  })

  it('has a unit in the name of each duration and size', () => {
    for (const path of policyFields.keys()) expect(path).not.toMatch(/(?:timeout|delay|wait|bytes?|size)$/)
  })
})

it('definePolicy() returns what it is given', () => {
  const input = { autonomy: 'observe' } as const
  expect(definePolicy(input)).toBe(input)
})
