import { describe, expect, it } from 'vitest'
import { DriftMonitor } from '../../../src/scoring/learning/drift-monitor.js'
import { logistic } from '../../../src/scoring/logistic.js'
import { chanceOf } from '../worlds.js'

/** Shows `count` labels, whose truth follows `truth(stated)`, and says after how many it found drift. */
function watch(count: number, truth: (stated: number) => number, seed: number, perTask = 1): number | undefined {
  const random = chanceOf(seed)
  const monitor = new DriftMonitor()
  for (let label = 0; label < count; label += 1) {
    const stated = random() * 5 - 2
    monitor.observe(stated, Number(random() < logistic(truth(stated))), Math.floor(label / perTask))
    if (monitor.verdict === 'drifted') return label + 1
  }
  return undefined
}

describe('DriftMonitor', () => {
  it('is silent about right probabilities, and about slightly wrong ones', () => {
    const alarms = (truth: (stated: number) => number): number =>
      Array.from({ length: 20 }, (_, seed) => watch(2_000, truth, seed)).filter((found) => found !== undefined).length
    expect(alarms((stated) => stated)).toBeLessThanOrEqual(1)
    expect(alarms((stated) => stated + 0.2)).toBeLessThanOrEqual(2)
  })

  it.each([
    ['much too sure', (stated: number) => stated - 2, 60],
    ['much too timid', (stated: number) => stated + 2, 80],
    ['without any idea', () => 0, 150],
    ['too sure', (stated: number) => stated - 1, 250],
  ])('soon finds probabilities that are %s', (_, truth, most) => {
    for (let seed = 0; seed < 10; seed += 1) expect(watch(1_000, truth, seed)).toBeLessThan(most * 2)
    const found = Array.from({ length: 10 }, (__, seed) => watch(1_000, truth, seed) ?? 1_000)
    expect(found.reduce((sum, label) => sum + label, 0) / 10).toBeLessThan(most)
  })

  it('counts many answers to one task as about one', () => {
    const monitor = new DriftMonitor()
    for (let label = 0; label < 40; label += 1) monitor.observe(1.5, 0, 7)
    const apart = new DriftMonitor()
    for (let label = 0; label < 40; label += 1) apart.observe(1.5, 0, label)
    expect(monitor.evidence).toBeLessThan(apart.evidence / 5)
  })

  it('says since when', () => {
    const monitor = new DriftMonitor()
    for (let label = 0; label < 100; label += 1) monitor.observe(2, label % 8 === 0 ? 0 : 1, label)
    for (let label = 0; label < 12; label += 1) monitor.observe(2, 0, 1_000 + label)
    expect(monitor.verdict).toBe('drifted')
    expect(monitor.labelsSince).toBeGreaterThanOrEqual(12)
    expect(monitor.labelsSince).toBeLessThan(30)
  })

  it('goes on from its saved state', () => {
    const monitor = new DriftMonitor()
    for (let label = 0; label < 30; label += 1) monitor.observe(1, label % 2, label % 7)
    const loaded = new DriftMonitor(monitor.toJSON())
    for (const one of [monitor, loaded]) one.observe(2, 0, 3)
    expect(loaded.toJSON()).toEqual(monitor.toJSON())
  })
})
