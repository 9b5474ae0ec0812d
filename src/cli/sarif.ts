import type { Finding, SecurityAudit, Verdict } from '../index.js'
import { rules, ruleSetVersion } from '../security/index.js'

/**
 * An audit as SARIF 2.1.0 (OASIS, 2020), the form in which code hosts take findings: one run, a result for each finding, and
 * the description of each rule that found something. Times are left out, so the same audit gives the same text.
 */
export function sarifOf(audit: SecurityAudit): object {
  const found = [...new Set(audit.findings.map(({ rule }) => rule))].sort()
  return {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'homeostat', semanticVersion: `${ruleSetVersion}.0.0`, rules: found.map(descriptorOf) } },
        columnKind: 'utf16CodeUnits',
        results: audit.findings.map((finding) => resultOf(finding, found.indexOf(finding.rule))),
        properties: { verdict: audit.verdict, digest: audit.digest },
      },
    ],
  }
}

const levels: Readonly<Record<Verdict, 'error' | 'warning' | 'note'>> = { block: 'error', review: 'warning', allow: 'note' }
const levelsOfTiers = { block: 'error', high: 'warning', medium: 'note' } as const

function descriptorOf(id: string): object {
  const rule = rules.find((known) => known.id === id)
  if (rule === undefined) return { id }
  return {
    id,
    shortDescription: { text: rule.title },
    fullDescription: { text: rule.rationale },
    help: { text: rule.rationale },
    defaultConfiguration: { level: levelsOfTiers[rule.tier] },
    properties: { tags: ['security', `external/cwe/cwe-${rule.cwe}`], 'security-severity': severities[rule.tier] },
  }
}

/** Scores from 0 to 10 by which code hosts sort. */
const severities = { block: '9.5', high: '7.5', medium: '4.0' } as const

function resultOf({ rule, cwe, verdict, message, location, evidence, suppressed }: Finding, ruleIndex: number): object {
  return {
    ruleId: rule,
    ruleIndex,
    level: levels[suppressed?.verdict ?? verdict],
    message: { text: message },
    ...(location.file !== '' && { locations: [{ physicalLocation: placeOf(location, evidence) }] }),
    ...(suppressed !== undefined && {
      suppressions: [
        { kind: 'external', status: 'accepted', justification: suppressed.reason, properties: { until: suppressed.until } },
      ],
    }),
    properties: { cwe, evidence },
  }
}

function placeOf({ file, line }: Finding['location'], evidence: string): object {
  return {
    artifactLocation: { uri: uriOf(file), uriBaseId: '%SRCROOT%' },
    ...(line !== undefined &&
      line > 0 && { region: { startLine: line, ...(evidence !== '' && { snippet: { text: evidence } }) } }),
  }
}

/** A path as a relative reference: nothing in it is taken for a scheme, a query or a fragment. */
function uriOf(file: string): string {
  return file
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/')
}
