import fc from 'fast-check'
import { expect, it } from 'vitest'
import { HomeostatError } from '../../src/core/errors.js'
import { fieldOf, isRequestError, statusOf } from '../../src/orchestrator/guard/error-shape.js'
import { retryAfterMsOf } from '../../src/orchestrator/guard/retry-after.js'

const nowMs = Date.parse('2026-01-01T00:00:00Z')

it('retryAfterMsOf() reads every usual shape', () => {
  const shapes: readonly (readonly [unknown, number])[] = [
    [{ headers: new Headers({ 'Retry-After': '3' }) }, 3_000],
    [{ headers: new Map([['retry-after', '0.5']]) }, 500],
    [{ headers: { 'retry-after': '3' } }, 3_000],
    [{ headers: { 'Retry-After': ['4', '9'] } }, 4_000],
    [{ response: { headers: new Headers({ 'retry-after': '7' }) } }, 7_000],
    [{ headers: { 'retry-after': 'Thu, 01 Jan 2026 00:00:10 GMT' } }, 10_000],
    [{ headers: { 'retry-after': 'Wed, 31 Dec 2025 00:00:00 GMT' } }, 0],
    [{ headers: { 'retry-after': '9', 'retry-after-ms': '250' } }, 250],
    [{ retryAfterMs: 42 }, 42],
    [{ retryAfter: 2 }, 2_000],
    [{ retryAfter: -2 }, 0],
    [new HomeostatError('HS_RATE_LIMITED', { key: 'k', callsPerMinuteMax: 1, retryAfterMs: 77 }), 77],
    [new Error('wrapped', { cause: { headers: { 'retry-after': '5' } } }), 5_000],
  ]
  for (const [error, expected] of shapes) expect(retryAfterMsOf(error, nowMs)).toBe(expected)
})

it('retryAfterMsOf() finds nothing where nothing is, or nothing sensible', () => {
  const cycle: { cause?: unknown } = {}
  cycle.cause = cycle
  const hostile = new Proxy(
    {},
    {
      get() {
        throw new Error('do not touch')
      },
    },
  )
  const badList = {
    get() {
      throw new Error('no list')
    },
  }
  for (const error of [
    undefined,
    null,
    'text',
    7,
    cycle,
    hostile,
    { headers: badList },
    { headers: { 'retry-after': 'soon' } },
    { headers: { 'retry-after': '9'.repeat(1_000_000) } },
    { retryAfterMs: Number.NaN },
    { retryAfter: Number.POSITIVE_INFINITY },
    { headers: null },
    { retryAfter: {} },
  ]) {
    expect(retryAfterMsOf(error, nowMs)).toBeUndefined()
  }
})

it('retryAfterMsOf() takes anything at all without throwing, and gives a number of at least 0 or nothing', () => {
  fc.assert(
    fc.property(fc.anything({ withBoxedValues: true, withNullPrototype: true, withMap: true }), fc.string(), (thing, header) => {
      for (const error of [
        thing,
        { headers: thing },
        { headers: { 'retry-after': header } },
        { cause: thing, retryAfter: header },
      ]) {
        const found = retryAfterMsOf(error, nowMs)
        expect(found === undefined || (Number.isFinite(found) && found >= 0)).toBe(true)
      }
    }),
  )
})

it('statusOf() and isRequestError() know the HTTP errors that waiting does not cure', () => {
  expect([
    statusOf({ status: 404 }),
    statusOf({ statusCode: 500 }),
    statusOf({ response: { status: 429 } }),
    statusOf({ status: 'failed' }),
    statusOf({ status: 7 }),
    statusOf(null),
  ]).toEqual([404, 500, 429, undefined, undefined, undefined])
  const judged = [400, 401, 403, 404, 408, 409, 422, 425, 429, 500, 503].filter((status) => isRequestError({ status }))
  expect(judged).toEqual([400, 401, 403, 404, 422])
})

it('fieldOf() reads functions too, and nothing of a primitive', () => {
  expect(
    fieldOf(
      Object.assign(() => undefined, { status: 5 }),
      'status',
    ),
  ).toBe(5)
  expect(fieldOf('text', 'length')).toBeUndefined()
})
