import { describe, expect, it } from 'vitest'
import { checkOutcome, type Outcome } from '../../../src/scoring/learning/outcome.js'
import { OutcomeStore, signalNamesMax } from '../../../src/scoring/learning/outcome-store.js'
import { scopesOf } from '../../../src/scoring/learning/scopes.js'
import { arrange } from '../../../src/scoring/learning/tasks.js'

const outcome = (over: Partial<Outcome> = {}): Outcome => ({ signals: { a: 1 }, correct: true, ...over })

describe('checkOutcome()', () => {
  it.each([
    ['nothing', undefined, TypeError],
    ['no signals', { correct: true }, TypeError],
    ['null signals', { signals: null, correct: true }, TypeError],
    ['a truth that is a number', { signals: {}, correct: 1 }, TypeError],
    ['a task that is a number', { signals: {}, correct: true, group: 1 }, TypeError],
    ['a context that is text', { signals: {}, correct: true, context: 'gpt' }, TypeError],
    [
      'ten thousand signals',
      { signals: Object.fromEntries(Array.from({ length: 10_000 }, (_, at) => [`s${at}`, at])), correct: true },
      RangeError,
    ],
  ])('refuses %s', (_, given, error) => {
    expect(() => checkOutcome(given as Outcome)).toThrow(error)
  })

  it('takes an outcome with or without a task and a context', () => {
    expect(() => checkOutcome(outcome())).not.toThrow()
    expect(() => checkOutcome(outcome({ group: 'one', context: { model: 'x' } }))).not.toThrow()
  })
})

describe('OutcomeStore', () => {
  it('gives back the signals of an outcome', () => {
    const store = new OutcomeStore()
    const signals: Record<string, unknown> = {
      a: 1.5,
      yes: true,
      no: false,
      lost: Number.NaN,
      none: undefined,
      kind: 'x',
      gone: null,
    }
    store.addOutcome(outcome({ signals: signals as Record<string, number> }))
    expect(store.signalsAt(0)).toEqual({ a: 1.5, yes: 1, no: 0, kind: 'x' })
  })

  it('keeps what is left in its place when the oldest go, and forgets names that no one has', () => {
    const store = new OutcomeStore()
    for (let at = 0; at < 200; at += 1)
      store.addOutcome(outcome({ signals: at < 100 ? { old: at } : { now: at }, correct: at % 2 === 0 }))
    store.dropOldest(150)
    expect(store.length).toBe(50)
    expect(store.signals().map(({ name }) => name)).toEqual(['now'])
    expect(store.signalsAt(0)).toEqual({ now: 150 })
    expect(store.signalsAt(49)).toEqual({ now: 199 })
    expect(store.signalsAt(50)).toEqual({})
    store.dropOldest(0)
    expect(store.length).toBe(50)
  })

  it('ignores names beyond its limit, long ones, and __proto__', () => {
    const store = new OutcomeStore()
    store.addOutcome(outcome({ signals: JSON.parse('{"__proto__": 1, "constructor": 2}') as Record<string, number> }))
    store.addOutcome(outcome({ signals: { ['x'.repeat(201)]: 1 } }))
    for (let at = 0; at < 300; at += 1) store.addOutcome(outcome({ signals: { [`s${at}`]: 1 } }))
    expect(store.signals()).toHaveLength(signalNamesMax)
    expect(store.signalsAt(0)).toEqual({ constructor: 2 })
    expect(store.signalsAt(1)).toEqual({})
  })

  it('hashes content whatever the order of its signals, scopes included', () => {
    const store = new OutcomeStore()
    store.addOutcome(outcome({ signals: { a: 1, b: 2 } }))
    store.addOutcome(outcome({ signals: { b: 2, a: 1 } }))
    store.addOutcome(outcome({ signals: { b: 2, a: 1 }, context: { model: 'x' } }))
    expect(store.content[0]).toBe(store.content[1])
    expect(store.content[2]).not.toBe(store.content[1])
  })

  it('stores nothing of an outcome that throws while it is read', () => {
    const store = new OutcomeStore()
    const signals = Object.defineProperty({ a: 1 }, 'b', {
      enumerable: true,
      get: () => {
        throw new Error('no')
      },
    })
    expect(() => store.addOutcome(outcome({ signals }))).toThrow('no')
    store.addOutcome(outcome({ signals: { c: 2 } }))
    expect(store.length).toBe(1)
    expect(store.signalsAt(0)).toEqual({ c: 2 })
  })

  it('has room for new scopes when old ones are gone', () => {
    const store = new OutcomeStore()
    for (let at = 0; at < 1_100; at += 1) store.addOutcome(outcome({ context: { model: at } }))
    store.dropOldest(1_000)
    store.addOutcome(outcome({ context: { model: 'new' } }))
    expect(store.scopesAt(0)).toEqual(['model=1000'])
    expect(store.scopesAt(100)).toEqual(['model=new'])
  })

  it('shares lists of scopes, and counts a list beyond its limit as none', () => {
    const store = new OutcomeStore()
    for (let at = 0; at < 1_100; at += 1) store.addOutcome(outcome({ context: { model: at } }))
    expect(store.scoped).toBe(true)
    expect(store.scopesAt(3)).toEqual(['model=3'])
    expect(store.scopesAt(1_099)).toEqual([])
  })
})

describe('scopesOf()', () => {
  it('goes from general to special, in the order of names', () => {
    expect(scopesOf({ taskType: 'sql', model: 'x', nested: {}, empty: undefined })).toEqual([
      'model=x',
      'taskType=sql',
      'model=x taskType=sql',
    ])
    expect(scopesOf({ model: 'x' })).toEqual(['model=x'])
    expect(scopesOf({})).toEqual([])
    expect(scopesOf(undefined)).toEqual([])
  })

  it('is bounded', () => {
    const scopes = scopesOf(Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`k${at}`, 'v'.repeat(1_000)])))
    expect(scopes).toHaveLength(5)
    expect(Math.max(...scopes.map((scope) => scope.length))).toBeLessThan(500)
  })
})

describe('arrange()', () => {
  it('keeps the answers of a task in one fold, and deals single answers out', () => {
    const store = new OutcomeStore()
    for (let at = 0; at < 60; at += 1)
      store.addOutcome(outcome({ signals: { a: at }, ...(at < 40 ? { group: `g${at % 10}` } : {}) }))
    const { task, tasks, fold, folds, rows } = arrange(store, 0, store.length)
    expect([tasks, folds]).toEqual([30, 10])
    const foldOf = new Map<number, number>()
    task.forEach((of, position) => {
      expect(foldOf.get(of) ?? fold[position]).toBe(fold[position])
      foldOf.set(of, fold[position] ?? -1)
    })
    expect(rows.toSorted()).toEqual(Int32Array.from({ length: 60 }, (_, at) => at))
    const sizes = Array.from({ length: folds }, (_, of) => fold.filter((one) => one === of).length)
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(6)
  })
})
