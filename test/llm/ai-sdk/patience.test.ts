import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { Patience, type PatienceEnd } from '../../../src/llm/ai-sdk/patience.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const steps = fc.array(
  fc.record({ kind: fc.constantFrom('wait', 'came', 'content', 'read'), ms: fc.integer({ min: 0, max: 30 }) }),
  {
    maxLength: 40,
  },
)
const limits = fc.record({
  firstTokenMs: fc.integer({ min: 1, max: 60 }),
  idleMs: fc.integer({ min: 1, max: 60 }),
  totalMs: fc.integer({ min: 1, max: 300 }),
})

it('Patience ends when a limit is passed, and at no other time, however it is used', async () => {
  await fc.assert(
    fc.asyncProperty(limits, steps, async (given, schedule) => {
      const world = createTestWorld()
      let ended: { readonly which: PatienceEnd; readonly atMs: number } | undefined
      const patience = new Patience(given, world.clock, (which) => {
        ended = { which, atMs: world.clock.monoMs() }
      })
      // What it should be, counted millisecond by millisecond.
      let expected: typeof ended
      let nowMs = 0
      let waiting = true
      let content = false
      let waitedMs = 0
      const due = (): void => {
        if (expected !== undefined) return
        const idle = content && waiting && waitedMs >= given.idleMs
        const first = !content && waiting && nowMs >= given.firstTokenMs
        if (nowMs >= given.totalMs) expected = { which: 'total', atMs: nowMs }
        else if (idle) expected = { which: 'idle', atMs: nowMs }
        else if (first) expected = { which: 'first', atMs: nowMs }
      }
      for (const { kind, ms } of schedule) {
        for (let passed = 0; passed < ms && expected === undefined; passed += 1) {
          nowMs += 1
          if (waiting) waitedMs += 1
          due()
        }
        await world.clock.advance(ms)
        if (expected !== undefined) break
        if (kind === 'wait') {
          patience.waits()
          waiting = true
        } else if (kind === 'read') {
          patience.came()
          waiting = false
        } else {
          patience.came()
          if (kind === 'content') patience.content()
          if (kind === 'content') waitedMs = 0
          content ||= kind === 'content'
          waiting = false
        }
        // A limit may have been passed while nobody waited.
        await world.clock.advance(0)
        due()
        if (expected !== undefined) break
      }
      expect(ended).toEqual(expected)
      patience.end()
      await world.clock.advance(1_000)
      expect(ended).toEqual(expected)
      expect(world.clock.sleeping).toBe(0)
    }),
    { numRuns: 200 },
  )
})
