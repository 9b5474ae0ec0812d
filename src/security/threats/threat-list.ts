import { verify, type KeyObject } from 'node:crypto'
import * as z from 'zod'
import { HomeostatError } from '../../core/errors.js'
import { canonicalJson, sha256 } from '../../core/hash.js'
import type { Signer, SigningKeys } from '../signing/signing-keys.js'

const name = z.string().min(1).max(214)
const reason = z.string().min(3).max(500)

const listSchema = z.strictObject({
  format: z.literal(1),
  /** Who keeps it. */
  name: z.string().min(1).max(100),
  /** Counts up: a list never takes the place of one with a greater number. */
  version: z.int().min(1).max(1_000_000_000),
  /** The day on which it was complete. */
  date: z.iso.date(),
  /** Packages that are malicious in the named versions; without `versions` in all of them. */
  packages: z
    .array(
      z.strictObject({ name, versions: z.array(z.string().min(1).max(100)).min(1).max(1_000).readonly().optional(), reason }),
    )
    .max(500_000)
    .readonly(),
  /** Names of hosts; those below them are meant, too. `catcher`: honest, but a usual place to send stolen data to. */
  hosts: z
    .array(
      z.strictObject({
        host: z
          .string()
          .max(253)
          .regex(/^[a-z0-9-]+(?:\.[a-z0-9-]+)+$/),
        kind: z.enum(['malicious', 'catcher']),
        reason,
      }),
    )
    .max(100_000)
    .readonly(),
  /** Packages that run a program of their own when they are installed. */
  installScripts: z.array(name).max(100_000).readonly(),
})

/** A list of known threats, as data. */
export type ThreatList = z.infer<typeof listSchema>

const sealedSchema = z.strictObject({
  list: z.unknown(),
  /** SHA-256 (hex) of the list in canonical JSON. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** An ed25519 signature (hex) of the UTF-8 text of that digest's canonical JSON, and the id of its key. */
  signature: z.strictObject({ keyId: z.string().min(1).max(200), value: z.string().regex(/^[0-9a-f]{128}$/) }).optional(),
})

/**
 * The list in a text that {@link sealThreatList} wrote.
 *
 * @param options - `keys`: then the list must be signed by one of them. Without, the digest alone shows that it is complete and
 *   unchanged since it was written, not who wrote it.
 * @throws HS_THREAT_LIST_INVALID when it is longer than 32 MiB, not such a list, changed, or not signed by a trusted key.
 */
export function loadThreatList(text: string, options: { readonly keys?: Pick<SigningKeys, 'find'> } = {}): ThreatList {
  if (text.length > listCharactersMax) throw invalid(`it is longer than ${listCharactersMax} characters`)
  const sealed = sealedSchema.safeParse(parse(text))
  if (!sealed.success) throw invalid(z.prettifyError(sealed.error).slice(0, 500), sealed.error)
  const { list, sha256: digest, signature } = sealed.data
  if (sha256(canonicalJson(list)) !== digest) throw invalid('its digest is not that of its content')
  if (options.keys !== undefined) checkSignature(digest, signature, options.keys)
  const read = listSchema.safeParse(list)
  if (!read.success) throw invalid(z.prettifyError(read.error).slice(0, 500), read.error)
  return Object.freeze(read.data)
}

/**
 * A list as text for {@link loadThreatList}, with its digest, and signed when there is a signer.
 *
 * @throws HS_THREAT_LIST_INVALID when it is no such list.
 */
export function sealThreatList(list: ThreatList, signer?: Signer): string {
  const read = listSchema.safeParse(list)
  if (!read.success) throw invalid(z.prettifyError(read.error).slice(0, 500), read.error)
  const digest = sha256(canonicalJson(read.data))
  const signature =
    signer === undefined
      ? undefined
      : { keyId: signer.keyId, value: Buffer.from(signer.sign(signedBytes(digest))).toString('hex') }
  return `${canonicalJson({ list: read.data, sha256: digest, ...(signature !== undefined && { signature }) })}\n`
}

const listCharactersMax = 32 * 1024 * 1024

/** The purpose stands in what is signed, so that a signature of something else never passes for one of a list. */
function signedBytes(digest: string): Uint8Array {
  return Buffer.from(canonicalJson({ purpose: 'homeostat threat list', sha256: digest }))
}

function checkSignature(
  digest: string,
  signature: { readonly keyId: string; readonly value: string } | undefined,
  keys: Pick<SigningKeys, 'find'>,
): void {
  if (signature === undefined) throw invalid('it is not signed')
  const key = findKey(keys, signature.keyId)
  if (key === undefined) throw invalid(`its key "${signature.keyId}" is not trusted`)
  if (!verify(null, signedBytes(digest), key, Buffer.from(signature.value, 'hex')))
    throw invalid('its signature is not that of its key')
}

function findKey(keys: Pick<SigningKeys, 'find'>, keyId: string): KeyObject | undefined {
  const key = keys.find(keyId)
  // A key of another kind would be verified by other rules.
  return key?.type === 'public' && key.asymmetricKeyType === 'ed25519' ? key : undefined
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ''))
  } catch (error) {
    throw invalid('it is not JSON', error)
  }
}

function invalid(problem: string, cause?: unknown): HomeostatError {
  return new HomeostatError('HS_THREAT_LIST_INVALID', { reason: problem }, { cause })
}
