import { describe, expect, it } from 'vitest'
import { rules } from '../../src/security/rules.js'
import { observeSample, rulesIn } from './audit-sample.js'

describe('rules', () => {
  it('have ids of their own, in capitals', () => {
    expect(new Set(rules.map((rule) => rule.id)).size).toBe(rules.length)
    for (const rule of rules) expect(rule.id).toMatch(/^[A-Z]+(?:-[A-Z]+)*$/)
  })

  it.each(rules.map((rule) => [rule.id, rule] as const))('%s finds its example and not its near miss', async (id, rule) => {
    expect(rulesIn(await observeSample(rule.example))).toContain(id)
    expect(rulesIn(await observeSample(rule.nearMiss))).not.toContain(id)
  })
})
