import { expect, it } from 'vitest'
import { memoryKnowledgeStore } from '../../../src/memory/knowledge/memory-knowledge-store.js'
import { logged, patternOf } from '../../../src/memory/knowledge/pattern.js'
import { experience } from './experiences.js'
import { knowledgeStoreContract } from './knowledge-store-contract.js'

knowledgeStoreContract('memoryKnowledgeStore()', () => memoryKnowledgeStore({ experiencesMax: 3 }))

it('memoryKnowledgeStore() refuses a log of no size, and can do without one', async () => {
  expect(() => memoryKnowledgeStore({ experiencesMax: Number.NaN })).toThrow(RangeError)
  expect(() => memoryKnowledgeStore({ experiencesMax: -1 })).toThrow(RangeError)
  const store = memoryKnowledgeStore({ experiencesMax: 0 })
  await store.add(patternOf(experience()), logged(experience()))
  expect(await store.recent(5)).toEqual([])
})
