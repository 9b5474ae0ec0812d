import { nodePorts } from './adapters/node-ports.js'
import { HomeostatError } from './core/errors.js'
import type { SecurityAudit } from './core/finding.js'
import type { Patch } from './core/patch.js'
import type { ApplyOptions, Receipt } from './orchestrator/heal/apply-patch.js'
import type { AskModel, HealOptions, HealPorts, Learning } from './orchestrator/heal/heal-ports.js'
import { healingOutcomes, type HealContext, type HealingOutcome, type HealingResult } from './orchestrator/heal/healing-result.js'
import {
  Orchestrator,
  type CloseOptions,
  type OrchestratorPorts,
  type OrchestratorSnapshot,
} from './orchestrator/orchestrator.js'
import type { PolicyInput } from './orchestrator/policy/policy-schema.js'

/** What an orchestrator gets from outside; what is absent is Node's own. */
export interface Ports extends OrchestratorPorts, Partial<HealPorts> {}

/** An orchestrator as it stands; plain JSON. */
export interface Snapshot extends OrchestratorSnapshot {
  readonly healing: { readonly running: number } & Readonly<Record<HealingOutcome, number>>
}

/** The key under which a model that is plugged in as a repairer is called. */
const modelKey = 'homeostat/model'

/**
 * Guards calls and heals faults: everything homeostat does, behind one object. Every argument is optional, and making one starts
 * nothing.
 *
 * @example
 * ```ts
 * const healer = new SelfHealingOrchestrator({ autonomy: 'propose' })
 * const answer = await healer.run('greeter', async () => 'hello')
 * expect(answer).toBe('hello')
 * await healer.close()
 * ```
 */
export class SelfHealingOrchestrator extends Orchestrator {
  readonly #ports: HealPorts
  readonly #lifetime = new AbortController()
  readonly #healing = new Set<Promise<unknown>>()
  #learning: Learning | undefined
  #scorer: HealOptions['scorer'] | undefined
  readonly #outcomes: Record<HealingOutcome, number>

  /** @throws HS_POLICY_INVALID when the policy cannot be accepted. */
  constructor(policy?: PolicyInput, ports: Ports = {}) {
    super(policy, ports)
    this.#ports = { ...nodePorts(this.world), ...ports }
    this.#outcomes = Object.fromEntries(healingOutcomes.map((outcome) => [outcome, 0])) as Record<HealingOutcome, number> // one key for each outcome
  }

