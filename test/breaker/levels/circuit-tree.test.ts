import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CircuitLimits } from '../../../src/breaker/circuit.js'
import { CircuitTree, type CircuitPlace, type CircuitTreeOptions } from '../../../src/breaker/levels/circuit-tree.js'
import type { CircuitLevel } from '../../../src/breaker/levels/circuit-level.js'
import type { TreePermit, TreeRefusal } from '../../../src/breaker/levels/tree-permit.js'
import type { CircuitState } from '../../../src/core/events.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const limits: CircuitLimits = {
  failureRatioMax: 0.5,
  callsMin: 4,
  windowMs: 10_000,
  buckets: 10,
  openMs: 1_000,
  openMsMax: 8_000,
  probesMax: 1,
  probeTimeoutMs: 60_000,
}
const names = ['provider', 'deployment', 'credential']
const levels: readonly CircuitLevel[] = names.map((name) => ({ name, limits, trend: false }))

function setUp(options: Partial<CircuitTreeOptions> = {}) {
  const world = createTestWorld(1)
  return { world, tree: new CircuitTree({ levels, ...options }, world) }
}

function admitted(answer: TreePermit | TreeRefusal): TreePermit {
  if (!answer.admitted) throw new Error(`refused by ${answer.level}: ${answer.reason}`)
  return answer
}

function refused(answer: TreePermit | TreeRefusal): TreeRefusal {
  if (answer.admitted) throw new Error('it was admitted')
  return answer
}

/** Calls a path `count` times, or until it is refused; returns how many calls were made. */
function fail(tree: CircuitTree, path: readonly string[], count: number, blame?: string): number {
  for (let made = 0; made < count; made += 1) {
    const answer = tree.acquire(path)
    if (!answer.admitted) return made
    answer.failure(new Error('down'), undefined, blame)
  }
  return count
}

function succeed(tree: CircuitTree, path: readonly string[], count: number): void {
  for (let made = 0; made < count; made += 1) admitted(tree.acquire(path)).success()
}

