import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { measure } from '../../../src/scoring/reporting/metrics.js'
import { reliabilitySvg, reliabilityText } from '../../../src/scoring/reporting/reliability-diagram.js'
import { chanceOf } from '../worlds.js'

const measured = (pairs: readonly (readonly [number, number])[]) =>
  measure(
    Float64Array.from(pairs, ([probability]) => probability),
    Uint8Array.from(pairs, ([, correct]) => correct),
  )

describe('measure()', () => {
  it('agrees with what can be reckoned by hand', () => {
    const { ece, brier, logLoss, auroc, baseRate, samples } = measured([
      [0.8, 1],
      [0.6, 0],
      [0.6, 1],
      [0.2, 0],
    ])
    expect({ samples, baseRate }).toEqual({ samples: 4, baseRate: 0.5 })
    expect(brier).toBeCloseTo((0.04 + 0.36 + 0.16 + 0.04) / 4, 12)
    expect(logLoss).toBeCloseTo(-(Math.log(0.8) + Math.log(0.4) + Math.log(0.6) + Math.log(0.8)) / 4, 9)
    // Of four pairs, three are in order and one is a tie.
    expect(auroc).toBeCloseTo(3.5 / 4, 12)
    // Four bins of one answer each.
    expect(ece).toBeCloseTo((0.2 + 0.6 + 0.4 + 0.2) / 4, 12)
  })

  it('finds nothing wrong with true chances, and much with boasts', () => {
    const random = chanceOf(2)
    const honest = Array.from({ length: 20_000 }, () => random()).map((chance): [number, number] => [
      chance,
      Number(random() < chance),
    ])
    expect(measured(honest).ece).toBeLessThan(0.015)
    expect(measured(honest.map(([chance, correct]) => [chance < 0.5 ? 0.05 : 0.95, correct])).ece).toBeGreaterThan(0.15)
  })

  it('has no AUROC when all answers are alike, and survives no answers at all', () => {
    expect(measured([[0.5, 1]]).auroc).toBeNull()
    expect(measured([])).toMatchObject({
      samples: 0,
      ece: 0,
      brier: 0,
      logLoss: 0,
      auroc: null,
      reliability: [],
      riskCoverage: [],
    })
  })

  it('stays finite at probabilities of 0 and 1 that are wrong', () => {
    expect(
      measured([
        [0, 1],
        [1, 0],
      ]).logLoss,
    ).toBeGreaterThan(10)
    expect(
      Number.isFinite(
        measured([
          [0, 1],
          [1, 0],
        ]).logLoss,
      ),
    ).toBe(true)
  })

  it('ends its risk-coverage curve with all answers and the share of wrong ones', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(1)), { minLength: 1, maxLength: 60 }),
        (pairs) => {
          const { riskCoverage, baseRate, reliability, auroc } = measured(pairs)
          expect(riskCoverage.at(-1)?.coverage).toBe(1)
          expect(riskCoverage.at(-1)?.risk).toBeCloseTo(1 - baseRate, 12)
          expect(reliability.reduce((sum, { samples }) => sum + samples, 0)).toBe(pairs.length)
          if (auroc !== null) expect(auroc >= 0 && auroc <= 1).toBe(true)
        },
      ),
    )
  })
})

describe('reliabilitySvg()', () => {
  it('draws a dot for each bin, and nothing that is no number', () => {
    const svg = reliabilitySvg(measured(Array.from({ length: 60 }, (_, at) => [at / 60, at % 2])))
    expect(svg.match(/<circle /g)).toHaveLength(15)
    expect(svg).not.toMatch(/NaN|undefined|Infinity/)
    expect(reliabilitySvg(measured([]))).toMatch(/^<svg [^]*<\/svg>$/)
  })
})

describe('reliabilityText()', () => {
  it('has a line for each bin, with a bar of the share that was right and a mark at what was stated', () => {
    const text = reliabilityText({
      reliability: [{ from: 0.4, to: 0.6, samples: 8, confidence: 0.5, accuracy: 0.25 }],
      samples: 8,
      ece: 0.25,
      brier: 0.2,
    })
    expect(text.split('\n')[1]).toBe('0.50  0.25  #####     |            8')
    expect(text).toContain('ECE 0.250')
  })
})
