import { expect, it } from 'vitest'
import { guardLimits } from '../../src/orchestrator/guard/guard-options.js'
import { parsePolicy } from '../../src/orchestrator/policy/policy.js'

const { guard } = parsePolicy()

it('guardLimits() takes the policy where the options say nothing', () => {
  expect(guardLimits(guard, {})).toEqual({
    rate: undefined,
    retry: guard.retry,
    retryBudget: true,
    breaker: true,
    bulkhead: undefined,
    deadline: guard.deadline,
  })
})

it('guardLimits() switches each layer off and on', () => {
  expect(guardLimits(guard, { retry: false, breaker: false, deadline: false })).toEqual({
    rate: undefined,
    retry: undefined,
    retryBudget: true,
    breaker: false,
    bulkhead: undefined,
    deadline: undefined,
  })
  expect(guardLimits(guard, { rate: true, bulkhead: { concurrentMax: 3 } })).toMatchObject({
    rate: guard.rate,
    bulkhead: { ...guard.bulkhead, concurrentMax: 3 },
  })
})

it('guardLimits() puts single numbers in the place of the policy', () => {
  expect(guardLimits(guard, { retry: { attemptsMax: 7 }, deadline: { timeoutMs: 5 } })).toMatchObject({
    retry: { ...guard.retry, attemptsMax: 7 },
    deadline: { timeoutMs: 5 },
  })
})

it('guardLimits() refuses numbers that cannot be, by name', () => {
  expect(() => guardLimits(guard, { retry: { attemptsMax: 0 } })).toThrow(
    'Cannot use 0 as "retry.attemptsMax": it must be a whole number, at least 1',
  )
  for (const options of [
    { retry: { delayMsBase: -1 } },
    { deadline: { timeoutMs: 0 } },
    { deadline: { timeoutMs: Number.POSITIVE_INFINITY } },
    { rate: { callsPerMinuteMax: 0.5 } },
    { bulkhead: { concurrentMax: Number.NaN } },
  ]) {
    expect(() => guardLimits(guard, options)).toThrow(RangeError)
  }
})

it('guardLimits() refuses what is of the wrong kind, by name', () => {
  const wrong: readonly (readonly [object, string])[] = [
    [{ retry: 3 }, '"retry"'],
    [{ retry: null }, '"retry"'],
    [{ retry: { attempts: 3 } }, '"retry.attempts"'],
    [JSON.parse('{"deadline":{"__proto__":5}}') as object, '"deadline.__proto__"'],
    [{ breaker: { openMs: 5 } }, '"breaker"'],
    [{ accept: true }, '"accept"'],
    [{ fallback: 'x' }, '"fallback"'],
  ]
  for (const [options, name] of wrong) {
    expect(() => guardLimits(guard, options)).toThrow(TypeError)
    expect(() => guardLimits(guard, options)).toThrow(name)
  }
})
