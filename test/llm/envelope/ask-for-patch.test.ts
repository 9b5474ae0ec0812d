import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { askForPatch, type PatchQuestion } from '../../../src/llm/envelope/ask-for-patch.js'
import { AskPace } from '../../../src/llm/envelope/ask-pace.js'
import type { Ask } from '../../../src/repair/model/model.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const question: PatchQuestion = { error: { message: 'reslt is not defined' } }
const diff = '--- a/a.js\n+++ b/a.js\n@@ -1 +1 @@\n-reslt\n+result\n'
const patch = JSON.stringify({ version: 1, intent: 'patch', patch: diff })
const refusal = '{"intent":"refusal","reason":"no"}'

/** A model that gives these replies one after the other, and what it was asked, when. */
function scripted(
  world: ReturnType<typeof createTestWorld>,
  ...replies: readonly unknown[]
): { ask: Ask; prompts: string[]; timesMs: number[] } {
  const [prompts, timesMs]: [string[], number[]] = [[], []]
  const ask: Ask = async (prompt) => {
    prompts.push(prompt)
    timesMs.push(world.clock.monoMs())
    const reply = replies[Math.min(prompts.length, replies.length) - 1]
    if (reply instanceof Error) throw reply
    return reply as string // tests give what no type allows
  }
  return { ask, prompts, timesMs }
}

describe('askForPatch()', () => {
  it('asks once where the reply can be used', async () => {
    const world = createTestWorld()
    const { ask, prompts } = scripted(world, patch)
    const answer = await askForPatch(ask, question, { world })
    expect(answer).toMatchObject({ asks: 1, problems: [], waitedMs: 0, reply: { intent: 'patch', diff } })
    expect(prompts).toEqual([answer.request.text])
    expect(answer.request.document.metadata).toMatchObject({ requestId: 'id-1', epochMs: 1_700_000_000_000 })
  })

  it('says what was wrong, after a random pause, with a new id and the same hash', async () => {
    const world = createTestWorld(7)
    const { ask, prompts, timesMs } = scripted(world, 'Just rename it, jo@example.org.', patch)
    const answer = await world.clock.until(askForPatch(ask, question, { world }))
    expect(answer).toMatchObject({ asks: 2, reply: { intent: 'patch' }, problems: [{ code: 'no-patch' }] })
    expect(prompts[1]).toContain('"lastReplyProblem":{"code":"no-patch"')
    expect(answer.request.requestId).toBe('id-2')
    expect(prompts[0]).toContain(answer.request.hash)
    expect(timesMs[1]).toBe(answer.waitedMs)
    expect(answer.waitedMs).toBeGreaterThanOrEqual(500)
    expect(answer.waitedMs).toBeLessThan(1_500)
  })

  it('asks no more often than it may, and gives the last problem', async () => {
    const world = createTestWorld()
    const { ask, prompts } = scripted(world, '')
    const answer = await world.clock.until(askForPatch(ask, question, { world, asksMax: 3 }))
    expect(prompts).toHaveLength(3)
    expect(answer.reply).toEqual({ intent: 'other', problem: expect.objectContaining({ code: 'reply-empty' }) })
    expect(answer.problems).toHaveLength(3)
  })

  it.each([
    ['a refusal', refusal],
    ['a question', '{"intent":"request-more-info","questions":["b.js?"]}'],
    ['a path that nobody mistakes', JSON.stringify({ intent: 'patch', patch: diff.replaceAll('a.js', '../a.js') })],
  ])('does not ask again after %s', async (_, reply) => {
    const world = createTestWorld()
    const { ask, prompts } = scripted(world, reply)
    await askForPatch(ask, question, { world, asksMax: 5 })
    expect(prompts).toHaveLength(1)
  })

  it('comes back when the model asks for it, and counts that', async () => {
    const world = createTestWorld()
    const busy = Object.assign(new Error('busy'), { headers: { 'retry-after': '20' } })
    const { ask, timesMs } = scripted(world, busy, patch)
    const answer = await world.clock.until(askForPatch(ask, question, { world }))
    expect(answer).toMatchObject({ asks: 2, problems: [], reply: { intent: 'patch' } })
    expect(timesMs).toEqual([0, 20_000])
  })

  it.each([
    ['it does not say when to come back', new Error('broken')],
    ['that is too late', Object.assign(new Error('busy'), { retryAfterMs: 60_001 })],
  ])('passes on the error of a model when %s', async (_, error) => {
    const world = createTestWorld()
    const { ask, prompts } = scripted(world, error)
    await expect(askForPatch(ask, question, { world })).rejects.toBe(error)
    expect(prompts).toHaveLength(1)
  })

  it('passes on the error of the last request', async () => {
    const world = createTestWorld()
    const busy = Object.assign(new Error('busy'), { retryAfterMs: 10 })
    await expect(askForPatch(scripted(world, busy).ask, question, { world, asksMax: 1 })).rejects.toBe(busy)
  })

  it('stops as soon as the signal aborts, whatever it waits for', async () => {
    const reason = new Error('enough')
    for (const when of ['before', 'asking', 'pausing'] as const) {
      const world = createTestWorld()
      const controller = new AbortController()
      if (when === 'before') controller.abort(reason)
      const ask: Ask = when === 'asking' ? () => new Promise(() => undefined) : scripted(world, '').ask
      const work = askForPatch(ask, question, { world, signal: controller.signal, pauseMs: 5_000 })
      const ended = expect(work).rejects.toBe(reason)
      await world.clock.advance(1)
      controller.abort(reason)
      await ended
      expect(world.clock.sleeping).toBe(0)
    }
  })

  it('uses a pause for asking', async () => {
    const world = createTestWorld()
    const { ask, timesMs } = scripted(world, patch)
    await world.clock.until(askForPatch(ask, question, { world, pauseMs: 4_000 }))
    expect(timesMs).toEqual([0])
    expect(world.clock.monoMs()).toBe(4_000)
  })

  it('does not keep a pause after a failure', async () => {
    const world = createTestWorld()
    const error = new Error('broken')
    await expect(askForPatch(scripted(world, error).ask, question, { world, pauseMs: 4_000 })).rejects.toBe(error)
    expect(world.clock.sleeping).toBe(0)
  })

  it('holds a reply to its limits', async () => {
    const world = createTestWorld()
    const long = await askForPatch(scripted(world, patch).ask, question, { world, asksMax: 1, replyBytesMax: 10 })
    expect(long.reply).toMatchObject({ intent: 'other', problem: { code: 'reply-too-long' } })
  })

  it('refuses options that cannot be before anything is asked', async () => {
    const world = createTestWorld()
    const { ask, prompts } = scripted(world, patch)
    for (const options of [
      { asksMax: 0 },
      { asksMax: 6 },
      { asksMax: Number.NaN },
      { pauseMs: -1 },
      { retryAfterMsMax: Infinity },
      { limits: { bytesMax: 1 } },
    ])
      await expect(askForPatch(ask, question, { world, ...options })).rejects.toThrow(RangeError)
    expect(prompts).toEqual([])
    expect(world.clock.sleeping).toBe(0)
  })
})

