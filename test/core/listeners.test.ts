import { afterEach, expect, it, vi } from 'vitest'
import { callListener, warnOfListener } from '../../src/core/listeners.js'

const bad = new Error('bad listener')

afterEach(() => {
  vi.restoreAllMocks()
})

it('callListener() reports what a listener throws or rejects with', async () => {
  const reported: unknown[] = []
  callListener(
    () => {
      throw bad
    },
    (error) => reported.push(error),
  )
  callListener(
    () => Promise.reject(bad),
    (error) => reported.push(error),
  )
  callListener(
    () => 'fine',
    (error) => reported.push(error),
  )
  callListener(
    () => Promise.resolve(),
    (error) => reported.push(error),
  )
  await Promise.resolve()
  await Promise.resolve()
  expect(reported).toEqual([bad, bad])
})

it('callListener() survives a thenable that throws, and a report that throws', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const hostile = new Proxy(
    {},
    {
      has() {
        throw bad
      },
    },
  )
  callListener(
    () => hostile,
    () => {
      throw new Error('bad report')
    },
  )
  expect(warn).toHaveBeenCalledWith(expect.stringContaining('bad report'), { code: 'HS_LISTENER_FAILED' })
})

it('warnOfListener() warns about anything thrown', () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  const noStack = new Error('no stack')
  delete noStack.stack
  warnOfListener(noStack)
  warnOfListener('a string')
  expect(warn.mock.calls.map(([text]) => text)).toEqual([
    'A listener failed and was survived: no stack',
    'A listener failed and was survived: it threw something that is not an Error',
  ])
})
