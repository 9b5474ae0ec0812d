import { describe, expect, it } from 'vitest'
import { trendSettings } from '../../../src/breaker/trend/trend-options.js'

describe('trendSettings()', () => {
  it('fills in the defaults', () => {
    const settings = { falseTripBudget: 100_000, openAt: 0.2, memoryCalls: 10_000, prior: { ratio: 0.05, calls: 20 } }
    expect(trendSettings()).toEqual(settings)
    expect(trendSettings({ openAt: undefined })).toEqual(settings)
    expect(trendSettings({ openAt: 0.5 })).toEqual({ ...settings, openAt: 0.5 })
  })

  it('gives back what it made, so that many can share it, and lets nobody change it', () => {
    const settings = trendSettings({ openAt: 0.3 })
    expect(trendSettings(settings)).toBe(settings)
    expect(Object.isFrozen(settings) && Object.isFrozen(settings.prior)).toBe(true)
  })

  it.each([
    { falseTripBudget: 999 },
    { falseTripBudget: Number.NaN },
    { falseTripBudget: Number.POSITIVE_INFINITY },
    { openAt: 0 },
    { openAt: 1 },
    { openAt: Number.NaN },
    { memoryCalls: 9_999 },
    { memoryCalls: 2e9 },
    { prior: { ratio: 0, calls: 20 } },
    { prior: { ratio: 0.05, calls: 0 } },
    { prior: { ratio: 0.05, calls: 20_000 } },
  ])('refuses %j', (options) => {
    expect(() => trendSettings(options)).toThrow(RangeError)
  })

  it('refuses what is no number', () => {
    // @ts-expect-error a caller without types
    expect(() => trendSettings({ openAt: '0.2' })).toThrow(
      new TypeError('Cannot watch a trend: openAt is string, and must be a number'),
    )
    // @ts-expect-error a caller without types
    expect(() => trendSettings({ memoryCalls: null })).toThrow('memoryCalls is null')
    // @ts-expect-error a caller without types
    expect(() => trendSettings({ prior: null })).toThrow(TypeError)
  })
})
