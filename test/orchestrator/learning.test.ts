import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import type { Repairer } from '../../src/core/repairer.js'
import { SelfHealingOrchestrator, type HealingResult, type PolicyInput, type Ports } from '../../src/index.js'
import { Knowledge } from '../../src/memory/knowledge/knowledge.js'
import { memoryKnowledgeStore } from '../../src/memory/knowledge/memory-knowledge-store.js'
import { createTestWorld, type TestWorld } from '../../src/testing/test-world.js'
import { fakeProject, type Behaviour } from './fake-project.js'

const broken = 'export const total = summ(1)\n'
const mended = 'export const total = sum(1)\n'
const behave: Behaviour = ({ 'a.js': text }) =>
  text === mended ? undefined : '/project/a.js:1\nthrow 1\n^\n\nError: no total today\n    at run (/project/a.js:1:24)\n'

/** Proposes texts of a.js, one after the other. */
function guessing(...texts: readonly string[]): Repairer {
  return {
    id: 'guesser',
    categories: ['runtime'],
    propose: () =>
      Promise.resolve({
        proposals: texts.map((after, index) => ({
          title: `Guess ${index}`,
          edits: [{ path: 'a.js', before: broken, after, baseHash: sha256(broken) }],
          actions: [],
          plausibility: 0.9,
          rationale: 'a test says so',
        })),
        notes: [],
      }),
  }
}

async function heal(
  knowledge: Knowledge,
  { world, ports = {}, policy = {} }: { world: TestWorld; ports?: Ports; policy?: PolicyInput },
) {
  const project = fakeProject({ 'a.js': broken }, behave)
  const repairers = [guessing('export const total = sun(1)\n', 'export const total = sump(1)\n', mended)]
  const healer = new SelfHealingOrchestrator(
    { autonomy: 'apply', ...policy },
    { world, ...project.ports, repairers, knowledge, ...ports },
  )
  const result = await world.clock.until(healer.healCode({ command: ['npm', 'test'] }))
  await healer.close()
  return result
}

const attemptsOf = ({ envelope }: HealingResult): readonly unknown[] =>
  envelope.entries.flatMap(({ kind, data }) => (kind === 'attempt' ? [[data['repairer'], data['result']]] : []))

function remembering() {
  const world = createTestWorld()
  return { world, knowledge: new Knowledge({ store: memoryKnowledgeStore(), world }) }
}