describe('CircuitTree.acquire()', () => {
  it('gives leave when every level does, and tells all of them how the call ended', () => {
    const { tree } = setUp()
    succeed(tree, ['openai', 'gpt-5', 'key-1'], 3)
    expect(tree.snapshot().circuits.map(({ level, path, calls }) => [level, path.length, calls])).toEqual(
      expect.arrayContaining([
        ['provider', 1, 3],
        ['deployment', 2, 3],
        ['credential', 3, 3],
      ]),
    )
  })

  it('is refused by the level that is open, by name, with its reason, wait and cause', () => {
    const { tree } = setUp()
    expect(fail(tree, ['openai', 'gpt-5', 'key-1'], 10)).toBe(4)
    const refusal = refused(tree.acquire(['openai', 'gpt-5', 'key-1']))
    expect(refusal).toMatchObject({ level: 'credential', path: ['openai', 'gpt-5', 'key-1'], retryAfterMs: 1_000 })
    expect(refusal.reason).toContain('4 of 4 calls failed')
    expect(refusal.cause).toBeInstanceOf(Error)
    expect(tree.acquire(['openai', 'gpt-5', 'key-2']).admitted).toBe(true)
  })

  it('names the level with the longest wait when several refuse', async () => {
    const { tree, world } = setUp()
    tree.circuit(['openai', 'gpt-5', 'key-1']).open({ reason: 'by hand', retryAfterMs: 5_000 })
    tree.circuit(['openai']).open({ reason: 'by hand' })
    expect(refused(tree.acquire(['openai', 'gpt-5', 'key-1']))).toMatchObject({ level: 'credential', retryAfterMs: 5_000 })
    expect(refused(tree.acquire(['openai', 'gpt-5', 'key-2']))).toMatchObject({ level: 'provider', retryAfterMs: 1_000 })
    await world.clock.advance(4_999)
    expect(refused(tree.acquire(['openai', 'gpt-5', 'key-1']))).toMatchObject({ level: 'credential', retryAfterMs: 1 })
  })

  it('counts a level that cannot say when as the longest wait', () => {
    const { tree } = setUp()
    tree.circuit(['openai']).isolate('maintenance')
    tree.circuit(['openai', 'gpt-5']).open({ reason: 'by hand', retryAfterMs: 5_000 })
    expect(refused(tree.acquire(['openai', 'gpt-5']))).toMatchObject({
      level: 'provider',
      reason: 'maintenance',
      retryAfterMs: 0,
    })
  })

  it('gives back the probe of one level when another refuses', async () => {
    const { tree, world } = setUp()
    tree.circuit(['openai']).open({ reason: 'by hand' })
    await world.clock.advance(1_000)
    tree.circuit(['openai', 'gpt-5']).open({ reason: 'by hand' })
    expect(refused(tree.acquire(['openai', 'gpt-5'])).level).toBe('deployment')
    expect(tree.circuit(['openai']).admitsProbe).toBe(true)
    admitted(tree.acquire(['openai', 'gpt-6'])).success()
    expect(tree.circuit(['openai']).state).toBe('closed')
  })

  it('makes nothing below a level that refuses', () => {
    const { tree } = setUp()
    tree.circuit(['openai']).open({ reason: 'by hand' })
    for (let index = 0; index < 100; index += 1) refused(tree.acquire(['openai', `deployment-${index}`, 'key']))
    expect(tree.size).toBe(1)
  })

  it('tells paths apart exactly, whatever the keys contain', () => {
    const { tree } = setUp()
    fail(tree, ['a', 'b/c'], 4)
    expect(tree.acquire(['a', 'b/c']).admitted).toBe(false)
    expect(tree.acquire(['a/b', 'c']).admitted).toBe(true)
    expect(tree.acquire(['a', 'b', 'c']).admitted).toBe(true)
  })

  it.each([[[]], [['a', 'b', 'c', 'd']], [['a', '']], [['__proto__']], [['a', 'x'.repeat(1_000_000)]]])(
    'refuses a path that is empty, too deep or hostile, and changes nothing (%#)',
    (path) => {
      const { tree } = setUp()
      expect(() => tree.acquire(path)).toThrow(RangeError)
      expect(() => tree.circuit(path)).toThrow(RangeError)
      expect(tree.size).toBe(0)
    },
  )

  it.each([['openai' as unknown], [undefined], [{ length: 1, 0: 'a' }], [[7]], [[undefined]]])(
    'refuses what is no path of strings (%#)',
    (path) => {
      const { tree } = setUp()
      expect(() => tree.acquire(path as string[])).toThrow(TypeError)
      expect(tree.size).toBe(0)
    },
  )

  it('keeps the path it was given from later changes', () => {
    const { tree } = setUp()
    const path = ['openai', 'gpt-5']
    succeed(tree, path, 1)
    path[0] = 'changed'
    expect(tree.snapshot().circuits.map((one) => one.path[0])).toEqual(['openai', 'openai'])
  })
})

