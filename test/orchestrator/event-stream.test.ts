import { expect, it } from 'vitest'
import { EventStream } from '../../src/orchestrator/event-stream.js'
import { createTestWorld } from '../../src/testing/test-world.js'

const { clock } = createTestWorld()
const payload = { key: 'k' }

it('EventStream tells a frozen event to those who listen to its type or to all, in order', () => {
  const events = new EventStream(clock)
  const heard: unknown[] = []
  events.on('*', (event) => heard.push(['*', event.type]))
  events.on('circuit.closed', (event) => heard.push([event.key, Object.isFrozen(event), event.epochMs]))
  events.on('call.started', () => heard.push('never'))
  events.emit('circuit.closed', payload)
  expect(heard).toEqual([
    ['k', true, 1_700_000_000_000],
    ['*', 'circuit.closed'],
  ])
})

it('EventStream survives and reports a listener that throws or rejects', async () => {
  const reported: unknown[] = []
  const events = new EventStream(clock, { onListenerError: (error) => reported.push(error) })
  let heard = 0
  events.on('circuit.closed', () => {
    throw new Error('bad')
  })
  events.on('circuit.closed', async () => {
    throw new Error('bad too')
  })
  events.on('circuit.closed', () => (heard += 1))
  events.emit('circuit.closed', payload)
  await Promise.resolve()
  expect(heard).toBe(1)
  expect(reported.map(String)).toEqual(['Error: bad', 'Error: bad too'])
})

it('EventStream: one that is removed while an event is told hears nothing more, one that is added hears the next', () => {
  const events = new EventStream(clock)
  const heard: string[] = []
  events.on('circuit.closed', () => {
    heard.push('first')
    removeSecond()
    removeSecond()
    events.on('circuit.closed', () => heard.push('added'))
  })
  const removeSecond = events.on('circuit.closed', () => heard.push('second'))
  events.emit('circuit.closed', payload)
  expect(heard).toEqual(['first'])
  events.emit('circuit.closed', payload)
  expect(heard).toEqual(['first', 'first', 'added'])
})

it('EventStream counts the same listener added twice as two', () => {
  const events = new EventStream(clock)
  let heard = 0
  const listener = (): number => (heard += 1)
  const remove = events.on('circuit.closed', listener)
  events.on('circuit.closed', listener)
  remove()
  events.emit('circuit.closed', payload)
  expect(heard).toBe(1)
})

it('EventStream refuses too many listeners and what is no function', () => {
  const events = new EventStream(clock, { listenersMax: 2 })
  const remove = events.on('*', () => undefined)
  events.on('call.started', () => undefined)
  expect(() => events.on('call.settled', () => undefined)).toThrow(RangeError)
  remove()
  expect(() => events.on('call.settled', () => undefined)).not.toThrow()
  expect(() => events.on('call.settled', 'no' as never)).toThrow(TypeError)
})
