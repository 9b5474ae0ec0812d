import { describe, expect, it } from 'vitest'
import { faultCategories, type Fault } from '../../src/core/fault.js'
import { diagnose } from '../../src/sequences/diagnose.js'

const fault = (change: Partial<Fault> = {}): Fault => ({
  category: 'dependency',
  severity: 'high',
  code: 'MODULE_NOT_FOUND',
  transient: false,
  fingerprint: '0123456789abcdef',
  message: "Cannot find package 'lodash'",
  details: { specifier: 'lodash' },
  evidence: ["Error: Cannot find package 'lodash'"],
  ...change,
})

describe('diagnose()', () => {
  it('blames the root fault most, with its evidence, and names the place', () => {
    const follower = fault({ category: 'test', code: 'TEST_FAILED', fingerprint: 'f'.repeat(16), message: '1 test failed' })
    const diagnosis = diagnose([fault({ location: { file: 'src/a.js', line: 3 } }), follower])
    expect(diagnosis.summary).toBe("A dependency is missing (MODULE_NOT_FOUND) in src/a.js:3: Cannot find package 'lodash'")
    expect(diagnosis.hypotheses.map(({ cause }) => cause)).toEqual([
      '"lodash" cannot be found: not installed, not declared, or misspelt',
      expect.stringContaining('1 test failed'),
    ])
    expect(diagnosis.hypotheses[0]?.plausibility).toBeGreaterThan(diagnosis.hypotheses[1]?.plausibility ?? 1)
    expect(diagnosis.impact).toEqual({ severity: 'high', files: ['src/a.js'] })
  })

  it('puts what repairers noted before general advice, each once', () => {
    const { advice } = diagnose([fault()], ['Run npm install lodash', 'Run npm install lodash'])
    expect(advice[0]).toBe('Run npm install lodash')
    expect(new Set(advice).size).toBe(advice.length)
  })

  it.each(faultCategories)('has a cause, advice and beliefs that sum to at most 1 for %s', (category) => {
    for (const details of [{}, { path: '/etc/x', host: 'db' }]) {
      const { hypotheses, advice } = diagnose([
        fault({ category, details }),
        fault({ category, fingerprint: 'a', details }),
        fault({ category, fingerprint: 'b', details }),
      ])
      expect(hypotheses.every(({ cause }) => cause.length > 0)).toBe(true)
      expect(hypotheses.reduce((sum, { plausibility }) => sum + plausibility, 0)).toBeLessThanOrEqual(1)
      expect(advice.length).toBeGreaterThan(0)
    }
  })

  it('tells a command that hangs from a program that throws', () => {
    const hangs = diagnose([fault({ category: 'runtime', code: 'TIMED_OUT', message: 'did not end' })])
    expect(hangs.advice.join()).toContain('sandbox.timeoutMs')
    expect(hangs.hypotheses[0]?.cause).toContain('waited for')
  })

  it('tells a persistent network fault from a passing one', () => {
    expect(diagnose([fault({ category: 'network', transient: true })]).advice).not.toEqual(
      diagnose([fault({ category: 'network' })]).advice,
    )
  })
})