describe('a failure in a CircuitTree', () => {
  it('of one deployment of ten never opens the provider, however much of the traffic it has', () => {
    const { tree } = setUp({
      levels: [{ name: 'provider', limits: { ...limits, failureRatioMax: 0.2 }, trend: false }, levels[1] ?? never()],
    })
    let failed = 0
    for (let round = 0; round < 200; round += 1) {
      for (let index = 0; index < 3; index += 1) failed += fail(tree, ['openai', 'bad'], 1)
      succeed(tree, ['openai', `good-${round % 9}`], 1)
    }
    expect(failed).toBe(4)
    expect(tree.circuit(['openai']).view()).toMatchObject({ state: 'closed', failures: 0 })
    expect(tree.circuit(['openai', 'bad']).state).toBe('open')
  })

  it('of all deployments opens the provider before each of them has opened its own', () => {
    const { tree } = setUp()
    let failed = 0
    for (let index = 0; failed < 100; index += 1) {
      const made = fail(tree, ['openai', `deployment-${index % 10}`], 1)
      if (made === 0) break
      failed += made
    }
    expect(failed).toBe(5)
    expect(tree.circuit(['openai']).state).toBe('open')
    expect(refused(tree.acquire(['openai', 'deployment-9'])).level).toBe('provider')
    expect(tree.acquire(['anthropic', 'deployment-0']).admitted).toBe(true)
  })

  it('at the end of a short path counts at once: there is no child to blame', () => {
    const { tree } = setUp()
    expect(fail(tree, ['openai'], 10)).toBe(4)
    expect(tree.circuit(['openai']).state).toBe('open')
  })

  it('blames the named level and those below it, and teaches the levels above nothing', () => {
    const { tree } = setUp()
    for (let index = 0; index < 40; index += 1) fail(tree, ['openai', 'gpt-5', `key-${index % 10}`], 1, 'credential')
    expect(tree.circuit(['openai']).view()).toMatchObject({ state: 'closed', calls: 0 })
    expect(tree.circuit(['openai', 'gpt-5']).view()).toMatchObject({ state: 'closed', calls: 0 })
    expect(tree.circuit(['openai', 'gpt-5', 'key-0']).state).toBe('open')
  })

  it('blames up to the named level only when children bear witness', () => {
    const { tree } = setUp()
    for (let index = 0; index < 20; index += 1) fail(tree, ['openai', 'gpt-5', `key-${index % 10}`], 1, 'deployment')
    expect(tree.circuit(['openai', 'gpt-5']).state).toBe('open')
    expect(tree.circuit(['openai']).view()).toMatchObject({ state: 'closed', calls: 0 })
  })

  it('that blames a level below the end of its path counts nowhere', () => {
    const { tree } = setUp()
    expect(fail(tree, ['openai'], 10, 'credential')).toBe(10)
    expect(tree.circuit(['openai']).view()).toMatchObject({ state: 'closed', calls: 0 })
  })

  it('that blames an unknown level is a RangeError, and can still be settled', () => {
    const { tree } = setUp()
    const permit = admitted(tree.acquire(['openai']))
    expect(() => permit.failure(new Error('x'), undefined, 'planet')).toThrow(RangeError)
    permit.failure()
    expect(tree.circuit(['openai']).view().failures).toBe(1)
  })

  it('hands Retry-After to the circuit that it opens', () => {
    const { tree } = setUp()
    fail(tree, ['openai', 'gpt-5'], 3)
    admitted(tree.acquire(['openai', 'gpt-5'])).failure(new Error('429'), 5_000)
    expect(refused(tree.acquire(['openai', 'gpt-5'])).retryAfterMs).toBe(5_000)
  })

  it('of a probe through one child leaves the provider half-open; a second child decides', async () => {
    const { tree, world } = setUp()
    tree.circuit(['openai']).open({ reason: 'by hand' })
    await world.clock.advance(1_000)
    expect(fail(tree, ['openai', 'a'], 1)).toBe(1)
    expect(tree.circuit(['openai']).state).toBe('half-open')
    expect(tree.circuit(['openai']).admitsProbe).toBe(true)
    expect(fail(tree, ['openai', 'b'], 1)).toBe(1)
    expect(tree.circuit(['openai']).state).toBe('open')
  })

  it('bears no witness in another state than its own', () => {
    const { tree } = setUp()
    fail(tree, ['openai', 'a'], 1)
    tree.circuit(['openai']).open({ reason: 'by hand' })
    tree.circuit(['openai']).close()
    fail(tree, ['openai', 'b'], 1)
    expect(tree.circuit(['openai']).view().failures).toBe(0)
    fail(tree, ['openai', 'a'], 1)
    expect(tree.circuit(['openai']).view().failures).toBe(1)
  })

  it('that comes late, from an earlier state, changes nothing and bears no witness', async () => {
    const { tree, world } = setUp()
    const late = admitted(tree.acquire(['openai', 'a']))
    tree.circuit(['openai']).open({ reason: 'by hand' })
    await world.clock.advance(1_000)
    succeed(tree, ['openai', 'c'], 1)
    late.failure()
    fail(tree, ['openai', 'b'], 1)
    expect(tree.circuit(['openai']).view()).toMatchObject({ state: 'closed', failures: 0 })
  })
})

