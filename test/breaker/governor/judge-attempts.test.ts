import { describe, expect, it } from 'vitest'
import { governorPresets, type GovernorOptions } from '../../../src/breaker/governor/governor-limits.js'
import type { HealingAttempt } from '../../../src/breaker/governor/healing-attempt.js'
import { judgeAttempts, type AttemptVerdict } from '../../../src/breaker/governor/judge-attempts.js'

type Rest = Omit<HealingAttempt, 'errors' | 'confidence'>

function attempts(errors: readonly number[], confidences: readonly number[] = [], rest: Rest = {}): readonly HealingAttempt[] {
  return errors.map((count, index) => ({ ...rest, errors: count, confidence: confidences[index] }))
}

/** The verdict after each attempt. */
function verdicts(history: readonly HealingAttempt[], options?: GovernorOptions): readonly AttemptVerdict[] {
  return history.map((_, index) => judgeAttempts(history.slice(0, index + 1), options))
}

function kinds(history: readonly HealingAttempt[], options?: GovernorOptions): readonly string[] {
  return verdicts(history, options).map(({ kind }) => kind)
}

describe('judgeAttempts() on the golden trajectories', () => {
  it('34, 22, 12, 6, 3 over 1200 lines, surer each time: improving, three errors an attempt or more, promote', () => {
    const history = attempts([34, 22, 12, 6, 3], [0.4, 0.55, 0.7, 0.82, 0.91], { lines: 1200 })
    for (const limits of Object.values(governorPresets)) {
      expect(kinds(history, limits)).toEqual(['retry', 'retry', 'retry', 'retry', 'promote'])
    }
    const { evidence } = judgeAttempts(history)
    expect(evidence.errors).toMatchObject({ direction: 'improving', velocity: 7.875, delta: 3 })
    expect(evidence.confidence).toMatchObject({ direction: 'improving', latest: 0.91 })
  })

  it('8, 12, 15, 14, less sure each time: roll back to the first', () => {
    const history = attempts([8, 12, 15, 14], [0.6, 0.45, 0.3, 0.25])
    expect(kinds(history)).toEqual(['retry', 'rollback', 'rollback', 'rollback'])
    expect(judgeAttempts(history)).toMatchObject({
      reasons: ['errors.above-best'],
      evidence: { best: { attempt: 1, errors: 8 } },
    })
  })

  it('20, 15, 18, 10, 3: one step back on the way to promotion', () => {
    const history = attempts([20, 15, 18, 10, 3], [0.3, 0.5, 0.2, 0.7, 0.9])
    expect(kinds(history)).toEqual(['retry', 'retry', 'rollback', 'retry', 'promote'])
    expect(verdicts(history)[2]?.evidence.best).toEqual({ attempt: 2, errors: 15 })
  })

  it('15, 12, 8, 4, 1: promote', () => {
    const history = attempts([15, 12, 8, 4, 1], [0.2, 0.35, 0.55, 0.75, 0.9])
    expect(kinds(history)).toEqual(['retry', 'retry', 'retry', 'retry', 'promote'])
  })

  it('10, 9, 9, 10, 9, 10: stagnation, change the strategy', () => {
    const verdict = judgeAttempts(attempts([10, 9, 9, 10, 9, 10]))
    expect(verdict).toMatchObject({ kind: 'switch-strategy', reasons: ['progress.stalled'] })
    expect(verdict.evidence.stagnation).toBeGreaterThan(0.5)
    expect(verdict.evidence.errors).toMatchObject({ direction: 'plateauing', velocity: 0 })
  })

  it('22, 18, 12, 6, 3, density 1.8 % to 0.25 %: grace, go on three times, promote', () => {
    const all = verdicts(attempts([22, 18, 12, 6, 3], [], { lines: 1200 }))
    expect(all.map(({ kind }) => kind)).toEqual(['retry', 'retry', 'retry', 'retry', 'promote'])
    expect(all[0]?.reasons).toContain('attempts.grace')
    expect(all[3]?.reasons).toEqual(['errors.improving', 'attempts.left'])
    expect([all[0]?.evidence.density, all[4]?.evidence.density]).toEqual([22 / 1200, 3 / 1200])
    // The table's +4 +6 +5.3 +3 mixes single steps with one mean; ours are the single steps, and a robust slope beside them.
    expect(all.slice(1).map(({ evidence }) => evidence.errors?.delta)).toEqual([4, 6, 6, 3])
    for (const { evidence } of all.slice(1)) expect(evidence.errors?.velocity).toBeGreaterThanOrEqual(3)
  })
})

