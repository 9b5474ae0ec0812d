import { printable } from '../core/text.js'
import type { FaultSeverity } from '../core/fault.js'
import type { Finding, Verdict } from '../core/finding.js'
import type { FileEdit } from '../core/patch.js'
import { sha256 } from '../core/hash.js'
import type { AuditedFile, AuditedPatch } from './audited-file.js'
import type { BehaviourPair } from './behaviour/behaviour-trace.js'
import type { Capability } from './compliance-policy.js'
import type { ThreatAnswer } from './threats/threat-intelligence.js'
import { matchesIn, newUses, type Pattern, type Use } from './uses.js'

/**
 * How much a rule asks for. `block`: never applied. `high`: a person looks. `medium`: counts only beside another finding of
 * the same file.
 */
export const tiers = ['block', 'high', 'medium'] as const
export type Tier = (typeof tiers)[number]

/** A patch that shows what a rule means: the edit of one file, or a whole diff, and what else the rule has to know. */
export type Sample = (
  | { readonly path: string; readonly before: string | null; readonly after: string | null }
  | { readonly diff: string }
) & { readonly given?: SampleFacts }

/** What is known besides the patch of a sample. */
export interface SampleFacts {
  /** What the port for threats answers; `no answer`: it fails. Absent: the list that ships is asked. */
  readonly threats?: ThreatAnswer | 'no answer'
  readonly behaviour?: BehaviourPair
  /** Paths of the project. */
  readonly files?: readonly string[]
  /** Texts of files of the project. */
  readonly texts?: Readonly<Record<string, string>>
}

/** What a rule saw, before it is made a finding. */
export interface Sighting {
  readonly path: string
  /** In the file after the patch; of what is removed, in the file before. */
  readonly line?: number
  readonly evidence: string
  /** Instead of the rule's title. */
  readonly message?: string
  /** Instead of the rule's tier. */
  readonly tier?: Tier
}

/** One thing to look for in a patch: data with one function. */
export interface Rule {
  /** Capital letters and hyphens; a page in `docs/rules/`. */
  readonly id: string
  /** The number of the Common Weakness Enumeration entry. */
  readonly cwe: number
  readonly tier: Tier
  readonly stage: 'static' | 'dynamic' | 'threatIntelligence' | 'compliance'
  /** One line without a full stop. */
  readonly title: string
  /** Why it matters, in sentences. */
  readonly rationale: string
  /** A patch in which the rule must see something. */
  readonly example: Sample
  /** The nearest harmless patch, in which it must not. */
  readonly nearMiss: Sample
  /** What the code can newly do, when the rule is about that. */
  readonly capability?: Capability
  /** A sign of ill will: beside a new capability of the same file it blocks. */
  readonly indicator?: true
  readonly inspect: (patch: AuditedPatch) => readonly Sighting[]
}

/** What a rule says that looks at one file at a time. */
export type InspectFile = (file: AuditedFile, patch: AuditedPatch) => readonly Sighting[]

/** The `inspect` of a rule that looks at one file at a time. */
export function eachFile(inspect: InspectFile): Rule['inspect'] {
  return (patch) => patch.files.flatMap((file) => inspect(file, patch))
}

/** The `inspect` of a rule about patterns that a patch adds to code; `only`: files it is about, all code when absent. */
export function addedPatterns(patterns: readonly Pattern[], only: (file: AuditedFile) => boolean = isCode): Rule['inspect'] {
  return eachFile((file) =>
    only(file)
      ? sightingsOf(
          file,
          newUses(file, (side) => matchesIn(side, patterns)),
        )
      : [],
  )
}

/** The same; in tests, which run such things on purpose, a finding counts only beside another. */
export function milderInTests(patterns: readonly Pattern[], only: (file: AuditedFile) => boolean = isCode): Rule['inspect'] {
  const inspect = addedPatterns(patterns, only)
  return (patch) => {
    const tests = new Set(patch.files.filter((file) => file.test).map((file) => file.path))
    return inspect(patch).map((sighting) => (tests.has(sighting.path) ? { ...sighting, tier: 'medium' } : sighting))
  }
}

/** Whether the file is code: of a language with instructions. */
export function isCode(file: AuditedFile): boolean {
  const language = (file.after ?? file.before)?.language
  return language === 'script' || language === 'hash' || language === 'markup'
}

/** Sightings of things on the side after the patch; of things on the side before when `side` says so. */
export function sightingsOf(
  file: AuditedFile,
  uses: readonly Use[],
  side = file.after,
  more: Partial<Sighting> = {},
): readonly Sighting[] {
  if (side === undefined) return []
  return uses.map((use) => ({ path: file.path, line: side.lineAt(use.start), evidence: side.lineTextAt(use.start), ...more }))
}

/** A finding, bounded and printable whatever the patch holds. */
export function findingOf(rule: Rule, sighting: Sighting, tier: Tier): Finding {
  return {
    rule: rule.id,
    cwe: rule.cwe,
    severity: severityOf[tier],
    verdict: verdictOf[tier],
    message: printable(sighting.message ?? rule.title, 300),
    location: { file: printable(sighting.path, 300), ...(sighting.line !== undefined && { line: sighting.line }) },
    evidence: printable(sighting.evidence.trim(), 200),
  }
}

/** A sample as the edit of one file; `undefined` when it is a diff. */
export function editOf(sample: Sample): FileEdit | undefined {
  if ('diff' in sample) return undefined
  const { path, before, after } = sample
  return { path, before, after, baseHash: before === null ? null : sha256(before) }
}

const severityOf: Readonly<Record<Tier, FaultSeverity>> = { block: 'critical', high: 'high', medium: 'low' }
const verdictOf: Readonly<Record<Tier, Verdict>> = { block: 'block', high: 'review', medium: 'allow' }