describe('TreePermit', () => {
  it('counts the first of its methods that is called, and only that', () => {
    const { tree } = setUp()
    for (const [first, second] of [
      ['success', 'failure'],
      ['failure', 'success'],
      ['ignore', 'failure'],
      ['ignore', 'success'],
      ['failure', 'ignore'],
    ] as const) {
      const permit = admitted(tree.acquire([`${first}-${second}`]))
      permit[first]()
      permit[second]()
      const { calls, failures } = tree.circuit([`${first}-${second}`]).view()
      expect([calls, failures]).toEqual([first === 'ignore' ? 0 : 1, first === 'failure' ? 1 : 0])
      expect(permit.admitted).toBe(true)
    }
  })

  it('gives back the probe of every level when it is ignored', async () => {
    const { tree, world } = setUp()
    const path = ['openai', 'gpt-5', 'key-1']
    for (const depth of [1, 2, 3]) tree.circuit(path.slice(0, depth)).open({ reason: 'by hand' })
    await world.clock.advance(1_000)
    const probe = admitted(tree.acquire(path))
    expect(tree.acquire(path).admitted).toBe(false)
    probe.ignore()
    succeed(tree, path, 1)
    expect(tree.snapshot().circuits.map(({ state }) => state)).toEqual(['closed', 'closed', 'closed'])
  })
})

