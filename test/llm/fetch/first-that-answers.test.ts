import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { plain } from '../../../src/llm/failure/classify-thrown.js'
import { treatments, type LlmFailure, type LlmFailureKind } from '../../../src/llm/failure/llm-failure.js'
import { firstThatAnswers } from '../../../src/llm/fetch/first-that-answers.js'

// The table has these keys and no others.
const kinds = Object.keys(treatments) as LlmFailureKind[]
const outcomes = fc.array(fc.option(fc.constantFrom(...kinds)), { minLength: 1, maxLength: 6 })

it('firstThatAnswers() asks in order, stops at an answer or at what another target would not mend, and says why it goes on', async () => {
  await fc.assert(
    fc.asyncProperty(outcomes, async (targets) => {
      const asked: [number, LlmFailureKind | undefined][] = []
      const failureOf = (error: unknown): LlmFailure => plain(error as LlmFailureKind)
      const result = await firstThatAnswers([...targets.keys()], {
        ask: async (index, after) => {
          asked.push([index, after?.kind])
          const kind = targets[index]
          // What is thrown stands for the failure that it is classified as.
          if (kind) throw kind as unknown as Error
          return index
        },
        failureOf,
      }).then(
        (answer) => ({ answer }),
        (error: unknown) => ({ error }),
      )
      const end = targets.findIndex((kind) => kind === null || treatments[kind].fallback !== 'yes')
      const last = end === -1 ? targets.length - 1 : end
      expect(asked).toEqual(Array.from({ length: last + 1 }, (_, index) => [index, targets[index - 1] ?? undefined]))
      expect(result).toEqual(targets[last] === null ? { answer: last } : { error: targets[last] })
    }),
  )
})
