import { expect, it } from 'vitest'
import { LazySignal } from '../../src/orchestrator/guard/lazy-signal.js'

it('LazySignal aborts once, with the first reason, whether the signal was asked for before or after', () => {
  const asked = new LazySignal()
  const { signal } = asked
  expect([signal.aborted, asked.aborted]).toEqual([false, false])
  asked.abort('first')
  asked.abort('second')
  expect([signal.aborted, signal.reason, asked.reason, asked.signal === signal]).toEqual([true, 'first', 'first', true])

  const late = new LazySignal()
  late.abort('gone')
  expect([late.aborted, late.signal.aborted, late.signal.reason]).toEqual([true, true, 'gone'])
})