describe('AskPace', () => {
  it('keeps all who share it apart, by the base and less than the jitter more', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1_000),
        fc.nat(5_000),
        fc.nat(5_000),
        fc.integer({ min: 2, max: 8 }),
        async (seed, delayMsBase, jitterMsMax, callers) => {
          const world = createTestWorld(seed)
          const pace = new AskPace(world, { delayMsBase, jitterMsMax })
          const timesMs: number[] = []
          const work = Promise.all(
            Array.from({ length: callers }, () => pace.turn().then(() => timesMs.push(world.clock.monoMs()))),
          )
          await world.clock.until(work)
          expect(timesMs[0]).toBe(0)
          for (const [index, timeMs] of timesMs.slice(1).entries()) {
            const gapMs = timeMs - (timesMs[index] ?? 0)
            expect(gapMs).toBeGreaterThanOrEqual(delayMsBase)
            expect(gapMs).toBeLessThanOrEqual(delayMsBase + jitterMsMax)
          }
        },
      ),
      { numRuns: 50 },
    )
  })

  it('loses no turn to who stops waiting', async () => {
    const world = createTestWorld()
    const pace = new AskPace(world, { delayMsBase: 1_000, jitterMsMax: 0 })
    await pace.turn()
    const reasons = Array.from({ length: 10 }, async () => {
      const controller = new AbortController()
      const work = pace.turn(controller.signal)
      controller.abort(new Error('enough'))
      await work
    })
    expect((await Promise.allSettled(reasons)).every(({ status }) => status === 'rejected')).toBe(true)
    expect(await world.clock.until(pace.turn())).toBe(1_000)
  })

  it('makes those wait longer who wait already, when it is postponed', async () => {
    const world = createTestWorld()
    const pace = new AskPace(world, { delayMsBase: 1_000, jitterMsMax: 0 })
    await pace.turn()
    const work = pace.turn()
    await world.clock.advance(500)
    pace.postpone(2_000)
    pace.postpone(10)
    expect(await world.clock.until(work)).toBe(2_500)
  })

  it('lets everybody pass when the clock stands still', async () => {
    const world = { ...createTestWorld(), clock: { ...createTestWorld().clock, monoMs: () => 5, sleep: async () => undefined } }
    const pace = new AskPace(world, { delayMsBase: 1_000, jitterMsMax: 0 })
    await pace.turn()
    expect(await pace.turn()).toBe(1_000)
  })

  it('refuses delays that cannot be', () => {
    const world = createTestWorld()
    for (const value of [-1, Number.NaN, Infinity]) {
      expect(() => new AskPace(world, { delayMsBase: value })).toThrow(RangeError)
      expect(() => new AskPace(world, { jitterMsMax: value })).toThrow(RangeError)
      expect(() => new AskPace(world).postpone(value)).toThrow(RangeError)
    }
  })
})
