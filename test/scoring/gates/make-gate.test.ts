import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ConfidenceEstimate } from '../../../src/core/confidence.js'
import { gateKinds, type Gate, type GateEvidence, type GateOptions } from '../../../src/scoring/gates/gate.js'
import { makeGate } from '../../../src/scoring/gates/make-gate.js'
import { answers, chanceOf, tasks, type Answer } from '../worlds.js'

/** Evidence with the true chances as probabilities, or whatever `shown` makes of them. */
function evidenceOf(all: readonly Answer[], random: () => number, shown = (chance: number) => chance): GateEvidence {
  const names = [...new Set(all.map(({ group }, at) => group ?? String(at)))]
  const numbers = new Map(names.map((name, at) => [name, at]))
  return {
    probability: Float64Array.from(all, ({ chance }) => shown(chance)),
    correct: Uint8Array.from(all, ({ chance }) => Number(random() < chance)),
    task: Int32Array.from(all, ({ group }, at) => numbers.get(group ?? String(at)) ?? 0),
    tasks: names.length,
  }
}

function estimate(probability: number, state: ConfidenceEstimate['state'] = 'calibrated'): ConfidenceEstimate {
  return { probability, interval: [0, 1], contributions: {}, state, samples: 1 }
}

/** The three risks of a gate in a world whose chances are known. */
function risksOf(gate: Gate, world: readonly Answer[], shown = (chance: number) => chance): Record<GateOptions['kind'], number> {
  let [accepted, acceptedWrong, wrong] = [0, 0, 0]
  for (const { chance } of world) {
    wrong += 1 - chance
    if (gate.threshold === null || shown(chance) < gate.threshold) continue
    accepted += 1
    acceptedWrong += 1 - chance
  }
  return {
    joint: acceptedWrong / world.length,
    'among-accepted': accepted === 0 ? 0 : acceptedWrong / accepted,
    'per-wrong': acceptedWrong / wrong,
  }
}

const same = (correct: number, count: number): GateEvidence => ({
  probability: new Float64Array(count).fill(0.5),
  correct: new Uint8Array(count).fill(correct),
  task: Int32Array.from({ length: count }, (_, at) => at),
  tasks: count,
})

const draws = 1_000
const coarse = (chance: number): number => Math.round(chance * 4) / 4
const worlds: readonly [string, (random: () => number) => readonly Answer[], (chance: number) => number][] = [
  ['single answers', (random) => answers(150, random), (chance) => chance],
  ['few answers', (random) => answers(40, random), (chance) => chance],
  ['ties', (random) => answers(150, random), coarse],
  ['four answers a task', (random) => tasks(50, 4, random), (chance) => chance],
]

