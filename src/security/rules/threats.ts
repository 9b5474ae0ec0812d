import type { AuditedPatch } from '../audited-file.js'
import { eachFile, type Rule, type Sighting, type Tier } from '../rule.js'
import type { ThreatFindings } from '../threats/threat-findings.js'
import { isLockfile } from './dependencies.js'

const manifest = (dependencies: object): string => `${JSON.stringify({ name: 'shop', dependencies }, null, 2)}\n`
const before = manifest({ zod: '^4.0.0' })
const asked = { path: 'package.json', before, after: manifest({ zod: '^4.0.0', pino: '^9.0.0' }) }
const answered = { threats: [], source: 'a service' }

export const threatRules: readonly Rule[] = [
  {
    id: 'THREAT-PACKAGE',
    cwe: 506,
    tier: 'block',
    stage: 'threatIntelligence',
    title: 'A package that the patch names is known to be malicious',
    rationale:
      'Versions that attackers published, and packages made for an attack, are known and listed within days. Whoever installs one runs it.',
    example: { path: 'package.json', before, after: manifest({ zod: '^4.0.0', 'event-stream': '3.3.6' }) },
    nearMiss: { path: 'package.json', before, after: manifest({ zod: '^4.0.0', 'event-stream': '4.0.1' }) },
    inspect: (patch) => threatsOf(patch, ['malicious-package', 'imitation', 'vulnerable']),
  },
  {
    id: 'THREAT-URL',
    cwe: 506,
    tier: 'block',
    stage: 'threatIntelligence',
    title: 'An address that the patch adds is known to be malicious, or to catch stolen data',
    rationale:
      'Hosts of attacks are listed like packages. Services that show whatever is sent to them have no place in a program.',
    example: { path: 'docs/a.md', before: 'a\n', after: 'a\nSign in at https://www.npmjs.help/login\n' },
    nearMiss: { path: 'docs/a.md', before: 'a\n', after: 'a\nSign in at https://www.npmjs.com/login\n' },
    inspect: (patch) => threatsOf(patch, ['malicious-url']),
  },
  {
    id: 'THREAT-INSTALL',
    cwe: 506,
    tier: 'medium',
    stage: 'threatIntelligence',
    title: 'A package that the patch adds runs a program when it is installed',
    rationale:
      'Such a program runs with the rights of whoever installs, before any check. Packages with native parts need it; it is worth knowing which.',
    example: { path: 'package.json', before, after: manifest({ zod: '^4.0.0', sharp: '^0.34.0' }) },
    nearMiss: asked,
    // Whoever allows any new package has decided about those that build themselves.
    inspect: (patch) =>
      patch.policy.addedPackages === 'allow' ? [] : [...threatsOf(patch, ['install-script']), ...eachFile(lockedScripts)(patch)],
  },
  {
    id: 'THREAT-UNCHECKED',
    cwe: 1357,
    tier: 'high',
    stage: 'threatIntelligence',
    title: 'What the patch brings from outside could not be looked up',
    rationale:
      'A lookup that fails, takes too long or is only partly made has not said that anything is harmless. Nothing is allowed by failure.',
    example: { ...asked, given: { threats: 'no answer' } },
    nearMiss: { ...asked, given: { threats: answered } },
    inspect: ({ threats }) =>
      (threats?.gaps ?? []).map(({ code, reason }) => ({
        path: '',
        evidence: code,
        message: `The lookup failed (${code}): ${reason}`,
      })),
  },
  {
    id: 'THREAT-STALE',
    cwe: 1104,
    tier: 'medium',
    stage: 'threatIntelligence',
    title: 'The list of known threats is old',
    rationale:
      'What an old list does not name may have become known since. The finding asks for nothing; it says what the audit rests on.',
    example: { ...asked, given: { threats: { ...answered, date: '2020-01-01', stale: true } } },
    nearMiss: { ...asked, given: { threats: { ...answered, date: '2020-01-01', stale: false } } },
    inspect: ({ threats }) => {
      const source = threats?.source
      if (source?.stale !== true) return []
      return [
        { path: '', evidence: source.source, message: `The list of known threats is of ${source.date ?? 'an unknown day'}` },
      ]
    },
  },
]

const tierOf: Readonly<Record<ThreatFindings['threats'][number]['verdict'], Tier>> = {
  block: 'block',
  review: 'high',
  allow: 'medium',
}

function threatsOf({ threats }: AuditedPatch, kinds: readonly string[]): readonly Sighting[] {
  return (threats?.threats ?? [])
    .filter(({ kind }) => kinds.includes(kind))
    .map(({ place, subject, version, reason, verdict }) => {
      const evidence = version === undefined ? subject : `${subject}@${version}`
      return { ...place, evidence, tier: tierOf[verdict], message: `${evidence}: ${reason}` }
    })
}

/** What a lockfile itself says of the packages that are new in it. */
function lockedScripts(file: AuditedPatch['files'][number]): readonly Sighting[] {
  if (!isLockfile(file.path)) return []
  return file.added
    .filter(({ text }) => /^\s{0,12}"?(?:hasInstallScript|requiresBuild)"?:\s{0,4}true\b/.test(text.slice(0, 200)))
    .map(({ line, text }) => ({ path: file.path, line, evidence: text }))
}