describe('judgeAttempts() has none of the prototypes’ defects', () => {
  it('5 to 50 errors with more confidence is no improvement (18)', () => {
    const verdict = judgeAttempts(attempts([5, 50], [0.5, 0.7]))
    expect(verdict).toMatchObject({ kind: 'rollback', reasons: ['errors.above-best', 'confidence.contradicts-errors'] })
    expect(verdict.evidence.errors?.direction).not.toBe('improving')
  })

  it('hears no contradiction from an author who said nothing this time', () => {
    const history = [...attempts([5, 5], [0.2, 0.7]), { errors: 50 }]
    expect(judgeAttempts(history).reasons).toEqual(['errors.above-best'])
  })

  it('2 to 20 errors has a velocity of -18 (19), and a delta is positive when things get better (23)', () => {
    expect(judgeAttempts(attempts([2, 20])).evidence.errors).toMatchObject({ velocity: -18, delta: -18, latest: 20 })
    expect(judgeAttempts(attempts([20, 2])).evidence.errors).toMatchObject({ velocity: 18, delta: 18, latest: 2 })
  })

  it('8, 12, 8, 12, 8, 12 may not go on, and a solved plateau is done (20)', () => {
    const swing = [8, 12, 8, 12, 8, 12]
    expect(judgeAttempts(attempts(swing))).toMatchObject({
      kind: 'switch-strategy',
      reasons: ['progress.stalled', 'errors.above-best', 'errors.oscillating'],
      evidence: { stagnation: 1 },
    })
    expect(judgeAttempts(attempts(swing.map((count) => count * 100))).kind).toBe('switch-strategy')
    expect(judgeAttempts(attempts([5, 0, 0, 0, 0, 0, 0]))).toMatchObject({
      kind: 'promote',
      reasons: ['errors.none'],
      evidence: { stagnation: 0 },
    })
  })

  it('two endpoints do not decide: what lies between them does (21, 28)', () => {
    const relapse = judgeAttempts(attempts([10, 3, 8]))
    expect(relapse).toMatchObject({ kind: 'rollback', evidence: { best: { attempt: 2, errors: 3 } } })
    expect(relapse.evidence.errors?.direction).not.toBe('improving')
    expect(judgeAttempts(attempts([10, 12, 14, 13, 15, 9])).evidence.errors?.direction).not.toBe('improving')
  })

  it('120 attempts are 120, whatever is looked back at (22)', () => {
    const options = { attemptsMax: 120, stagnationAttempts: 100, attemptsExtraMax: 0 }
    const history = attempts(Array.from({ length: 120 }, () => 5))
    expect(judgeAttempts(history.slice(0, 119), options).kind).toBe('switch-strategy')
    expect(judgeAttempts(history, options)).toMatchObject({ kind: 'stop', evidence: { attempts: 120 } })
    expect(Number.isFinite(judgeAttempts(history, options).evidence.errors?.velocity)).toBe(true)
  })

  it.each(['syntax', 'logic', 'runtime', 'performance', 'security', '__proto__'])(
    'errors of kind %s count like any other (25)',
    (kind) => {
      const history = attempts([5, 5, 5, 5, 5, 5, 5, 5], [], { kind })
      expect(kinds(history)).toEqual([
        ...Array.from({ length: 4 }, () => 'retry'),
        ...Array.from({ length: 3 }, () => 'switch-strategy'),
        'stop',
      ])
    },
  )

  it('counts of different kinds are not compared (26)', () => {
    const history = [...attempts([1, 1], [], { kind: 'syntax' }), ...attempts([12, 8], [], { kind: 'types' })]
    expect(kinds(history)).toEqual(['retry', 'retry', 'retry', 'retry'])
    expect(judgeAttempts(history).evidence).toMatchObject({ attempts: 4, attemptsOfKind: 2, best: { attempt: 4, errors: 8 } })
  })

  it('the first failure blocks nothing (27)', () => {
    expect(judgeAttempts([{ errors: 1, lines: 1, confidence: 0 }])).toMatchObject({ kind: 'retry' })
  })
})

