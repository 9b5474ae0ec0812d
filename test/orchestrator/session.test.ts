import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Session, verifyEnvelope, type Envelope } from '../../src/orchestrator/heal/session.js'
import { createTestWorld } from '../../src/testing/test-world.js'

const open = (): Session => new Session({ world: createTestWorld(), policy: { autonomy: 'apply' }, command: ['npm', 'test'] })
const stop = { kind: 'stop', reasons: ['done'] } as const

describe('Session', () => {
  it('chains its entries by hash, and ends with one terminal decision', () => {
    const session = open()
    session.record('run', { exitCode: 1 })
    const envelope = session.end(stop)
    expect(envelope.entries.map(({ kind }) => kind)).toEqual(['run', 'decision'])
    expect(envelope.entries[1]?.previousHash).toBe(envelope.entries[0]?.hash)
    expect(envelope.hash).toBe(envelope.entries[1]?.hash)
    expect(verifyEnvelope(envelope)).toBe(true)
  })

  it('ends once, and keeps nothing after the end', () => {
    const session = open()
    session.end(stop)
    expect(() => session.end(stop)).toThrow(RangeError)
    expect(() => session.record('run', {})).toThrow(RangeError)
  })

  it('keeps what was recorded, whatever happens to the object later', () => {
    const session = open()
    const data = { list: ['a'] }
    session.record('run', data)
    data.list.push('b')
    expect(session.end(stop).entries[0]?.data).toEqual({ list: ['a'] })
  })

  it('is bounded, and says how much it left out', () => {
    const session = open()
    for (let count = 0; count < 1_005; count += 1) session.record('attempt', { count })
    const envelope = session.end(stop)
    expect(envelope.entries).toHaveLength(1_001)
    expect(envelope.entries.at(-1)?.data['entriesDropped']).toBe(5)
    expect(verifyEnvelope(envelope)).toBe(true)
  })
})

describe('verifyEnvelope()', () => {
  const kinds = fc.array(fc.tuple(fc.constantFrom('run', 'fault', 'attempt'), fc.dictionary(fc.string(), fc.jsonValue())), {
    maxLength: 6,
  })
  const envelopes = kinds.map((entries) => {
    const session = open()
    for (const [kind, data] of entries) session.record(kind, data)
    return session.end(stop)
  })

  it('accepts every envelope after a round trip through JSON', () => {
    fc.assert(
      fc.property(envelopes, (envelope) => {
        expect(verifyEnvelope(JSON.parse(JSON.stringify(envelope)) as Envelope)).toBe(true)
      }),
    )
  })

  it('refuses an envelope in which anything was changed, dropped, doubled or moved', () => {
    const tamper: readonly ((envelope: Envelope) => Envelope)[] = [
      (envelope) => ({ ...envelope, sessionId: `${envelope.sessionId}x` }),
      (envelope) => ({ ...envelope, policyHash: envelope.policyHash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) }),
      (envelope) => ({ ...envelope, command: [...envelope.command, '--force'] }),
      (envelope) => ({ ...envelope, entries: envelope.entries.slice(0, -1) }),
      (envelope) => ({ ...envelope, entries: envelope.entries.slice(1) }),
      (envelope) => ({ ...envelope, entries: [...envelope.entries, ...envelope.entries.slice(-1)] }),
      (envelope) => ({ ...envelope, entries: envelope.entries.map((entry) => ({ ...entry, epochMs: entry.epochMs + 1 })) }),
      (envelope) => ({
        ...envelope,
        entries: envelope.entries.map((entry) => ({ ...entry, data: { ...entry.data, exitCode: 'forged' } })),
      }),
    ]
    fc.assert(
      fc.property(envelopes, fc.constantFrom(...tamper), (envelope, change) => {
        expect(verifyEnvelope(change(envelope))).toBe(false)
      }),
    )
  })

  it('gives equal content equal hashes, whatever the order of keys', () => {
    const [a, b] = [open(), open()]
    a.record('run', { exitCode: 1, where: 'workspace' })
    b.record('run', { where: 'workspace', exitCode: 1 })
    expect(a.end(stop).hash).toBe(b.end(stop).hash)
  })
})
