import * as fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  barLines,
  bars,
  consecutive,
  incidentPicture,
  judge,
  markdown,
  ours,
  type Section,
  sections,
  simulate,
  timelinePicture,
} from '../../bench/simulation/index.mjs'
import { TrendDetector } from '../../src/breaker/trend/trend-detector.js'

// Rows that a bar hangs on, as CI's gate runs them, without the peers; the other ones take longer than a test may (`npm run bench:detection`).
const rule = ours(TrendDetector)

describe('TrendDetector clears its bars', () => {
  it.each([
    ['is not absorbed by a ramp', ['ramp']],
    ['sees a hang before the timeout', ['hang']],
  ])('%s', (_name, only) => {
    const judgements = judge(simulate({ rule, quick: true, alone: true, only }), { byChance: true })
    expect(judgements.length).toBeGreaterThan(0)
    expect(barLines(judgements).filter((line) => line.startsWith('✗'))).toEqual([])
  })

  it('does not depend on the pace at all', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 100_000 }),
        (calls, spacingMs) => {
          const [quick, slow] = [new TrendDetector(), new TrendDetector()]
          for (let call = 0; call < 2_000; call += 1)
            for (const one of [quick, slow]) one.step(call % 100 !== 0, Number.NaN, Number.NaN)
          for (const [index, ok] of calls.entries())
            expect(slow.step(ok, Number.NaN, index * spacingMs)).toBe(quick.step(ok, Number.NaN, index))
        },
      ),
    )
  })
})

describe('judge()', () => {
  let blind: Section[]
  beforeAll(() => {
    blind = simulate({ rule: { ...consecutive('blind', 5), learns: true }, quick: true, alone: true, only: ['step', 'cold'] })
  })

  it('lets a rule fail that is slow, blind or nervous', () => {
    const missed = judge(blind).filter(({ passed }) => !passed)
    expect(missed.map(({ row, cell }) => `${row}, ${cell}`)).toEqual([
      'blind: tripped, 1 % → 30 %',
      'blind: tripped, 1 % → 50 %',
      'blind: tripped, 1 % → 100 %',
      'blind: degrading, 1 % → 10 %',
      'blind: tripped, 5 % → 50 %',
      'blind: tripped, 20 % fail',
    ])
  })

  it('does not take a rule that never noticed for one that noticed fast', () => {
    const [section] = blind
    const row = section?.rows.find(({ line }) => line === 'tripped')
    const lucky = { value: 1, missed: 3, text: '1.0 (2 % never)' }
    const figures = { ...row?.figures, '1 % to 30 %': lucky }
    const changed = { ...section, rows: [{ ...row, figures }] } as Section // a copy of a section with one figure changed
    const wanted = judge([{ ...changed, rows: [...changed.rows, ...(section?.rows ?? [])] }])
    expect(wanted.find(({ cell }) => cell === '1 % → 30 %')?.passed).toBe(false)
  })

  it('refuses to judge a section without our row', () => {
    const [section] = blind
    expect(() => judge([{ ...section, rows: [] } as unknown as Section])).toThrow(/^Cannot judge "step"/) // rows taken away
  })

  it('has a bar for things that are measured only', () => {
    for (const { section: id, line, cells } of bars) {
      const section = sections(false).find((one) => one.id === id)
      expect(section?.lines.map((one) => one.id)).toContain(line)
      expect(section?.cells.map((one) => one.id)).toEqual(expect.arrayContaining([...cells]))
    }
  })
})

describe('what the simulation shows', () => {
  it('markdown() has a figure in each cell of each row', () => {
    const tables = markdown(simulate({ rule: { ...consecutive('one', 3), learns: true }, quick: true, only: ['cold'] }))
    const lines = tables.split('\n').filter((line) => line.startsWith('|'))
    expect(lines).toHaveLength(2 + 2)
    expect(new Set(lines.map((line) => line.split('|').length))).toEqual(new Set([7]))
    expect(tables).not.toMatch(/undefined|NaN/)
  })

  it.each([
    ['incidentPicture()', () => incidentPicture({ rule, runs: 3 })],
    ['timelinePicture()', () => timelinePicture({ TrendDetector })],
  ])('%s is one element with a title and a description, and no number is missing', (_name, draw) => {
    const picture = draw()
    expect(picture).toMatch(/^<svg [^>]*role="img"[^>]*aria-labelledby="title description"/)
    expect(picture).toMatch(/<title id="title">[^<]{10,}<\/title>\n<desc id="description">[^<]{50,}<\/desc>/)
    expect(picture.match(/<g\b/g)?.length).toBe(picture.match(/<\/g>/g)?.length)
    expect(picture).not.toMatch(/undefined|NaN|Infinity/)
    expect(draw()).toBe(picture)
  })

  it('timelinePicture() says why the circuit opened', () => {
    expect(timelinePicture({ TrendDetector })).toMatch(/>tripped: /)
  })
})
