import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CallsInFlight, type Due } from '../../../src/breaker/trend/calls-in-flight.js'

/** One with calls started at these times, a millisecond apart by default, so that watched time is the caller's. */
function started(
  calls: number,
  { trackedMax = 1_024, gapMs = 1 } = {},
): { readonly flight: CallsInFlight; readonly tickets: number[] } {
  const flight = new CallsInFlight(trackedMax)
  return { flight, tickets: Array.from({ length: calls }, (_, call) => flight.start(call * gapMs)) }
}

function allDue(flight: CallsInFlight, overdueAfterMs: number): Due[] {
  const dues: Due[] = []
  for (let due = flight.takeDue(overdueAfterMs); due !== 'pending'; due = flight.takeDue(overdueAfterMs)) dues.push(due)
  return dues
}

describe('CallsInFlight', () => {
  it('accounts for calls in the order in which they started, each once', () => {
    const { flight, tickets } = started(5)
    flight.end(tickets[1] ?? -1, true)
    flight.end(tickets[2] ?? -1, false)
    expect(allDue(flight, 100)).toEqual([])
    flight.end(tickets[0] ?? -1, true)
    expect(allDue(flight, 100)).toEqual(['succeeded', 'succeeded', 'failed'])
    expect(flight.oldest).toBe(3)
    expect(allDue(flight, 100)).toEqual([])
  })

  it('calls overdue what has been watched for so long', () => {
    const { flight } = started(3, { gapMs: 10 })
    for (let atMs = 21; atMs <= 110; atMs += 1) flight.watch(atMs)
    expect(allDue(flight, 100)).toEqual(['overdue', 'overdue'])
    expect(allDue(flight, 90)).toEqual(['overdue'])
  })

  it('end() says once of an overdue call that it came back after all', () => {
    const { flight, tickets } = started(2)
    for (let atMs = 2; atMs <= 11; atMs += 1) flight.watch(atMs)
    expect(allDue(flight, 11)).toEqual(['overdue'])
    expect(tickets.map((ticket) => flight.end(ticket, true))).toEqual([true, false])
    expect(tickets.map((ticket) => flight.end(ticket, true))).toEqual([false, false])
  })

  it.each([-1, 2, 0.5, 1e18, Number.NaN, Number.NEGATIVE_INFINITY])('end(%d) does nothing', (ticket) => {
    const { flight, tickets } = started(2)
    expect(flight.end(ticket, true)).toBe(false)
    for (const good of tickets) flight.end(good, false)
    expect(allDue(flight, 100)).toEqual(['failed', 'failed'])
  })

  it('tracks no more than it was told to, and goes on when some have ended', () => {
    const { flight, tickets } = started(5, { trackedMax: 3 })
    expect(tickets).toEqual([0, 1, 2, -1, -1])
    flight.end(0, true)
    allDue(flight, 100)
    expect([flight.start(6), flight.start(7)]).toEqual([3, -1])
  })

  it('start() refuses what is no time', () => {
    const flight = new CallsInFlight(10)
    expect([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY].map((atMs) => flight.start(atMs))).toEqual([
      -1, -1, -1,
    ])
  })

  it.each([
    ['a suspend of a day', 86_400_000],
    ['a clock set back by a day', -86_400_000],
    ['a clock that stands still', 0],
  ])('makes no call overdue by %s', (_, jumpMs) => {
    const { flight } = started(20)
    flight.watch(20 + jumpMs)
    for (let after = 1; after <= 20; after += 1) flight.watch(20 + jumpMs + after)
    expect(allDue(flight, 100)).toEqual([])
    for (let after = 21; after <= 120; after += 1) flight.watch(20 + jumpMs + after)
    expect(allDue(flight, 100)).toHaveLength(20)
  })

  it('lets few calls become overdue by one gap, whatever the traffic', () => {
    for (const inFlight of [1, 2, 3, 4, 8, 32, 200]) {
      // By Little's law, calls that take a second come and go like this when so many are under way.
      const flight = new CallsInFlight(1_024)
      const gapMs = 1_000 / inFlight / 2
      let atMs = 0
      for (let call = 0; call < 20 * inFlight; call += 1) {
        flight.start((atMs += gapMs))
        flight.watch((atMs += gapMs))
        flight.end(call - inFlight, true)
        allDue(flight, 3_500)
      }
      flight.watch(atMs + 3_600_000)
      expect(allDue(flight, 3_500).length).toBeLessThanOrEqual(3)
    }
  })

  it('lets calls age at 0.1 call/s too, where a look comes every ten seconds', () => {
    const flight = new CallsInFlight(10)
    for (let call = 0; call < 20; call += 1) {
      const ticket = flight.start(10_000 * call)
      flight.watch(10_000 * call + 1_000)
      flight.end(ticket, true)
      allDue(flight, 3_500)
    }
    flight.start(200_000)
    flight.start(210_000)
    expect(allDue(flight, 3_500)).toEqual(['overdue'])
  })

  it('nobody ages while nobody is there', () => {
    const { flight } = started(1)
    flight.end(0, true)
    allDue(flight, 100)
    flight.watch(1_000_000)
    flight.start(1_000_001)
    flight.watch(1_000_002)
    expect(allDue(flight, 50)).toEqual([])
  })

  it('does not take the time between calls for the usual gap', () => {
    const flight = new CallsInFlight(10)
    let atMs = 0
    for (let call = 0; call < 300; call += 1) {
      flight.start((atMs += 1_000_000))
      flight.watch((atMs += 1))
      flight.end(call, true)
      allDue(flight, 1_000)
      flight.watch((atMs += 1_000_000))
    }
    flight.start(atMs)
    flight.watch(atMs + 3_600_000)
    expect(allDue(flight, 1_000)).toEqual([])
  })

  it.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'watch(%d) is no time, also as the first one',
    (atMs) => {
      const { flight } = started(1)
      flight.watch(atMs)
      for (let after = 1; after <= 50; after += 1) flight.watch(after)
      expect(allDue(flight, 100)).toEqual([])
      expect(allDue(flight, 50)).toEqual(['overdue'])
    },
  )

  it('forget() makes the tickets of before worthless, and starts afresh', () => {
    const { flight, tickets } = started(100)
    flight.forget()
    expect(allDue(flight, 0)).toEqual([])
    const ticket = flight.start(100)
    expect(tickets).not.toContain(ticket)
    for (const old of tickets) expect(flight.end(old, true)).toBe(false)
    flight.end(ticket, true)
    expect(allDue(flight, 1_000)).toEqual(['succeeded'])
  })

  it('knows of each call what a plain list would, however many are under way', () => {
    const step = fc.oneof(
      { weight: 3, arbitrary: fc.record({ do: fc.constant('start' as const) }) },
      { weight: 2, arbitrary: fc.record({ do: fc.constant('end' as const), which: fc.nat(), ok: fc.boolean() }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('look' as const), limitMs: fc.integer({ min: 1, max: 60 }) }) },
    )
    fc.assert(
      fc.property(fc.array(step, { minLength: 50, maxLength: 400 }), (steps) => {
        const flight = new CallsInFlight(64)
        const calls: { readonly atMs: number; ended?: 'succeeded' | 'failed'; due?: Due }[] = []
        for (const [atMs, one] of steps.entries()) {
          // One step each millisecond: no gap is unusual.
          if (one.do === 'start') {
            const waiting = calls.filter(({ due }) => due === undefined).length
            const ticket = flight.start(atMs)
            expect(ticket).toBe(waiting < 64 ? calls.length : -1)
            if (ticket >= 0) calls.push({ atMs })
            continue
          }
          flight.watch(atMs)
          if (one.do === 'end') {
            const ticket = calls.length === 0 ? 0 : one.which % calls.length
            const call = calls[ticket]
            const late = call?.due === 'overdue' && call.ended === undefined
            const told = flight.end(ticket, one.ok)
            // What came back long after its time may have been forgotten.
            if (told || calls.length - ticket <= 16) expect(told).toBe(late)
            if (call !== undefined) call.ended ??= one.ok ? 'succeeded' : 'failed'
          } else {
            const expected: Due[] = []
            for (const call of calls) {
              if (call.due !== undefined) continue
              if (call.ended === undefined && atMs - call.atMs < one.limitMs) break
              expected.push((call.due = call.ended ?? 'overdue'))
            }
            expect(allDue(flight, one.limitMs)).toEqual(expected)
          }
        }
      }),
    )
  })
})
