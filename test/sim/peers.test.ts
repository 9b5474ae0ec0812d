import { describe, expect, it } from 'vitest'
import {
  consecutive,
  opossum,
  polly,
  resilience4j,
  type Rule,
  sampling,
  tripped,
  validatePeers,
} from '../../bench/simulation/index.mjs'

describe('the copies of the peers rules', () => {
  it('open at the same call as opossum and cockatiel themselves, on every stream', async () => {
    const { trips, differences } = await validatePeers({ streams: 300, seed: 'test' })
    expect(trips).toBeGreaterThan(50)
    expect(differences).toBe(0)
  })

  it('opossum() opens at the first failure by default, and not below its volume', () => {
    expect(tripOf(opossum('default'), 'x')).toBe(1)
    expect(tripOf(opossum('volume 20', { volume: 20 }), 'x'.repeat(30))).toBe(20)
  })

  it('opossum() needs more than its threshold, and forgets after ten turns of its window', () => {
    expect(tripOf(opossum('50 %'), '.x.x.x.x')).toBeUndefined()
    expect(tripOf(opossum('50 %'), '.x.xx')).toBe(5)
    expect(tripOf(opossum('50 %', { volume: 3 }), 'xxx', 20_000)).toBeUndefined()
  })

  it('consecutive() counts failures without a success between them', () => {
    expect(tripOf(consecutive('3', 3), 'xx.xx.xxx')).toBe(9)
  })

  it('sampling() needs its calls per second, then more than its threshold', () => {
    const rule = sampling('20 %', { threshold: 0.2, durationMs: 10_000, callsPerSecondMin: 1 })
    expect(tripOf(rule, 'x'.repeat(12))).toBe(10)
    expect(tripOf(rule, '........xx')).toBeUndefined()
    expect(tripOf(rule, '.......xxx')).toBe(10)
  })

  it('polly() needs 100 calls in 30 s, then a tenth of them failed', () => {
    expect(tripOf(polly('default'), `${'.'.repeat(90)}${'x'.repeat(10)}`)).toBe(100)
    expect(tripOf(polly('default'), `${'.'.repeat(91)}${'x'.repeat(9)}`)).toBeUndefined()
    expect(tripOf(polly('default'), 'x'.repeat(200), 1_000)).toBeUndefined()
  })

  it('resilience4j() judges the last calls only, and after a success, too', () => {
    const rule = resilience4j('4', { calls: 4, callsMin: 4 })
    expect(tripOf(rule, 'xxx')).toBeUndefined()
    expect(tripOf(rule, 'xx..')).toBe(4)
    expect(tripOf(rule, 'x...x...x')).toBeUndefined()
    expect(tripOf(rule, '....xx')).toBe(6)
  })

  it('resilience4j() counts slow calls apart from failed ones', () => {
    const watcher = resilience4j('slow', { calls: 4, callsMin: 4, slowMs: 10, slowThreshold: 0.5 }).create()
    expect([5, 11, 5, 11].map((latencyMs, call) => watcher.settle(call, 0, call, latencyMs))).toEqual([0, 0, 0, tripped])
  })

  it('begin again from nothing after a recovery', () => {
    const rules = [
      consecutive('', 3),
      opossum('', { volume: 3 }),
      sampling('', { threshold: 0.5, durationMs: 10_000, callsPerSecondMin: 0.3 }),
      polly('', { callsMin: 3 }),
      resilience4j('', { calls: 3, callsMin: 3 }),
    ]
    for (const rule of rules) {
      const watcher = rule.create()
      const feed = (): number[] => [0, 1, 2].map((call) => Math.max(watcher.start(call, call), watcher.settle(call, 1, call, 0)))
      expect(feed()).toEqual([0, 0, tripped])
      watcher.recovered()
      expect(feed()).toEqual([0, 0, tripped])
    }
  })
})

/** Calls until a rule opens on outcomes drawn as `.` and `x`. */
function tripOf(rule: Rule, outcomes: string, spacingMs = 10): number | undefined {
  const watcher = rule.create()
  for (const [index, outcome] of outcomes.split('').entries()) {
    watcher.start(index, index * spacingMs)
    if (watcher.settle(index, outcome === 'x' ? 1 : 0, index * spacingMs, 0) === tripped) return index + 1
  }
  return undefined
}
