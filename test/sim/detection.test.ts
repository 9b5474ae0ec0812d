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

// The rows that a bar hangs on, as CI's gate runs them, without the peers: a change that loses a bar fails here first.
const rule = ours(TrendDetector)

describe('TrendDetector clears its bars', () => {
  it.each([
    ['admits few failed calls after a step', ['step']],
    ['is not absorbed by a ramp', ['ramp']],
    ['does not trip cold', ['cold']],
    ['sees a hang before the timeout', ['hang']],
    ['sees twice the latency', ['latency']],
    ['leaves a slow but healthy service alone', ['false-latency']],
  ])('%s', (_name, only) => {
    const judgements = judge(simulate({ rule, quick: true, alone: true, only }), { byChance: true })
    expect(judgements.length).toBeGreaterThan(0)
    expect(barLines(judgements).filter((line) => line.startsWith('✗'))).toEqual([])
  })

  it('does not depend on the pace at all', () => {
    const [step, pace] = simulate({ rule, quick: true, alone: true, only: ['step', 'pace'] })
    for (const [index, row] of (pace?.rows ?? []).entries()) {
      for (const rate of [30, 50, 100])
        expect(row.figures[`${rate} % at 0.1/s`]).toEqual(step?.rows[index]?.figures[`1 % to ${rate} %`])
    }
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