describe('makeGate()', () => {
  it.each(worlds)(
    'keeps its promises over a thousand draws: %s',
    (_, make, shown) => {
      const random = chanceOf(17)
      const world = Array.from({ length: 6 }, () => make(random)).flat()
      const risks = { joint: 0, 'per-wrong': 0, broken: 0 }
      for (let draw = 0; draw < draws; draw += 1) {
        const evidence = evidenceOf(make(random), random, shown)
        const riskOf = (kind: GateOptions['kind']): number =>
          risksOf(makeGate(evidence, { risk: 0.1, kind }, false), world, shown)[kind]
        risks.joint += riskOf('joint') / draws
        risks['per-wrong'] += riskOf('per-wrong') / draws
        risks.broken += Number(riskOf('among-accepted') > 0.1) / draws
      }
      // Three standard errors of a thousand draws.
      expect(risks.joint).toBeLessThan(0.1 + 0.004)
      expect(risks['per-wrong']).toBeLessThan(0.1 + 0.006)
      expect(risks.broken).toBeLessThan(0.1 + 0.03)
    },
    60_000,
  )

  it('is not needlessly strict', () => {
    const random = chanceOf(5)
    const world = answers(4_000, random)
    const risks = risksOf(makeGate(evidenceOf(answers(2_000, random), random), { risk: 0.1, kind: 'joint' }, false), world)
    expect(risks.joint).toBeGreaterThan(0.08)
    const among = makeGate(evidenceOf(answers(2_000, random), random), { risk: 0.1, kind: 'among-accepted' }, false)
    expect(risksOf(among, world)['among-accepted']).toBeGreaterThan(0.05)
  })

  it('certifies grouped answers too, when there are enough tasks', () => {
    const random = chanceOf(6)
    const gate = makeGate(evidenceOf(tasks(1_500, 3, random), random), { risk: 0.2, kind: 'among-accepted' }, false)
    expect(gate).toMatchObject({ certified: true, tasksMissing: 0, samples: 4_500, tasks: 1_500 })
    expect(risksOf(gate, tasks(2_000, 3, random))['among-accepted']).toBeLessThan(0.2)
  })

  it('says how many tasks are missing', () => {
    expect(makeGate(same(1, 0), { risk: 0.05, kind: 'joint' }, false)).toMatchObject({ certified: false, tasksMissing: 19 })
    expect(makeGate(same(1, 18), { risk: 0.05, kind: 'joint' }, false)).toMatchObject({ certified: false, tasksMissing: 1 })
    expect(makeGate(same(1, 19), { risk: 0.05, kind: 'joint' }, false)).toMatchObject({ certified: true, threshold: 0.5 })
    // ln 0.1 / ln 0.95 = 44.9 accepted answers, all right.
    const among = { risk: 0.05, kind: 'among-accepted', delta: 0.1 } as const
    expect(makeGate(same(1, 44), among, false)).toMatchObject({ certified: false, tasksMissing: 1 })
    expect(makeGate(same(1, 45), among, false)).toMatchObject({ certified: true, tasksMissing: 0 })
    expect(makeGate(same(1, 45), among, false).reason).toContain('with confidence 0.9')
  })

  it.each(gateKinds)('accepts nothing when all answers were wrong: %s', (kind) => {
    const gate = makeGate(same(0, 500), { risk: 0.1, kind }, false)
    expect(gate).toMatchObject({ certified: false, threshold: null })
    expect(gate.reason).toContain('wrong')
    expect(gate.accepts(estimate(1))).toBe(false)
  })

  it('cannot say how often wrong ones are accepted when none was', () => {
    expect(makeGate(same(1, 500), { risk: 0.05, kind: 'per-wrong' }, false)).toMatchObject({ certified: false, tasksMissing: 19 })
  })

  it('counts tasks, not answers', () => {
    const repeated: GateEvidence = { ...same(1, 500), task: new Int32Array(500), tasks: 1 }
    expect(makeGate(repeated, { risk: 0.05, kind: 'joint' }, false)).toMatchObject({ certified: false, tasksMissing: 18 })
    expect(makeGate(repeated, { risk: 0.05, kind: 'among-accepted' }, false)).toMatchObject({ certified: false })
  })

  it('accepts from its threshold up, and never a guess without labels', () => {
    const gate = makeGate(same(1, 100), { risk: 0.05, kind: 'joint' }, false)
    expect([0.5, 0.9].map((probability) => gate.accepts(estimate(probability)))).toEqual([true, true])
    expect(gate.accepts(estimate(0.49))).toBe(false)
    expect(gate.accepts(estimate(0.99, 'prior'))).toBe(false)
  })

  it('closes when drift comes after it, and judges in drift when made in it', () => {
    expect(makeGate(same(1, 100), { risk: 0.05, kind: 'joint' }, false).accepts(estimate(0.9, 'drift'))).toBe(false)
    expect(makeGate(same(1, 100), { risk: 0.05, kind: 'joint' }, true).accepts(estimate(0.9, 'drift'))).toBe(true)
  })

  it('never accepts more at a lower risk', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.constantFrom('joint' as const, 'per-wrong' as const), (seed, kind) => {
        const random = chanceOf(seed)
        const evidence = evidenceOf(answers(200, random), random)
        const thresholds = [0.3, 0.2, 0.1, 0.05, 0.02].map(
          (risk) => makeGate(evidence, { risk, kind }, false).threshold ?? Infinity,
        )
        expect(thresholds).toEqual([...thresholds].sort((a, b) => a - b))
      }),
      { numRuns: 40 },
    )
  })

  it('does not depend on the order of the evidence', () => {
    const random = chanceOf(8)
    const evidence = evidenceOf(tasks(300, 4, random), random)
    const backwards: GateEvidence = {
      probability: evidence.probability.toReversed(),
      correct: evidence.correct.toReversed(),
      task: evidence.task.toReversed(),
      tasks: evidence.tasks,
    }
    for (const kind of gateKinds)
      expect(makeGate(backwards, { risk: 0.15, kind }, false).threshold).toBe(
        makeGate(evidence, { risk: 0.15, kind }, false).threshold,
      )
  })

  it.each([
    { risk: 0, kind: 'joint' },
    { risk: 1, kind: 'joint' },
    { risk: Number.NaN, kind: 'joint' },
    { risk: 0.1, kind: 'among-accepted', delta: 0 },
    { risk: 0.1, kind: 'among-accepted', delta: Number.NaN },
    { risk: 0.1, kind: 'some' as 'joint' },
  ] as const)('refuses %o', (options) => {
    expect(() => makeGate(same(1, 10), options, false)).toThrow(RangeError)
  })
})
