import { expect, it } from 'vitest'
import { checkedLimits, type CircuitLimits } from '../../src/breaker/circuit-limits.js'

const limits: CircuitLimits = {
  failureRatioMax: 0.5,
  callsMin: 5,
  windowMs: 10_000,
  buckets: 10,
  openMs: 1_000,
  openMsMax: 8_000,
  probesMax: 1,
  probeTimeoutMs: 500,
}

it('checkedLimits() fills in what is left out', () => {
  expect(checkedLimits(limits)).toEqual({ ...limits, window: true, rampMs: 0, mode: 'enforce' })
  expect(checkedLimits({ ...limits, window: false, rampMs: 5, mode: 'observe' })).toMatchObject({
    window: false,
    rampMs: 5,
    mode: 'observe',
  })
})

it('checkedLimits() gives back what it has checked before, which nobody can change', () => {
  const checked = checkedLimits(limits)
  expect(checkedLimits(checked)).toBe(checked)
  expect(Object.isFrozen(checked)).toBe(true)
  expect(() => checkedLimits({ ...checked, openMs: Number.NaN })).toThrow(RangeError)
})

it('checkedLimits() refuses what is out of range, and names it', () => {
  const wrong: readonly (readonly [keyof CircuitLimits, readonly number[]])[] = [
    ['failureRatioMax', [-0.1, 1.1, Number.NaN]],
    ['callsMin', [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]],
    ['windowMs', [0, -1, Number.NaN, Number.POSITIVE_INFINITY]],
    ['buckets', [0, 1.5, 1_001]],
    ['openMs', [-1, Number.NaN, Number.POSITIVE_INFINITY]],
    ['openMsMax', [999, Number.NaN, Number.POSITIVE_INFINITY]],
    ['probesMax', [0, 1.5, Number.NaN]],
    ['probeTimeoutMs', [0, Number.NaN, Number.POSITIVE_INFINITY]],
    ['rampMs', [-1, Number.NaN, Number.POSITIVE_INFINITY]],
  ]
  for (const [name, values] of wrong) {
    for (const value of values) {
      const error = thrownBy({ ...limits, [name]: value })
      expect(error).toBeInstanceOf(RangeError)
      expect(String(error)).toContain(name)
    }
  }
})

it('checkedLimits() refuses values of another type', () => {
  // What a caller without types may pass.
  const foreign = (change: object): CircuitLimits => ({ ...limits, ...change }) as CircuitLimits
  expect(thrownBy(foreign({ openMs: '1000' }))).toBeInstanceOf(RangeError)
  expect(thrownBy(foreign({ window: 'no' }))).toBeInstanceOf(TypeError)
  expect(thrownBy(foreign({ mode: 'off' }))).toBeInstanceOf(RangeError)
})

function thrownBy(candidate: CircuitLimits): unknown {
  try {
    checkedLimits(candidate)
    return undefined
  } catch (error) {
    return error
  }
}
