import { describe, expect, expectTypeOf, it } from 'vitest'
import * as z from 'zod'
import { HomeostatError } from '../../../src/core/errors.js'
import { classifyThrown } from '../../../src/llm/failure/classify-thrown.js'
import {
  askStructured,
  type StructuredAnswer,
  type StructuredModel,
  type StructuredQuestion,
} from '../../../src/llm/structured/ask-structured.js'
import { QualityCircuits } from '../../../src/llm/structured/quality-circuits.js'
import type { StandardSchema } from '../../../src/llm/structured/standard-schema.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const city = z.object({ city: z.string(), population: z.number().transform((count) => `${count}`) })
const rome = '{"city":"Rome","population":3}'
const wrong = '{"city":"Rome"}'

interface Fake extends StructuredModel {
  readonly asked: StructuredQuestion[]
}

/** A model that gives these answers, then the last one again; an error is thrown. */
function fake(key: string, ...answers: readonly (StructuredAnswer | Error)[]): Fake {
  const asked: StructuredQuestion[] = []
  return {
    key,
    asked,
    ask: (question) => {
      asked.push(question)
      const answer = answers[Math.min(asked.length, answers.length) - 1] ?? ''
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer)
    },
  }
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => expect.fail(`it gave ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
}

describe('askStructured()', () => {
  it('gives the value that the schema makes of the answer, with its type', async () => {
    const model = fake('openai/gpt-5', { text: `Sure: ${rome}`, usage: { inputTokens: 7, outputTokens: 3 } })
    const result = await askStructured({ models: [model], schema: city })
    expectTypeOf(result.value).toEqualTypeOf<{ city: string; population: string }>()
    expect(result).toEqual({
      value: { city: 'Rome', population: '3' },
      key: 'openai/gpt-5',
      attempts: 1,
      usage: { inputTokens: 7, outputTokens: 3 },
    })
    expect(model.asked[0]).toMatchObject({ key: 'openai/gpt-5', attempt: 1, correction: undefined })
  })

  it('asks again with what was wrong, and adds up what that used', async () => {
    const usage = { inputTokens: 10, outputTokens: undefined }
    const model = fake('m', { text: wrong, usage }, { text: 'Rome!', usage: { inputTokens: Number.NaN, outputTokens: 2 } }, rome)
    const result = await askStructured({ models: [model], schema: city })
    expect(result).toMatchObject({ attempts: 3, usage: { inputTokens: 10, outputTokens: 2 } })
    expect(model.asked.map(({ attempt }) => attempt)).toEqual([1, 2, 3])
    expect(model.asked[1]?.correction?.answer).toBe(wrong)
    expect(model.asked[1]?.correction?.message).toContain('population: Invalid input: expected number')
    expect(model.asked[2]?.correction?.message).toContain('it is not JSON')
  })

  it('asks twice again at most, then says what did not fit, without secrets', async () => {
    const secret = `sk-${'a1B2'.repeat(10)}`
    const model = fake('m', `{"city":"${secret}"}`)
    const error = await errorOf(askStructured({ models: [model], schema: city }))
    expect(model.asked).toHaveLength(3)
    expect(error).toMatchObject({ code: 'HS_LLM_STRUCTURE', retryable: false, details: { key: 'm', attempts: 3 } })
    expect(classifyThrown(error, { epochMs: 0 })).toMatchObject({ kind: 'bad-structure', circuit: 'neutral' })
    const { issues, excerpt } = (error as HomeostatError<'HS_LLM_STRUCTURE'>).details
    expect(issues).toBe('population: Invalid input: expected number, received undefined')
    expect(excerpt).toContain('{"city":"')
    expect(JSON.stringify(error)).not.toContain(secret)
  })

  it.each([0, 1])('asks %i times again when that is what is wanted', async (reAsksMax) => {
    const model = fake('m', wrong)
    await errorOf(askStructured({ models: [model], schema: city, reAsksMax }))
    expect(model.asked).toHaveLength(1 + reAsksMax)
  })

  it('takes the first value that fits, and tells what is wrong with the likeliest', async () => {
    const text = `{"city":1,"population":1,"note":"long"} and ${rome}`
    expect((await askStructured({ models: [fake('m', text)], schema: city })).value.city).toBe('Rome')
    const error = await errorOf(
      askStructured({ models: [fake('m', `{"city":1,"population":1} {}`)], schema: city, reAsksMax: 0 }),
    )
    expect(error).toMatchObject({ details: { issues: 'city: Invalid input: expected string, received number' } })
  })

  it('asks a model that says nothing once more, not twice', async () => {
    const model = fake('m', ' ')
    const error = await errorOf(askStructured({ models: [model], schema: city }))
    expect(model.asked).toHaveLength(2)
    expect(classifyThrown(error, { epochMs: 0 }).kind).toBe('empty-answer')
  })

  it('uses an answer that was cut when it fits all the same', async () => {
    const model = fake('m', { text: rome, finish: 'length' })
    expect((await askStructured({ models: [model], schema: city })).attempts).toBe(1)
  })

  it.each(['length', 'max_tokens', 'max-output-tokens'])(
    'goes to the next model after an answer that ended with %s',
    async (finish) => {
      const models = [fake('short', { text: '{"city":"Ro', finish }), fake('long', rome)] as const
      const result = await askStructured({ models, schema: city })
      expect(result).toMatchObject({ key: 'long', attempts: 2 })
      expect(models[0].asked).toHaveLength(1)
    },
  )

  it.each(['content_filter', 'content-filter', 'refusal', 'SAFETY'])(
    'asks nobody else after an answer that ended with %s',
    async (finish) => {
      const models = [fake('first', { text: 'I cannot', finish }), fake('second', rome)] as const
      const error = await errorOf(askStructured({ models, schema: city }))
      expect(classifyThrown(error, { epochMs: 0 }).kind).toBe('filtered')
      expect(models.map(({ asked }) => asked.length)).toEqual([1, 0])
    },
  )

  it('goes to the next model when one cannot do the schema or is not there, and begins anew with it', async () => {
    const down = Object.assign(new Error('overloaded'), { status: 503 })
    const models = [fake('weak', wrong), fake('down', down), fake('strong', rome)] as const
    expect(await askStructured({ models, schema: city })).toMatchObject({ key: 'strong', attempts: 5 })
    expect(models[2].asked[0]).toMatchObject({ attempt: 1, correction: undefined })
  })

  it('passes on an error that another model would give too, and the last one when all failed, untouched', async () => {
    const invalid = Object.assign(new Error('no such parameter'), { status: 400 })
    const models = [fake('a', invalid), fake('b', rome)] as const
    expect(await errorOf(askStructured({ models, schema: city }))).toBe(invalid)
    expect(models[1].asked).toHaveLength(0)
    const down = Object.assign(new Error('overloaded'), { status: 503 })
    expect(await errorOf(askStructured({ models: [fake('a', wrong), fake('b', down)], schema: city }))).toBe(down)
  })

  it('works with every schema that follows Standard Schema, also one that takes its time', async () => {
    const schema: StandardSchema<number> = {
      '~standard': {
        version: 1,
        vendor: 'test',
        validate: async (value) => (typeof value === 'number' ? { value } : { issues: [] }),
      },
    }
    expect((await askStructured({ models: [fake('m', '42')], schema })).value).toBe(42)
    const error = await errorOf(askStructured({ models: [fake('m', '"x"')], schema, reAsksMax: 0 }))
    expect(error).toMatchObject({ details: { issues: 'it does not fit' } })
  })

  it('shows a model no more than the beginning of a long answer again', async () => {
    const model = fake('m', 'x'.repeat(100_000), rome)
    await askStructured({ models: [model], schema: city })
    expect(model.asked[1]?.correction?.answer).toHaveLength(32_000)
  })

  it('takes every question out of the budget, and gives back what was not used', async () => {
    const log: string[] = []
    const reserve = ({ key, attempt }: StructuredQuestion) => ({
      settle: (usage: unknown) => log.push(`${key}${attempt} settled ${JSON.stringify(usage)}`),
      release: () => log.push(`${key}${attempt} released`),
    })
    const down = Object.assign(new Error('overloaded'), { status: 503 })
    const models = [fake('a', wrong, down), fake('b', { text: rome, usage: { inputTokens: 1, outputTokens: 2 } })]
    await askStructured({ models, schema: city, reserve })
    expect(log).toEqual(['a1 settled undefined', 'a2 released', 'b1 settled {"inputTokens":1,"outputTokens":2}'])
  })

  it('does not ask when the budget refuses', async () => {
    const refusal = new HomeostatError('HS_LLM_BUDGET', { key: 'm', limit: 'usdPerDay', value: 1, retryAfterMs: 5 })
    const model = fake('m', rome)
    const reserve = (): never => {
      throw refusal
    }
    expect(await errorOf(askStructured({ models: [model], schema: city, reserve }))).toBe(refusal)
    expect(model.asked).toHaveLength(0)
  })

  it('ends at once when the caller aborts, while it asks and while it validates', async () => {
    const reason = new Error('enough')
    for (const step of ['ask', 'validate']) {
      const controller = new AbortController()
      const never = new Promise<never>(() => undefined)
      const schema: StandardSchema = { '~standard': { version: 1, vendor: 'test', validate: () => never } }
      const released: string[] = []
      const work = askStructured({
        models: [{ key: 'm', ask: () => (step === 'ask' ? never : rome) }, fake('other', rome)],
        schema,
        signal: controller.signal,
        reserve: () => ({ settle: () => released.push('settled'), release: () => released.push('released') }),
      })
      await Promise.resolve()
      controller.abort(reason)
      expect(await errorOf(work)).toBe(reason)
      expect(released).toEqual([step === 'ask' ? 'released' : 'settled'])
    }
  })

  it('asks nobody when the caller had aborted before', async () => {
    const model = fake('m', rome)
    const reason = new Error('gone')
    expect(await errorOf(askStructured({ models: [model], schema: city, signal: AbortSignal.abort(reason) }))).toBe(reason)
    expect(model.asked).toHaveLength(0)
  })

  it.each([
    [{ models: [] }, RangeError],
    [{ models: Array.from({ length: 11 }, () => fake('m', rome)) }, RangeError],
    [{ reAsksMax: 3 }, RangeError],
    [{ reAsksMax: -1 }, RangeError],
    [{ reAsksMax: Number.NaN }, RangeError],
    [{ schemaName: '' }, RangeError],
    [{ schema: {} as StandardSchema }, TypeError],
  ])('refuses %o before anyone is asked', async (options, type) => {
    const model = fake('m', rome)
    expect(await errorOf(askStructured({ models: [model], schema: city, ...options }))).toBeInstanceOf(type)
    expect(model.asked).toHaveLength(0)
  })

  it('says so when the function gives no text', async () => {
    const model = { key: 'm', ask: () => ({}) as { text: string } }
    expect(await errorOf(askStructured({ models: [model], schema: city }))).toBeInstanceOf(TypeError)
  })
})

describe('QualityCircuits', () => {
  it('leave a model that cannot do the schema at once, and try it again later', async () => {
    const world = createTestWorld()
    const changes: string[] = []
    const quality = new QualityCircuits(world, { changed: (key, { state }) => changes.push(`${key} ${state}`) })
    const weak = fake('openai/small', wrong)
    const strong = fake('openai/large', rome)
    const ask = () => askStructured({ models: [weak, strong], schema: city, schemaName: 'city', quality })
    for (let call = 0; call < 4; call += 1) expect((await ask()).attempts).toBe(4)
    expect(changes).toEqual(['quality:openai/small/city open'])
    expect(await ask()).toMatchObject({ key: 'openai/large', attempts: 1 })
    expect(weak.asked).toHaveLength(12)
    await world.clock.advance(600_000)
    expect((await ask()).attempts).toBe(4)
    expect(await ask()).toMatchObject({ attempts: 1 })
  })

  it('refuse when no model is left, and know each schema by itself', async () => {
    const quality = new QualityCircuits(createTestWorld(), { limits: { callsMin: 1 } })
    const model = fake('m', wrong)
    const ask = (schemaName: string) => askStructured({ models: [model], schema: city, schemaName, quality, reAsksMax: 0 })
    await errorOf(ask('city'))
    expect(await errorOf(ask('city'))).toMatchObject({ code: 'HS_CIRCUIT_OPEN', details: { key: 'quality:m/city' } })
    expect(await errorOf(ask('town'))).toMatchObject({ code: 'HS_LLM_STRUCTURE' })
  })

  it('count neither what the provider, the limit, the filter nor the caller did', async () => {
    const quality = new QualityCircuits(createTestWorld(), { limits: { callsMin: 1 } })
    const answers: readonly (StructuredAnswer | Error)[] = [
      new Error('fetch failed'),
      { text: '{', finish: 'length' },
      { text: 'no', finish: 'refusal' },
    ]
    for (const answer of answers) await errorOf(askStructured({ models: [fake('m', answer)], schema: city, quality }))
    expect((await askStructured({ models: [fake('m', rome)], schema: city, quality })).attempts).toBe(1)
  })

  it('give back the place of a probe that said nothing, and close when one fits', async () => {
    const world = createTestWorld()
    const changes: string[] = []
    const quality = new QualityCircuits(world, { limits: { callsMin: 1 }, changed: (_, { state }) => changes.push(state) })
    const ask = (answer: StructuredAnswer | Error) =>
      askStructured({ models: [fake('m', answer)], schema: city, quality, reAsksMax: 0 }).catch((error: unknown) => error)
    await ask(wrong)
    await world.clock.advance(600_000)
    expect(await ask(new Error('fetch failed'))).toMatchObject({ message: 'fetch failed' })
    expect(await ask(rome)).toMatchObject({ attempts: 1 })
    expect(changes).toEqual(['open', 'half-open', 'closed'])
  })

  it('refuse numbers that cannot be', () => {
    expect(() => new QualityCircuits(createTestWorld(), { limits: { failureRatioMax: 2 } })).toThrow(RangeError)
  })
})
