import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import { presetNames } from '../../src/orchestrator/policy/policy-field.js'
import { policyFields } from '../../src/orchestrator/policy/policy-paths.js'
import { orderings, policySchema, valueAt, type Policy } from '../../src/orchestrator/policy/policy-schema.js'
import { explicitPaths, mergePolicy, parsePolicy } from '../../src/orchestrator/policy/policy.js'
import { invalidPolicy, validPolicy } from '../../src/testing/policy-arbitraries.js'

/** What parsePolicy() says about an input that it must refuse. */
function refusal(input: unknown, source?: string): string {
  try {
    parsePolicy(input, source)
  } catch (error) {
    if (isHomeostatError(error, 'HS_POLICY_INVALID')) return error.message
    throw error
  }
  throw new Error('it was accepted')
}

describe('parsePolicy()', () => {
  it('gives the mid-tier defaults for nothing at all', () => {
    const policy = parsePolicy()
    expect(policy.preset).toBe('mid-tier')
    expect(policy.autonomy).toBe('propose')
    expect(policy.repair.installs).toBe('declared')
    expect(policy.heal).toMatchObject({
      syntaxAttemptsMax: 5,
      logicAttemptsMax: 7,
      syntaxErrorBudget: 0.1,
      logicErrorBudget: 0.2,
    })
    expect(policy.confidence).toEqual({ syntaxFloor: 0.3, logicFloor: 0.25, promoteMin: 0.8 })
    expect(policy.guard.rate).toEqual({ enabled: false, callsPerMinuteMax: 15 })
  })

  it('fills in the values of the preset, and lets an explicit field win over it', () => {
    const policy = parsePolicy({ preset: 'local-small', heal: { logicAttemptsMax: 4 }, confidence: { syntaxFloor: undefined } })
    expect(policy.heal).toMatchObject({ syntaxAttemptsMax: 7, logicAttemptsMax: 4 })
    expect(policy.confidence.syntaxFloor).toBe(0.2)
    expect(parsePolicy({ preset: 'sota' }).heal).toMatchObject({ syntaxAttemptsMax: 3, logicAttemptsMax: 5 })
  })

  it('accepts each preset by itself', () => {
    for (const preset of presetNames) expect(policySchema.safeParse(parsePolicy({ preset })).success).toBe(true)
  })

  it('freezes every level, and a list of the caller stays the caller’s', () => {
    const protectedPaths = ['secret/**']
    const policy = parsePolicy({ security: { protectedPaths } })
    protectedPaths.push('more/**')
    expect(policy.security.protectedPaths).toEqual(['secret/**'])
    expect(
      [policy, policy.guard, policy.guard.retry, policy.security.protectedPaths, policy.security.riskyKeywords].every(
        Object.isFrozen,
      ),
    ).toBe(true)
  })

  it('accepts plain objects without a prototype and of another realm', () => {
    const input: unknown = Object.assign(Object.create(null), { autonomy: 'apply' })
    expect(parsePolicy(input).autonomy).toBe('apply')
    expect(parsePolicy(JSON.parse('{"guard":{"keysMax":7}}')).guard.keysMax).toBe(7)
  })

  it('says path, value, range and unit of a value that is out of range', () => {
    expect(refusal({ guard: { retry: { attemptsMax: 99 } } }, 'the tests')).toBe(
      'Cannot accept the policy from the tests: guard.retry.attemptsMax is 99, allowed: a whole number from 1 to 20',
    )
    expect(refusal({ guard: { deadline: { timeoutMs: '30s' } } })).toContain(
      'guard.deadline.timeoutMs is "30s", allowed: a whole number of milliseconds from 1 to 86400000',
    )
    expect(refusal({ sandbox: { memoryBytesMax: 5 } })).toContain('a whole number of bytes from')
    expect(refusal({ guard: { breaker: { failureRatioMax: 50 } } })).toContain(
      'guard.breaker.failureRatioMax is 50, allowed: a number from 0.01 to 1',
    )
    expect(refusal({ guard: { retry: { enabled: 'yes' } } })).toContain('guard.retry.enabled is "yes", allowed: true or false')
  })

  it('names the option that was probably meant', () => {
    expect(refusal({ autonomy: 'Apply' })).toContain(
      'autonomy is "Apply", allowed: "observe", "propose", "apply", did you mean "apply"?',
    )
    expect(refusal({ preset: 'x'.repeat(100) })).not.toContain('did you mean')
  })

  it.each([
    [
      { guard: { retry: { atemptsMax: 3 } } },
      'guard.retry.atemptsMax (3) is not a field of the policy, did you mean guard.retry.attemptsMax?',
    ],
    [{ guard: { retry: { maxAttempts: 3 } } }, 'did you mean guard.retry.attemptsMax?'],
    [{ guard: { retry: { attempts_max: 3 } } }, 'did you mean guard.retry.attemptsMax?'],
    [
      { timeoutMs: 5 },
      'timeoutMs (5) is not a field of the policy, did you mean guard.deadline.timeoutMs or repair.model.timeoutMs or sandbox.timeoutMs?',
    ],
    [{ retry: {} }, 'retry (an object) is not a field of the policy, did you mean guard.retry?'],
    [{ 'guard.keysMax': 5 }, 'did you mean guard.keysMax?'],
    [{ Guard: {} }, 'did you mean guard?'],
    [{ heal: { installs: 'any' } }, 'did you mean repair.installs?'],
    [
      { guard: { zzzzzz: 1 } },
      'guard.zzzzzz (1) is not a field of the policy, known here: keysMax, rate, retry, retryBudget, breaker, bulkhead, deadline',
    ],
    [{ guard: 5 }, 'guard is 5, allowed: a plain object with keysMax, rate'],
    [5, 'the policy is 5, allowed: a plain object with preset'],
    [null, 'the policy is null'],
    [[], 'the policy is a list of 0'],
  ])('explains %j', (input, text) => {
    expect(refusal(input)).toContain(text)
  })

  it('names the item of a list that is wrong', () => {
    expect(refusal({ security: { protectedPaths: ['a', 'b,c'] } })).toContain(
      'security.protectedPaths[1] is "b,c", allowed: a list of at most 1000 texts',
    )
    expect(refusal({ security: { protectedPaths: 'a' } })).toContain('security.protectedPaths is "a", allowed: a list')
    expect(refusal({ security: { protectedPaths: Array<string>(1_001).fill('a') } })).toContain(
      'security.protectedPaths is a list of more than 1000, allowed',
    )
    expect(refusal({ security: { riskyKeywords: [{}] } })).toContain('security.riskyKeywords[0] is an object')
  })

  it('names every problem at once, and counts what it does not spell out', () => {
    const text = refusal({ autonomy: 'x', nope: 1, guard: { keysMax: 0, retry: null } })
    for (const path of ['autonomy', 'nope', 'guard.keysMax', 'guard.retry']) expect(text).toContain(`${path} `)
    const many = refusal(Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`unknown${index}`, index])))
    expect(many).toContain('and 4980 more')
    expect(many.length).toBeLessThan(20_000)
  })

  it('refuses fields that contradict each other, and says which of them is a default', () => {
    expect(refusal({ guard: { retry: { delayMsBase: 500, delayMsMax: 400 } } })).toContain(
      'guard.retry.delayMsBase is 500, allowed: at most guard.retry.delayMsMax, which is 400',
    )
    expect(refusal({ confidence: { promoteMin: 0.5 }, preset: 'sota' })).toContain(
      'confidence.syntaxFloor is 0.6 by default, allowed: at most confidence.promoteMin, which is 0.5',
    )
  })

  it('refuses a problem of each kind in the same message', () => {
    const text = refusal({ guard: { keysMax: 1.5, breaker: { openMs: 9, openMsMax: 3 } }, nope: 1 })
    expect(text).toContain('guard.keysMax is 1.5')
    expect(text).toContain('nope (1)')
  })
})