describe('judgeAttempts()', () => {
  it('asks for a first attempt when there is none', () => {
    expect(judgeAttempts([])).toMatchObject({
      kind: 'retry',
      reasons: ['attempts.none'],
      evidence: { attempts: 0, stagnation: 0 },
    })
    expect(judgeAttempts([], { before: { errors: 4 } }).evidence.best).toEqual({ attempt: 0, errors: 4 })
  })

  it('turns back to the state before when no attempt was as good', () => {
    expect(judgeAttempts(attempts([12, 11]), { before: { errors: 5 } })).toMatchObject({
      kind: 'rollback',
      evidence: { attempts: 2, best: { attempt: 0, errors: 5 } },
    })
    expect(judgeAttempts(attempts([12], [], { kind: 'types' }), { before: { errors: 5, kind: 'syntax' } }).kind).toBe('retry')
  })

  it('prefers the better code, then the first, of equally many errors', () => {
    const best = (...qualities: readonly (number | undefined)[]): unknown =>
      judgeAttempts(qualities.map((quality) => ({ errors: 4, quality }))).evidence.best
    expect(best(0.5, 0.9, 0.9)).toEqual({ attempt: 2, errors: 4 })
    expect(best(undefined, undefined)).toEqual({ attempt: 1, errors: 4 })
  })

  it('lets nothing but the limit end the first two attempts of a kind', () => {
    const hopeless = attempts([9, 900], [0, 0])
    expect(kinds(hopeless, { stagnationAttempts: 1, improvementWindow: 1 })).toEqual(['retry', 'rollback'])
    expect(kinds(hopeless, { stagnationAttempts: 1, improvementWindow: 1, graceAttempts: 0 })).toEqual(['retry', 'stop'])
    expect(kinds(hopeless, { attemptsMax: 1 })).toEqual(['stop', 'stop'])
  })

  it('allows a few attempts more while there is progress, and no more than that', () => {
    const steps = [90, 80, 70, 60, 50, 40, 30, 20]
    const options = { attemptsMax: 3, attemptsExtraMax: 2 }
    expect(kinds(attempts(steps.slice(0, 5)), options)).toEqual(['retry', 'retry', 'retry', 'retry', 'stop'])
    expect(kinds(attempts([90, 90, 90]), options)).toEqual(['retry', 'retry', 'stop'])
    expect(kinds(attempts(steps.slice(0, 3)), { ...options, attemptsExtraMax: 0 })).toEqual(['retry', 'retry', 'stop'])
  })

  it('gives up when a second strategy did not help either', () => {
    const options = { attemptsMax: 20, stagnationAttempts: 2 }
    expect(kinds(attempts([5, 5, 5, 5, 5]), options)).toEqual(['retry', 'retry', 'switch-strategy', 'switch-strategy', 'stop'])
    expect(judgeAttempts(attempts([5, 5, 5, 5, 5]), options).reasons).toEqual(['progress.stalled-twice', 'progress.stalled'])
  })

  it('sees the to and fro of a stall also after a steep descent', () => {
    const verdict = judgeAttempts(attempts([80, 40, 8, 12, 8, 12, 8, 12, 8, 12]), { attemptsMax: 20 })
    expect(verdict).toMatchObject({ kind: 'switch-strategy', evidence: { alternation: { runs: 7, pValue: 1 / 35 } } })
    expect(verdict.reasons).toContain('errors.oscillating')
  })

  it('makes a stall or a worsening final when its author does not believe in it either', () => {
    const stalled = [5, 5, 5, 5, 5]
    expect(judgeAttempts(attempts(stalled, [0.9, 0.9, 0.9, 0.9, 0.6])).kind).toBe('switch-strategy')
    expect(judgeAttempts(attempts(stalled, [0.9, 0.9, 0.9, 0.9, 0.4]))).toMatchObject({
      kind: 'stop',
      reasons: ['confidence.below-floor', 'progress.stalled'],
    })
    const worsening = [8, 12, 15, 19]
    expect(judgeAttempts(attempts(worsening))).toMatchObject({
      kind: 'switch-strategy',
      reasons: ['errors.worsening', 'errors.above-best'],
    })
    expect(judgeAttempts(attempts(worsening, [0.1, 0.1, 0.1, 0.1])).kind).toBe('stop')
    expect(judgeAttempts(attempts([9, 8, 7], [0.1, 0.1, 0.1])).kind).toBe('retry')
  })

  it('asks a person when nothing is wrong any more and yet there are doubts', () => {
    expect(kinds(attempts([4, 0, 0], [0.9, 0.3, 0.9]))).toEqual(['retry', 'escalate', 'promote'])
    expect(judgeAttempts([{ errors: 4 }, { errors: 2 }, { errors: 0, quality: 0.2, confidence: 0.1 }])).toMatchObject({
      kind: 'escalate',
      reasons: ['errors.none', 'confidence.below-promote', 'quality.below-promote'],
    })
    expect(judgeAttempts([{ errors: 0, quality: 0.9, confidence: 0.9 }]).kind).toBe('promote')
  })

  it('promotes a remainder only when a trend is proven and something vouches for it', () => {
    const down = [20, 12, 6, 3]
    const kindOf = (history: readonly HealingAttempt[], options?: GovernorOptions): string => judgeAttempts(history, options).kind
    expect(kindOf(attempts(down))).toBe('retry')
    expect(kindOf(attempts(down, [0.9, 0.9, 0.9, 0.9]))).toBe('promote')
    expect(kindOf(attempts(down, [0.9, 0.9, 0.9, 0.8]))).toBe('retry')
    expect(kindOf(attempts(down, [], { lines: 1000 }))).toBe('promote')
    expect(kindOf(attempts(down, [0.9, 0.9, 0.9, 0.9], { lines: 40 }))).toBe('retry')
    expect(kindOf(attempts(down, [0.9, 0.9, 0.9, 0.9], { quality: 0.5 }))).toBe('retry')
    expect(kindOf(attempts(down, [0.9, 0.9, 0.9, 0.9]), { errorsPromoteMax: 0 })).toBe('retry')
    expect(kindOf(attempts(down.slice(1), [0.9, 0.9, 0.9]))).toBe('retry')
    expect(
      kindOf(
        attempts(
          [...down, 2, 1, 2],
          Array.from({ length: 7 }, () => 0.9),
        ),
      ),
    ).toBe('retry')
  })

  it('takes an empty file for one line, and no lines for no density', () => {
    expect(judgeAttempts([{ errors: 2, lines: 0 }]).evidence.density).toBe(2)
    expect(judgeAttempts([{ errors: 2 }]).evidence).not.toHaveProperty('density')
  })
})
