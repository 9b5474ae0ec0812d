import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { createEphemeralKeys, createSigningKeys, keyIdOf, processKeys } from '../../../src/security/signing/signing-keys.js'

const bytes = Buffer.from('anything')
const pair = generateKeyPairSync('ed25519')
const pem = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

describe('createSigningKeys()', () => {
  it('signs with a kept key, as PEM or as an object, and finds it by the id of its public half', () => {
    for (const privateKey of [pem, pair.privateKey]) {
      const keys = createSigningKeys({ privateKey })
      const signer = keys.current()
      expect(signer).toMatchObject({ keyId: keyIdOf(pair.publicKey), ephemeral: false })
      const found = keys.find(signer.keyId)
      expect(found !== undefined && verify(null, bytes, found, signer.sign(bytes))).toBe(true)
    }
  })

  it('finds trusted keys, and no others', () => {
    const old = generateKeyPairSync('ed25519').publicKey
    const keys = createSigningKeys({ privateKey: pem, trusted: [old.export({ type: 'spki', format: 'pem' }).toString()] })
    expect(keys.find(keyIdOf(old))?.equals(old)).toBe(true)
    expect(keys.find('constructor')).toBeUndefined()
    expect(keys.find(keyIdOf(generateKeyPairSync('ed25519').publicKey))).toBeUndefined()
  })

  it('refuses other keys, without showing them', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 1_024 })
    const damaged = pem.replace(/[A-Z]/g, '!')
    for (const privateKey of [rsa.privateKey, pair.publicKey, damaged, 'hunter2'])
      expect(() => createSigningKeys({ privateKey })).toThrow(TypeError)
    for (const trusted of [[rsa.publicKey], ['hunter2']])
      expect(() => createSigningKeys({ privateKey: pem, trusted })).toThrow(TypeError)
    try {
      createSigningKeys({ privateKey: damaged })
    } catch (error) {
      expect(String(error)).not.toContain(damaged.slice(40, 60))
      expect((error as Error).cause).toBeUndefined()
    }
  })

  it('trusts a thousand keys at most', () => {
    const trusted = Array.from({ length: 1_001 }, () => pair.publicKey)
    expect(() => createSigningKeys({ privateKey: pem, trusted })).toThrow(RangeError)
    expect(() => createSigningKeys({ privateKey: pem, trusted: trusted.slice(1) })).not.toThrow()
  })
})

describe('createEphemeralKeys()', () => {
  it('makes one key and keeps to it; another call makes another', () => {
    const keys = createEphemeralKeys()
    const { keyId, ephemeral } = keys.current()
    expect(ephemeral).toBe(true)
    expect(keys.current().keyId).toBe(keyId)
    expect(keys.find(keyId)?.type).toBe('public')
    expect(createEphemeralKeys().find(keyId)).toBeUndefined()
  })
})

describe('processKeys()', () => {
  it('is the same for everyone in the process', () => {
    expect(processKeys().current().keyId).toBe(processKeys().current().keyId)
    expect(processKeys().current().ephemeral).toBe(true)
  })
})

describe('keyIdOf()', () => {
  it('does not depend on the form in which a key came', () => {
    expect(keyIdOf(createPublicKey(pem))).toBe(keyIdOf(pair.publicKey))
  })
})
