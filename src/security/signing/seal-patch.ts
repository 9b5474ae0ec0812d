import { HomeostatError } from '../../core/errors.js'
import type { SecurityAudit } from '../../core/finding.js'
import { canonicalJson, sha256 } from '../../core/hash.js'
import type { Patch } from '../../core/patch.js'
import { invalidSeal, readSeal, type Seal } from '../../core/seal.js'
import type { ValidationReport } from '../../core/validation.js'
import type { Signer } from './signing-keys.js'

/** Everything that a seal vouches for. What changes its JSON breaks the seal. */
export interface SealDocument {
  readonly patch: Patch
  readonly audit: SecurityAudit
  readonly validation: ValidationReport
  /** The policy that it was judged under; plain JSON. */
  readonly policy: unknown
}

/**
 * Seals a patch that was audited and validated.
 *
 * @param how - `epochMs`: now, milliseconds since 1970. `changesDigest`: of what the journal is to do (`changesDigest` of
 *   `homeostat/patch`).
 * @throws HS_AUDIT_BLOCKED, HS_VALIDATION_FAILED when there is nothing to vouch for; HS_SEAL_INVALID when the signer fails.
 */
export function sealPatch(
  document: SealDocument,
  signer: Signer,
  { epochMs, changesDigest }: { readonly epochMs: number; readonly changesDigest: string },
): Seal {
  const { patch, audit, validation, policy } = document
  const { title, edits } = patch
  const { verdict } = audit
  if (verdict === 'block') throw new HomeostatError('HS_AUDIT_BLOCKED', { title, rules: blockingRules(audit) })
  if (!validation.passed) throw new HomeostatError('HS_VALIDATION_FAILED', { title, reason: 'its checks did not pass' })
  const content: SealContent = {
    version: 1,
    algorithm: 'ed25519',
    keyId: signer.keyId,
    ephemeral: signer.ephemeral,
    sealedEpochMs: epochMs,
    patchDigest: digestOf(patch),
    changesDigest,
    auditDigest: digestOf(audit),
    verdict,
    validationDigest: digestOf(validation),
    policyDigest: digestOf(policy),
    bases: edits.map(({ path, baseHash }) => ({ path, baseHash })),
  }
  // Read like anyone else's: what a port gave may be of any form.
  return readSeal({ ...content, signature: signatureOf(content, signer, title) }, title)
}

/** A seal without its signature. */
export type SealContent = Omit<Seal, 'signature'>

/** The bytes that are signed. Their first line keeps a signature of ours from meaning anything elsewhere. */
export function signedBytes(content: SealContent): Uint8Array {
  return Buffer.from(`homeostat seal 1\n${canonicalJson(content)}`)
}

/** SHA-256 (hex) of the canonical JSON of any value; of none, as of `null`. */
export function digestOf(value: unknown): string {
  return sha256(canonicalJson(value ?? null))
}

function signatureOf(content: SealContent, signer: Signer, title: string): string {
  try {
    return Buffer.from(signer.sign(signedBytes(content))).toString('hex')
  } catch (error) {
    throw invalidSeal(title, 'the key could not sign', error)
  }
}

function blockingRules({ findings }: SecurityAudit): string {
  return [...new Set(findings.filter((finding) => finding.verdict === 'block').map(({ rule }) => rule))].join(', ')
}
