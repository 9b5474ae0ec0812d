import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { callsMinFor, circuitLimits, knownOptions, type BreakerOptions } from '../../src/breaker/breaker-options.js'
import { TrendAwareCircuitBreaker } from '../../src/breaker/trend-aware-circuit-breaker.js'

describe('circuitLimits()', () => {
  it('fills in the defaults, with the trend deciding alone', () => {
    expect(circuitLimits({})).toEqual({
      failureRatioMax: 0.5,
      callsMin: 4,
      window: false,
      windowMs: 10_000,
      buckets: 10,
      openMs: 30_000,
      openMsMax: 240_000,
      probesMax: 1,
      probeTimeoutMs: 60_000,
      rampMs: 0,
      mode: 'enforce',
    })
  })

  it('reads the names of opossum', () => {
    expect(
      circuitLimits({
        errorThresholdPercentage: 25,
        volumeThreshold: 0,
        rollingCountTimeout: 500,
        rollingCountBuckets: 5,
        resetTimeout: 0,
        openMsMax: 7,
        probesMax: 3,
        probeTimeoutMs: 9,
        rampMs: 11,
        mode: 'observe',
      }),
    ).toEqual({
      failureRatioMax: 0.25,
      callsMin: 0,
      window: true,
      windowMs: 500,
      buckets: 5,
      openMs: 0,
      openMsMax: 7,
      probesMax: 3,
      probeTimeoutMs: 9,
      rampMs: 11,
      mode: 'observe',
    })
  })

  it('lets the window decide too when a percentage or a volume is given, and alone without a trend', () => {
    const windowOf = (options: BreakerOptions): boolean => circuitLimits(options).window
    expect(windowOf({ errorThresholdPercentage: 50 })).toBe(true)
    expect(windowOf({ errorThresholdPercentage: 0 })).toBe(true)
    expect(windowOf({ volumeThreshold: 0 })).toBe(true)
    expect(windowOf({ trend: false })).toBe(true)
    expect(windowOf({ trend: { openAt: 0.3 }, errorThresholdPercentage: undefined })).toBe(false)
  })

  it('takes 0 for "the default" where opossum does', () => {
    expect(circuitLimits({ rollingCountTimeout: 0, rollingCountBuckets: 0 })).toMatchObject({ windowMs: 10_000, buckets: 10 })
  })

  it('lets openings grow only when the user has not said how long they are', () => {
    expect(circuitLimits({ resetTimeout: 100 }).openMsMax).toBe(100)
    expect(circuitLimits({ resetTimeout: 100, openMsMax: 900 }).openMsMax).toBe(900)
    expect(circuitLimits({}).openMsMax).toBe(240_000)
  })

  it('names the option and the value that is out of range', () => {
    const wrong: readonly (readonly [BreakerOptions, string])[] = [
      [{ errorThresholdPercentage: 101 }, 'Cannot use 101 as "errorThresholdPercentage": it must be a number from 0 to 100'],
      [{ errorThresholdPercentage: Number.NaN }, '"errorThresholdPercentage"'],
      [{ volumeThreshold: 1.5 }, 'Cannot use 1.5 as "volumeThreshold": it must be a whole number'],
      [{ rollingCountTimeout: -1 }, '"rollingCountTimeout"'],
      [{ rollingCountBuckets: -1 }, '"rollingCountBuckets"'],
      [{ rollingCountBuckets: 1_001 }, '"rollingCountBuckets"'],
      [{ resetTimeout: -1 }, '"resetTimeout"'],
      [{ resetTimeout: '30s' as never }, 'Cannot use 30s as "resetTimeout"'],
      [{ resetTimeout: 100, openMsMax: 99 }, '"openMsMax"'],
      [{ probesMax: 0 }, '"probesMax"'],
      [{ probeTimeoutMs: Number.POSITIVE_INFINITY }, '"probeTimeoutMs"'],
      [{ rampMs: -1 }, '"rampMs"'],
    ]
    for (const [options, message] of wrong) {
      expect(() => circuitLimits(options)).toThrow(RangeError)
      expect(() => circuitLimits(options)).toThrow(message)
    }
  })
})

