import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { verdicts } from '../../src/core/finding.js'
import { parseCompliancePolicy } from '../../src/security/compliance-policy.js'
import type { Suppression } from '../../src/security/suppressions.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { observe, patchOf } from './audit-sample.js'

const dayMs = 86_400_000
const day = Date.parse('2030-06-15T00:00:00Z')
const base: Suppression = {
  rule: 'TLS-WEAK',
  path: 'src/api.js',
  reason: 'The device has its own certificate',
  until: '2030-06-15',
}

const weakened = patchOf([['src/api.js', 'a()\n', "a()\nprocess.env.NODE_TLS_REJECT_UNAUTHORIZED = '0'\n"]])
const hidden = patchOf([['src/lib/text.js', 'a()\n', 'a()\nconst tot\u200bal = 1\n']])

function audit(patch: typeof weakened, suppressions: readonly Suppression[], epochMs = day) {
  return observe(patch, {}, { world: createTestWorld(1, { epochMs }), policy: { suppressions } })
}

describe('suppressions', () => {
  it('keep a finding in the audit, marked, and ask for nothing', async () => {
    expect((await audit(weakened, [])).verdict).toBe('review')
    const { verdict, findings, stages } = await audit(weakened, [base])
    expect(verdict).toBe('allow')
    expect(findings).toMatchObject([
      {
        rule: 'TLS-WEAK',
        verdict: 'allow',
        severity: 'high',
        suppressed: { verdict: 'review', reason: base.reason, until: base.until },
      },
    ])
    expect(stages.static.findings).toEqual(findings)
  })

  it('count to the last moment of their day, and not after it', async () => {
    expect((await audit(weakened, [base], day + dayMs - 1)).verdict).toBe('allow')
    const expired = await audit(weakened, [base], day + dayMs)
    expect(expired.verdict).toBe('review')
    expect(expired.findings[0]).not.toHaveProperty('suppressed')
  })

  it('reach other files by a glob, and no other rule', async () => {
    expect((await audit(weakened, [{ ...base, path: 'src/**' }])).verdict).toBe('allow')
    expect((await audit(weakened, [{ ...base, path: 'lib/**' }])).verdict).toBe('review')
    expect((await audit(weakened, [{ ...base, rule: 'NET-NEW' }])).verdict).toBe('review')
  })

  it('reach what blocks by its exact path only', async () => {
    const block = { ...base, rule: 'UNI-INVISIBLE' }
    for (const path of ['**', '**/*', 'src/lib/*', 'text.js', 'SRC/lib/text.js', 'src/lib/tex*.js'])
      expect((await audit(hidden, [{ ...block, path }])).verdict, path).toBe('block')
    expect((await audit(hidden, [{ ...block, path: 'src/lib/text.js' }])).verdict).toBe('allow')
  })

  it('never reach a patch that cannot be read', async () => {
    const { verdict } = await observe(
      '--- a/x\n+++ b/x\n@@ -1,5 +1 @@\n-a\n+b\n',
      {},
      { policy: { suppressions: [{ ...base, rule: 'STR-MALFORMED', path: '**' }] } },
    )
    expect(verdict).toBe('block')
  })

  it('do not weaken what they stand beside', async () => {
    const two = patchOf([['src/a.ts', 'a()\n', '// @ts-ignore\na()\nawait import(name)\n']])
    expect((await audit(two, [])).verdict).toBe('review')
    const { verdict, findings } = await audit(two, [{ ...base, rule: 'CHECK-SUPPRESS', path: 'src/a.ts' }])
    expect(verdict).toBe('review')
    expect(findings.filter((finding) => finding.verdict === 'review')).toMatchObject([{ rule: 'CODE-DYN-IMPORT' }])
  })

  it('never make a verdict graver, and never lower a block by a glob', async () => {
    const glob = fc.constantFrom('**', '*', 'src/**', '*.js', 'src/api.js*', '**/api.js')
    const rule = fc.constantFrom('TLS-WEAK', 'UNI-INVISIBLE', 'NET-NEW')
    const both = patchOf([...weakened.edits, ...hidden.edits].map((edit) => [edit.path, edit.before, edit.after] as const))
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(weakened, hidden, both),
        fc.array(fc.record({ rule, path: glob })),
        async (patch, some) => {
          const without = (await audit(patch, [])).verdict
          const { verdict } = await audit(
            patch,
            some.map((one) => ({ ...base, ...one })),
          )
          expect(verdicts.indexOf(verdict)).toBeLessThanOrEqual(verdicts.indexOf(without))
          if (without === 'block') expect(verdict).toBe('block')
        },
      ),
      { numRuns: 50 },
    )
  })

  it.each<[string, object]>([
    ['a rule in small letters', { rule: 'tls-weak' }],
    ['an empty path', { path: '' }],
    ['no reason', { reason: '' }],
    ['a reason that says nothing', { reason: 'ok' }],
    ['a reason that hides something', { reason: 'Known\u202e and borne' }],
    ['a day that does not exist', { until: '2030-02-31' }],
    ['no end', { until: 'never' }],
    ['a time', { until: '2030-01-01T00:00:00Z' }],
    ['another field', { by: 'me' }],
  ])('are refused with %s', (_, wrong) => {
    expect(() => parseCompliancePolicy({ suppressions: [{ ...base, ...wrong }] })).toThrow(
      expect.objectContaining({ code: 'HS_POLICY_INVALID' }),
    )
  })
})
