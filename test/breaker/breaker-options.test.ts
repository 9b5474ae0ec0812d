import { expect, it } from 'vitest'
import { circuitLimits, timeoutOf, type BreakerOptions } from '../../src/breaker/breaker-options.js'
import { TrendAwareCircuitBreaker } from '../../src/breaker/trend-aware-circuit-breaker.js'

it('circuitLimits() reads the names of opossum and fills in defaults', () => {
  expect(circuitLimits({})).toEqual({
    failureRatioMax: 0.5,
    callsMin: 5,
    windowMs: 10_000,
    buckets: 10,
    openMs: 30_000,
    openMsMax: 240_000,
    probesMax: 1,
    probeTimeoutMs: 60_000,
  })
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
    }),
  ).toEqual({
    failureRatioMax: 0.25,
    callsMin: 0,
    windowMs: 500,
    buckets: 5,
    openMs: 0,
    openMsMax: 7,
    probesMax: 3,
    probeTimeoutMs: 9,
  })
})

it('circuitLimits() names the option and the value that is out of range', () => {
  const wrong: readonly (readonly [BreakerOptions, string])[] = [
    [{ errorThresholdPercentage: 101 }, 'Cannot use 101 as "errorThresholdPercentage": it must be a number from 0 to 100'],
    [{ errorThresholdPercentage: Number.NaN }, '"errorThresholdPercentage"'],
    [{ volumeThreshold: 1.5 }, 'Cannot use 1.5 as "volumeThreshold": it must be a whole number'],
    [{ rollingCountTimeout: 0 }, '"rollingCountTimeout"'],
    [{ rollingCountBuckets: 0 }, '"rollingCountBuckets"'],
    [{ rollingCountBuckets: 1_001 }, '"rollingCountBuckets"'],
    [{ resetTimeout: -1 }, '"resetTimeout"'],
    [{ resetTimeout: '30s' as never }, 'Cannot use 30s as "resetTimeout"'],
    [{ resetTimeout: 100, openMsMax: 99 }, '"openMsMax"'],
    [{ probesMax: 0 }, '"probesMax"'],
    [{ probeTimeoutMs: Number.POSITIVE_INFINITY }, '"probeTimeoutMs"'],
  ]
  for (const [options, message] of wrong) {
    expect(() => circuitLimits(options)).toThrow(RangeError)
    expect(() => circuitLimits(options)).toThrow(message)
  }
})

it('TrendAwareCircuitBreaker refuses what it would otherwise silently ignore', () => {
  const action = async (): Promise<void> => undefined
  for (const options of [
    { cache: true },
    { cacheTTL: 5 },
    { coalesce: true },
    { abortController: new AbortController() },
    { autoRenewAbortController: true },
    { enableSnapshots: true },
    { status: {} as never },
  ]) {
    const [name] = Object.keys(options)
    expect(() => new TrendAwareCircuitBreaker(action, options)).toThrow(
      `Cannot use the option "${name}": it is not supported yet`,
    )
  }
  expect(() => new TrendAwareCircuitBreaker(action, { cache: false, enableSnapshots: false })).not.toThrow()
})

it('timeoutOf() takes false and 0 for no limit, as opossum does', () => {
  expect([timeoutOf({}), timeoutOf({ timeout: false }), timeoutOf({ timeout: 0 }), timeoutOf({ timeout: 5 })]).toEqual([
    10_000,
    false,
    false,
    5,
  ])
  expect(() => timeoutOf({ timeout: -1 })).toThrow(RangeError)
})
