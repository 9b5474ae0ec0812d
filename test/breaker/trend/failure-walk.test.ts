import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { candidatesMax, FailureWalk } from '../../../src/breaker/trend/failure-walk.js'
import { ReferenceRatio } from '../../../src/breaker/trend/reference-ratio.js'

const stream = fc.array(fc.boolean(), { minLength: 1, maxLength: 80 })
const reference = fc.double({ min: 0.01, max: 0.6, noNaN: true }).map((ratio) => new ReferenceRatio(ratio))

function walkOf(failed: readonly boolean[], ratioMin: number, callsMax = Number.POSITIVE_INFINITY): FailureWalk {
  const walk = new FailureWalk()
  for (const [at, failure] of failed.entries()) {
    if (!failure) walk.succeed()
    else {
      walk.settle(ratioMin, callsMax)
      walk.fail(at)
    }
  }
  return walk
}

/** The definition: every change point is tried. */
function evidenceOf(failed: readonly boolean[], against: ReferenceRatio): number {
  let most = 0
  let failures = 0
  for (let calls = 1; calls <= failed.length; calls += 1) {
    if (failed[failed.length - calls] === true) failures += 1
    most = Math.max(most, against.evidence(failures, calls))
  }
  return most
}

/** Ever steeper: each failure comes after one success fewer than the one before, so that each begins a corner. */
function steepening(corners: number): boolean[] {
  return Array.from({ length: corners }, (_, at) => [...Array.from({ length: corners - at }, () => false), true]).flat()
}

describe('FailureWalk', () => {
  it('evidence() is that of the best of all change points', () => {
    fc.assert(
      fc.property(stream, reference, (failed, against) => {
        expect(walkOf(failed, 0).evidence(against)).toBeCloseTo(evidenceOf(failed, against), 9)
      }),
      { numRuns: 500 },
    )
  })

  it('settle() drops no change point that could have been the best', () => {
    fc.assert(
      fc.property(stream, reference, (failed, against) => {
        expect(walkOf(failed, against.ratio).evidence(against)).toBeCloseTo(evidenceOf(failed, against), 9)
      }),
      { numRuns: 500 },
    )
  })

  it('evidence() never falls when a success becomes a failure', () => {
    fc.assert(
      fc.property(stream, reference, fc.nat(), (failed, against, at) => {
        const worse = failed.with(at % failed.length, true)
        expect(walkOf(worse, against.ratio).evidence(against)).toBeGreaterThanOrEqual(
          walkOf(failed, against.ratio).evidence(against) - 1e-9,
        )
      }),
      { numRuns: 500 },
    )
  })

  it('best is the candidate where the failures began', () => {
    const walk = walkOf([...Array.from({ length: 50 }, () => false), true, true, false, true], 0.01)
    walk.evidence(new ReferenceRatio(0.01))
    expect([walk.callsSince(walk.best), walk.failuresSince(walk.best), walk.atMs(walk.best)]).toEqual([4, 3, 50])
  })

  it('settle() says how frequent failures were since the newest candidate', () => {
    const walk = walkOf([true, false, false, false], 0)
    expect(walk.settle(0, Number.POSITIVE_INFINITY)).toBe(0.25)
    expect(walk.candidates).toBe(1)
    expect(walk.settle(0.25, Number.POSITIVE_INFINITY)).toBe(0.25)
    expect(walk.candidates).toBe(0)
    expect(walk.settle(0.25, Number.POSITIVE_INFINITY)).toBe(0)
  })

  it('settle() drops the oldest candidate when it lies too far back', () => {
    const walk = walkOf([true, false, false, true, true, false], 0)
    expect(walk.candidates).toBe(2)
    walk.settle(0, 5)
    expect([walk.candidates, walk.callsBefore(0)]).toEqual([1, 3])
  })

  it('keeps no more candidates than it may, and loses next to no evidence by that', () => {
    const failed = steepening(120)
    const walk = walkOf(failed, 0)
    expect(walk.candidates).toBe(candidatesMax)
    for (const ratio of [0.005, 0.02, 0.1]) {
      const against = new ReferenceRatio(ratio)
      const exact = evidenceOf(failed, against)
      expect(walk.evidence(against)).toBeLessThanOrEqual(exact + 1e-9)
      expect(walk.evidence(against)).toBeGreaterThan(0.98 * exact)
    }
  })

  it('rebase() moves the origin and nothing else', () => {
    fc.assert(
      fc.property(stream, reference, (failed, against) => {
        const walk = walkOf(failed, against.ratio)
        const before = walk.evidence(against)
        walk.rebase()
        expect(walk.evidence(against)).toBe(before)
        expect(walk.callsBefore(0)).toBe(0)
      }),
    )
  })

  it('from() goes on as the walk would have', () => {
    fc.assert(
      fc.property(stream, stream, reference, (first, second, against) => {
        const walk = walkOf(first, against.ratio)
        const copy = FailureWalk.from(walk.toJSON())
        for (const each of [walk, copy]) {
          for (const failed of second) {
            if (!failed) each.succeed()
            else {
              each.settle(against.ratio, 60)
              each.fail(1)
            }
          }
        }
        expect(copy.toJSON()).toEqual(walk.toJSON())
        expect(copy.evidence(against)).toBe(walk.evidence(against))
      }),
    )
  })

  it('from() takes a walk whose times are unknown', () => {
    const walk = new FailureWalk()
    walk.fail(Number.NaN)
    expect(walk.toJSON().candidates).toEqual([[0, 0, null]])
    expect(FailureWalk.from(walk.toJSON()).atMs(0)).toBeNaN()
  })

  it.each([
    ['more failures than calls', { calls: 1, failures: 2, lastFailed: false, candidates: [] }],
    ['a candidate after the end', { calls: 1, failures: 1, lastFailed: false, candidates: [[2, 0, null]] }],
    ['no failure after a candidate', { calls: 5, failures: 1, lastFailed: false, candidates: [[1, 1, null]] }],
    [
      'candidates that are no hull',
      {
        calls: 9,
        failures: 5,
        lastFailed: false,
        candidates: [
          [0, 0, null],
          [2, 2, null],
          [6, 3, null],
        ],
      },
    ],
    ['a failure without a candidate', { calls: 3, failures: 1, lastFailed: true, candidates: [] }],
  ] as const)('from() refuses %s', (_, state) => {
    expect(() => FailureWalk.from({ ...state, candidates: state.candidates.map(([a, b, c]) => [a, b, c]) })).toThrow(RangeError)
  })
})
