import { HomeostatError, isHomeostatError } from '../../core/errors.js'
import type { Experience } from '../../core/experience.js'
import type { Patch } from '../../core/patch.js'
import type { Change } from '../../core/ports.js'
import { invalidSeal, type Seal } from '../../core/seal.js'
import { changesDigest } from '../../patch/changes-digest.js'
import { openJournal, type Journal, type JournalOptions } from '../../patch/journal.js'
import { changesOf } from '../../patch/plan.js'
import { sealPatch, type SealDocument } from '../../security/signing/seal-patch.js'
import { processKeys } from '../../security/signing/signing-keys.js'
import { verifySeal } from '../../security/signing/verify-seal.js'
import type { Emit } from '../event-stream.js'
import type { HealOptions } from './heal-ports.js'
import type { Envelope } from './session.js'
import type { InstalledFolder } from './trial.js'

/** What was judged of a patch: all that a seal vouches for, but the policy. */
export type Evidence = Omit<SealDocument, 'policy'>

/**
 * The journal of a project, with the limits of the policy. It applies what comes with a seal of the evidence, and nothing else;
 * without evidence it only recovers and takes back.
 */
export function journalOf(root: string, { policy, ports, world }: HealOptions, evidence?: Evidence): JournalOptions {
  const { transactionsKeptMax, keptBytesMax } = policy.journal
  return {
    root,
    files: ports.files,
    world,
    keep: { transactionsMax: transactionsKeptMax, bytesMax: keptBytesMax },
    verifySeal: (seal) => {
      if (evidence === undefined) throw invalidSeal('a patch', 'nothing was judged here')
      verifySeal({ ...evidence, policy }, seal, ports.signingKeys ?? processKeys())
    },
  }
}

/**
 * Seals what was judged, together with the changes that it comes down to.
 *
 * @throws HS_AUDIT_BLOCKED, HS_VALIDATION_FAILED, HS_SEAL_INVALID
 */
export function seal(evidence: Evidence, changes: readonly Change[], { policy, ports, world }: HealOptions): Seal {
  return sealPatch({ ...evidence, policy }, (ports.signingKeys ?? processKeys()).current(), {
    epochMs: world.clock.epochMs(),
    changesDigest: changesDigest(changes, ports.files),
  })
}

/** Opens the journal of a root for the time of `work`. */
export async function withJournal<T>(options: JournalOptions, work: (journal: Journal) => T | Promise<T>): Promise<T> {
  const journal = openJournal(options)
  try {
    return await work(journal)
  } finally {
    journal.close()
  }
}

/** Why a patch does not hold whose command fails again where it was applied. */
export const failsInPlace = 'the command passed in the sandbox and failed in place, so the patch was rolled back'

/** How a transaction came about, as the journal keeps it: `homeostat journal show` tells it. */
export interface Story {
  readonly version: 1
  /** The patch as a unified diff. */
  readonly diff: string
  /** What led to it; absent for a patch that was given. */
  readonly envelope?: Envelope
  /** What was remembered of it: a rollback takes it back. */
  readonly experiences?: readonly Experience[]
}

/** Keeps the story of a transaction. It is no reason for anything to fail: what went wrong is the answer. */
export async function keepStory(id: string, story: Story, options: JournalOptions): Promise<string | undefined> {
  try {
    await withJournal(options, (journal) => journal.keepStory(id, JSON.stringify(story)))
    return undefined
  } catch (error) {
    return `The story of transaction ${id} was not kept: ${error instanceof Error ? error.message : String(error)}`
  }
}

/** Finishes what a killed process left half-done, and tells. */
export function recover(journal: Journal, emit: Emit): void {
  for (const recovery of journal.recover())
    emit('transaction.recovered', { transactionId: recovery.transactionId, result: recovery.result })
}

/** What the journal is to do for a patch: its edits and modes, and the folders of packages that an install prepared. */
export function plan(patch: Patch, installedFolders: readonly InstalledFolder[]): readonly Change[] {
  return [...changesOf(patch), ...installedFolders.map(({ path, from }): Change => ({ kind: 'tree', path, from }))]
}

/** What is to be applied, and what vouches for it. */
export interface Sealed {
  readonly patch: Patch
  readonly changes: readonly Change[]
  readonly seal: Seal
  /** Why, in words that the journal keeps. */
  readonly reason: string
}

/** How a promotion ended: it holds, it did not hold and was undone, or nothing could be written. */
export type Promotion =
  | { readonly held: true; readonly transactionId: string }
  | { readonly held: false; readonly transactionId?: string; readonly reason: string; readonly error?: HomeostatError }

/**
 * Applies sealed changes as one transaction, watches whether they hold, and takes them back to the exact bytes when `watch` answers why
 * they do not, or throws, for whatever reason.
 */
export async function promote(
  journal: Journal,
  { patch, changes, seal: proof, reason }: Sealed,
  { sessionId, emit }: { readonly sessionId: string; readonly emit: Emit },
  watch: () => Promise<string | undefined>,
): Promise<Promotion> {
  if (changes.length === 0) return { held: false, reason: 'the repairs add up to no change at all' }
  let transactionId: string
  try {
    transactionId = journal.apply(changes, { title: patch.title, reason, patchId: patch.id, seal: proof }).id
  } catch (error) {
    if (isHomeostatError(error)) return { held: false, reason: error.message, error }
    throw error
  }
  emit('patch.applied', { sessionId, patch, transactionId })
  const undo = (why: string): void => {
    const report = journal.rollback(transactionId)
    if (report.outcome === 'refused')
      throw new HomeostatError('HS_PATCH_CONFLICT', {
        path: report.conflicts.map(({ path }) => path).join(', '),
        reason: 'it was changed by someone else after the patch, so it was not rolled back',
      })
    emit('patch.rolled-back', { sessionId, transactionId, reason: why })
  }
  let objection: string | undefined
  try {
    objection = await watch()
  } catch (error) {
    undo('interrupted')
    throw error
  }
  if (objection === undefined) return { held: true, transactionId }
  undo(objection)
  return { held: false, transactionId, reason: objection }
}
