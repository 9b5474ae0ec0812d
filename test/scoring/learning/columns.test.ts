import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { columnsOf, encode, valueIn, type Cell, type Column } from '../../../src/scoring/learning/columns.js'
import { OutcomeStore } from '../../../src/scoring/learning/outcome-store.js'
import { answerSignals } from '../../../src/scoring/signals/answer-signals.js'

const known = new Map(answerSignals.map((signal) => [signal.name, signal]))

function columnsFor(all: readonly Record<string, unknown>[], tasks = all.length): readonly Column[] {
  const store = new OutcomeStore()
  // JSON may hold text and null, which the types do not allow.
  for (const signals of all) store.addOutcome({ signals: signals as Record<string, number>, correct: true })
  return columnsOf(store.signals(), { rows: Int32Array.from(all.keys()), tasks, known }).columns
}

function cellOf(column: Column, value: number): Cell {
  const cell = { index: 0, first: 0, second: 0 }
  encode(column, value, cell)
  return cell
}

describe('columnsOf()', () => {
  it('puts a knot on each value when there are few, and on quantiles when there are many', () => {
    const [few, many] = columnsFor(Array.from({ length: 400 }, (_, at) => ({ few: at % 3, many: at ** 2 })))
    expect(few).toMatchObject({ name: 'few', knots: Float64Array.of(0, 1, 2), start: 1, missing: -1 })
    expect(many).toMatchObject({ name: 'many', start: 4 })
    expect(many?.kind === 'learnt' && many.knots.length).toBe(8)
  })

  it('spends fewer knots on few tasks and on many signals', () => {
    const [one] = columnsFor(Array.from({ length: 10 }, (_, at) => ({ one: at })))
    expect(one?.kind === 'learnt' && one.knots.length).toBe(2)
    const wide = columnsFor(
      Array.from({ length: 300 }, (_, at) =>
        Object.fromEntries(Array.from({ length: 100 }, (__, name) => [`s${name}`, at + name])),
      ),
    )
    expect(wide.every((column) => column.kind === 'learnt' && column.knots.length === 2)).toBe(true)
  })

  it('leaves out a signal that never changes and never misses', () => {
    expect(columnsFor([{ same: 1 }, { same: 1 }])).toEqual([])
    expect(columnsFor([{ same: 1 }, {}])).toMatchObject([{ name: 'same', missing: 2 }])
  })

  it('makes known signals one feature, and takes what is out of their range for missing', () => {
    expect(columnsFor([{ schemaValid: 1 }, { schemaValid: 7 }])).toMatchObject([{ kind: 'known', start: 1, missing: 2 }])
  })

  it('makes text a category', () => {
    const columns = columnsFor([{ level: 'easy' }, { level: 'hard' }, { level: null }])
    expect(columns).toMatchObject([
      { name: 'level', text: 'easy' },
      { name: 'level', text: 'hard' },
    ])
    const [easy] = columns
    if (easy === undefined) throw new Error('no column')
    const hard: unknown = { level: 'hard' }
    expect(valueIn({ level: 1 }, easy)).toBeNaN()
    expect(valueIn(hard as Record<string, number>, easy)).toBeNaN()
  })
})

describe('encode()', () => {
  it('shares a value between the knots around it, and is flat outside', () => {
    const [column] = columnsFor(Array.from({ length: 50 }, (_, at) => ({ x: (at % 2) * 10 })))
    if (column === undefined) throw new Error('no column')
    expect(cellOf(column, -1e150)).toEqual({ index: 1, first: 1, second: 0 })
    expect(cellOf(column, 0)).toEqual({ index: 1, first: 1, second: 0 })
    expect(cellOf(column, 2.5)).toEqual({ index: 1, first: 0.75, second: 0.25 })
    expect(cellOf(column, 10)).toEqual({ index: 1, first: 0, second: 1 })
    expect(cellOf(column, 11)).toEqual({ index: 2, first: 1, second: 0 })
  })

  it('always adds up to one for a learnt signal that is present', () => {
    const [column] = columnsFor(Array.from({ length: 300 }, (_, at) => ({ x: Math.sin(at) * 1e3 })))
    fc.assert(
      fc.property(fc.double({ min: -1e150, max: 1e150, noNaN: true }), (value) => {
        if (column === undefined) throw new Error('no column')
        const { first, second } = cellOf(column, value)
        expect(first + second).toBeCloseTo(1, 12)
        expect(Math.min(first, second)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('marks what is missing, and adds nothing where that is new', () => {
    const [seen] = columnsFor([{ x: 1 }, { x: 2 }, {}])
    const [unseen] = columnsFor([{ x: 1 }, { x: 2 }])
    if (seen === undefined || unseen === undefined) throw new Error('no column')
    expect(cellOf(seen, Number.NaN)).toEqual({ index: 3, first: 1, second: 0 })
    expect(cellOf(unseen, Number.NaN).first).toBe(0)
  })
})
