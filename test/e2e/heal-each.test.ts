import { describe, expect, it, vi } from 'vitest'
import { SelfHealingOrchestrator, verifyEnvelope } from '../../src/index.js'
import { breakOne, breaks, copyOf, healthyShop, install, rollBack, snapshotOf } from './shop.js'

// Each healing runs the shop's tests half a dozen times, in real processes.
vi.setConfig({ testTimeout: 60_000 })

const command = ['npm', 'test'] as const

describe('healCode() on the shop', () => {
  it.each(breaks)('heals $name to the exact bytes, is healthy afterwards, and can be taken back', async ({ file }) => {
    using shop = copyOf(healthyShop)
    install(shop.root)
    const whole = snapshotOf(shop.root)
    breakOne(shop.root, file)
    const broken = snapshotOf(shop.root)
    expect(broken).not.toEqual(whole)

    await using healer = new SelfHealingOrchestrator({ autonomy: 'apply' })
    const result = await healer.healCode({ command, cwd: shop.root })
    expect({ outcome: result.outcome, notes: result.notes }).toEqual({ outcome: 'healed', notes: [] })
    expect(result).toMatchObject({ decision: { kind: 'promote' }, audit: { verdict: 'allow' }, validation: { passed: true } })
    expect(verifyEnvelope(JSON.parse(JSON.stringify(result.envelope)) as typeof result.envelope)).toBe(true)
    expect(snapshotOf(shop.root)).toEqual(whole)

    expect((await healer.healCode({ command, cwd: shop.root })).outcome).toBe('healthy')
    expect(snapshotOf(shop.root)).toEqual(whole)

    rollBack(shop.root)
    expect(snapshotOf(shop.root)).toEqual(broken)
  })
})
