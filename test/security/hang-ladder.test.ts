import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { judgeHang, noHang, type HangState } from '../../src/security/hang-ladder.js'

const seen = (attempt: number, durationMs: number, cpuRatio = 0, improved = false) => ({
  attempt,
  durationMs,
  cpuRatio,
  improved,
})

describe('judgeHang()', () => {
  it('lets work go on that is within its limits, and forgets what was before', () => {
    expect(judgeHang(seen(3, 5_000, 0.9), { inARow: 2, fruitless: 2 })).toEqual({
      triggered: false,
      reason: undefined,
      severity: 'low',
      suspicion: 'none',
      action: 'continue',
      state: noHang,
    })
  })

  it('says why it triggers, and how grave that is', () => {
    expect(judgeHang(seen(1, 5_001))).toMatchObject({ reason: 'duration', severity: 'medium' })
    expect(judgeHang(seen(1, 4_000, 1))).toMatchObject({ reason: 'processor', severity: 'low' })
    expect(judgeHang(seen(1, 5_001, 1))).toMatchObject({ reason: 'both', severity: 'high' })
    expect(judgeHang(seen(1, 10_001))).toMatchObject({ reason: 'duration', severity: 'high' })
    expect(judgeHang(seen(1, 1_000, 1)).triggered).toBe(false)
  })

  it('climbs from suspicious to danger at the third attempt or two in a row, and to extreme one later', () => {
    const suspicions = (attempt: number, inARow: number) => judgeHang(seen(attempt, 6_000), { inARow, fruitless: 0 }).suspicion
    expect([suspicions(1, 0), suspicions(2, 0), suspicions(3, 0), suspicions(4, 0)]).toEqual([
      'suspicious',
      'suspicious',
      'danger',
      'extreme',
    ])
    expect([suspicions(2, 1), suspicions(2, 2)]).toEqual(['danger', 'extreme'])
  })

  it('gives the first attempt grace, and takes back from the second on what is grave or twice in vain', () => {
    expect(judgeHang(seen(1, 60_000, 2)).action).toBe('pause')
    expect(judgeHang(seen(2, 60_000)).action).toBe('rollback')
    const first = judgeHang(seen(1, 6_000))
    expect(judgeHang(seen(2, 6_000), first.state).action).toBe('rollback')
    expect(judgeHang(seen(2, 6_000, 0, true), first.state).action).toBe('pause')
  })

  it('never gets milder when an attempt takes longer, keeps a processor busier, or comes later', () => {
    const rank = { none: 0, suspicious: 1, danger: 2, extreme: 3, continue: 0, pause: 1, rollback: 2 }
    const state: fc.Arbitrary<HangState> = fc.record({ inARow: fc.nat(5), fruitless: fc.nat(5) })
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 6 }),
        fc.nat(20_000),
        fc.double({ min: 0, max: 4, noNaN: true }),
        state,
        fc.nat(9_000),
        (attempt, durationMs, cpu, before, more) => {
          const base = judgeHang(seen(attempt, durationMs, cpu), before)
          for (const worse of [
            seen(attempt, durationMs + more, cpu),
            seen(attempt, durationMs, cpu + 1),
            seen(attempt + 1, durationMs, cpu),
          ]) {
            const verdict = judgeHang(worse, before)
            expect(rank[verdict.action]).toBeGreaterThanOrEqual(rank[base.action])
            expect(rank[verdict.suspicion]).toBeGreaterThanOrEqual(rank[base.suspicion])
          }
        },
      ),
    )
  })

  it('refuses numbers that are none', () => {
    for (const bad of [Number.NaN, Infinity, -1]) {
      expect(() => judgeHang(seen(1, bad))).toThrow(RangeError)
      expect(() => judgeHang(seen(bad, 1))).toThrow(RangeError)
      expect(() => judgeHang(seen(1, 1, bad))).toThrow(RangeError)
      expect(() => judgeHang(seen(1, 1), { inARow: bad, fruitless: 0 })).toThrow(RangeError)
      expect(() => judgeHang(seen(1, 1), noHang, { durationMsMax: bad })).toThrow(RangeError)
    }
    expect(() => judgeHang(seen(0, 1))).toThrow(RangeError)
    expect(() => judgeHang(seen(1, 1), noHang, { cpuRatioMax: 0 })).toThrow(RangeError)
  })
})
