import { describe, expect, it } from 'vitest'
import { adjust, fitAdjustment } from '../../../src/scoring/learning/adjustment.js'
import { applyScopes, fitScopes } from '../../../src/scoring/learning/scope-effects.js'
import { logistic } from '../../../src/scoring/logistic.js'
import { chanceOf } from '../worlds.js'

interface Row {
  readonly scopes: readonly string[]
  readonly logOdds: number
  readonly correct: number
}

const rowsOf = (rows: readonly Row[]) => ({
  rows: rows.length,
  scopes: (row: number) => rows[row]?.scopes ?? [],
  logOdds: (row: number) => rows[row]?.logOdds ?? 0,
  correct: (row: number) => rows[row]?.correct ?? 0,
})

function draw(count: number, scopes: readonly string[], shift: number, random: () => number): readonly Row[] {
  return Array.from({ length: count }, () => {
    const logOdds = random() * 4 - 2
    return { scopes, logOdds, correct: Number(random() < logistic(logOdds + shift)) }
  })
}

describe('fitScopes()', () => {
  it('moves a scope as far as its labels say, and one with few labels less', () => {
    const random = chanceOf(2)
    const effects = fitScopes(
      rowsOf([...draw(800, ['m=weak'], -1.5, random), ...draw(800, ['m=fair'], 0, random), ...draw(4, ['m=new'], -1.5, random)]),
    )
    expect(effects.get('m=weak')?.shift).toBeCloseTo(-1.5, 0)
    expect(Math.abs(effects.get('m=fair')?.shift ?? 9)).toBeLessThan(0.25)
    expect(Math.abs(effects.get('m=new')?.shift ?? 9)).toBeLessThan(1.3)
    expect(effects.get('m=new')?.samples).toBe(4)
  })

  it('leaves to special scopes what general ones do not explain', () => {
    const random = chanceOf(4)
    const both = (task: string): readonly string[] => ['m=x', `t=${task}`, `m=x t=${task}`]
    const effects = fitScopes(rowsOf([...draw(1_000, both('a'), -1, random), ...draw(1_000, both('b'), -1, random)]))
    expect(effects.get('m=x')?.shift).toBeCloseTo(-1, 0)
    expect(Math.abs(effects.get('m=x t=a')?.shift ?? 9)).toBeLessThan(0.2)
    expect(applyScopes(effects, both('a'), 0)).toBeCloseTo(-1, 0)
  })

  it('changes nothing for scopes without labels, and is bounded in their number', () => {
    const random = chanceOf(6)
    const rows = Array.from({ length: 1_200 }, (_, at) => draw(1, [`m=${at}`], 0, random)).flat()
    const effects = fitScopes(rowsOf(rows))
    expect(effects.size).toBe(1_024)
    expect(applyScopes(effects, ['m=none'], 0.7)).toBe(0.7)
  })

  it('never turns the order of answers round', () => {
    const random = chanceOf(8)
    const opposite = draw(500, ['m=liar'], 0, random).map((row) => ({ ...row, correct: Number(row.logOdds < 0) }))
    expect(fitScopes(rowsOf(opposite)).get('m=liar')?.slope).toBeGreaterThan(0)
  })
})

describe('fitAdjustment()', () => {
  it('learns what has changed from the labels since', () => {
    const random = chanceOf(3)
    const rows = [...draw(500, [], 0, random), ...draw(60, [], -2, random)]
    const adjustment = fitAdjustment({ ...rowsOf(rows), scoped: false, isRecent: (row) => row >= 500 })
    expect(adjustment.recent).toMatchObject({ samples: 60 })
    expect(adjust(adjustment, [], 0)).toBeLessThan(-1.2)
    expect(adjust(fitAdjustment({ ...rowsOf(rows), scoped: false, isRecent: undefined }), [], 0.3)).toBe(0.3)
  })
})
