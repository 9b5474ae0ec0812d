import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { priorConfidence } from '../../../src/scoring/prior-confidence.js'
import { agreementSignals } from '../../../src/scoring/signals/agreement.js'
import { answerSignals } from '../../../src/scoring/signals/answer-signals.js'
import { directionHint } from '../../../src/scoring/signals/direction-hint.js'
import { logProbabilitySignals } from '../../../src/scoring/signals/log-probabilities.js'
import { auditSignals, patchSignals, validationSignals } from '../../../src/scoring/signals/patch-signals.js'
import { readNumber, worthOf } from '../../../src/scoring/signals/signal-value.js'

describe('logProbabilitySignals()', () => {
  const tokens = [
    { token: 'a', logprob: -0.1, top_logprobs: [{ token: 'b', logprob: -9 }] },
    { token: 'b', logprob: -1.1, top_logprobs: [] },
  ]
  const expected = { meanLogProbability: -0.6000000000000001, leastLogProbability: -1.1, unlikelyTokensRatio: 0.5 }

  it.each([
    ['chat completions', { choices: [{ message: { content: 'ab' }, logprobs: { content: tokens } }] }],
    ['completions', { choices: [{ text: 'ab', logprobs: { tokens: ['a', 'b'], token_logprobs: [null, -0.1, -1.1] } }] }],
    ['responses', { output: [{ type: 'message', content: [{ type: 'output_text', text: 'ab', logprobs: tokens }] }] }],
    ['a list', [-0.1, -1.1]],
    ['the first of two choices', { choices: [{ logprobs: { content: tokens } }, { logprobs: { content: [{ logprob: -7 }] } }] }],
  ])('reads %s', (_, response) => {
    expect(logProbabilitySignals(response)).toEqual(expected)
  })

  it('bounds a token that a server holds impossible', () => {
    expect(logProbabilitySignals([-9_999, 0])).toMatchObject({ leastLogProbability: -50, meanLogProbability: -25 })
  })

  it('says nothing of what has no log probabilities', () => {
    for (const response of [
      undefined,
      null,
      'text',
      {},
      { choices: [] },
      { choices: [{ logprobs: null }] },
      [0.5, Number.NaN, -Infinity],
    ])
      expect(logProbabilitySignals(response)).toEqual({})
  })

  it('survives anything, cycles too', () => {
    const cycle: Record<string, unknown> = {}
    cycle['content'] = cycle
    expect(logProbabilitySignals(cycle)).toEqual({})
    fc.assert(fc.property(fc.anything(), (response) => void logProbabilitySignals(response)))
  })
})

describe('agreementSignals()', () => {
  it('says nothing without other samples', () => {
    expect(agreementSignals('42', [])).toEqual({})
  })

  it('takes case, spacing and punctuation for no difference', () => {
    expect(agreementSignals('  The Answer is\n42.', ['the answer is 42', '"The answer is 42!"'])).toEqual({
      agreementExact: 0,
      agreementNormalised: 1,
      agreementByEdit: 1,
    })
  })

  it('stays in 0..1, grows when one more agrees, and does not depend on the order', () => {
    fc.assert(
      fc.property(fc.string(), fc.array(fc.string(), { minLength: 1, maxLength: 6 }), (answer, samples) => {
        const signals = agreementSignals(answer, samples)
        const more = agreementSignals(answer, [...samples, answer])
        for (const [name, value] of Object.entries(signals)) {
          expect(Number(value)).toBeGreaterThanOrEqual(0)
          expect(Number(value)).toBeLessThanOrEqual(1)
          expect(Number(more[name])).toBeGreaterThanOrEqual(Number(value) - 1e-12)
          expect(Number(agreementSignals(answer, [...samples].reverse())[name])).toBeCloseTo(Number(value), 9)
        }
      }),
      { numRuns: 50 },
    )
  })

  it('finds empty answers alike', () => {
    expect(agreementSignals('', ['', '.'])).toEqual({ agreementExact: 0.5, agreementNormalised: 1, agreementByEdit: 1 })
  })
})

