import { getEventListeners } from 'node:events'
import { expect, it } from 'vitest'
import { followAbort, untilAborted } from '../../src/orchestrator/abort.js'

const reason = { any: 'value' }

it('followAbort() aborts with the same reason, also when the leader has aborted before', () => {
  const leader = new AbortController()
  const { controller } = followAbort(leader.signal)
  leader.abort(reason)
  expect(controller.signal.reason).toBe(reason)
  expect(followAbort(leader.signal).controller.signal.reason).toBe(reason)
})

it('followAbort() leaves no listener behind once released, and needs no leader', () => {
  const leader = new AbortController()
  const { controller, release } = followAbort(leader.signal)
  expect(getEventListeners(leader.signal, 'abort')).toHaveLength(1)
  release()
  expect(getEventListeners(leader.signal, 'abort')).toHaveLength(0)
  leader.abort(reason)
  expect(controller.signal.aborted).toBe(false)
  followAbort(undefined).release()
})

it('untilAborted() rejects with the reason at once, and drops what comes later', async () => {
  const leader = new AbortController()
  let fail: (error: Error) => void = () => undefined
  const waiting = untilAborted(new Promise((_, reject) => (fail = reject)), leader.signal)
  leader.abort(reason)
  await expect(waiting).rejects.toBe(reason)
  fail(new Error('late, and nobody may be hurt by it'))
  await expect(untilAborted(Promise.reject(new Error('late too')), leader.signal)).rejects.toBe(reason)
  await new Promise((resolve) => setImmediate(resolve))
  expect(getEventListeners(leader.signal, 'abort')).toHaveLength(0)
})

it('untilAborted() gives what the work gives', async () => {
  const { signal } = new AbortController()
  expect(await untilAborted(Promise.resolve(1), signal)).toBe(1)
  await expect(untilAborted(Promise.reject(new Error('no')), signal)).rejects.toThrow('no')
  expect(getEventListeners(signal, 'abort')).toHaveLength(0)
})
