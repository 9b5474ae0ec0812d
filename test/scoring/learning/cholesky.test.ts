import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { factorise, inverse, solve } from '../../../src/scoring/learning/cholesky.js'

const sizes = fc.integer({ min: 1, max: 12 })
const square = sizes.chain((size) =>
  fc
    .array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: size * size, maxLength: size * size })
    .map((values) => ({ size, matrix: positive(values, size) })),
)

/** B Bᵀ + I is symmetric and positive definite. */
function positive(values: readonly number[], size: number): Float64Array {
  const product = new Float64Array(size * size)
  for (let row = 0; row < size; row += 1)
    for (let column = 0; column < size; column += 1)
      for (let k = 0; k < size; k += 1)
        product[row * size + column] =
          (product[row * size + column] ?? 0) + (values[row * size + k] ?? 0) * (values[column * size + k] ?? 0)
  for (let row = 0; row < size; row += 1) product[row * size + row] = (product[row * size + row] ?? 0) + 1
  return product
}

describe('factorise()', () => {
  it('lets solve() find x for A x = b', () => {
    fc.assert(
      fc.property(square, ({ size, matrix }) => {
        const factor = Float64Array.from(matrix)
        expect(factorise(factor, size)).toBe(true)
        const x = Float64Array.from({ length: size }, (_, at) => at - 1.5)
        const b = Float64Array.from({ length: size }, (_, row) =>
          x.reduce((sum, value, column) => sum + value * (matrix[row * size + column] ?? 0), 0),
        )
        solve(factor, b)
        b.forEach((value, at) => expect(value).toBeCloseTo(x[at] ?? 0, 6))
      }),
    )
  })

  it('refuses a matrix that is not positive definite, or not finite', () => {
    expect(factorise(Float64Array.of(1, 0, 2, 1), 2)).toBe(false)
    expect(factorise(Float64Array.of(0), 1)).toBe(false)
    expect(factorise(Float64Array.of(Number.NaN), 1)).toBe(false)
    expect(factorise(Float64Array.of(Infinity), 1)).toBe(false)
  })
})

describe('inverse()', () => {
  it('times the matrix is the identity', () => {
    fc.assert(
      fc.property(square, ({ size, matrix }) => {
        const factor = Float64Array.from(matrix)
        factorise(factor, size)
        const inverted = inverse(factor, size)
        for (let row = 0; row < size; row += 1)
          for (let column = 0; column < size; column += 1) {
            let sum = 0
            for (let k = 0; k < size; k += 1) sum += (matrix[row * size + k] ?? 0) * (inverted[k * size + column] ?? 0)
            expect(sum).toBeCloseTo(row === column ? 1 : 0, 6)
          }
      }),
    )
  })
})
