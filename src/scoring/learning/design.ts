import type { Cell, Columns } from './columns.js'
import { encode } from './columns.js'
import type { StoredSignal } from './outcome-store.js'

/** The rows to be fitted, encoded: for each row one cell per column. */
export interface Design {
  readonly rows: number
  readonly columns: number
  /** Number of features. */
  readonly size: number
  readonly index: Uint16Array
  readonly first: Float32Array
  readonly second: Float32Array
}

/** Encodes stored rows. The cells take ten bytes each, and live only as long as the fit. */
export function designOf({ columns, size }: Columns, stored: readonly StoredSignal[], rows: Int32Array): Design {
  const width = columns.length
  const count = rows.length * width
  const design = {
    rows: rows.length,
    columns: width,
    size,
    index: new Uint16Array(count),
    first: new Float32Array(count),
    second: new Float32Array(count),
  }
  const cell: Cell = { index: 0, first: 0, second: 0 }
  columns.forEach((column, at) => {
    const text = column.kind === 'learnt' ? column.text : undefined
    const values = stored.find((signal) => signal.name === column.name && signal.text === text)?.values ?? new Float64Array(0)
    const [min, max] = column.kind === 'known' ? column.signal.range : [-Infinity, Infinity]
    rows.forEach((row, position) => {
      const value = values[row] ?? Number.NaN
      encode(column, value >= min && value <= max ? value : Number.NaN, cell)
      const place = position * width + at
      design.index[place] = cell.index
      design.first[place] = cell.first
      design.second[place] = cell.second
    })
  })
  return design
}

/** The log odds of one row under the given weights. */
export function logOddsAt({ columns, index, first, second }: Design, row: number, weights: Float64Array): number {
  let sum = weights[0] as number // feature 0 is the constant; all further indexes come from the design
  for (let place = row * columns; place < (row + 1) * columns; place += 1) {
    const feature = index[place] as number
    sum += (first[place] as number) * (weights[feature] as number)
    const share = second[place] as number
    if (share !== 0) sum += share * (weights[feature + 1] as number)
  }
  return sum
}