describe('heal() and what it learns', () => {
  it('repeats first what worked before, and needs fewer attempts for it', async () => {
    const { world, knowledge } = remembering()
    const first = await heal(knowledge, { world })
    expect(first.outcome).toBe('healed')
    expect(attemptsOf(first)).toEqual([
      ['guesser', 'unchanged'],
      ['guesser', 'unchanged'],
      ['guesser', 'solved'],
    ])
    const second = await heal(knowledge, { world })
    expect(second).toMatchObject({ outcome: 'healed', patch: { strategy: 'learnt' } })
    expect(attemptsOf(second)).toEqual([['learnt', 'solved']])
  })

  it('keeps what failed as well, each attempt once', async () => {
    const { world, knowledge } = remembering()
    const { fault } = await heal(knowledge, { world })
    if (fault === undefined) throw new Error('there was no fault')
    expect(await knowledge.strategies(fault)).toMatchObject([{ strategy: 'guesser', worked: 1, failed: 2 }])
  })

  it('holds against a repair that it led nowhere, where another way led to the end', async () => {
    const { world, knowledge } = remembering()
    const project = fakeProject({ 'a.js': broken }, ({ 'a.js': text }) =>
      text === mended
        ? undefined
        : `/project/a.js:1\nthrow 1\n^\n\nError: ${text === broken ? 'no total today' : 'worse'}\n    at run (/project/a.js:1:24)\n`,
    )
    const repairers = [guessing('export const total = sun(1)\n', mended)]
    const healer = new SelfHealingOrchestrator({ autonomy: 'apply' }, { world, ...project.ports, repairers, knowledge })
    const result = await world.clock.until(healer.healCode({ command: ['npm', 'test'] }))
    expect(attemptsOf(result)).toEqual([
      ['guesser', 'advanced'],
      ['guesser', 'solved'],
    ])
    expect(await knowledge.metrics()).toMatchObject({ successRatio: 0.5 })
  })

  it('takes a no for a failure, and silence for none', async () => {
    const denied = remembering()
    await heal(denied.knowledge, {
      world: denied.world,
      policy: { autonomy: 'propose' },
      ports: { approve: () => Promise.resolve(false) },
    })
    expect(await denied.knowledge.metrics()).toMatchObject({ successRatio: 0 })
    const silent = remembering()
    await heal(silent.knowledge, { world: silent.world, policy: { autonomy: 'propose' } })
    expect((await silent.knowledge.metrics()).successRatio).toBeCloseTo(1 / 3)
  })

  it('remembers what failed in a session whose time ran out', async () => {
    const { world, knowledge } = remembering()
    const slow: Repairer = { id: 'slow', categories: ['runtime'], propose: () => new Promise(() => undefined) }
    const repairers = [guessing('export const total = sun(1)\n'), slow]
    const result = await heal(knowledge, { world, ports: { repairers } })
    expect(result.decision.reasons).toEqual(['session.timeout'])
    expect(await knowledge.metrics()).toMatchObject({ successRatio: 0 })
  })

  it('remembers nothing when the policy says so', async () => {
    const { world, knowledge } = remembering()
    for (let round = 0; round < 2; round += 1)
      expect(attemptsOf(await heal(knowledge, { world, policy: { learning: { enabled: false } } }))).toHaveLength(3)
    expect((await knowledge.metrics()).successRatio).toBeUndefined()
  })

  it('teaches its scorer what became known: a yes, a no, a service that fares well', async () => {
    const labels = async (ports: Ports): Promise<unknown> => {
      const { world, knowledge } = remembering()
      const { envelope } = await heal(knowledge, {
        world,
        ports,
        policy: { autonomy: 'telemetry' in ports ? 'apply' : 'propose' },
      })
      return envelope.entries.flatMap(({ kind, data }) => (kind === 'label' ? [data['correct']] : []))
    }
    expect(await labels({ approve: () => Promise.resolve(true) })).toEqual([true])
    expect(await labels({ approve: () => Promise.resolve(false) })).toEqual([false])
    expect(await labels({})).toEqual([])
    let calls = 0
    expect(await labels({ telemetry: () => Promise.resolve({ calls: (calls += 50), failures: 0 }) })).toEqual([true])
    expect(
      await labels({ telemetry: () => Promise.resolve({ calls: (calls += 50), failures: calls === 50 ? 0 : calls - 50 }) }),
    ).toEqual([false])
  })

  it('heals all the same when the store is broken', async () => {
    const world = createTestWorld()
    const failures: unknown[] = []
    const fail = (): never => {
      throw new Error('the disk is gone')
    }
    const store = { ...memoryKnowledgeStore(), add: fail, ofClass: fail }
    const knowledge = new Knowledge({ store, world, onError: (error) => failures.push(error) })
    expect((await heal(knowledge, { world })).outcome).toBe('healed')
    expect(failures.length).toBeGreaterThan(0)
  })

  it('learns by itself for as long as the orchestrator lives', async () => {
    const world = createTestWorld()
    const files = { 'a.js': broken }
    const project = fakeProject(files, behave)
    const repairers = [guessing('export const total = sun(1)\n', mended)]
    const healer = new SelfHealingOrchestrator({ autonomy: 'propose' }, { world, ...project.ports, repairers })
    const attempts = []
    for (let round = 0; round < 2; round += 1)
      attempts.push(attemptsOf(await world.clock.until(healer.healCode({ command: ['npm', 'test'] }))).length)
    expect(attempts).toEqual([2, 1])
  })
})
