import { describe, expect, it } from 'vitest'
import { drawTrajectory } from '../../../src/breaker/governor/draw-trajectory.js'

const drawn = (...errors: readonly number[]): string => drawTrajectory(errors.map((count) => ({ errors: count })))

describe('drawTrajectory()', () => {
  it('shows the course, the trend and the decision in one line', () => {
    expect(drawn(34, 22, 12, 6, 3)).toBe('34 █▆▃▂▁ 3  improving, 7.9 fewer per attempt: retry (errors.improving, attempts.left)')
    expect(drawn(8, 12, 15, 14)).toBe('8 ▅▇██ 14  unknown, 2.5 more per attempt: rollback (errors.above-best)')
    expect(drawn(10, 9, 9, 10, 9, 10)).toBe('10 ██████ 10  plateauing: switch-strategy (progress.stalled)')
  })

  it('shows a solved attempt as a dot, and no trend of one attempt or none', () => {
    expect(drawn(3, 0, 0)).toBe('3 █·· 0  unknown, 1.5 fewer per attempt: promote (errors.none)')
    expect(drawn(0)).toBe('0 · 0  promote (errors.none)')
    expect(drawn()).toBe('no attempts  retry (attempts.none)')
  })

  it('draws the newest sixty of many', () => {
    const line = drawn(...Array.from({ length: 100 }, (_, index) => 100 - index))
    expect(line).toMatch(/^60 [▁-█]{60} 1 {2}/)
  })
})
