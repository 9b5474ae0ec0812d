import { describe, expect, it } from 'vitest'
import { measureCode, measureJson, type Measure, type MutationReport } from './mutations.js'

/** `HOMEOSTAT_MUTATIONS=full` breaks about 1 800 files and prints a table; a few of each kind are enough for every day. */
const isFull = process.env['HOMEOSTAT_MUTATIONS'] === 'full'

const jsonMeasure: Measure = isFull
  ? { seed: 1, perKind: 40, sizeBytesMax: 20_000 }
  : { seed: 1, perKind: 3, sizeBytesMax: 2_500 }
const codeMeasure: Measure = isFull
  ? { seed: 1, perKind: 40, sizeBytesMax: 40_000 }
  : { seed: 1, perKind: 1, sizeBytesMax: 2_500 }

describe('repair of broken files of real packages', () => {
  it('repairJson() gives the original back', () => {
    const report = shown(measureJson(jsonMeasure), 'JSON')
    expect(report.count).toBeGreaterThan(60)
    expect(report.valid).toBeGreaterThanOrEqual(0.99)
    expect(report.exactFirst).toBeGreaterThanOrEqual(0.973)
  }, 120_000)

  it('repairCode() finds the original among its first candidates for JavaScript', () => {
    const report = shown(measureCode('javascript', codeMeasure), 'JavaScript')
    expect(report.count).toBeGreaterThan(35)
    expect(report.valid).toBeGreaterThanOrEqual(0.97)
    expect(report.exactFirst).toBeGreaterThanOrEqual(0.78)
    expect(report.exactInThree).toBeGreaterThanOrEqual(0.88)
  }, 600_000)

  it('repairCode() finds the original among its first candidates for TypeScript', () => {
    const report = shown(measureCode('typescript', codeMeasure), 'TypeScript')
    expect(report.valid).toBeGreaterThanOrEqual(0.95)
    expect(report.exactInThree).toBeGreaterThanOrEqual(0.8)
  }, 600_000)
})

function shown(report: MutationReport, language: string): MutationReport {
  if (isFull)
    console.log([`${language}: kind, count, valid, exact first, in 3, in 10 (%), p50, p95 (ms)`, ...report.table].join('\n'))
  return report
}
