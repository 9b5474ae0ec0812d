import { getEventListeners } from 'node:events'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { HomeostatEvent } from '../../src/core/events.js'
import { Orchestrator } from '../../src/orchestrator/orchestrator.js'
import { createTestWorld } from '../../src/testing/test-world.js'

/** What one call of a random schedule does. */
const plan = fc.record({
  startMs: fc.nat({ max: 3_000 }),
  /** How its attempts end, in order; the last one again and again. */
  attempts: fc.array(
    fc.record({
      ms: fc.nat({ max: 400 }),
      ends: fc.constantFrom('success' as const, 'failure' as const, 'bad' as const, 'hang' as const),
    }),
    { minLength: 1, maxLength: 4 },
  ),
  /** When its caller aborts, counted from its start. */
  abortMs: fc.option(fc.nat({ max: 600 }), { nil: undefined }),
  key: fc.constantFrom('a', 'b'),
})

const limits = fc.record({
  attemptsMax: fc.integer({ min: 1, max: 4 }),
  concurrentMax: fc.integer({ min: 1, max: 3 }),
  queueMax: fc.integer({ min: 0, max: 2 }),
  probesMax: fc.integer({ min: 1, max: 2 }),
})

it('Orchestrator keeps law 4 for any schedule: attempts, running and queued calls are bounded, and each call settles once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(plan, { maxLength: 12 }),
      limits,
      fc.integer(),
      async (plans, { attemptsMax, concurrentMax, queueMax, probesMax }, seed) => {
        const world = createTestWorld(seed)
        const healer = new Orchestrator(
          {
            guard: {
              retry: { attemptsMax, delayMsBase: 50, delayMsMax: 200 },
              breaker: { callsMin: 2, openMs: 200, openMsMax: 800, probesMax, probeTimeoutMs: 300 },
              bulkhead: { enabled: true, concurrentMax, queueMax, queueWaitMsMax: 150 },
              deadline: { timeoutMs: 250 },
            },
          },
          { world },
        )
        const settled: HomeostatEvent<'call.settled'>[] = []
        healer.on('call.settled', (event) => settled.push(event))
        const running = new Map<string, number>()
        const runs = new Map<number, number>()
        const signals: AbortSignal[] = []

        const start = async ({ startMs, attempts, abortMs, key }: (typeof plans)[number], index: number): Promise<void> => {
          await world.clock.sleep(startMs)
          const caller = new AbortController()
          signals.push(caller.signal)
          if (abortMs !== undefined) void world.clock.sleep(abortMs).then(() => caller.abort('gone'))
          const work = async (): Promise<string> => {
            const number = runs.get(index) ?? 0
            runs.set(index, number + 1)
            const { ms, ends } = attempts[Math.min(number, attempts.length - 1)] ?? { ms: 0, ends: 'success' }
            expect(healer.breaker(key).opened).toBe(false)
            running.set(key, (running.get(key) ?? 0) + 1)
            expect(running.get(key)).toBeLessThanOrEqual(concurrentMax)
            // Deaf to its signal on purpose: bounds must hold for such work too.
            await world.clock.sleep(ends === 'hang' ? 2_000 : ms)
            running.set(key, (running.get(key) ?? 0) - 1)
            if (ends === 'failure') throw new Error('down')
            return ends
          }
          await healer.run(key, work, { signal: caller.signal, accept: (answer) => answer !== 'bad' }).catch(() => undefined)
          for (const { bulkhead } of healer.snapshot().keys) {
            expect(bulkhead.running).toBeLessThanOrEqual(concurrentMax)
            expect(bulkhead.queued).toBeLessThanOrEqual(queueMax)
          }
        }

        const all = Promise.all(plans.map(start))
        await world.clock.advance(60_000)
        await all
        for (const count of runs.values()) expect(count).toBeLessThanOrEqual(attemptsMax)
        expect(settled).toHaveLength(plans.length)
        expect(new Set(settled.map((event) => event.callId)).size).toBe(plans.length)
        for (const { bulkhead } of healer.snapshot().keys) expect(bulkhead).toEqual({ running: 0, queued: 0 })
        for (const signal of signals) expect(getEventListeners(signal, 'abort')).toHaveLength(0)
        expect([world.clock.sleeping, healer.snapshot().calls.running]).toEqual([0, 0])
      },
    ),
    { numRuns: 60 },
  )
})

it("Orchestrator: callers' aborts never change the failure rate, whatever else happens", async () => {
  const story = fc.array(fc.constantFrom('success' as const, 'failure' as const, 'abort' as const), { maxLength: 40 })
  await fc.assert(
    fc.asyncProperty(story, async (calls) => {
      const viewAfter = async (told: readonly (typeof calls)[number][]): Promise<unknown> => {
        const world = createTestWorld(1)
        const healer = new Orchestrator(
          { guard: { retry: { enabled: false }, breaker: { callsMin: 3, failureRatioMax: 0.6 } } },
          { world },
        )
        for (const how of told) {
          const caller = new AbortController()
          const work = async (): Promise<string> => {
            if (how === 'abort') caller.abort('gone')
            if (how === 'failure') throw new Error('down')
            return 'fine'
          }
          await healer.run('k', work, { signal: caller.signal }).catch(() => undefined)
        }
        // An open circuit refuses a caller before he can abort.
        const { refusals: _refusals, ...view } = healer.breaker('k').view()
        return view
      }
      expect(await viewAfter(calls)).toEqual(await viewAfter(calls.filter((how) => how !== 'abort')))
    }),
    { numRuns: 60 },
  )
})
