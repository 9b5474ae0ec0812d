/*
 * Written plainly, on flat row-major arrays: fitting spends its time here. Every index is within its array by construction, which
 * the compiler cannot follow; `as number` says so without a branch.
 */

/**
 * Replaces the lower triangle of a symmetric positive definite matrix by its Cholesky factor L (A = L Lᵀ).
 *
 * @param matrix - `size` × `size`, by rows; only the lower triangle is read and written.
 * @returns Whether it was positive definite; if not, the matrix is spoilt.
 */
export function factorise(matrix: Float64Array, size: number): boolean {
  for (let row = 0; row < size; row += 1) {
    const base = row * size
    for (let column = 0; column <= row; column += 1) {
      const other = column * size
      const sum = (matrix[base + column] as number) - product(matrix, base, other, column)
      if (column < row) matrix[base + column] = sum / (matrix[other + column] as number)
      else if (sum > 0 && sum < Infinity) matrix[base + row] = Math.sqrt(sum)
      else return false
    }
  }
  return true
}

/** The product of the first `count` numbers of two rows. Four sums, because each addition waits for the one before it. */
function product(matrix: Float64Array, row: number, other: number, count: number): number {
  let a = 0
  let b = 0
  let c = 0
  let d = 0
  let k = 0
  for (; k + 3 < count; k += 4) {
    a += (matrix[row + k] as number) * (matrix[other + k] as number)
    b += (matrix[row + k + 1] as number) * (matrix[other + k + 1] as number)
    c += (matrix[row + k + 2] as number) * (matrix[other + k + 2] as number)
    d += (matrix[row + k + 3] as number) * (matrix[other + k + 3] as number)
  }
  for (; k < count; k += 1) a += (matrix[row + k] as number) * (matrix[other + k] as number)
  return a + b + c + d
}

/** Solves L Lᵀ x = b in place, for the factor of {@link factorise}. */
export function solve(factor: Float64Array, vector: Float64Array): void {
  const size = vector.length
  for (let row = 0; row < size; row += 1) {
    let sum = vector[row] as number
    for (let k = 0; k < row; k += 1) sum -= (factor[row * size + k] as number) * (vector[k] as number)
    vector[row] = sum / (factor[row * size + row] as number)
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    let sum = vector[row] as number
    for (let k = row + 1; k < size; k += 1) sum -= (factor[k * size + row] as number) * (vector[k] as number)
    vector[row] = sum / (factor[row * size + row] as number)
  }
}

/** The inverse of L Lᵀ, symmetric and full. */
export function inverse(factor: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size)
  for (let column = 0; column < size; column += 1) {
    const unit = result.subarray(column * size, (column + 1) * size)
    unit[column] = 1
    solve(factor, unit)
  }
  return result
}
