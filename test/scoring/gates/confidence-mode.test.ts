import { describe, expect, it } from 'vitest'
import type { ConfidenceEstimate } from '../../../src/core/confidence.js'
import { confidenceMode } from '../../../src/scoring/gates/confidence-mode.js'
import type { Gate } from '../../../src/scoring/gates/gate.js'

const at = (probability: number): ConfidenceEstimate => ({
  probability,
  interval: [0, 1],
  contributions: {},
  state: 'calibrated',
  samples: 9,
})
const from = (threshold: number | null): Gate => ({
  kind: 'joint',
  threshold,
  certified: threshold !== null,
  samples: 9,
  tasks: 9,
  tasksMissing: 0,
  reason: '',
  accepts: ({ probability }) => threshold !== null && probability >= threshold,
})

describe('confidenceMode()', () => {
  it('permits more the surer it is', () => {
    const rules = { execute: from(0.9), sandbox: from(0.4) }
    expect([0.3, 0.5, 0.95].map((probability) => confidenceMode(at(probability), rules))).toEqual([
      'analyse-only',
      'sandbox-only',
      'full-execution',
    ])
  })

  it('permits no execution without a certificate', () => {
    expect(confidenceMode(at(1), { execute: from(null) })).toBe('sandbox-only')
    expect(confidenceMode(at(1), { execute: { ...from(0), certified: false } })).toBe('sandbox-only')
    expect(confidenceMode(at(1), { execute: from(null), sandbox: from(null) })).toBe('analyse-only')
  })

  it('holds the floor of the category, and of no other', () => {
    const rules = { execute: from(0.5), floors: { security: 0.99 } }
    expect(confidenceMode(at(0.98), rules, 'security')).toBe('sandbox-only')
    expect(confidenceMode(at(0.99), rules, 'security')).toBe('full-execution')
    expect(confidenceMode(at(0.98), rules, 'syntax')).toBe('full-execution')
    expect(confidenceMode(at(0.98), rules, 'constructor')).toBe('full-execution')
    expect(confidenceMode(at(0.98), rules)).toBe('full-execution')
  })

  it.each([Number.NaN, -0.1, 1.1])('refuses a floor of %d', (floor) => {
    expect(() => confidenceMode(at(1), { execute: from(0.5), floors: { security: floor } })).toThrow(RangeError)
  })
})