describe('CircuitTree', () => {
  it('keeps at most circuitsMax circuits and lets closed ones go before those that are not', () => {
    const { tree } = setUp({ circuitsMax: 10 })
    for (const key of ['bad-1', 'bad-2', 'bad-3']) fail(tree, [key], 4)
    for (let index = 0; index < 1_000; index += 1) {
      succeed(tree, [`key-${index}`], 1)
      expect(tree.size).toBeLessThanOrEqual(10)
    }
    for (const key of ['bad-1', 'bad-2', 'bad-3']) expect(tree.acquire([key]).admitted).toBe(false)
    expect(tree.size).toBe(10)
  })

  it('lets the least recently used circuit go', () => {
    const { tree } = setUp({ circuitsMax: 3 })
    for (const key of ['a', 'b', 'c', 'a', 'd']) succeed(tree, [key], 1)
    expect(tree.snapshot().circuits.map(({ path }) => path[0])).toEqual(['a', 'c', 'd'])
  })

  it('lets one that is open go when there are no others, the least recently used first', () => {
    const { tree } = setUp({ circuitsMax: 3 })
    for (const key of ['a', 'b', 'c', 'd']) tree.circuit([key]).open({ reason: 'by hand' })
    expect(tree.snapshot().circuits.map(({ path }) => path[0])).toEqual(['b', 'c', 'd'])
  })

  it('never lets a circuit go that has others below it, however long ago it was last asked for', () => {
    const { tree } = setUp({ circuitsMax: 6 })
    succeed(tree, ['openai'], 1)
    tree.circuit(['openai', 'dead']).open({ reason: 'by hand' })
    const provider = tree.circuit(['openai'])
    provider.open({ reason: 'by hand' })
    provider.close()
    for (let index = 0; index < 100; index += 1) {
      succeed(tree, [`other-${index}`, 'x', 'y'], 1)
      const paths = new Set(tree.snapshot().circuits.map(({ path }) => path.join('/')))
      for (const path of paths) if (path.includes('/')) expect(paths).toContain(path.slice(0, path.lastIndexOf('/')))
    }
    expect(tree.acquire(['openai', 'dead']).admitted).toBe(false)
    expect(tree.circuit(['openai'])).toBe(provider)
  })

  it('is not changed by the late answer of a circuit that it let go', () => {
    const { tree } = setUp({ circuitsMax: 3 })
    const permits = Array.from({ length: 4 }, () => admitted(tree.acquire(['gone'])))
    succeed(tree, ['a'], 1)
    succeed(tree, ['b'], 1)
    succeed(tree, ['c'], 1)
    for (const permit of permits) permit.failure()
    expect(tree.size).toBe(3)
    expect(tree.acquire(['gone']).admitted).toBe(true)
  })

  it('retires what nobody asked for in idleMs, half-open circuits too, but not open and isolated ones', async () => {
    const { tree, world } = setUp({ idleMs: 60_000 })
    succeed(tree, ['calm'], 1)
    tree.circuit(['half-open']).open({ reason: 'by hand' })
    tree.circuit(['isolated']).isolate('maintenance')
    await world.clock.advance(30_000)
    succeed(tree, ['busy'], 1)
    await world.clock.advance(30_000)
    expect(tree.size).toBe(4)
    expect(tree.retire()).toBe(2)
    expect(tree.snapshot().circuits.map(({ path }) => path[0])).toEqual(['isolated', 'busy'])
  })

  it('retires idle circuits as new ones come, without being asked to', async () => {
    const { tree, world } = setUp({ idleMs: 60_000 })
    for (let index = 0; index < 100; index += 1) succeed(tree, [`old-${index}`], 1)
    tree.circuit(['old-open']).open({ reason: 'by hand' })
    await world.clock.advance(60_000)
    for (let index = 0; index < 101; index += 1) succeed(tree, [`new-${index}`], 1)
    expect(tree.snapshot().circuits.every(({ path }) => path[0]?.startsWith('new'))).toBe(true)
    expect(tree.size).toBe(101)
  })

  it('retires a whole branch that is idle at once', async () => {
    const { tree, world } = setUp({ idleMs: 60_000 })
    succeed(tree, ['openai', 'gpt-5', 'key-1'], 1)
    succeed(tree, ['openai', 'gpt-5', 'key-2'], 1)
    await world.clock.advance(59_999)
    succeed(tree, ['openai', 'gpt-6'], 1)
    await world.clock.advance(1)
    expect(tree.retire()).toBe(3)
    expect(tree.snapshot().circuits.map(({ path }) => path)).toEqual([['openai'], ['openai', 'gpt-6']])
  })

  it('starts no timer', () => {
    const { tree, world } = setUp()
    for (let index = 0; index < 10; index += 1) fail(tree, ['openai', `key-${index}`], 10)
    expect(world.clock.sleeping).toBe(0)
  })

  it('tells each new state with its place', async () => {
    const heard: [CircuitState, CircuitPlace][] = []
    const { tree, world } = setUp({ changed: (state, place) => heard.push([state, place]) })
    fail(tree, ['openai', 'gpt-5'], 4)
    await world.clock.advance(1_000)
    succeed(tree, ['openai', 'gpt-5'], 1)
    const place = { level: 'deployment', path: ['openai', 'gpt-5'] }
    expect(heard).toEqual([
      ['open', place],
      ['half-open', place],
      ['closed', place],
    ])
  })

  it('describes itself as JSON of at most 1 KB for each circuit', () => {
    const { tree } = setUp()
    for (let index = 0; index < 1_000; index += 1) fail(tree, ['openai', `deployment-${index}`, 'key'], 4)
    const snapshot = tree.snapshot()
    const text = JSON.stringify(snapshot)
    expect(JSON.parse(text)).toEqual(snapshot)
    expect(text.length / snapshot.circuits.length).toBeLessThan(1_024)
  })

  it.each<[string, Partial<CircuitTreeOptions>]>([
    ['no level', { levels: [] }],
    ['too many levels', { levels: Array.from({ length: 17 }, (_, index) => ({ name: `level-${index}`, limits })) }],
    ['two levels of one name', { levels: [...levels, ...levels] }],
    ['a level without a name', { levels: [{ name: '', limits }] }],
    ['limits out of range', { levels: [{ name: 'a', limits: { ...limits, openMs: Number.NaN } }] }],
    ['fewer circuits than levels', { circuitsMax: 2 }],
    ['too many circuits', { circuitsMax: Number.POSITIVE_INFINITY }],
    ['no idle time', { idleMs: 0 }],
    ['an idle time that is no number', { idleMs: Number.NaN }],
  ])('refuses %s with a RangeError', (_, options) => {
    expect(() => setUp(options)).toThrow(RangeError)
  })
})

