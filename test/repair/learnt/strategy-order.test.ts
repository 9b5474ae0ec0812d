import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Repairer } from '../../../src/core/repairer.js'
import type { StrategyRecord } from '../../../src/memory/knowledge/knowledge.js'
import { posteriorOf } from '../../../src/memory/knowledge/posterior.js'
import { strategyOrder } from '../../../src/repair/learnt/strategy-order.js'
import { memoryWorkspace } from '../../../src/testing/memory-workspace.js'
import { request } from '../code-request.js'

const { fault } = request(memoryWorkspace({}))
const repairer = (id: string): Repairer => ({
  id,
  categories: ['syntax'],
  propose: () => Promise.resolve({ proposals: [], notes: [] }),
})
const record = (strategy: string, worked: number, failed: number): StrategyRecord => ({
  strategy,
  worked,
  failed,
  costMsMean: 0,
  ...posteriorOf({ worked, failed, plausibilitySum: (worked + failed) / 2 }),
})
const order = async (ids: readonly string[], records: readonly StrategyRecord[]): Promise<readonly string[]> =>
  (await strategyOrder(fault, ids.map(repairer), { strategies: () => Promise.resolve(records) })).map(({ id }) => id)

describe('strategyOrder()', () => {
  it('asks memory first, then the proven, then the unknown as they came, and the refuted last', async () => {
    const records = [
      record('good', 20, 5),
      record('best', 80, 0),
      record('bad', 0, 20),
      record('once', 1, 0),
      record('gone', 9, 0),
    ]
    expect(await order(['bad', 'a', 'good', 'once', 'learnt', 'b', 'best'], records)).toEqual([
      'learnt',
      'best',
      'good',
      'a',
      'once',
      'b',
      'bad',
    ])
  })

  it('leaves the order as it is where nothing is known', async () => {
    expect(await order(['c', 'a', 'b'], [])).toEqual(['c', 'a', 'b'])
  })

  it('drops none and adds none', async () => {
    const ids = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'learnt'))
    const records = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'x'), fc.nat(200), fc.nat(200)), { maxLength: 4 })
    await fc.assert(
      fc.asyncProperty(ids, records, async (given, known) => {
        const found = await order(
          given,
          known.map(([id, worked, failed]) => record(id, worked, failed)),
        )
        expect([...found].sort()).toEqual([...given].sort())
      }),
    )
  })
})