describe('callsMinFor()', () => {
  it('asks for as many failures in a row as it takes to speak against the ratio', () => {
    expect([0, 0.01, 0.1, 0.2, 0.4, 0.5, 0.6, 1].map(callsMinFor)).toEqual([1, 1, 1, 2, 3, 4, 5, 5])
  })

  it('never falls when the ratio rises', () => {
    const ratio = fc.double({ min: 0, max: 1, noNaN: true })
    fc.assert(
      fc.property(ratio, ratio, (a, b) => {
        expect(callsMinFor(Math.min(a, b))).toBeLessThanOrEqual(callsMinFor(Math.max(a, b)))
      }),
    )
  })
})

describe('knownOptions()', () => {
  it('shows what opossum shows', () => {
    const { cacheGetKey, errorFilter, ...rest } = knownOptions({})
    expect(rest).toEqual({
      timeout: 10_000,
      resetTimeout: 30_000,
      errorThresholdPercentage: 50,
      rollingCountTimeout: 10_000,
      rollingCountBuckets: 10,
      rollingPercentilesEnabled: true,
      capacity: Number.MAX_SAFE_INTEGER,
      enableSnapshots: true,
      cacheTTL: 0,
      cacheSize: 2 ** 24 - 1,
      coalesce: false,
      coalesceTTL: 10_000,
      coalesceSize: 2 ** 24 - 1,
      coalesceResetOn: [],
    })
    expect(cacheGetKey(1, 'a')).toBe('[1,"a"]')
    expect(errorFilter?.(new Error('x'))).toBe(false)
  })

  it('keeps the values of the user, also those it does not know', () => {
    const options = { timeout: 0, coalesceTTL: 5, capacity: Number.POSITIVE_INFINITY, mine: 'kept' }
    expect(knownOptions(options)).toMatchObject({ timeout: 0, coalesceTTL: 5, capacity: Number.MAX_SAFE_INTEGER, mine: 'kept' })
    expect(options).toEqual({ timeout: 0, coalesceTTL: 5, capacity: Number.POSITIVE_INFINITY, mine: 'kept' })
  })

  it('shares promises for as long as a call may take, unless told otherwise', () => {
    expect(knownOptions({ timeout: 70 }).coalesceTTL).toBe(70)
    expect(knownOptions({ timeout: false }).coalesceTTL).toBe(false)
    expect(knownOptions({ coalesceResetOn: ['timeout', 'success', 'sunrise'] }).coalesceResetOn).toEqual(['success', 'timeout'])
  })

  it('refuses what is out of range or of the wrong kind, in the words of opossum where it has any', () => {
    for (const name of ['timeout', 'capacity', 'cacheTTL', 'cacheSize', 'coalesceTTL', 'coalesceSize'])
      for (const value of [-1, Number.NaN, 'many'])
        expect(() => knownOptions({ [name]: value }), `${name} ${value}`).toThrow(RangeError)
    expect(() => knownOptions({ abortController: {} as never })).toThrow('AbortController does not contain `abort()` method')
    for (const cacheTransport of [null, 'redis', { get: () => 1 }])
      expect(() => knownOptions({ cache: true, cacheTransport: cacheTransport as never })).toThrow(
        'options.cacheTransport should be an object with `get`, `set` and `flush` methods',
      )
  })
})

it('TrendAwareCircuitBreaker checks its options before it does anything', () => {
  let made = 0
  const options = { errorThresholdPercentage: 200, rotateBucketController: { on: () => (made += 1) } as never }
  expect(() => new TrendAwareCircuitBreaker(async () => undefined, options)).toThrow(RangeError)
  expect(made).toBe(0)
})
