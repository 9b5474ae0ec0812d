import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import { UnifiedConfidenceScorer } from '../../src/scoring/unified-confidence-scorer.js'
import { answers, chanceOf, labelled, tasks } from './worlds.js'

/** A scorer that has fitted, then learnt more than it has fitted to, with tasks, scopes and a category. */
function used(): UnifiedConfidenceScorer {
  const random = chanceOf(1)
  const scorer = new UnifiedConfidenceScorer()
  scorer.fit([...labelled(tasks(80, 4, random), random), ...labelled(answers(60, random), random)])
  labelled(answers(50, random), random).forEach((outcome, at) =>
    scorer.learn({
      ...outcome,
      signals: { ...outcome.signals, kind: (at % 2 === 0 ? 'x' : 'y') as unknown as number },
      context: { model: at % 3, taskType: 'sql' },
    }),
  )
  return scorer
}

const saved = (): Record<string, unknown> => JSON.parse(JSON.stringify(used())) as Record<string, unknown>

describe('UnifiedConfidenceScorer.from()', () => {
  it('gives identical scores, gates and reports, and goes on in the same way', () => {
    const random = chanceOf(9)
    const scorer = used()
    const questions = answers(30, random).map(({ signals }) => signals)
    const answer = (one: UnifiedConfidenceScorer) =>
      questions.flatMap((signals) => [one.score(signals), one.score(signals, { model: 1, taskType: 'sql' })])
    const before = answer(scorer)
    const loaded = UnifiedConfidenceScorer.from(JSON.parse(JSON.stringify(scorer)))
    expect(answer(loaded)).toEqual(before)
    expect(loaded.toJSON()).toEqual(scorer.toJSON())
    for (const outcome of labelled(answers(300, random), random)) for (const one of [scorer, loaded]) one.learn(outcome)
    expect(answer(loaded)).toEqual(answer(scorer))
    expect(loaded.report()).toEqual(scorer.report())
    expect(loaded.gate({ risk: 0.1, kind: 'joint' }).threshold).toBe(scorer.gate({ risk: 0.1, kind: 'joint' }).threshold)
  })

  it('keeps a drift', () => {
    const random = chanceOf(3)
    const scorer = new UnifiedConfidenceScorer()
    scorer.fit(labelled(answers(300, random), random))
    for (const outcome of labelled(answers(70, random), random)) scorer.learn({ ...outcome, correct: false })
    expect(scorer.score({ a: 3 }).state).toBe('drift')
    const loaded = UnifiedConfidenceScorer.from(JSON.parse(JSON.stringify(scorer)))
    expect(loaded.score({ a: 3 })).toEqual(scorer.score({ a: 3 }))
  })

  it('saves a scorer without labels', () => {
    const loaded = UnifiedConfidenceScorer.from(JSON.parse(JSON.stringify(new UnifiedConfidenceScorer())))
    expect(loaded.score({ commandPasses: 1 })).toEqual(new UnifiedConfidenceScorer().score({ commandPasses: 1 }))
  })

  const change = (path: readonly (string | number)[], value: unknown): unknown => {
    const json = saved()
    let at: Record<string | number, unknown> = json
    for (const step of path.slice(0, -1)) at = at[step] as Record<string | number, unknown> // paths below exist
    at[path.at(-1) ?? ''] = value
    return json
  }

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', '{"format":"homeostat-confidence"}'],
    ['something else', { format: 'other', version: 1 }],
    ['a newer version', change(['version'], 2)],
    ['an older version', change(['version'], 0)],
    ['a version that is text', change(['version'], '1')],
    ['no learner', change(['learner'], undefined)],
    ['more fitted outcomes than there are', change(['learner', 'fitted'], 1e6)],
    ['more scoped outcomes than there are', change(['learner', 'swept'], 1e6)],
    ['a change after the end', change(['learner', 'changedAt'], 1e6)],
    ['a negative count', change(['learner', 'drifts'], -1)],
    ['winnings that are no number', change(['learner', 'monitor', 'gains'], ['9'])],
    ['outcomes that are no list', change(['outcomes'], {})],
    ['an outcome that is no list', change(['outcomes', 3], { correct: 1 })],
    ['an outcome that is neither right nor wrong', change(['outcomes', 3, 0], 2)],
    ['a task that is a name', change(['outcomes', 3, 1], 'task')],
    ['a negative task', change(['outcomes', 3, 1], -5)],
    ['scopes that are not listed', change(['outcomes', 3, 2], 99)],
    ['a value that is text', change(['outcomes', 3, 3], '1')],
    ['a value too many', change(['outcomes', 3, 12], 1)],
    ['a signal that is named twice', change(['signals', 0], { name: 'b' })],
    ['scopes that are no text', change(['scopes', 0], [1])],
  ])('refuses %s with a coded error', (_, json) => {
    try {
      UnifiedConfidenceScorer.from(json)
      expect.unreachable('it was loaded')
    } catch (error) {
      expect(isHomeostatError(error, 'HS_SCORER_UNREADABLE')).toBe(true)
    }
  })

  it('says which version it has and which it understands', () => {
    expect(() => UnifiedConfidenceScorer.from({ ...saved(), version: 7 })).toThrow(
      'it has version 7, and this one understands version 1 only',
    )
  })

  it('is not polluted by forged names', () => {
    const json = saved()
    const forged = JSON.parse(JSON.stringify(json).replace('"name":"a"', '"name":"__proto__"')) as unknown
    expect(UnifiedConfidenceScorer.from(forged).score({ b: 1 }).probability).toBeGreaterThan(0)
    expect(({} as Record<string, unknown>)['a']).toBeUndefined()
  })
})