  /**
   * Runs a command and heals what makes it fail: retries what is transient, repairs what is broken in a sandbox copy, and
   * applies or proposes the patch as the policy says. What is wrong with the project is a result, not an error.
   *
   * @throws HS_CLOSED, HS_INPUT_INVALID, HS_FOLDER_MISSING, HS_JOURNAL_BUSY, HS_JOURNAL_CORRUPT; the reason of the context's
   * signal. The tree is then as it was.
   */
  async healCode(context: HealContext): Promise<HealingResult> {
    const result = await this.#tracked(context.signal, async (signal) => {
      const { heal } = await import('./orchestrator/heal/heal.js')
      return heal({ ...context, signal }, await this.#options())
    })
    this.#outcomes[result.outcome] += 1
    return result
  }

  /**
   * Applies a patch, or a text of one (unified diff, search-and-replace blocks, whole files, `apply_patch`): audited, validated in
   * a sandbox copy, sealed, journaled; all or nothing.
   *
   * @throws HS_PATCH_MALFORMED, HS_PATCH_CONFLICT, HS_PATH_REFUSED, HS_AUDIT_BLOCKED, HS_APPROVAL_MISSING,
   * HS_VALIDATION_FAILED, HS_SANDBOX_FAILED, HS_SEAL_INVALID, HS_JOURNAL_BUSY, HS_WRITE_FAILED, HS_CLOSED; the tree is then as it was.
   */
  applyPatch(patch: Patch | string, options: ApplyOptions): Promise<Receipt> {
    return this.#tracked(options.signal, async (signal) => {
      const { applyPatch } = await import('./orchestrator/heal/apply-patch.js')
      return applyPatch(patch, { ...options, signal }, await this.#options())
    })
  }

  /**
   * Audits a patch, or a text of one in the formats of {@link applyPatch}, as the policy wants it, against the files of a project.
   * Nothing is applied.
   *
   * @throws HS_FOLDER_MISSING, HS_CLOSED; HS_PATCH_CONFLICT when a text other than a unified diff does not fit the files.
   */
  audit(patch: Patch | string, { cwd = '.' }: { readonly cwd?: string } = {}): Promise<SecurityAudit> {
    return this.#tracked(undefined, async (signal) => {
      const { observerOf, surroundingsIn } = await import('./orchestrator/heal/observer.js')
      const { auditedForm } = await import('./orchestrator/heal/read-given.js')
      const workspace = this.#ports.openWorkspace(cwd)
      const audited = typeof patch === 'string' ? auditedForm(patch, workspace, this.world.id()) : patch
      return observerOf({ policy: this.policy, world: this.world, ports: this.#ports }).observe(
        audited,
        surroundingsIn(workspace, signal),
      )
    })
  }

  override snapshot(): Snapshot {
    return { ...super.snapshot(), healing: { running: this.#healing.size, ...this.#outcomes } }
  }

  /** Stops healings, which leaves their trees as they were, and closes like an orchestrator of calls. */
  override async close(options: CloseOptions = {}): Promise<void> {
    this.#lifetime.abort(new HomeostatError('HS_CLOSED', { what: 'the orchestrator' }))
    await Promise.allSettled(this.#healing)
    await super.close(options)
  }

  async #tracked<T>(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const { signal: lifetime } = this.#lifetime
    lifetime.throwIfAborted()
    const running = work(signal === undefined ? lifetime : AbortSignal.any([signal, lifetime]))
    this.#healing.add(running)
    try {
      return await running
    } finally {
      this.#healing.delete(running)
    }
  }

  /** Parsers and repairers are loaded when something is healed: a service that only guards calls starts without them. */
  async #options(): Promise<HealOptions> {
    const { builtInRepairers } = await import('./orchestrator/heal/built-in-repairers.js')
    const { UnifiedConfidenceScorer } = await import('./scoring/unified-confidence-scorer.js')
    const { policy, world, emit } = this
    const learning = policy.learning.enabled ? (this.#learning ??= await this.#startLearning()) : undefined
    const { ask, repairers = [] } = this.#ports
    // The user's own come first: they know the project.
    return {
      policy,
      world,
      emit,
      ports: this.#ports,
      scorer: (this.#scorer ??= this.#ports.scorer ?? new UnifiedConfidenceScorer()),
      ...(learning && { learning }),
      repairers: [...repairers, ...builtInRepairers(policy, ask && this.#guarded(ask))],
    }
  }

  /** Of its own, it remembers until this orchestrator is closed; on disk is what the port `knowledge` does. */
  async #startLearning(): Promise<Learning> {
    const { Knowledge } = await import('./memory/knowledge/knowledge.js')
    const { memoryKnowledgeStore } = await import('./memory/knowledge/memory-knowledge-store.js')
    const { learntRepairer } = await import('./repair/learnt/learnt.js')
    const { patternsMax, similarityMin, ageMsMax } = this.policy.learning
    const options = { store: memoryKnowledgeStore(), world: this.world, patternsMax, similarityMin, ageMsMax }
    const knowledge = this.#ports.knowledge ?? new Knowledge(options)
    return { knowledge, learnt: learntRepairer(knowledge) }
  }

  #guarded(ask: AskModel): AskModel {
    const { timeoutMs } = this.policy.repair.model
    return (prompt, { signal }) =>
      this.run(modelKey, (call) => ask(prompt, { signal: call.signal }), { signal, deadline: { timeoutMs } })
  }
}
