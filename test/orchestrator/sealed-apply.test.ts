import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import type { Patch } from '../../src/core/patch.js'
import type { Repairer } from '../../src/core/repairer.js'
import { isHomeostatError, SelfHealingOrchestrator, type Ports } from '../../src/index.js'
import { openJournal } from '../../src/patch/journal.js'
import { createEphemeralKeys, processKeys, type SigningKeys } from '../../src/security/signing/signing-keys.js'
import { verifySeal } from '../../src/security/signing/verify-seal.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { fakeProject } from './fake-project.js'

const command = ['npm', 'test']
const patch: Patch = {
  id: 'patch-1',
  title: 'Mend it',
  strategy: 'given',
  edits: [{ path: 'src/a.js', before: 'bad\n', after: 'good\n', baseHash: sha256('bad\n') }],
  actions: [],
}
const mending: Repairer = {
  id: 'own',
  categories: ['runtime', 'test'],
  propose: () => Promise.resolve({ proposals: [{ ...patch, plausibility: 0.9, rationale: 'a test says so' }], notes: [] }),
}

function setUp(ports: Ports = {}) {
  const project = fakeProject({ 'src/a.js': 'bad\n' }, (files) =>
    files['src/a.js'] === 'good\n' ? undefined : '/project/src/a.js:1\nTypeError: no\n    at run (/project/src/a.js:1:7)\n',
  )
  const world = createTestWorld()
  const healer = new SelfHealingOrchestrator({ autonomy: 'apply' }, { world, ...project.ports, repairers: [mending], ...ports })
  const journal = () => openJournal({ root: '/project', files: project.disk, world })
  return {
    ...project,
    healer,
    journal,
    apply: () => world.clock.until(healer.applyPatch(patch, { reason: 'a test', command })),
    heal: () => world.clock.until(healer.healCode({ command })),
  }
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work
    return 'done'
  } catch (error) {
    return isHomeostatError(error) ? error.code : String(error)
  }
}

/** Keys whose signatures no longer verify: another machine's, as it were. */
function strangers(): SigningKeys {
  const own = createEphemeralKeys()
  return { current: () => own.current(), find: (keyId) => createEphemeralKeys().find(keyId) }
}

const failing: SigningKeys = {
  current: () => ({
    ...createEphemeralKeys().current(),
    sign: () => {
      throw new Error('the device is gone')
    },
  }),
  find: () => undefined,
}

describe('applyPatch()', () => {
  it('gives a receipt whose seal proves what was applied, and the journal keeps it', async () => {
    const signingKeys = createEphemeralKeys()
    const { apply, healer, journal, files } = setUp({ signingKeys })
    const receipt = await apply()
    expect(files()).toEqual({ 'src/a.js': 'good\n' })
    const kept = JSON.parse(JSON.stringify(receipt)) as typeof receipt
    expect(verifySeal({ ...kept, policy: healer.policy }, kept.seal, signingKeys)).toMatchObject({
      keyId: signingKeys.current().keyId,
      bases: [{ path: 'src/a.js', baseHash: sha256('bad\n') }],
    })
    expect(journal().list()[0]?.seal).toEqual(receipt.seal)
    expect(() => verifySeal({ ...kept, policy: { ...healer.policy, autonomy: 'propose' } }, kept.seal, signingKeys)).toThrow(
      'another policy',
    )
  })

  it('seals with a key of this process where nobody gives one, and says so', async () => {
    const { seal } = await setUp().apply()
    expect(seal).toMatchObject({ ephemeral: true, keyId: processKeys().current().keyId })
  })

  it.each([
    ['cannot sign', failing],
    ['do not verify their own signatures', strangers()],
  ])('applies nothing when the keys %s', async (_, signingKeys) => {
    const { apply, files, journal } = setUp({ signingKeys })
    expect(await codeOf(apply())).toBe('HS_SEAL_INVALID')
    expect(files()).toEqual({ 'src/a.js': 'bad\n' })
    expect(journal().list()).toEqual([])
  })

  it('can be taken back without a seal', async () => {
    const { apply, files } = setUp()
    expect((await (await apply()).rollback()).outcome).toBe('rolled-back')
    expect(files()).toEqual({ 'src/a.js': 'bad\n' })
  })
})

describe('heal()', () => {
  it('applies under a seal, which the result and the envelope have', async () => {
    const signingKeys = createEphemeralKeys()
    const { heal, healer, journal } = setUp({ signingKeys })
    const { outcome, seal, patch: applied, audit, validation, envelope } = await heal()
    expect(outcome).toBe('healed')
    if (applied === undefined || audit === undefined || validation === undefined) throw new Error('nothing was judged')
    verifySeal({ patch: applied, audit, validation, policy: healer.policy }, seal, signingKeys)
    expect(envelope.entries.find(({ kind }) => kind === 'seal')?.data).toEqual(seal)
    expect(envelope.policyHash).toBe(seal?.policyDigest)
    expect(journal().list()[0]?.seal).toEqual(seal)
  })

  it('leaves what it found to a person when the keys cannot sign', async () => {
    const { heal, files } = setUp({ signingKeys: failing })
    const { outcome, decision, patch: found, notes, seal } = await heal()
    expect({ outcome, decision }).toEqual({ outcome: 'escalated', decision: { kind: 'escalate', reasons: ['seal.failed'] } })
    expect(found?.edits[0]?.after).toBe('good\n')
    expect(notes.join()).toContain('the key could not sign')
    expect(seal).toBeUndefined()
    expect(files()).toEqual({ 'src/a.js': 'bad\n' })
  })

  it('changes nothing when its own seal does not hold', async () => {
    const { heal, files } = setUp({ signingKeys: strangers() })
    expect(await heal()).toMatchObject({ outcome: 'failed', decision: { reasons: ['apply.failed'] } })
    expect(files()).toEqual({ 'src/a.js': 'bad\n' })
  })
})
