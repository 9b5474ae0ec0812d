import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { policyFromEnvironment, variableOf } from '../../src/orchestrator/policy/policy-environment.js'
import { policyFields } from '../../src/orchestrator/policy/policy-paths.js'
import { valueAt } from '../../src/orchestrator/policy/policy-schema.js'
import { parsePolicy } from '../../src/orchestrator/policy/policy.js'
import { validPolicy } from '../../src/testing/policy-arbitraries.js'

describe('variableOf()', () => {
  it('writes a path in capitals', () => {
    expect(variableOf('guard.retry.attemptsMax')).toBe('HOMEOSTAT_GUARD_RETRY_ATTEMPTS_MAX')
    expect(variableOf('autonomy')).toBe('HOMEOSTAT_AUTONOMY')
  })

  it('gives every field a variable of its own', () => {
    const names = [...policyFields.keys()].map(variableOf)
    expect(new Set(names).size).toBe(policyFields.size)
    expect(names.every((name) => /^HOMEOSTAT(_[A-Z]+)+$/.test(name))).toBe(true)
  })
})

describe('policyFromEnvironment()', () => {
  it('reads numbers, flags, names and lists, and nothing else', () => {
    const input = policyFromEnvironment({
      PATH: '/bin',
      homeostat_autonomy: 'apply',
      HOMEOSTAT_RUN_ID: 'set by homeostat for its own commands',
      HOMEOSTAT_PRESET: undefined,
      HOMEOSTAT_AUTONOMY: 'apply',
      HOMEOSTAT_GUARD_RETRY_ENABLED: '0',
      HOMEOSTAT_GUARD_RATE_ENABLED: 'true',
      HOMEOSTAT_GUARD_KEYS_MAX: '12',
      HOMEOSTAT_GUARD_BREAKER_FAILURE_RATIO_MAX: '2.5e-1',
      HOMEOSTAT_SECURITY_PROTECTED_PATHS: 'src/**, *.lock',
      HOMEOSTAT_SECURITY_RISKY_KEYWORDS: '',
    })
    expect(input).toEqual({
      autonomy: 'apply',
      guard: { retry: { enabled: false }, rate: { enabled: true }, keysMax: 12, breaker: { failureRatioMax: 0.25 } },
      security: { protectedPaths: ['src/**', '*.lock'], riskyKeywords: [] },
    })
  })

  it.each([
    [
      'HOMEOSTAT_GUARD_KEYS_MAX',
      '0',
      'HOMEOSTAT_GUARD_KEYS_MAX (guard.keysMax) is "0", allowed: a whole number from 1 to 100000',
    ],
    ['HOMEOSTAT_GUARD_KEYS_MAX', '12ms', 'is "12ms", allowed'],
    ['HOMEOSTAT_GUARD_KEYS_MAX', '0x10', 'is "0x10", allowed'],
    ['HOMEOSTAT_GUARD_KEYS_MAX', '', 'is "", allowed'],
    ['HOMEOSTAT_GUARD_KEYS_MAX', 'Infinity', 'is "Infinity", allowed'],
    ['HOMEOSTAT_GUARD_KEYS_MAX', '9'.repeat(1_000_000), 'allowed'],
    ['HOMEOSTAT_GUARD_RETRY_DELAY_MS_BASE', '-0', 'is "-0", allowed'],
    ['HOMEOSTAT_GUARD_RETRY_ENABLED', 'yes', 'is "yes", allowed: true or false'],
    ['HOMEOSTAT_AUTONOMY', 'APPLY', 'is "APPLY", allowed: "observe", "propose", "apply", did you mean "apply"?'],
    ['HOMEOSTAT_SECURITY_PROTECTED_PATHS', 'a,,b', 'allowed: a list'],
    ['HOMEOSTAT_SECURITY_PROTECTED_PATHS', 'a,'.repeat(500_000), 'allowed: a list'],
    [
      'HOMEOSTAT_GUARD_RETRY_ATTEMPT_MAX',
      '3',
      'HOMEOSTAT_GUARD_RETRY_ATTEMPT_MAX is not a variable of homeostat, did you mean HOMEOSTAT_GUARD_RETRY_ATTEMPTS_MAX',
    ],
    ['HOMEOSTAT_', '3', 'HOMEOSTAT_ is not a variable of homeostat'],
    [`HOMEOSTAT_${'A'.repeat(100_000)}`, '3', 'is not a variable of homeostat'],
  ])('refuses %.60s=%.20s', (name, text, message) => {
    expect(() => policyFromEnvironment({ [name]: text })).toThrow(
      expect.objectContaining({ code: 'HS_POLICY_INVALID', message: expect.stringContaining(message) as string }) as Error,
    )
  })

  it('does not show the text of an unknown variable', () => {
    expect(() => policyFromEnvironment({ HOMEOSTAT_API_KEY: 'sk-secret' })).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining('sk-secret') as string }) as Error,
    )
  })

  it('takes every valid policy there and back', () => {
    fc.assert(
      fc.property(validPolicy(), (input) => {
        const environment: Record<string, string> = {}
        for (const path of policyFields.keys()) {
          const value = valueAt(input, path)
          if (value !== undefined)
            environment[variableOf(path)] =
              policyFields.get(path)?.note.range.kind === 'records'
                ? JSON.stringify(value)
                : Array.isArray(value)
                  ? value.join(',')
                  : JSON.stringify(value).replaceAll('"', '')
        }
        expect(parsePolicy(policyFromEnvironment(environment))).toEqual(parsePolicy(input))
      }),
    )
  })
})
