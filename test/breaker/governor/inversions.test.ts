import { expect, it } from 'vitest'
import { inversionChances } from '../../../src/breaker/governor/inversions.js'
import { arrangements, shareOf } from './arrangements.js'

const series: readonly (readonly number[])[] = [
  [1],
  [1, 2],
  [1, 1],
  [1, 2, 3, 4, 5, 6],
  [1, 1, 2, 3, 3, 3],
  [1, 1, 2, 2, 3, 3],
  [4, 4, 4, 4],
]

it.each(series.map((values) => ({ values })))('inversionChances() agrees with counting every order of $values', ({ values }) => {
  const sizes = [...new Set(values)].map((value) => values.filter((other) => other === value).length)
  const orders = arrangements(values)
  const expected = inversionChances(sizes).map((_, most) => shareOf(orders, (order) => inversions(order) <= most))
  for (const [most, chance] of inversionChances(sizes).entries()) expect(chance).toBeCloseTo(expected[most] ?? Number.NaN, 12)
  expect(expected.at(-1)).toBe(1)
  expect(expected.at(-2) ?? 0).toBeLessThan(1)
})

it('inversionChances() does not depend on the order of the groups, and stays exact for fifty values', () => {
  const one = inversionChances([1, 2, 3])
  for (const [index, chance] of inversionChances([3, 1, 2]).entries()) expect(chance).toBeCloseTo(one[index] ?? Number.NaN, 14)
  const fifty = inversionChances(Array.from({ length: 50 }, () => 1))
  expect(fifty).toHaveLength((50 * 49) / 2 + 1)
  // 1 / 50!, and the distribution is symmetric: half of it lies below the middle.
  expect(fifty[0]).toBeCloseTo(3.288e-65, 67)
  expect(fifty[612]).toBeCloseTo(0.5, 12)
  expect(fifty.at(-1)).toBeCloseTo(1, 12)
})

function inversions(order: readonly number[]): number {
  return order.reduce((sum, value, index) => sum + order.slice(index).filter((later) => later < value).length, 0)
}
