import fc from 'fast-check'
import { describe, expect, it, onTestFinished } from 'vitest'
import { plain } from '../../../src/llm/failure/classify-thrown.js'
import { treatments, type LlmFailureKind } from '../../../src/llm/failure/llm-failure.js'
import {
  degrade,
  type LadderOptions,
  type LadderStep,
  type LastGoodStep,
  type StepReport,
} from '../../../src/llm/ladder/degrade.js'
import { LastGood } from '../../../src/llm/ladder/last-good.js'
import { createTestWorld } from '../../../src/testing/test-world.js'

const world = createTestWorld()

/** An error of this kind, as the taxonomy reads it. */
function failing(kind: LlmFailureKind): Error {
  return Object.assign(new Error(kind), { failure: plain(kind) })
}

function ask(name: string, answer: string | Error, when?: LadderStep<string>['when']): LadderStep<string> {
  return { kind: 'ask', name, when, ask: () => (answer instanceof Error ? Promise.reject(answer) : answer) }
}

const canned: LadderStep<string> = { kind: 'canned', name: 'sorry', make: ({ kind }) => `sorry: ${kind}` }

function lastGood(...kept: readonly string[]): LastGoodStep<string> {
  const store = new LastGood<string>({ ageMsMax: 1_000 }, world.clock)
  for (const value of kept) store.keep('k', value)
  return { kind: 'last-good', name: 'kept', store }
}

function descend(steps: readonly LadderStep<string>[], options: Partial<LadderOptions<string>> = {}) {
  return degrade({ key: 'k', world, steps, ...options })
}

async function errorOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    (value) => expect.fail(`it gave ${JSON.stringify(value)}`),
    (error: unknown) => error,
  )
}

