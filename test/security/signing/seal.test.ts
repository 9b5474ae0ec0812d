import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { HomeostatError, isHomeostatError } from '../../../src/core/errors.js'
import { canonicalJson, sha256 } from '../../../src/core/hash.js'
import type { Seal } from '../../../src/core/seal.js'
import { sealPatch, type SealDocument } from '../../../src/security/signing/seal-patch.js'
import { createEphemeralKeys, type Signer, type SigningKeys } from '../../../src/security/signing/signing-keys.js'
import { verifySeal } from '../../../src/security/signing/verify-seal.js'
import { sealDocument } from './sealed-sample.js'

const keys = createEphemeralKeys()
const how = { epochMs: 1_700_000_000_000, changesDigest: sha256('changes') }
const document = sealDocument()
const seal = sealPatch(document, keys.current(), how)

function refusal(act: () => unknown): string {
  try {
    act()
  } catch (error) {
    if (isHomeostatError(error)) return `${error.code} ${error.message}`
    throw error
  }
  return 'accepted'
}

/** The value with one character of its JSON replaced; `undefined` where that gives no JSON, or the same. */
function mutated(value: unknown, at: number, character: string): unknown {
  const text = JSON.stringify(value)
  const index = at % text.length
  try {
    const changed: unknown = JSON.parse(text.slice(0, index) + character + text.slice(index + 1))
    return canonicalJson(changed) === canonicalJson(value) ? undefined : changed
  } catch {
    return undefined
  }
}

const mutation = fc.tuple(fc.nat(5_000), fc.constantFrom(...Array.from('0123456789abcdefxX{}[]", :.-_/\u00e9')))

describe('sealPatch()', () => {
  it('says who sealed what, when, from which files, and that the key will not last', () => {
    expect(seal).toEqual({
      version: 1,
      algorithm: 'ed25519',
      keyId: keys.current().keyId,
      ephemeral: true,
      sealedEpochMs: 1_700_000_000_000,
      patchDigest: sha256(canonicalJson(document.patch)),
      changesDigest: sha256('changes'),
      auditDigest: sha256(canonicalJson(document.audit)),
      verdict: 'review',
      validationDigest: sha256(canonicalJson(document.validation)),
      policyDigest: sha256(canonicalJson(document.policy)),
      bases: [
        { path: 'a.json', baseHash: sha256('{') },
        { path: 'new.js', baseHash: null },
      ],
      signature: expect.stringMatching(/^[0-9a-f]{128}$/),
    })
    expect(JSON.parse(JSON.stringify(seal))).toEqual(seal)
  })

  it('seals nothing that the audit blocks, and nothing that was not validated', () => {
    const [finding] = document.audit.findings
    const blocked = sealDocument({ verdict: 'block', findings: finding === undefined ? [] : [{ ...finding, verdict: 'block' }] })
    expect(refusal(() => sealPatch(blocked, keys.current(), how))).toMatch(/^HS_AUDIT_BLOCKED .*NET-NEW/)
    expect(refusal(() => sealPatch(sealDocument({}, false), keys.current(), how))).toMatch(/^HS_VALIDATION_FAILED/)
  })

  it.each<readonly [string, Partial<Signer>]>([
    [
      'throws',
      {
        sign: () => {
          throw new Error('the device is gone')
        },
      },
    ],
    ['gives a signature that is too short', { sign: () => Buffer.alloc(3) }],
    ['gives no signature', { sign: () => undefined as unknown as Uint8Array }],
    ['has a name that is no key id', { keyId: 'a key\n' }],
  ])('refuses a signer that %s', (_, wrong) => {
    expect(refusal(() => sealPatch(document, { ...keys.current(), ...wrong }, how))).toMatch(/^HS_SEAL_INVALID/)
  })

  it('refuses a time and a digest that are none', () => {
    expect(refusal(() => sealPatch(document, keys.current(), { ...how, epochMs: Number.NaN }))).toMatch(/^HS_SEAL_INVALID/)
    expect(refusal(() => sealPatch(document, keys.current(), { ...how, changesDigest: '' }))).toMatch(/^HS_SEAL_INVALID/)
  })
})

