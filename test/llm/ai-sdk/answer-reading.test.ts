import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { contentOf, finishOf, usageOf } from '../../../src/llm/ai-sdk/answer-reading.js'
import { usage } from './models.js'

describe('reading answers', () => {
  it('finishOf() takes the word of all versions of the specification', () => {
    expect(finishOf({ finishReason: { unified: 'stop', raw: 'end_turn' } })).toBe('stop')
    expect(finishOf({ finishReason: 'length' })).toBe('length')
    expect([finishOf({}), finishOf({ finishReason: 3 }), finishOf(undefined)]).toEqual([undefined, undefined, undefined])
  })

  it('usageOf() takes the numbers of all of them, and no nonsense', () => {
    expect(usageOf({ usage })).toEqual({ inputTokens: 12, outputTokens: 5, cachedInputTokens: 4 })
    expect(usageOf({ usage: { inputTokens: 1, outputTokens: -2, cachedInputTokens: Number.NaN } })).toEqual({
      inputTokens: 1,
      outputTokens: undefined,
      cachedInputTokens: undefined,
    })
    expect([usageOf({}), usageOf({ usage: null }), usageOf(undefined)]).toEqual([undefined, undefined, undefined])
  })

  it('contentOf() tells what someone waits for from what frames it', () => {
    expect(contentOf({ type: 'text-delta', delta: 'a' } as never)).toBe('a')
    expect(contentOf({ type: 'text-delta', textDelta: 'a' } as never)).toBe('a')
    expect(contentOf({ type: 'reasoning-delta', delta: '' } as never)).toBeUndefined()
    for (const type of ['tool-call', 'tool-input-start', 'file', 'source', 'of-the-future']) expect(contentOf({ type })).toBe('')
    for (const type of ['ping', 'raw', 'stream-start', 'text-start', 'finish']) expect(contentOf({ type })).toBeUndefined()
  })

  it('throws at nothing', () => {
    fc.assert(
      fc.property(fc.anything(), (thing) => {
        finishOf(thing)
        usageOf({ usage: thing })
        contentOf({ type: 'text-delta', delta: thing } as never)
      }),
    )
  })
})
