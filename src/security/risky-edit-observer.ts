import type { AuditStage, Finding, SecurityAudit } from '../core/finding.js'
import { canonicalJson, sha256 } from '../core/hash.js'
import type { Patch } from '../core/patch.js'
import { pathProblem } from '../core/path.js'
import { printable } from '../core/text.js'
import { createWorld, type World } from '../core/world.js'
import type { AuditedPatch } from './audited-file.js'
import type { BehaviourPair } from './behaviour/behaviour-trace.js'
import { incomparable } from './behaviour/new-behaviour.js'
import { parseCompliancePolicy, type CompliancePolicy } from './compliance-policy.js'
import { suppress, verdictOf, weighTogether, type Seen } from './judge.js'
import { readPatch, type PatchSurroundings } from './read-patch.js'
import { findingOf, tiers, type Rule } from './rule.js'
import { rules as allRules, ruleSetVersion } from './rules.js'
import { askThreats } from './threats/ask-threats.js'
import type { ThreatFindings } from './threats/threat-findings.js'
import { createOfflineThreats } from './threats/offline-threats.js'
import type { ThreatIntelligence } from './threats/threat-intelligence.js'

export interface RiskyEditObserverOptions {
  readonly world?: Pick<World, 'clock'>
  /** Parts of the policy that differ from the default. */
  readonly policy?: Partial<CompliancePolicy>
  /** Instead of the whole rule set. */
  readonly rules?: readonly Rule[]
  /** Who knows bad packages and addresses. Default: the list that ships, which asks nobody. */
  readonly threatIntelligence?: ThreatIntelligence
  /** An answer that takes longer counts as none, in milliseconds: 1..60 000, default 2 000. */
  readonly threatTimeoutMs?: number
}

/** What is known around a patch. */
export interface AuditContext extends PatchSurroundings {
  /** Globs (`**`, `*`) of the files that the patch may touch; absent: any. */
  readonly scope?: readonly string[]
  /** What the same command did before and after the patch, in a sandbox; absent: the dynamic stage is skipped. */
  readonly behaviour?: BehaviourPair
  /** Tests that pass with the patch and did not pass without it, where none fails and none is lost; absent: nobody counted. */
  readonly testsGained?: number
  /** Whether a path of the project exists, before the patch; absent: what the patch refers to is not looked for. */
  exists?(path: string): boolean
  /** Ends a lookup of threats; the audit rejects with its reason. */
  readonly signal?: AbortSignal
}

/** Audits patches before anything is applied, whoever proposed them and however confident. */
export class RiskyEditObserver {
  readonly #world: Pick<World, 'clock'>
  readonly #policy: CompliancePolicy
  readonly #rules: readonly Rule[]
  readonly #threats: ThreatIntelligence
  readonly #threatTimeoutMs: number

