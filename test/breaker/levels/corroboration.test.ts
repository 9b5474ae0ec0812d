import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Corroboration } from '../../../src/breaker/levels/corroboration.js'

/** How many of these failures a parent counts; `null` is a success. */
function counted(calls: readonly (string | null)[]): number {
  const witness = new Corroboration()
  let sum = 0
  for (const child of calls) {
    if (child === null) witness.succeeded()
    else if (witness.failed(child)) sum += 1
  }
  return sum
}

describe('Corroboration', () => {
  it('counts nothing of what one child does alone', () => {
    expect(counted(Array.from({ length: 10_000 }, () => 'a'))).toBe(0)
  })

  it('counts all but the first failure when children fail in turn', () => {
    expect(counted(Array.from({ length: 100 }, (_, index) => `child-${index % 10}`))).toBe(99)
  })

  it('counts the failure that was held back once there is a witness', () => {
    expect(counted(['a', 'b'])).toBe(1)
    expect(counted(['a', 'b', 'b'])).toBe(2)
    expect(counted(['a', 'b', 'b', 'b', 'b'])).toBe(2)
  })

  it('never counts more than twice what all children but any one of them did', () => {
    const call = fc.option(fc.constantFrom('a', 'b', 'c', 'd'), { freq: 4 })
    fc.assert(
      fc.property(fc.array(call, { maxLength: 200 }), (calls) => {
        const failures = calls.filter((child) => child !== null)
        for (const child of ['a', 'b', 'c', 'd']) {
          expect(counted(calls)).toBeLessThanOrEqual(2 * failures.filter((one) => one !== child).length)
        }
      }),
    )
  })

  it('lets a failure bear witness for 32 successes and no longer', () => {
    const successes = (count: number): null[] => Array.from({ length: count }, () => null)
    expect(counted(['a', ...successes(32), 'b'])).toBe(1)
    expect(counted(['a', ...successes(33), 'b'])).toBe(0)
    expect(counted(['a', 'b', ...successes(33), 'b'])).toBe(1)
    expect(counted(['a', ...successes(20), 'a', ...successes(20), 'b'])).toBe(1)
  })

  it('holds back at most eight failures of a child, so a long outage of one cannot speak against another for ever', () => {
    const outage = Array.from({ length: 1_000 }, () => 'a')
    const other = Array.from({ length: 1_000 }, () => 'b')
    expect(counted([...outage, ...other])).toBe(16)
  })

  it('forget() begins anew', () => {
    const witness = new Corroboration()
    witness.failed('a')
    witness.forget()
    expect(witness.failed('b')).toBe(false)
  })
})