describe('verifySeal()', () => {
  it('gives the seal back when everything is as it was sealed, also after a way through JSON', () => {
    expect(verifySeal(document, seal, keys)).toEqual(seal)
    const sent = JSON.parse(JSON.stringify({ document, seal })) as { document: SealDocument; seal: unknown }
    expect(verifySeal(sent.document, sent.seal, keys)).toEqual(seal)
  })

  it.each(['patch', 'audit', 'validation', 'policy'] as const)('is broken by any changed byte of the %s', (part) => {
    let tried = 0
    fc.assert(
      fc.property(mutation, ([at, character]) => {
        const changed = mutated(document[part], at, character)
        if (changed === undefined) return
        tried += 1
        const forged = { ...document, [part]: changed } as SealDocument
        expect(refusal(() => verifySeal(forged, seal, keys))).toMatch(new RegExp(`^HS_SEAL_INVALID .*another ${part}`))
      }),
      { numRuns: 300 },
    )
    expect(tried).toBeGreaterThan(50)
  })

  it('is broken by any changed byte of the seal', () => {
    let tried = 0
    fc.assert(
      fc.property(mutation, ([at, character]) => {
        const changed = mutated(seal, at, character)
        if (changed === undefined) return
        tried += 1
        expect(refusal(() => verifySeal(document, changed, keys))).toMatch(/^HS_SEAL_INVALID/)
      }),
      { numRuns: 500 },
    )
    expect(tried).toBeGreaterThan(100)
  })

  it('does not take a seal that someone else made, under whatever name', () => {
    const others = createEphemeralKeys()
    const forged = sealPatch(document, { ...others.current(), keyId: keys.current().keyId }, how)
    expect(refusal(() => verifySeal(document, forged, keys))).toContain('not that of its key')
    expect(refusal(() => verifySeal(document, sealPatch(document, others.current(), how), keys))).toContain('not trusted')
  })

  it.each<readonly [string, unknown]>([
    ['no seal', undefined],
    ['null', null],
    ['a text', 'seal'],
    ['a seal with more in it', { ...seal, note: 'trust me' }],
    ['a seal of a later version', { ...seal, version: 2 }],
    ['a seal with its signature in capitals', { ...seal, signature: seal.signature.toUpperCase() }],
    ['a verdict that no seal has', { ...seal, verdict: 'block' }],
    ['a poisoned prototype', JSON.parse(`{"__proto__":${JSON.stringify(seal)}}`)],
  ])('refuses %s', (_, given) => {
    expect(refusal(() => verifySeal(document, given, keys))).toMatch(/^HS_SEAL_INVALID/)
  })

  it.each<readonly [string, unknown]>([
    ['that is empty', {}],
    ['whose patch is null', { ...document, patch: null }],
    ['whose title is no text', { ...document, patch: { ...document.patch, title: 7 } }],
    ['that nests too deep', { ...document, policy: JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)) }],
  ])('refuses a document %s', (_, forged) => {
    expect(refusal(() => verifySeal(forged as SealDocument, seal, keys))).toMatch(/^HS_SEAL_INVALID/)
  })

  it.each<readonly [string, SigningKeys['find']]>([
    [
      'fail',
      () => {
        throw new Error('store down')
      },
    ],
    ['give a key of another kind', () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey],
    ['give a secret key', () => generateKeyPairSync('ed25519').privateKey],
  ])('fails closed when the keys %s', (_, find) => {
    expect(refusal(() => verifySeal(document, seal, { find }))).toMatch(/^HS_SEAL_INVALID/)
  })

  it('keeps why the keys failed as the cause', () => {
    const cause = new Error('store down')
    const find = (): KeyObject => {
      throw cause
    }
    const thrown = (() => {
      try {
        return verifySeal(document, seal, { find })
      } catch (error) {
        return error
      }
    })()
    expect(thrown).toBeInstanceOf(HomeostatError)
    expect((thrown as HomeostatError).cause).toBe(cause)
  })

  it('has one signature for one content, whatever the order of its members', () => {
    const turned = Object.fromEntries(Object.entries(seal).toReversed()) as Seal
    expect(verifySeal(document, turned, keys).signature).toBe(seal.signature)
    expect(sealPatch(document, keys.current(), how)).toEqual(seal)
  })
})
