import { describe, expect, it, vi } from 'vitest'
import { isHomeostatError, SelfHealingOrchestrator } from '../../src/index.js'
import { breakOne, brokenShop, copyOf, healthyShop, install, rollBack, snapshotOf } from './shop.js'

// Each healing runs the shop's tests half a dozen times, in real processes.
vi.setConfig({ testTimeout: 60_000 })

const command = ['npm', 'test'] as const

describe('healCode() on the shop', () => {
  it('installs what is declared and not installed, and takes the installed folder back', async () => {
    using shop = copyOf(healthyShop)
    const bare = snapshotOf(shop.root)
    await using healer = new SelfHealingOrchestrator({ autonomy: 'apply' })
    const result = await healer.healCode({ command, cwd: shop.root })
    expect({ outcome: result.outcome, notes: result.notes }).toEqual({ outcome: 'healed', notes: [] })
    expect(result.patch?.actions).toEqual([{ kind: 'install', manager: 'npm', packages: [], folder: '' }])
    expect(snapshotOf(shop.root, { packages: false })).toEqual(bare)
    rollBack(shop.root)
    expect(snapshotOf(shop.root)).toEqual(bare)
  })

  it('installs nothing when the policy says never', async () => {
    using shop = copyOf(healthyShop)
    const bare = snapshotOf(shop.root)
    await using healer = new SelfHealingOrchestrator({ autonomy: 'apply', repair: { installs: 'never' } })
    const result = await healer.healCode({ command, cwd: shop.root })
    expect(result.outcome).toBe('escalated')
    expect(result.diagnosis?.advice.length).toBeGreaterThan(0)
    expect(snapshotOf(shop.root)).toEqual(bare)
  })

  it('heals all breaks together as one transaction', async () => {
    using shop = copyOf(brokenShop)
    const broken = snapshotOf(shop.root)
    await using healer = new SelfHealingOrchestrator({ autonomy: 'apply' })
    const seen: string[] = []
    healer.on('*', ({ type }) => seen.push(type))
    const result = await healer.healCode({ command, cwd: shop.root })
    expect({ outcome: result.outcome, notes: result.notes }).toEqual({ outcome: 'healed', notes: [] })
    expect(snapshotOf(shop.root, { packages: false })).toEqual(snapshotOf(healthyShop))
    expect(seen).toEqual(
      expect.arrayContaining([
        'fault.detected',
        'diagnosis.made',
        'patch.proposed',
        'patch.audited',
        'patch.validated',
        'patch.scored',
        'patch.applied',
        'decision.made',
        'session.closed',
      ]),
    )
    expect(healer.snapshot().healing).toMatchObject({ running: 0, healed: 1 })
    rollBack(shop.root)
    expect(snapshotOf(shop.root)).toEqual(broken)
  })

  it('proposes by default, and changes nothing', async () => {
    using shop = copyOf(healthyShop)
    install(shop.root)
    breakOne(shop.root, 'src/cart.js')
    const broken = snapshotOf(shop.root)
    await using healer = new SelfHealingOrchestrator()
    const result = await healer.healCode({ command, cwd: shop.root })
    expect(result).toMatchObject({ outcome: 'proposed', decision: { kind: 'escalate', reasons: ['autonomy.propose'] } })
    expect(result.diff).toContain('+    this.#counts.set(id, (this.#counts.get(id) ?? 0) + count)')
    expect(snapshotOf(shop.root)).toEqual(broken)

    // What was proposed can be applied as it is.
    const { patch } = result
    if (patch === undefined) throw new Error('a proposal has a patch')
    const receipt = await healer.applyPatch(patch, { reason: 'looked at it', cwd: shop.root, command })
    expect((await healer.healCode({ command, cwd: shop.root })).outcome).toBe('healthy')
    expect((await receipt.rollback()).outcome).toBe('rolled-back')
    expect(snapshotOf(shop.root)).toEqual(broken)
    await expect(healer.applyPatch(patch, { reason: '', cwd: `${shop.root}/nowhere`, command })).rejects.toSatisfy((error) =>
      isHomeostatError(error, 'HS_FOLDER_MISSING'),
    )
  })
})
