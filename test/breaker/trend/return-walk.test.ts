import { describe, expect, it } from 'vitest'
import { ReturnWalk } from '../../../src/breaker/trend/return-walk.js'

describe('ReturnWalk', () => {
  it('succeed() adds what a success says for the usual rate', () => {
    const walk = new ReturnWalk()
    walk.fail(0.01, 0.1)
    expect(walk.succeed()).toBeCloseTo(Math.log(0.99 / 0.9), 12)
    expect(walk.succeed()).toBeCloseTo(2 * Math.log(0.99 / 0.9), 12)
  })

  it('fail() takes evidence away, and there is never less than none', () => {
    const walk = new ReturnWalk()
    walk.fail(0.01, 0.1)
    for (let call = 0; call < 30; call += 1) walk.succeed()
    walk.fail(0.01, 0.1)
    expect(walk.toJSON().evidence).toBeCloseTo(30 * Math.log(0.99 / 0.9) - Math.log(10), 9)
    walk.fail(0.01, 0.1)
    expect(walk.toJSON().evidence).toBe(0)
  })

  it('goes on when the degraded rate is no higher than the usual one, or one of them is at its limit', () => {
    for (const [usual, degraded] of [
      [0.1, 0.05],
      [0.5, 1],
      [1, 1],
      [0.0001, 0.0001],
    ] as const) {
      const walk = new ReturnWalk()
      walk.fail(usual, degraded)
      expect(walk.succeed()).toBeGreaterThan(0)
      expect(Number.isFinite(walk.succeed())).toBe(true)
    }
  })

  it('from() goes on where it stood', () => {
    const walk = new ReturnWalk()
    walk.fail(0.02, 0.3)
    walk.succeed()
    expect(ReturnWalk.from(walk.toJSON()).succeed()).toBe(walk.succeed())
  })
})
