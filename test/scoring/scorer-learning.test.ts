import { describe, expect, it } from 'vitest'
import type { Outcome } from '../../src/scoring/learning/outcome.js'
import { UnifiedConfidenceScorer } from '../../src/scoring/unified-confidence-scorer.js'
import { answers, chanceOf, labelled, tasks, type Answer } from './worlds.js'

/** A world, a scorer that has learnt from part of it, and how far its probabilities are from the truth on the rest. */
function learnt(count: number, seed = 1): { readonly scorer: UnifiedConfidenceScorer; readonly rest: readonly Answer[] } {
  const random = chanceOf(seed)
  const scorer = new UnifiedConfidenceScorer()
  scorer.fit(labelled(answers(count, random), random))
  return { scorer, rest: answers(400, random) }
}

function errorOf(scorer: UnifiedConfidenceScorer, world: readonly Answer[], context?: object): number {
  return (
    world.reduce((sum, { signals, chance }) => sum + Math.abs(scorer.score(signals, context).probability - chance), 0) /
    world.length
  )
}

describe('UnifiedConfidenceScorer with labels', () => {
  it('comes nearer to the truth with each label', () => {
    const errors = [20, 100, 2_000].map((count) => {
      const { scorer, rest } = learnt(count)
      return errorOf(scorer, rest)
    })
    expect(errors[0]).toBeLessThan(0.2)
    expect(errors[1]).toBeLessThan(0.12)
    expect(errors[2]).toBeLessThan(0.03)
  })

  it('says what it rests on', () => {
    expect(learnt(1).scorer.score({ a: 1 })).toMatchObject({ state: 'learning', samples: 1 })
    expect(learnt(49).scorer.score({ a: 1 })).toMatchObject({ state: 'learning', samples: 49 })
    expect(learnt(50).scorer.score({ a: 1 })).toMatchObject({ state: 'calibrated', samples: 50 })
    const grouped = new UnifiedConfidenceScorer()
    const random = chanceOf(1)
    grouped.fit(labelled(tasks(10, 20, random), random))
    expect(grouped.score({ a: 1 })).toMatchObject({ state: 'learning', samples: 200 })
  })

  it('has an interval that holds the truth nine times out of ten, and is narrower with more labels', () => {
    const widths = [60, 1_500].map((count) => {
      const { scorer, rest } = learnt(count, 3)
      const estimates = rest.map(({ signals, chance }) => ({ chance, ...scorer.score(signals) }))
      const held = estimates.filter(({ chance, interval: [low, high] }) => chance >= low && chance <= high)
      expect(held.length / rest.length).toBeGreaterThan(0.85)
      return estimates.reduce((sum, { interval: [low, high] }) => sum + high - low, 0)
    })
    expect(widths[1]).toBeLessThan((widths[0] ?? 0) * 0.7)
  })

  it('lists what each present signal added, and no other', () => {
    const { scorer } = learnt(300)
    const { contributions } = scorer.score({ a: 3, b: undefined, unheard: 1, noise: Number.NaN })
    expect(Object.keys(contributions)).toEqual(['a'])
    expect(contributions['a']).toBeGreaterThan(1)
  })

  it('learns scopes, and knows a new model after a few dozen labels', () => {
    const random = chanceOf(14)
    const of = (model: string, count: number, worse: number): readonly Outcome[] =>
      answers(count, random).map(({ signals, chance }) => ({
        signals,
        correct: random() < chance * (1 - worse),
        context: { model },
      }))
    const scorer = new UnifiedConfidenceScorer()
    scorer.fit([...of('good', 600, 0), ...of('bad', 600, 0.8)])
    const answer = { a: 1, b: 0, noise: 0 }
    expect(scorer.score(answer, { model: 'good' }).probability).toBeGreaterThan(
      scorer.score(answer, { model: 'bad' }).probability + 0.25,
    )
    const before = scorer.score(answer, { model: 'new' }).probability
    for (const outcome of of('new', 40, 1)) scorer.learn(outcome)
    expect(scorer.score(answer, { model: 'new' }).probability).toBeLessThan(before - 0.2)
    expect(scorer.report().scopes).toMatchObject({ 'model=good': { samples: 600 }, 'model=new': { samples: 40 } })
  })

  it('finds drift, says so, closes old gates, adapts, and recovers', () => {
    const random = chanceOf(23)
    const { scorer } = learnt(600, 22)
    const gate = scorer.gate({ risk: 0.1, kind: 'joint' })
    const sure = { a: 3, b: 2, noise: 0 }
    expect(gate.accepts(scorer.score(sure))).toBe(true)
    const worse = (): Outcome => {
      const [{ signals, chance } = { signals: {}, chance: 0 }] = answers(1, random)
      return { signals, correct: random() < chance / 4 }
    }
    let labels = 0
    while (scorer.score(sure).state !== 'drift' && labels < 200) {
      scorer.learn(worse())
      labels += 1
    }
    expect(labels).toBeLessThan(80)
    expect(gate.accepts(scorer.score(sure))).toBe(false)
    expect(scorer.score(sure).probability).toBeLessThan(0.7)
    expect(scorer.report()).toMatchObject({ state: 'drift', drift: { found: 1 } })
    expect(scorer.gate({ risk: 0.01, kind: 'joint' })).toMatchObject({ certified: false })
    for (let more = 0; more < 200; more += 1) scorer.learn(worse())
    expect(scorer.score(sure).state).toBe('calibrated')
    expect(scorer.score(sure).probability).toBeLessThan(0.5)
    const after = scorer.gate({ risk: 0.1, kind: 'joint' })
    expect(after.samples).toBeLessThan(320)
  })

  it('keeps the latest outcomes only', () => {
    const random = chanceOf(2)
    const scorer = new UnifiedConfidenceScorer({ outcomesMax: 100 })
    for (const outcome of labelled(answers(460, random), random)) scorer.learn(outcome)
    expect(scorer.report().samples).toBe(100)
    scorer.fit(labelled(answers(150, random), random))
    expect(scorer.score({}).samples).toBe(100)
  })

  it('forgets what was before a fit', () => {
    const { scorer } = learnt(100)
    scorer.fit([])
    expect(scorer.score({ a: 1 })).toMatchObject({ state: 'prior', samples: 0 })
    expect(scorer.report()).toMatchObject({ samples: 0, tasks: 0, method: 'none', auroc: null })
  })

  it.each([true, false])('survives labels that are all %s, and signals that never change', (correct) => {
    const scorer = new UnifiedConfidenceScorer()
    scorer.fit(Array.from({ length: 120 }, (_, at) => ({ signals: { same: 1, at }, correct })))
    const { probability } = scorer.score({ same: 1, at: 50 })
    expect(correct ? probability : 1 - probability).toBeGreaterThan(0.9)
    expect(probability > 0 && probability < 1).toBe(true)
  })

  it('reports on answers that the judging model had not seen', () => {
    const random = chanceOf(77)
    const noise = Array.from({ length: 150 }, (): Outcome => {
      const signals = Object.fromEntries(Array.from({ length: 15 }, (_, at) => [`s${at}`, random()]))
      return { signals, correct: random() < 0.5 }
    })
    const scorer = new UnifiedConfidenceScorer()
    scorer.fit(noise)
    // There is nothing to learn; judged in the sample, it would look as if there were.
    expect(scorer.report().auroc).toBeLessThan(0.62)
    expect(scorer.report().auroc).toBeGreaterThan(0.3)
  })

  it('understands signals of its user, whose direction it keeps', () => {
    const signals = [
      {
        name: 'stars',
        direction: 'for',
        range: [0, 5],
        logOdds: (stars: number) => stars - 2.5,
        precision: 0.2,
        meaning: 'Stars',
      },
    ] as const
    const scorer = new UnifiedConfidenceScorer({ signals })
    expect(scorer.score({ stars: 5 }).probability).toBeGreaterThan(scorer.score({ stars: 1 }).probability)
    scorer.fit(Array.from({ length: 200 }, (_, at) => ({ signals: { stars: at % 6 }, correct: at % 6 < 3 })))
    expect(scorer.score({ stars: 5 }).probability).toBeGreaterThanOrEqual(scorer.score({ stars: 0 }).probability)
  })

  it.each([
    ['no outcomes at all', { outcomesMax: 0 }],
    ['half an outcome', { outcomesMax: 1.5 }],
    ['too many', { outcomesMax: 1e9 }],
  ])('refuses to keep %s', (_, options) => {
    expect(() => new UnifiedConfidenceScorer(options)).toThrow(RangeError)
  })

  it('refuses two signals of one name', () => {
    const signal = {
      name: 'linesChanged',
      direction: 'for',
      range: [0, 1],
      logOdds: () => 0,
      precision: 1,
      meaning: 'Mine',
    } as const
    expect(() => new UnifiedConfidenceScorer({ signals: [signal] })).toThrow(RangeError)
  })

  it('changes nothing when an outcome of many is refused', () => {
    const { scorer } = learnt(60)
    const before = scorer.score({ a: 1 })
    expect(() =>
      scorer.fit([
        { signals: {}, correct: true },
        { signals: {}, correct: 'yes' as unknown as boolean },
      ]),
    ).toThrow(TypeError)
    expect(() => scorer.learn({ signals: {}, correct: undefined as unknown as boolean })).toThrow(TypeError)
    expect(scorer.score({ a: 1 })).toEqual(before)
  })
})
