import * as z from 'zod'
import { HomeostatError } from './errors.js'
import { oneLine } from './text.js'

const digest = z.string().regex(/^[0-9a-f]{64}$/)

/** The form of a seal, for whoever reads one that anyone may have written. */
export const sealShape = z.strictObject({
  version: z.literal(1),
  algorithm: z.literal('ed25519'),
  /** Which key signed. */
  keyId: z.string().regex(/^[\w.:@/+=-]{1,200}$/),
  /** The key was made for this process only: nobody can check the signature once the process has ended. */
  ephemeral: z.boolean(),
  /** When it was sealed, milliseconds since 1970. */
  sealedEpochMs: z.number(),
  /** SHA-256 (hex) of the patch: edits with their base hashes, actions, title. */
  patchDigest: digest,
  /** SHA-256 (hex) of what the journal is to do: bytes, base hashes, modes, folders of packages. */
  changesDigest: digest,
  auditDigest: digest,
  /** What the audit said; a patch that it blocks has no seal. */
  verdict: z.enum(['allow', 'review']),
  validationDigest: digest,
  policyDigest: digest,
  /** What each file must be for the patch to apply: SHA-256 (hex) of its bytes; `null`: there is none. */
  bases: z.array(z.strictObject({ path: z.string().min(1).max(4_096), baseHash: digest.nullable() })).max(20_000),
  /** Ed25519 over everything else, 64 bytes as hex digits. */
  signature: z.string().regex(/^[0-9a-f]{128}$/),
})

/** Proof of what was audited, validated and allowed, by which key and when. Plain JSON. */
export type Seal = z.infer<typeof sealShape>

/**
 * A seal that anyone may have written, in the right form. Says nothing about its signature.
 *
 * @param title - Of the patch, for the error.
 * @throws HS_SEAL_INVALID
 */
export function readSeal(value: unknown, title: string): Seal {
  const read = sealShape.safeParse(value)
  if (!read.success) throw invalidSeal(title, value === undefined ? 'there is none' : oneLine(z.prettifyError(read.error), 300))
  return read.data
}

/** The error for a seal that does not hold. */
export function invalidSeal(title: string, reason: string, cause?: unknown): HomeostatError<'HS_SEAL_INVALID'> {
  return new HomeostatError(
    'HS_SEAL_INVALID',
    { title: oneLine(title, 200), reason },
    cause === undefined ? undefined : { cause },
  )
}