describe('the trend in a CircuitTree', () => {
  const noWindow = { ...limits, window: false }

  it('is watched at every level, unless a level says otherwise', () => {
    const { tree } = setUp({ levels: names.map((name) => ({ name, limits: noWindow })) })
    succeed(tree, ['openai', 'gpt-5', 'key-1'], 1)
    expect(tree.snapshot().circuits.map(({ trend }) => trend === null)).toEqual([false, false, false])
    const { tree: rootOnly } = setUp({
      levels: names.map((name, level) => ({ name, limits, trend: level === 0 ? { openAt: 0.5 } : false })),
    })
    succeed(rootOnly, ['openai', 'gpt-5', 'key-1'], 1)
    expect(rootOnly.snapshot().circuits.map(({ trend }) => trend === null)).toEqual([false, true, true])
  })

  it('opens the parent after a handful of failures when all its children are dead', () => {
    const { tree } = setUp({ levels: names.map((name) => ({ name, limits: noWindow })) })
    const paths = Array.from({ length: 10 }, (_, child) => ['openai', `deployment-${child}`, 'key-1'])
    for (let round = 0; round < 100; round += 1) for (const path of paths) succeed(tree, path, 1)
    let failures = 0
    while (tree.circuit(['openai']).state === 'closed' && failures < 100) {
      fail(tree, paths[failures % paths.length] ?? never(), 1)
      failures += 1
    }
    expect(failures).toBeLessThanOrEqual(10)
  })

  it('does not open the parent because one child hangs with most of the traffic', async () => {
    const { tree, world } = setUp({ levels: names.map((name) => ({ name, limits: noWindow })) })
    const hanging = ['openai', 'hangs', 'key-1']
    for (let call = 0; call < 500; call += 1) {
      const permit = tree.acquire(hanging)
      await world.clock.advance(100)
      if (permit.admitted) permit.success()
    }
    for (let call = 0; call < 200; call += 1) {
      tree.acquire(hanging)
      await world.clock.advance(100)
    }
    expect(tree.circuit(hanging).state).not.toBe('closed')
    expect(tree.circuit(['openai']).state).toBe('closed')
  })

  it('opens the circuit of a credential that fails every call, and tells so with its place', () => {
    const heard: unknown[] = []
    const { tree } = setUp({
      levels: names.map((name) => ({ name, limits: noWindow })),
      changed: (state, { level }) => heard.push([state, level]),
    })
    succeed(tree, ['openai', 'gpt-5', 'key-1'], 1_000)
    expect(fail(tree, ['openai', 'gpt-5', 'key-1'], 50)).toBeLessThanOrEqual(10)
    expect(heard).toEqual([['open', 'credential']])
    expect(tree.circuit(['openai', 'gpt-5', 'key-1']).view().trend?.state).toBe('tripped')
  })

  it('tells when it turns bad and when that is over, each with its place', () => {
    const heard: unknown[] = []
    const { tree } = setUp({
      levels: names.map((name) => ({ name, limits: noWindow })),
      degraded: ({ state }, { path }) => heard.push([state, path]),
      recovered: ({ path }) => heard.push(['recovered', path]),
    })
    const path = ['openai', 'gpt-5', 'key-1']
    succeed(tree, path, 5_000)
    for (let round = 0; round < 20; round += 1) {
      fail(tree, path, 1)
      succeed(tree, path, 9)
    }
    expect(heard).toEqual([['degrading', path]])
    tree.circuit(path).open({ reason: 'by hand' })
    tree.circuit(path).close()
    expect(heard).toEqual([
      ['degrading', path],
      ['recovered', path],
    ])
  })

  it('refuses the options of a detector when the tree is made, not when the first key comes', () => {
    expect(() => setUp({ levels: [{ name: 'a', limits, trend: { openAt: 2 } }] })).toThrow(RangeError)
  })
})

