import { verify, type KeyObject } from 'node:crypto'
import { invalidSeal, readSeal, type Seal } from '../../core/seal.js'
import { digestOf, signedBytes, type SealDocument } from './seal-patch.js'
import type { SigningKeys } from './signing-keys.js'

/**
 * The seal, when it was made by a key that is trusted and for exactly this document: a change to patch, audit, validation or
 * policy breaks it. Whether the files still are its `bases`, and whether what is written is its `changesDigest`, the journal
 * checks when it writes.
 *
 * @param document - Read from JSON, it may be forged, like the seal.
 * @throws HS_SEAL_INVALID
 */
export function verifySeal(document: SealDocument, seal: unknown, keys: Pick<SigningKeys, 'find'>): Seal {
  const title = titleOf(document)
  const read = readSeal(seal, title)
  const { signature, ...content } = read
  const key = findKey(keys, read.keyId, title)
  if (!verify(null, signedBytes(content), key, Buffer.from(signature, 'hex')))
    throw invalidSeal(title, 'its signature is not that of its key')
  for (const part of ['patch', 'audit', 'validation', 'policy'] as const)
    if (read[`${part}Digest`] !== digestOfForged(document[part])) throw invalidSeal(title, `it was made for another ${part}`)
  return read
}

function titleOf({ patch }: SealDocument): string {
  const title: unknown = (patch as Partial<SealDocument['patch']> | undefined)?.title // what is forged may have neither
  return typeof title === 'string' ? title : 'a patch'
}

/** What nests too deep to be written as JSON was not sealed by anyone. */
function digestOfForged(value: unknown): string | undefined {
  try {
    return digestOf(value)
  } catch {
    return undefined
  }
}

function findKey(keys: Pick<SigningKeys, 'find'>, keyId: string, title: string): KeyObject {
  let key: KeyObject | undefined
  try {
    key = keys.find(keyId)
  } catch (error) {
    throw invalidSeal(title, `the key "${keyId}" could not be looked up`, error)
  }
  if (key === undefined) throw invalidSeal(title, `its key "${keyId}" is not trusted`)
  // The name of the algorithm is ours to check: a key of another kind would be verified by other rules.
  if (key.type !== 'public' || key.asymmetricKeyType !== 'ed25519')
    throw invalidSeal(title, `the key "${keyId}" is not a public ed25519 key`)
  return key
}
