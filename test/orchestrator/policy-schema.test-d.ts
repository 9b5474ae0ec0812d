import { expectTypeOf, it } from 'vitest'
import { definePolicy, type Policy, type PolicyInput } from '../../src/orchestrator/policy/policy-schema.js'
import { mergePolicy, parsePolicy } from '../../src/orchestrator/policy/policy.js'

it('Policy is readonly at every level', () => {
  const policy = parsePolicy({})
  expectTypeOf(policy).toEqualTypeOf<Policy>()
  expectTypeOf(policy.autonomy).toEqualTypeOf<'observe' | 'propose' | 'apply'>()
  expectTypeOf(policy.guard.retry.delayMsMax).toEqualTypeOf<number>()
  expectTypeOf(policy.security.protectedPaths).toEqualTypeOf<readonly string[]>()
  // @ts-expect-error the top is readonly
  policy.autonomy = 'apply'
  // @ts-expect-error sections are readonly
  policy.guard.retry.attemptsMax = 3
  // @ts-expect-error lists are readonly
  policy.security.protectedPaths.push('a')
})

it('PolicyInput takes any part of a policy, and whole policies', () => {
  definePolicy({})
  definePolicy({ guard: { retry: { attemptsMax: undefined } } })
  expectTypeOf<Policy>().toExtend<PolicyInput>()
  expectTypeOf(mergePolicy(parsePolicy(), {}).changed).toEqualTypeOf<readonly string[]>()
  // @ts-expect-error unknown field
  definePolicy({ guard: { retries: 3 } })
  // @ts-expect-error a duration is a number
  definePolicy({ guard: { deadline: { timeoutMs: '30s' } } })
  // @ts-expect-error no such preset
  definePolicy({ preset: 'Sota' })
})