describe('the laws of a CircuitTree', () => {
  const key = fc.constantFrom('a', 'b', 'c')
  const path = fc.array(key, { minLength: 1, maxLength: 3 })
  const everyPath = 3 + 9 + 27
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('acquire' as const), path }) },
    {
      weight: 6,
      arbitrary: fc.record({
        do: fc.constant('settle' as const),
        how: fc.constantFrom('success' as const, 'failure' as const, 'failure' as const, 'ignore' as const),
        which: fc.nat(),
        blame: fc.option(fc.constantFrom(...names), { nil: undefined }),
      }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(1, 400, 1_000, 9_000) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('open' as const), path }) },
  )

  it('gives leave exactly when every level would, bounds its circuits, and does the same again from the same seed', async () => {
    const run = async (steps: readonly (typeof step extends fc.Arbitrary<infer S> ? S : never)[], circuitsMax: number) => {
      const { tree, world } = setUp({ circuitsMax })
      const held: TreePermit[] = []
      const log: unknown[] = []
      for (const now of steps) {
        if (now.do === 'acquire') {
          const states = tree
            .snapshot()
            .circuits.filter((one) => one.path.every((part, level) => part === now.path[level]))
            .map(({ state }) => state)
          const answer = tree.acquire(now.path)
          if (circuitsMax === everyPath) {
            // Law 3: no call passes an open level; and none is refused for nothing.
            if (states.includes('open')) expect(answer.admitted).toBe(false)
            if (states.every((state) => state === 'closed')) expect(answer.admitted).toBe(true)
          }
          if (answer.admitted) held.push(answer)
          else {
            expect(now.path.slice(0, answer.path.length)).toEqual(answer.path)
            expect(answer.level).toBe(names[answer.path.length - 1])
          }
          log.push(answer.admitted || [answer.level, answer.retryAfterMs])
        } else if (now.do === 'settle') {
          const [permit] = held.splice(now.which % Math.max(1, held.length), 1)
          if (now.how === 'failure') permit?.failure(undefined, undefined, now.blame)
          else permit?.[now.how]()
        } else if (now.do === 'wait') await world.clock.advance(now.ms)
        else tree.circuit(now.path).open({ reason: 'by hand' })
        expect(tree.size).toBeLessThanOrEqual(circuitsMax)
      }
      return { log, end: tree.snapshot() }
    }
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.constantFrom(3, 7, everyPath), async (steps, circuitsMax) => {
        expect(await run(steps, circuitsMax)).toEqual(await run(steps, circuitsMax))
      }),
      { numRuns: 60 },
    )
  })

  it('never opens a parent by the failures of one child', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.boolean(), fc.constantFrom('b', 'c')), { maxLength: 200 }), (calls) => {
        const { tree } = setUp({
          levels: [levels[0] ?? never(), { name: 'deployment', limits: { ...limits, window: false }, trend: false }],
        })
        for (const [bad, good] of calls) {
          if (bad) fail(tree, ['p', 'a'], 1)
          else succeed(tree, ['p', good], 1)
        }
        expect(tree.circuit(['p']).view()).toMatchObject({ state: 'closed', failures: 0 })
      }),
    )
  })
})

function never(): never {
  throw new Error('this level is there')
}
