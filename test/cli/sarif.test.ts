import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sarifOf } from '../../src/cli/sarif.js'
import { run } from '../../src/cli/run.js'
import type { SecurityAudit } from '../../src/index.js'
import { rules } from '../../src/security/rules.js'
import { observe, observeSample, patchOf } from '../security/audit-sample.js'
import { fakeTerminal } from './fake-terminal.js'

interface Log {
  readonly $schema: string
  readonly version: string
  readonly runs: readonly {
    readonly tool: { readonly driver: { readonly name: string; readonly rules: readonly { readonly id: string }[] } }
    readonly results: readonly {
      readonly ruleId: string
      readonly ruleIndex: number
      readonly level: string
      readonly message: { readonly text: string }
      readonly locations?: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string }
          readonly region?: { readonly startLine: number }
        }
      }[]
      readonly suppressions?: readonly { readonly kind: string; readonly status: string; readonly justification: string }[]
    }[]
  }[]
}

/** What SARIF 2.1.0 demands of the parts that are used here, read from the standard's schema. */
function checked(audit: SecurityAudit): Log {
  const log = JSON.parse(JSON.stringify(sarifOf(audit))) as Log // our own form, checked member by member below
  expect(log.version).toBe('2.1.0')
  expect(log.$schema).toMatch(/^https:.*sarif.*2\.1\.0.*\.json$/)
  expect(log.runs).toHaveLength(1)
  for (const { tool, results } of log.runs) {
    expect(tool.driver.name).toBe('homeostat')
    const ids = tool.driver.rules.map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(results).toHaveLength(audit.findings.length)
    for (const { ruleId, ruleIndex, level, message, locations, suppressions } of results) {
      expect(ids[ruleIndex]).toBe(ruleId)
      expect(['none', 'note', 'warning', 'error']).toContain(level)
      expect(message.text).not.toBe('')
      for (const { physicalLocation } of locations ?? []) {
        expect(physicalLocation.artifactLocation.uri).toMatch(/^(?:[\w.~!*'()/-]|%[0-9A-F]{2})+$/)
        if (physicalLocation.region !== undefined) expect(physicalLocation.region.startLine).toBeGreaterThanOrEqual(1)
      }
      for (const { kind, status, justification } of suppressions ?? []) {
        expect(['inSource', 'external']).toContain(kind)
        expect(['accepted', 'underReview', 'rejected']).toContain(status)
        expect(justification).not.toBe('')
      }
    }
  }
  return log
}

describe('sarifOf()', () => {
  it('describes what every rule finds', async () => {
    for (const rule of rules) {
      const [first] = checked(await observeSample(rule.example)).runs
      expect(first?.tool.driver.rules, rule.id).toContainEqual(
        expect.objectContaining({
          id: rule.id,
          shortDescription: { text: rule.title },
          defaultConfiguration: { level: expect.any(String) },
        }),
      )
    }
  })

  it('says error for block, warning for review, note for the rest', async () => {
    const levels = async (text: string): Promise<unknown> =>
      checked(await observe(patchOf([['src/a.ts', 'a()\n', `a()\n${text}\n`]]))).runs[0]?.results.map(({ level }) => level)
    expect(await levels('const to\u200btal = 1')).toEqual(['error'])
    expect(await levels("createHash('md5')")).toEqual(['warning'])
    expect(await levels('// @ts-ignore')).toEqual(['note'])
  })

  it('keeps what is suppressed, with its level and its reason', async () => {
    const suppression = { rule: 'CRYPTO-WEAK', path: 'src/a.ts', reason: 'Only names a cache entry', until: '2030-01-01' }
    const audit = await observe(
      patchOf([['src/a.ts', 'a()\n', "a()\ncreateHash('md5')\n"]]),
      {},
      { policy: { suppressions: [suppression] } },
    )
    expect(checked(audit).runs[0]?.results).toMatchObject([
      { level: 'warning', suppressions: [{ kind: 'external', status: 'accepted', justification: suppression.reason }] },
    ])
  })

  it('writes any path as a relative reference, and the same audit as the same text', async () => {
    const finding = { rule: 'STR-PATH', cwe: 22, severity: 'critical', verdict: 'block', message: 'm', evidence: '' } as const
    const empty = await observe('')
    fc.assert(
      fc.property(fc.string({ unit: 'binary', minLength: 1 }), fc.integer({ min: -1, max: 9 }), (file, line) => {
        const audit: SecurityAudit = { ...empty, findings: [{ ...finding, location: { file, line } }] }
        checked(audit)
        expect(JSON.stringify(sarifOf(audit))).toBe(JSON.stringify(sarifOf(structuredClone(audit))))
      }),
    )
  })

  it('is printed by `homeostat audit --sarif` with the exit code of the verdict', async () => {
    const audit = async (...argv: string[]) => {
      const terminal = fakeTerminal({
        cwd: process.cwd(),
        input: "--- a/a.js\n+++ b/a.js\n@@ -1 +1,2 @@\n a()\n+createHash('md5')\n",
      })
      return { code: await run(['audit', ...argv, '-'], terminal), out: terminal.printed(), err: terminal.told() }
    }
    const { code, out } = await audit('--sarif')
    expect(code).toBe(3)
    expect(JSON.parse(out)).toMatchObject({ version: '2.1.0', runs: [{ results: [{ ruleId: 'CRYPTO-WEAK' }] }] })
    expect(await audit('--sarif', '--json')).toMatchObject({ code: 2, err: expect.stringContaining('only one form') })
  })
})