  /**
   * @throws HS_POLICY_INVALID when the policy has a field that is unknown or out of range; RangeError when `threatTimeoutMs` is
   *   out of range.
   */
  constructor(options: RiskyEditObserverOptions = {}) {
    this.#world = options.world ?? createWorld()
    this.#policy = parseCompliancePolicy(options.policy)
    this.#rules = options.rules ?? allRules
    this.#threats = options.threatIntelligence ?? createOfflineThreats({ world: this.#world })
    this.#threatTimeoutMs = options.threatTimeoutMs ?? 2_000
    if (!(this.#threatTimeoutMs >= 1 && this.#threatTimeoutMs <= 60_000))
      throw new RangeError(`Cannot use threatTimeoutMs ${this.#threatTimeoutMs}: allowed are 1..60000`)
  }

  /**
   * All findings of a patch and the verdict. The same patch, context and policy give the same audit on the same day, times apart. Whatever
   * the patch holds is answered by an audit, never by an error.
   *
   * @param patch - A patch, or the text of a unified diff.
   */
  async observe(patch: Patch | string, context: AuditContext = {}): Promise<SecurityAudit> {
    const read = readPatch(patch, context)
    const askedMs = this.#world.clock.monoMs()
    const threats = await this.#ask(read, context.signal)
    const tookMs = this.#world.clock.monoMs() - askedMs
    const audited: AuditedPatch = {
      ...read,
      policy: this.#policy,
      threats,
      ...(context.scope !== undefined && { scope: context.scope }),
      ...(context.behaviour !== undefined && { behaviour: context.behaviour }),
      ...(context.testsGained !== undefined && { testsGained: context.testsGained }),
      ...(context.before !== undefined && {
        textOf: (path: string) => (pathProblem(path) === undefined ? context.before?.(path) : undefined),
      }),
      ...(context.exists !== undefined && { exists: (path: string) => context.exists?.(path) === true }),
    }
    const runs = stageNames.map((stage) => this.#run(stage, audited))
    const weighed = weighTogether(runs.flatMap((run) => run.seen))
    const seen = suppress(weighed, this.#policy.suppressions, this.#world.clock.epochMs())
    const stage = (name: StageName): AuditStage => ({
      state: 'done',
      findings: findingsOf(seen.filter(({ rule }) => rule.stage === name)),
      durationMs: runs.find((run) => run.stage === name)?.durationMs ?? 0,
    })
    const intelligence = stage('threatIntelligence')
    return {
      verdict: verdictOf(seen),
      findings: findingsOf(seen),
      stages: {
        static: stage('static'),
        dynamic: { ...stage('dynamic'), ...dynamicState(context.behaviour) },
        threatIntelligence: { ...intelligence, durationMs: intelligence.durationMs + tookMs, reason: threatReason(threats) },
        compliance: stage('compliance'),
      },
      digest: this.#digest(patch),
    }
  }

  /** Without rules that look at the answer nobody is asked. */
  async #ask(patch: Pick<AuditedPatch, 'files' | 'actions'>, signal: AbortSignal | undefined): Promise<ThreatFindings> {
    if (!this.#rules.some((rule) => rule.stage === 'threatIntelligence')) return { threats: [], gaps: [] }
    return askThreats(patch, {
      port: this.#threats,
      world: this.#world,
      timeoutMs: this.#threatTimeoutMs,
      ...(signal !== undefined && { signal }),
    })
  }

  #run(
    stage: StageName,
    patch: AuditedPatch,
  ): { readonly stage: StageName; readonly seen: readonly Seen[]; readonly durationMs: number } {
    const startedMs = this.#world.clock.monoMs()
    const seen = this.#rules.filter((rule) => rule.stage === stage).flatMap((rule) => ask(rule, patch))
    return { stage, seen, durationMs: this.#world.clock.monoMs() - startedMs }
  }

  #digest(patch: Patch | string): string {
    const content = typeof patch === 'string' ? { diff: patch } : { edits: patch.edits, actions: patch.actions }
    return sha256(canonicalJson({ ...content, rules: { version: ruleSetVersion, ids: this.#rules.map((rule) => rule.id) } }))
  }
}

type StageName = Rule['stage']

const stageNames: readonly StageName[] = ['static', 'dynamic', 'threatIntelligence', 'compliance']

function dynamicState(behaviour: BehaviourPair | undefined): Pick<AuditStage, 'state' | 'reason'> {
  const reason = behaviour === undefined ? 'The command was not watched' : incomparable(behaviour)
  if (reason !== undefined) return { state: 'skipped', reason }
  const complete = behaviour?.before.complete === true && behaviour.after.complete
  return complete ? { state: 'done' } : { state: 'done', reason: 'The runs did more than the traces keep' }
}

function threatReason({ gaps, source }: ThreatFindings): string {
  const [gap] = gaps
  if (gap !== undefined) return `${gap.code}: ${printable(gap.reason, 200)}`
  if (source === undefined) return 'The patch names no package and no address'
  return printable(`Asked: ${source.source}${source.date === undefined ? '' : ` of ${source.date}`}`, 200)
}

/** A rule that cannot finish has not said that the patch is clean. */
function ask(rule: Rule, patch: AuditedPatch): readonly Seen[] {
  try {
    return firstOfEachFile(rule.inspect(patch).map((sighting) => ({ rule, sighting, tier: sighting.tier ?? rule.tier })))
  } catch (error) {
    const sighting = { path: '', evidence: String(error), message: 'This rule could not be checked to the end' }
    return [{ rule, sighting, tier: 'block' }]
  }
}

/** A rule's sightings of one file are cut here: more of the same tell nothing new. The gravest stay. */
const sightingsMax = 20

function firstOfEachFile(seen: readonly Seen[]): readonly Seen[] {
  const graveFirst = seen.length > sightingsMax ? seen.toSorted((a, b) => tiers.indexOf(a.tier) - tiers.indexOf(b.tier)) : seen
  const counts = new Map<string, number>()
  return graveFirst.filter(({ sighting: { path } }) => {
    const count = (counts.get(path) ?? 0) + 1
    counts.set(path, count)
    return count <= sightingsMax
  })
}

function findingsOf(seen: readonly Seen[]): readonly Finding[] {
  return seen.map(({ rule, sighting, tier, suppression }) => {
    const finding = findingOf(rule, sighting, tier)
    if (suppression === undefined) return finding
    const { reason, until } = suppression
    return { ...finding, verdict: 'allow', suppressed: { verdict: finding.verdict, reason, until } }
  })
}
