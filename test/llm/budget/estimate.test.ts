import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { estimateOf } from '../../../src/llm/budget/estimate.js'

const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(100)

function inputOf(body: Record<string, unknown>): number {
  return estimateOf(body).inputTokens ?? Number.NaN
}

function near(tokens: number, share = 0.05): { low: number; high: number } {
  return { low: tokens * (1 - share), high: tokens * (1 + share) }
}

function expectNear(actual: number, tokens: number): void {
  const { low, high } = near(tokens)
  expect(actual).toBeGreaterThanOrEqual(low)
  expect(actual).toBeLessThanOrEqual(high)
}

describe('estimateOf()', () => {
  it('takes four characters of English for a token, wherever the API puts them', () => {
    const tokens = prose.length / 4
    expectNear(inputOf({ messages: [{ role: 'user', content: prose }] }), tokens)
    expectNear(inputOf({ input: prose, instructions: prose }), 2 * tokens)
    expectNear(inputOf({ system: prose, messages: [{ role: 'user', content: [{ type: 'text', text: prose }] }] }), 2 * tokens)
    expectNear(inputOf({ contents: [{ parts: [{ text: prose }] }] }), tokens)
    expectNear(inputOf({ prompt: prose }), tokens)
  })

  it('takes a character of other scripts for a token', () => {
    expectNear(inputOf({ input: '大型语言模型的调用预算'.repeat(50) }), 550)
  })

  it('counts tools and schemas, and no settings', () => {
    const tools = [{ type: 'function', function: { name: 'find', description: prose, parameters: { type: 'object' } } }]
    expectNear(inputOf({ messages: [], tools }), prose.length / 4 + 12)
    expect(inputOf({ model: prose, metadata: { note: prose }, user: prose, messages: [] })).toBeLessThan(5)
  })

  it('counts a picture by what it shows, a document and a sound by their length, none by its bytes as text', () => {
    const bytes = 'A'.repeat(4_000_000)
    const one = (part: Record<string, unknown>): number => inputOf({ messages: [{ role: 'user', content: [part] }] })
    expect(one({ type: 'image_url', image_url: { url: `data:image/png;base64,${bytes}` } })).toBeLessThan(2_000)
    expect(one({ type: 'image', source: { type: 'base64', data: bytes } })).toBeLessThan(2_000)
    expect(one({ type: 'input_image', image_url: bytes })).toBeLessThan(2_000)
    expect(inputOf({ contents: [{ parts: [{ inlineData: { data: bytes } }] }] })).toBeLessThan(2_000)
    expectNear(one({ type: 'document', source: { type: 'base64', data: bytes } }), 80_000)
    expect(one({ type: 'input_file', file_id: 'file-1' })).toBeGreaterThanOrEqual(3_000)
    expectNear(one({ type: 'input_audio', input_audio: { data: bytes, format: 'mp3' } }), 2_010)
  })

  it('counts the tokens of embeddings, which are numbers or texts, and expects none back', () => {
    expect(
      estimateOf({
        model: 'text-embedding-3-small',
        input: [
          [1, 2, 3],
          [4, 5],
        ],
      }),
    ).toEqual({
      inputTokens: 6,
      outputTokensMax: 0,
    })
    expectNear(inputOf({ model: 'text-embedding-3-small', input: [prose, prose] }), prose.length / 2)
  })

  it('takes the bound of the output as each API names it, for each of several choices', () => {
    for (const name of ['max_tokens', 'max_completion_tokens', 'max_output_tokens', 'max_tokens_to_sample'])
      expect(estimateOf({ [name]: 100 }).outputTokensMax).toBe(100)
    expect(estimateOf({ generationConfig: { maxOutputTokens: 64 } }).outputTokensMax).toBe(64)
    expect(estimateOf({ max_tokens: 100, n: 3 }).outputTokensMax).toBe(300)
    expect(estimateOf({ max_tokens: 100, n: 0 }).outputTokensMax).toBe(100)
  })

  it('falls back to what was learnt, and to nothing', () => {
    const learnt = { inputTokens: 7, outputTokens: 70 }
    expect(estimateOf(undefined, learnt)).toEqual({ inputTokens: 7, outputTokensMax: 70 })
    expect(estimateOf({ messages: [] }, learnt)).toEqual({ inputTokens: 1, outputTokensMax: 70 })
    expect(estimateOf({ max_tokens: 5 }, learnt).outputTokensMax).toBe(5)
    expect(estimateOf(undefined)).toEqual({ inputTokens: undefined, outputTokensMax: undefined })
  })

  it('passes over bounds that make no sense', () => {
    for (const bound of [-1, Number.NaN, Number.POSITIVE_INFINITY, '100', null, {}, 1e12])
      expect(estimateOf({ max_tokens: bound }).outputTokensMax).toBeUndefined()
  })

  it('takes the rest of a long list to be like its beginning', () => {
    const messages = Array.from({ length: 200_000 }, () => ({ role: 'user', content: 'four' }))
    const few = inputOf({ messages: messages.slice(0, 1_000) })
    expectNear(inputOf({ messages }), few * 200)
  })

  it('is bounded on bodies that are deep or wide', () => {
    let deep: unknown = 'x'
    for (let level = 0; level < 100_000; level += 1) deep = [deep]
    expect(inputOf({ messages: deep })).toBeLessThan(1_000)
    const wide = Object.fromEntries(Array.from({ length: 100_000 }, (_, index) => [`field${index}`, 1]))
    expect(inputOf({ messages: [wide, wide, { content: prose }] })).toBeGreaterThan(50_000)
  })

  it('reads own fields only', () => {
    const body = JSON.parse('{"__proto__":{"max_tokens":9},"messages":[{"__proto__":{"type":"image"},"content":"a"}]}') as Record<
      string,
      unknown
    >
    expect(estimateOf(body).outputTokensMax).toBeUndefined()
    expect(inputOf(Object.create({ messages: prose }) as Record<string, unknown>)).toBe(0)
  })

  it('gives finite whole numbers that never shrink when text is added, whatever JSON it gets', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.string({ maxLength: 200 }), (content, more) => {
        const before = inputOf({ messages: [content] })
        const after = inputOf({ messages: [content, more] })
        expect(Number.isInteger(before) && before >= 0).toBe(true)
        // A list that begins with a number is taken for tokens, one each.
        if (typeof content !== 'number') expect(after).toBeGreaterThanOrEqual(before)
      }),
      { numRuns: 300 },
    )
  })
})