describe('parsePolicy() and hostile input', () => {
  const cycle: Record<string, unknown> = {}
  cycle['guard'] = cycle
  const listWithTraps = ['a']
  Object.defineProperty(listWithTraps, 0, {
    get: () => {
      throw new Error('trap')
    },
  })
  const endless = ['a']
  Object.defineProperty(endless, Symbol.iterator, {
    value: function* () {
      for (;;) yield 'a'
    },
  })
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()
  const throwing = new Proxy(
    {},
    {
      ownKeys: () => {
        throw new Error('ownKeys')
      },
    },
  )
  const spy = new Proxy(
    {},
    {
      get: () => {
        throw new Error('get')
      },
      getPrototypeOf: () => {
        throw new Error('getPrototypeOf')
      },
      has: () => {
        throw new Error('has')
      },
    },
  )

  it.each<readonly [string, unknown]>([
    [
      'an own __proto__',
      JSON.parse(
        '{"__proto__":{"polluted":true},"guard":{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}}',
      ),
    ],
    ['a cycle', cycle],
    [
      'a getter that throws',
      {
        get guard(): never {
          throw new Error('trap')
        },
      },
    ],
    [
      'an unknown getter that throws',
      {
        get nope(): never {
          throw new Error('trap')
        },
      },
    ],
    [
      'a getter that throws something that cannot be shown',
      {
        get autonomy(): never {
          throw Object.create(null) as Error
        },
      },
    ],
    ['a list whose item throws', { security: { protectedPaths: listWithTraps } }],
    ['a revoked proxy', revoked.proxy],
    ['a revoked proxy as a section', { guard: revoked.proxy }],
    ['a revoked proxy as a value', { guard: { keysMax: revoked.proxy } }],
    ['a revoked proxy as a list', { security: { protectedPaths: revoked.proxy } }],
    ['a revoked proxy as an item', { security: { protectedPaths: [revoked.proxy] } }],
    ['a revoked proxy under an unknown name', { nope: revoked.proxy }],
    ['a proxy that throws at its names', { guard: throwing }],
    ['a proxy that throws at everything', { guard: { keysMax: spy, retry: spy } }],
    ['a huge text', { autonomy: 'a'.repeat(1_000_000) }],
    ['a huge name', { ['a'.repeat(1_000_000)]: 1 }],
    ['a huge item', { security: { riskyKeywords: ['a '.repeat(1_000_000)] } }],
    ['a huge sparse list', { security: { riskyKeywords: Array<string>(4_000_000_000) } }],
    ['terminal escapes', { '\u001b[31mred\u0000': '\u001b]0;title\u0007', autonomy: '\u001b[2J' }],
    ['NaN', { guard: { keysMax: Number.NaN } }],
    ['Infinity', { guard: { keysMax: Number.POSITIVE_INFINITY } }],
    ['-0', { guard: { retry: { delayMsBase: -0 } } }],
    ['a bigint', { guard: { keysMax: 10n ** 5_000n } }],
    ['a symbol', { guard: { keysMax: Symbol('seven') } }],
    ['a symbol as a name', { [Symbol('guard')]: {} }],
    ['a function', { guard: () => ({}) }],
    ['a function as a value', { guard: { keysMax: () => 7 } }],
    [
      'a class instance',
      {
        guard: new (class Guard {
          keysMax = 7
        })(),
      },
    ],
    ['a boxed number', { guard: { keysMax: Object(7) as unknown } }],
    [
      'an object with a valueOf',
      {
        guard: {
          keysMax: {
            valueOf: () => 7,
            toString: () => {
              throw new Error('trap')
            },
          },
        },
      },
    ],
    ['inherited fields', Object.create({ autonomy: 'apply' })],
    ['a Map', new Map([['autonomy', 'apply']])],
    ['a Date', { guard: { deadline: { timeoutMs: new Date(5) } } }],
    ['a list in place of an object', { guard: [] }],
    ['a list in place of a number', { guard: { keysMax: [7] } }],
    ['a text in place of everything', 'autonomy=apply'],
  ])('refuses %s with HS_POLICY_INVALID', (_, input) => {
    const text = refusal(input)
    expect(text.length).toBeLessThan(10_000)
    expect(text).not.toMatch(/[\u0000-\u001f]/)
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined()
  })

  it('never runs the iterator of a list', () => {
    expect(parsePolicy({ security: { protectedPaths: endless } }).security.protectedPaths).toEqual(['a'])
  })

  it('refuses anything that is not a policy with HS_POLICY_INVALID, and pollutes nothing', () => {
    fc.assert(
      fc.property(
        fc.anything({
          withBigInt: true,
          withDate: true,
          withMap: true,
          withNullPrototype: true,
          withObjectString: true,
          withSparseArray: true,
        }),
        (value) => {
          fc.pre(value !== undefined)
          for (const input of [value, { guard: value }, { security: { protectedPaths: value } }, { guard: { keysMax: value } }]) {
            try {
              parsePolicy(input)
            } catch (error) {
              expect(isHomeostatError(error, 'HS_POLICY_INVALID')).toBe(true)
            }
          }
          expect(Object.keys(Object.prototype)).toEqual([])
        },
      ),
    )
  })
})