describe('patchSignals()', () => {
  const diff = [
    'diff --git a/a.ts b/a.ts',
    '--- a/a.ts',
    '+++ b/a.ts',
    '@@ -1,2 +1,3 @@',
    ' one',
    '-two',
    '+deux',
    '+trois',
    'diff --git a/package-lock.json b/package-lock.json',
    '--- a/package-lock.json',
    '+++ b/package-lock.json',
    '@@ -1 +1 @@',
    '-{}',
    '+{ }',
    '',
  ].join('\n')

  it('counts what a person would read', () => {
    expect(patchSignals(diff)).toEqual({ linesChanged: 3, filesChanged: 1, hunksChanged: 1, addedLinesRatio: 2 / 3 })
  })

  it('has no ratio when no line changes, and refuses what is no diff', () => {
    expect(patchSignals(diff.slice(diff.indexOf('diff --git a/package-lock')))).toEqual({
      linesChanged: 0,
      filesChanged: 0,
      hunksChanged: 0,
    })
    expect(() => patchSignals('not a diff')).toThrow(expect.objectContaining({ code: 'HS_PATCH_MALFORMED' }))
  })
})

describe('validationSignals()', () => {
  const check = (name: string, passed: boolean, passedBefore?: boolean) => ({
    name,
    command: [name],
    passed,
    exitCode: passed ? 0 : 1,
    durationMs: 1,
    ...(passedBefore === undefined ? {} : { passedBefore }),
  })

  it('does not count a check that failed before, but for the command', () => {
    const checks = [
      check('command', true, false),
      check('lint', false, false),
      check('test', false, true),
      check('typecheck', true),
    ]
    expect(validationSignals({ checks })).toEqual({ commandPasses: 1, checksPassedRatio: 2 / 3 })
  })

  it('says only what was run', () => {
    expect(validationSignals({ checks: [] })).toEqual({})
    expect(validationSignals({ checks: [check('lint', true)] })).toEqual({ checksPassedRatio: 1 })
    expect(validationSignals({ checks: [check('command', false)] })).toEqual({ commandPasses: 0, checksPassedRatio: 0 })
  })
})

describe('auditSignals()', () => {
  it('counts findings that ask for something', () => {
    const finding = { rule: 'X', cwe: 1, severity: 'low', message: '', location: { file: 'a' }, evidence: '' } as const
    const findings = [
      { ...finding, verdict: 'allow' },
      { ...finding, verdict: 'review' },
    ] as const
    expect(auditSignals({ findings: findings as never, verdict: 'review' })).toEqual({ auditFindings: 1, auditReview: 1 })
    expect(auditSignals({ findings: [], verdict: 'allow' })).toEqual({ auditFindings: 0, auditReview: 0 })
  })
})

describe('answerSignals', () => {
  it('have names of their own and a meaning each', () => {
    expect(new Set(answerSignals.map(({ name }) => name)).size).toBe(answerSignals.length)
    expect(answerSignals.every(({ meaning, precision }) => meaning.length > 10 && precision > 0)).toBe(true)
  })

  it.each(answerSignals)('$name points $direction the answer', ({ name, range: [min, max], direction }) => {
    fc.assert(
      fc.property(
        fc.double({ min: Math.max(min, -100), max: Math.min(max, 100), noNaN: true }),
        fc.double({ min: 0, max: 10, noNaN: true }),
        (value, step) => {
          const [less, more] = [value, Math.min(max, value + step)].map((at) => priorConfidence({ [name]: at }).probability)
          expect(((more ?? 0) - (less ?? 0)) * (direction === 'for' ? 1 : -1)).toBeGreaterThanOrEqual(-1e-15)
        },
      ),
    )
    const [low, high] = [Math.max(min, -100), Math.min(max, 100)].map((at) => priorConfidence({ [name]: at }).probability)
    expect(low).not.toBe(high)
  })
})

describe('directionHint()', () => {
  it.each([
    ['agreementOfSamples', 1],
    ['self_pass', 1],
    ['mean_logprob', 1],
    ['errorCount', -1],
    ['disagreement', -1],
    ['tests_failed', -1],
    ['chars', 0],
    ['terrain', 0],
  ])('%s: %d', (name, hint) => {
    expect(directionHint(name)).toBe(hint)
  })
})

describe('readNumber()', () => {
  it('reads own finite numbers and claims only, and clamps the enormous', () => {
    const signals = { one: 1, yes: true, huge: 1e308, low: -1e308, nan: Number.NaN, infinite: Infinity }
    expect(Object.keys(signals).map((name) => readNumber(signals, name))).toEqual([1, 1, 1e150, -1e150, undefined, undefined])
    expect(readNumber(Object.create({ one: 1 }) as Record<string, number>, 'one')).toBeUndefined()
  })
})

describe('worthOf()', () => {
  it('survives a registry that is wrong', () => {
    const signal = (worth: number) =>
      ({ name: 'x', direction: 'for', range: [0, 1], precision: 1, meaning: '', logOdds: () => worth }) as const
    expect([Number.NaN, Infinity, -1e9, -0].map((worth) => worthOf(signal(worth), 1))).toEqual([0, 50, -50, 0])
  })
})
