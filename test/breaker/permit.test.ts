import { expect, it } from 'vitest'
import { CallPermit, type Failure, type PermitIssuer } from '../../src/breaker/permit.js'

function issue(): { readonly permit: CallPermit<string>; readonly heard: unknown[] } {
  const heard: unknown[] = []
  const issuer: PermitIssuer<string> = {
    settle: (_permit: CallPermit<string>, era: string, failure: Failure | undefined) => heard.push([era, failure]) * 100,
    answered: () => 7,
    withdraw: (_permit: CallPermit<string>, era: string) => heard.push([era, 'withdrawn']) * 100,
  }
  return { permit: new CallPermit(issuer, 'an era', 5, 7), heard }
}

it('CallPermit counts once, whichever of its methods comes first', () => {
  for (const first of ['success', 'failure', 'ignore'] as const) {
    const { permit, heard } = issue()
    expect(permit[first]()).toBe(100)
    expect([permit.success(), permit.failure(), permit.ignore()]).toEqual([Number.NaN, Number.NaN, Number.NaN])
    expect(heard).toHaveLength(1)
  }
})

it('CallPermit tells its issuer what happened and in which state it was given', () => {
  const { permit, heard } = issue()
  const cause = new Error('down')
  permit.failure(cause, 1_000)
  issue().permit.success()
  expect(heard).toEqual([['an era', { cause, retryAfterMs: 1_000 }]])
  expect(permit).toMatchObject({ admitted: true, startedMonoMs: 5, ticket: 7 })
})

it('CallPermit takes the first time at which its answer began, and none after it ended', () => {
  let times = 0
  const issuer = { settle: () => 0, withdraw: () => 0, answered: () => (times += 5) }
  const permit = new CallPermit(issuer, 'era', 0, 3)
  expect(permit.answeredMonoMs).toBeNaN()
  permit.answered()
  permit.answered()
  expect(permit.answeredMonoMs).toBe(5)
  const late = new CallPermit(issuer, 'era', 0, 3)
  late.success()
  late.answered()
  expect([late.answeredMonoMs, times]).toEqual([Number.NaN, 5])
})