describe('parsePolicy() as a law', () => {
  it('accepts every valid policy, keeps what it sets, and is idempotent', () => {
    fc.assert(
      fc.property(validPolicy(), (input) => {
        const policy = parsePolicy(input)
        for (const path of explicitPaths(policy)) expect(valueAt(policy, path)).toEqual(valueAt(input, path))
        expect(parsePolicy(policy)).toBe(policy)
        expect(parsePolicy(structuredClone(policy))).toEqual(policy)
        expect(parsePolicy(JSON.parse(JSON.stringify(policy)))).toEqual(policy)
      }),
    )
  })

  it('refuses every invalid policy and names the path', () => {
    fc.assert(
      fc.property(invalidPolicy(), ({ input, path }) => {
        expect(refusal(input)).toContain(path)
      }),
      { numRuns: 1_000 },
    )
  })

  it('never changes its input', () => {
    fc.assert(
      fc.property(validPolicy(), (input) => {
        const before = structuredClone(input)
        parsePolicy(deeplyFrozen(input))
        expect(input).toEqual(before)
      }),
    )
  })
})

describe('mergePolicy()', () => {
  it('changes what is named, lists what differs, and leaves the old policy alone', () => {
    const base = parsePolicy({ guard: { retry: { attemptsMax: 5 } } })
    const { policy, changed } = mergePolicy(base, { autonomy: 'apply', guard: { retry: { attemptsMax: 5, enabled: false } } })
    expect(changed).toEqual(['autonomy', 'guard.retry.enabled'])
    expect(policy.guard.retry).toEqual({ ...base.guard.retry, enabled: false })
    expect(base.autonomy).toBe('propose')
    expect(Object.isFrozen(policy.guard)).toBe(true)
  })

  it('gives the defaults of a new preset only to fields that nobody set', () => {
    const base = parsePolicy({ heal: { syntaxAttemptsMax: 5 } }) // 5 is the default of mid-tier, and here on purpose
    const { policy, changed } = mergePolicy(base, { preset: 'sota' })
    expect(policy.heal).toMatchObject({ syntaxAttemptsMax: 5, logicAttemptsMax: 5 })
    expect(changed).toContain('heal.logicAttemptsMax')
    expect(changed).not.toContain('heal.syntaxAttemptsMax')
  })

  it('remembers through several changes what was set', () => {
    const first = mergePolicy(parsePolicy(), { heal: { logicAttemptsMax: 9 } }).policy
    const second = mergePolicy(mergePolicy(first, { preset: 'sota' }).policy, { preset: 'local-small' }).policy
    expect(second.heal).toMatchObject({ logicAttemptsMax: 9, syntaxAttemptsMax: 7 })
    expect(explicitPaths(second)).toEqual(['preset', 'heal.logicAttemptsMax'])
  })

  it('takes a copied policy to set what differs from its preset', () => {
    const copy: Policy = structuredClone(parsePolicy({ preset: 'sota', guard: { keysMax: 7 } }))
    expect(explicitPaths(copy)).toEqual(['preset', 'guard.keysMax'])
    const { policy } = mergePolicy(copy, { preset: 'local-small' })
    expect(policy.guard.keysMax).toBe(7)
    expect(policy.heal.syntaxAttemptsMax).toBe(7)
  })

  it('replaces lists whole and sees whether they differ', () => {
    const base = parsePolicy({ security: { protectedPaths: ['a', 'b'] } })
    expect(mergePolicy(base, { security: { protectedPaths: ['a', 'b'] } }).changed).toEqual([])
    expect(mergePolicy(base, { security: { protectedPaths: ['a'] } }).changed).toEqual(['security.protectedPaths'])
    expect(mergePolicy(base, { security: { protectedPaths: ['a', 'c'] } }).policy.security.protectedPaths).toEqual(['a', 'c'])
  })

  it('refuses a change that is wrong, or that makes the whole wrong', () => {
    const base = parsePolicy({ guard: { retry: { delayMsMax: 2_000 } } })
    expect(() => mergePolicy(base, { autonomy: 'always' })).toThrow(/from the update: autonomy is "always"/)
    expect(() => mergePolicy(base, { guard: { retry: { delayMsBase: 3_000 } } })).toThrow(
      /guard\.retry\.delayMsBase is 3000, allowed: at most guard\.retry\.delayMsMax, which is 2000/,
    )
    expect(() => mergePolicy(base, null, 'the dashboard')).toThrow(/from the dashboard: the policy is null/)
    expect(mergePolicy(base, undefined)).toEqual({ policy: base, changed: [] })
  })

  it('gives what parsing both together gives', () => {
    fc.assert(
      fc.property(validPolicy(), validPolicy(), (first, second) => {
        const base = parsePolicy(first)
        const { policy, changed } = mergePolicy(base, parsePolicy(second))
        expect(policy).toEqual(parsePolicy(second))
        expect(changed).toEqual(
          [...policyFields.keys()].filter(
            (path) => JSON.stringify(valueAt(base, path)) !== JSON.stringify(valueAt(policy, path)),
          ),
        )
      }),
    )
  })
})

it('orderings name number fields of one kind, and the smaller one can always be small enough', () => {
  for (const [lower, upper] of orderings) {
    const [low, high] = [policyFields.get(lower)?.note.range, policyFields.get(upper)?.note.range]
    if (low?.kind !== 'number' || high?.kind !== 'number') throw new Error(`${lower} or ${upper} is no number`)
    expect(low.whole).toBe(high.whole)
    expect(low.min).toBeLessThanOrEqual(high.min)
  }
})

it('valueAt() finds own values only', () => {
  expect(valueAt({ a: { b: 1 } }, 'a.b')).toBe(1)
  expect(valueAt({ a: 5 }, 'a.b')).toBeUndefined()
  expect(valueAt({ a: null }, 'a.b')).toBeUndefined()
  expect(valueAt({}, 'constructor')).toBeUndefined()
})

function deeplyFrozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) deeplyFrozen(member)
  return Object.freeze(value)
}
