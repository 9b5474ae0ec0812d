import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { sha256 } from '../../core/hash.js'

/** Signs with one key. */
export interface Signer {
  /** 1..200 letters, digits and `_.:@/+=-`; `find` must know it. */
  readonly keyId: string
  /** The key was made for this process and is kept nowhere. */
  readonly ephemeral: boolean
  /** The 64 bytes of an ed25519 signature (RFC 8032). */
  sign(bytes: Uint8Array): Uint8Array
}

/** A port: where the keys for seals come from. */
export interface SigningKeys {
  /** The key that signs now. */
  current(): Signer
  /** The public ed25519 key with this id, if it is trusted. */
  find(keyId: string): KeyObject | undefined
}

/** Keys that are kept somewhere, as PEM or as key objects. */
export interface KeptKeys {
  /** PKCS #8 when it is PEM. */
  readonly privateKey: string | KeyObject
  /** Public keys whose seals hold, too: earlier ones, and those of other machines. At most 1 000. */
  readonly trusted?: readonly (string | KeyObject)[]
}

/**
 * Keys from a secret store of your own. The id of a key is its {@link keyIdOf}.
 *
 * @throws TypeError when a key is not an ed25519 key; RangeError when there are too many.
 */
export function createSigningKeys({ privateKey, trusted = [] }: KeptKeys): SigningKeys {
  if (trusted.length > trustedMax) throw new RangeError(`Cannot trust ${trusted.length} keys: allowed are ${trustedMax}`)
  const secret = ed25519('private', privateKey)
  return keysOf(
    secret,
    trusted.map((key) => ed25519('public', key)),
    false,
  )
}

/** Keys that live as long as this object: made at the first use, kept nowhere. */
export function createEphemeralKeys(): SigningKeys {
  let made: SigningKeys | undefined
  // Not from the world: a key that a seeded world could foretell would prove nothing.
  const keys = (): SigningKeys => (made ??= keysOf(generateKeyPairSync('ed25519').privateKey, [], true))
  return { current: () => keys().current(), find: (keyId) => keys().find(keyId) }
}

const ofThisProcess = createEphemeralKeys()

/** The keys of this process, where nobody gives others. Their seals say that they are ephemeral. */
export function processKeys(): SigningKeys {
  return ofThisProcess
}

/** The id of a public key: SHA-256 (hex) of its SPKI form, so that the same key has the same id everywhere. */
export function keyIdOf(publicKey: KeyObject): string {
  return sha256(publicKey.export({ type: 'spki', format: 'der' }))
}

const trustedMax = 1_000

function keysOf(secret: KeyObject, trusted: readonly KeyObject[], ephemeral: boolean): SigningKeys {
  const own = createPublicKey(secret)
  const known = new Map([own, ...trusted].map((key) => [keyIdOf(key), key]))
  const signer: Signer = { keyId: keyIdOf(own), ephemeral, sign: (bytes) => sign(null, bytes, secret) }
  return { current: () => signer, find: (keyId) => known.get(keyId) }
}

function ed25519(type: 'private' | 'public', given: string | KeyObject): KeyObject {
  const key = typeof given === 'string' ? read(type, given) : given
  if (key.type !== type || key.asymmetricKeyType !== 'ed25519')
    throw new TypeError(`Cannot sign with this key: it is not a ${type} ed25519 key`)
  return key
}

/** What was given is a secret: the error must not show it, not even as its cause. */
function read(type: 'private' | 'public', pem: string): KeyObject {
  try {
    return type === 'private' ? createPrivateKey(pem) : createPublicKey(pem)
  } catch {
    throw new TypeError(`Cannot sign with this key: it is not a ${type} key in PEM form`)
  }
}