describe('degrade()', () => {
  it('gives the best answer when there is one, and tries nothing else', async () => {
    expect(await descend([ask('full', 'yes'), ask('small', failing('network')), canned])).toEqual({
      value: 'yes',
      step: 'full',
      degraded: false,
      ageMs: undefined,
      reports: [{ key: 'k', step: 'full', kind: 'ask', result: 'answered', failure: undefined }],
    })
  })

  it('goes down step by step, and tells each as it happens', async () => {
    const heard: StepReport[] = []
    const answer = await descend([ask('full', failing('overloaded')), ask('small', failing('rate-limit')), lastGood(), canned], {
      onStep: (report) => heard.push(report),
    })
    expect(answer).toMatchObject({ value: 'sorry: rate-limit', step: 'sorry', degraded: true })
    expect(heard.map(({ step, result, failure }) => [step, result, failure])).toEqual([
      ['full', 'failed', 'overloaded'],
      ['small', 'failed', 'rate-limit'],
      ['kept', 'nothing', 'rate-limit'],
      ['sorry', 'answered', 'rate-limit'],
    ])
    expect(answer.reports).toEqual(heard)
  })

  it('tells the next step what went wrong', async () => {
    const seen: unknown[] = []
    const small: LadderStep<string> = {
      kind: 'ask',
      name: 'small',
      ask: ({ failure }) => {
        seen.push(failure?.kind)
        return 'ok'
      },
    }
    await descend([small])
    await descend([ask('full', failing('quota')), small])
    expect(seen).toEqual([undefined, 'quota'])
  })

  it('gives what was good last, with its age, and keeps what is good now', async () => {
    const step = lastGood()
    await descend([ask('full', 'good'), step], { keepIn: step.store })
    await world.clock.advance(10)
    expect(await descend([ask('full', failing('server-error')), step], { keepIn: step.store })).toMatchObject({
      value: 'good',
      degraded: true,
      ageMs: 10,
    })
    step.store.keep('other', 'elsewhere')
    expect((await descend([ask('full', failing('network')), { ...step, key: 'other' }])).value).toBe('elsewhere')
  })

  it('takes over, by default, from what another target may not have and from what passes, never from the rest', async () => {
    for (const kind of Object.keys(treatments) as LlmFailureKind[]) {
      const small = await descend([ask('full', failing(kind)), ask('small', 'small')]).catch(() => 'refused')
      const old = await descend([ask('full', failing(kind)), lastGood('old')]).catch(() => 'refused')
      const another = treatments[kind].fallback === 'yes'
      expect([kind, small !== 'refused']).toEqual([kind, another])
      expect([kind, old !== 'refused']).toEqual([kind, another || kind === 'deadline' || kind === 'conflict'])
    }
  })

  it('takes over on the conditions that the user names', async () => {
    const long = ask('long', 'long', ['context-too-long'])
    expect(await descend([ask('full', failing('context-too-long')), long])).toMatchObject({ step: 'long' })
    expect(await descend([ask('full', failing('overloaded')), long, canned])).toMatchObject({
      step: 'sorry',
      reports: [{ result: 'failed' }, { step: 'long', result: 'skipped' }, { result: 'answered' }],
    })
    const seen: unknown[] = []
    const any = ask('any', 'any', ({ kind }, error) => seen.push([kind, error]) > 0)
    const filtered = failing('filtered')
    expect(await descend([ask('full', filtered), any])).toMatchObject({ step: 'any' })
    expect(seen).toEqual([['filtered', filtered]])
  })

  it('throws what no step takes over from, untouched', async () => {
    const invalid = failing('request-invalid')
    expect(await errorOf(descend([ask('full', invalid), ask('small', 'x'), lastGood('old'), canned]))).toBe(invalid)
  })

  it('refuses when steps took over and none had an answer, and says how each ended', async () => {
    const last = failing('network')
    const heard: StepReport[] = []
    const steps = [ask('full', failing('quota')), ask('long', 'x', ['truncated']), ask('small', last), lastGood()]
    const error = await errorOf(descend(steps, { onStep: (report) => heard.push(report) }))
    expect(error).toMatchObject({
      code: 'HS_LLM_REFUSED',
      details: { key: 'k', steps: 'full: quota; long: skipped; small: network; kept: nothing' },
      cause: last,
    })
    expect(heard.at(-1)).toEqual({ key: 'k', step: 'refuse', kind: 'refuse', result: 'refused', failure: 'network' })
  })

  it('can begin with what is kept', async () => {
    expect(await descend([lastGood('old'), ask('full', 'new')])).toMatchObject({ value: 'old', degraded: false })
    expect(await descend([lastGood(), ask('full', 'new')])).toMatchObject({ value: 'new', degraded: true })
    expect(await descend([lastGood(), canned])).toMatchObject({ value: 'sorry: refused-here' })
    expect(await errorOf(descend([lastGood(), lastGood()]))).toMatchObject({ code: 'HS_LLM_REFUSED', cause: undefined })
  })

  it('ends at once when the caller aborts, and goes no further', async () => {
    const controller = new AbortController()
    const reason = new Error('enough')
    const heard: StepReport[] = []
    const never: LadderStep<string> = { kind: 'ask', name: 'full', ask: () => new Promise<never>(() => undefined) }
    const work = descend([never, canned], { signal: controller.signal, onStep: (report) => heard.push(report) })
    await Promise.resolve()
    controller.abort(reason)
    expect(await errorOf(work)).toBe(reason)
    expect(heard).toEqual([])
    expect(
      await errorOf(descend([canned], { signal: AbortSignal.abort(reason) }).catch((error: unknown) => Promise.reject(error))),
    ).toBeInstanceOf(RangeError)
    expect(await errorOf(descend([ask('full', 'x')], { signal: AbortSignal.abort(reason) }))).toBe(reason)
  })

  it('survives a listener that throws', async () => {
    const warnings: Error[] = []
    const hear = (warning: Error): number => warnings.push(warning)
    process.on('warning', hear)
    onTestFinished(() => void process.off('warning', hear))
    const onStep = (): never => {
      throw new Error('no ears')
    }
    expect(await descend([ask('full', 'yes')], { onStep })).toMatchObject({ value: 'yes' })
    await new Promise(setImmediate)
    expect(warnings.map(({ message }) => message).join()).toContain('no ears')
  })

  it('refuses ladders that cannot be', async () => {
    expect(await errorOf(descend([]))).toBeInstanceOf(RangeError)
    expect(await errorOf(descend(Array.from({ length: 21 }, () => ask('a', 'x'))))).toBeInstanceOf(RangeError)
    expect(await errorOf(descend([canned]))).toBeInstanceOf(RangeError)
  })

  it('gives the first answer on the way down, whatever fails before it', async () => {
    const kinds = Object.keys(treatments).filter((kind) => kind !== 'aborted') as LlmFailureKind[]
    const step = fc.option(fc.constantFrom(...kinds), { nil: undefined })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (fates) => {
        const always = (): boolean => true
        const steps = fates.map((fate, at) => ask(`${at}`, fate === undefined ? `${at}` : failing(fate), always))
        const first = fates.indexOf(undefined)
        const outcome = await descend(steps).catch((error: unknown) => error)
        if (first >= 0) expect(outcome).toMatchObject({ value: `${first}`, degraded: first > 0 })
        else expect(outcome).toBeInstanceOf(Error)
      }),
    )
  })
})
