import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readBehaviourTrace, type BehaviourEvent, type BehaviourTrace } from '../../src/security/behaviour/behaviour-trace.js'
import { compareBehaviour } from '../../src/security/behaviour/compare-behaviour.js'
import { observe, patchOf } from './audit-sample.js'

const traceOf = (events: readonly BehaviourEvent[], more: Partial<BehaviourTrace> = {}): BehaviourTrace => ({
  events,
  processes: 1,
  complete: true,
  ...more,
})
const patch = patchOf([['src/cart.js', 'total()\n', "total(fetch('https://named.example/'))\n"]])
const nothing = traceOf([])
const found = (event: BehaviourEvent, before: readonly BehaviourEvent[] = []) =>
  compareBehaviour(traceOf(before), traceOf([event]), patch).map(({ rule, verdict }) => `${rule} ${verdict}`)

describe('compareBehaviour()', () => {
  it('finds what the patched file newly does and its text does not name', () => {
    const from = 'src/cart.js'
    expect(found({ kind: 'process', subject: 'curl', from })).toEqual(['BEHAVIOUR-PROCESS review'])
    expect(found({ kind: 'connection', subject: 'other.example:443', from })).toEqual(['BEHAVIOUR-NETWORK review'])
    expect(found({ kind: 'write', subject: '/home/ann/.bashrc', from })).toEqual(['BEHAVIOUR-FILES review'])
    expect(found({ kind: 'read', subject: '/home/ann/.npmrc', from })).toEqual(['BEHAVIOUR-FILES review'])
    expect(found({ kind: 'environment', subject: '*', from })).toEqual(['BEHAVIOUR-ENVIRONMENT review'])
    expect(found({ kind: 'environment', subject: 'GITHUB_TOKEN', from })).toEqual(['BEHAVIOUR-ENVIRONMENT review'])
  })

  it('asks for less where nearly every program does the same', () => {
    const from = 'src/cart.js'
    expect(found({ kind: 'connection', subject: '127.0.0.1:8080', from })).toEqual(['BEHAVIOUR-NETWORK allow'])
    expect(found({ kind: 'environment', subject: 'LANG', from })).toEqual(['BEHAVIOUR-ENVIRONMENT allow'])
    expect(found({ kind: 'read', subject: '/etc/hosts', from })).toEqual(['BEHAVIOUR-FILES allow'])
    expect(found({ kind: 'write', subject: '/etc/hosts', from })).toEqual(['BEHAVIOUR-FILES review'])
  })

  it('takes what was done before, whoever did it, and what the text names for explained', () => {
    const event: BehaviourEvent = { kind: 'process', subject: 'git', from: 'src/cart.js' }
    expect(found(event, [{ kind: 'process', subject: 'git', from: 'src/old.js' }])).toEqual([])
    expect(found({ kind: 'connection', subject: 'named.example:443', from: 'src/cart.js' })).toEqual([])
  })

  it('tells code that the patch does not touch from nobody knows whom', () => {
    expect(found({ kind: 'process', subject: 'curl', from: 'src/other.js' })).toEqual(['BEHAVIOUR-ELSEWHERE allow'])
    expect(found({ kind: 'process', subject: 'curl' })).toEqual(['BEHAVIOUR-PROCESS review'])
    expect(found({ kind: 'write', subject: '/root/.npm/_logs/1.log', from: 'node_modules/npm' })).toEqual([])
    expect(found({ kind: 'connection', subject: 'evil.example:443', from: 'node_modules/x' })).toEqual([
      'BEHAVIOUR-ELSEWHERE allow',
    ])
  })

  it('finds what a run costs more only when it is far more', () => {
    const cost = (before: Partial<BehaviourTrace>, after: Partial<BehaviourTrace>) =>
      compareBehaviour(traceOf([], before), traceOf([], after), patch).map(({ message }) => message)
    expect(cost({ durationMs: 1_000 }, { durationMs: 60_000 })).toEqual(['The command took 60 s instead of 1 s'])
    expect(cost({ durationMs: 1_000 }, { durationMs: 9_000 })).toEqual([])
    expect(cost({ durationMs: 20_000 }, { durationMs: 60_000 })).toEqual([])
    expect(cost({ memoryBytesMax: 1e8 }, { memoryBytesMax: 1e9 })).toEqual(['The command held 954 MiB instead of 95 MiB'])
    expect(cost({}, { durationMs: 1e6 })).toEqual([])
  })

  it('finds nothing in two runs of which one was not watched, and the stage says why', async () => {
    const events: BehaviourEvent[] = [{ kind: 'process', subject: 'curl' }]
    expect(compareBehaviour(traceOf([], { processes: 0 }), traceOf(events), patch)).toEqual([])
    const dynamic = async (before: BehaviourTrace, after: BehaviourTrace) =>
      (await observe(patch, { behaviour: { before, after } })).stages.dynamic
    expect(await dynamic(traceOf([], { processes: 0 }), nothing)).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('before'),
    })
    expect(await dynamic(nothing, traceOf([], { processes: 0 }))).toMatchObject({
      state: 'skipped',
      reason: expect.stringContaining('after'),
    })
    expect(await dynamic(nothing, traceOf([], { complete: false }))).toMatchObject({
      state: 'done',
      reason: expect.stringContaining('more than'),
    })
    expect(await dynamic(nothing, nothing)).toEqual({ state: 'done', findings: [], durationMs: 0 })
  })

  it('finds nothing new in the same run, whatever it did', () => {
    const event: fc.Arbitrary<BehaviourEvent> = fc.record(
      {
        kind: fc.constantFrom('read', 'write', 'process', 'connection', 'environment'),
        subject: fc.string({ minLength: 1 }),
        from: fc.string({ minLength: 1 }),
      },
      { requiredKeys: ['kind', 'subject'] },
    )
    fc.assert(
      fc.property(fc.array(event, { maxLength: 20 }), (events) => {
        expect(compareBehaviour(traceOf(events), traceOf(events.toReversed()), patch)).toEqual([])
        // Whoever did more before is never found to do more after.
        const less = compareBehaviour(traceOf(events), traceOf(events.slice(1)), patch)
        expect(less).toEqual([])
      }),
      { numRuns: 50 },
    )
  })
})

describe('readBehaviourTrace()', () => {
  it('answers whatever it is given, within its bounds', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), fc.double(), (text, durationMs) => {
        const trace = readBehaviourTrace(text, durationMs)
        expect(trace.durationMs ?? 0).toBeGreaterThanOrEqual(0)
        expect(trace.events.length).toBeLessThanOrEqual(5_000)
      }),
      { numRuns: 100 },
    )
    const many = Array.from({ length: 5_100 }, (_, index) => JSON.stringify({ kind: 'read', subject: `/a/${index}` })).join('\n')
    expect(readBehaviourTrace(many)).toMatchObject({ complete: false, processes: 0 })
    expect(readBehaviourTrace('{"kind":"start"}\n{"kind":"end","memoryBytes":7}\n{"kind":"end","memoryBytes":3}')).toEqual({
      events: [],
      processes: 1,
      complete: true,
      memoryBytesMax: 7,
    })
    expect(readBehaviourTrace('{"kind":"start"}\n{"kind":"cut"}').complete).toBe(false)
  })
})
