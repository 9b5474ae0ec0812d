import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import type { ConfidenceEstimate } from '../../../src/core/confidence.js'
import type { Experience, Recipe } from '../../../src/core/experience.js'
import { faultClassOf, type Classed } from '../../../src/memory/knowledge/fault-class.js'
import { Knowledge, type KnowledgeOptions } from '../../../src/memory/knowledge/knowledge.js'
import type { KnowledgeStore } from '../../../src/memory/knowledge/knowledge-store.js'
import { memoryKnowledgeStore } from '../../../src/memory/knowledge/memory-knowledge-store.js'
import type { Pattern } from '../../../src/memory/knowledge/pattern.js'
import { UnifiedConfidenceScorer } from '../../../src/scoring/unified-confidence-scorer.js'
import { createTestWorld } from '../../../src/testing/index.js'
import { experience, experiences } from './experiences.js'

const dayMs = 86_400_000
const nowMs = 1_700_000_000_000

const knowledgeOf = (options: Partial<KnowledgeOptions> = {}): Knowledge =>
  new Knowledge({
    store: memoryKnowledgeStore(),
    world: createTestWorld(1, { epochMs: nowMs }),
    onError: (error) => {
      throw error
    },
    ...options,
  })
const missing = (name: string): Classed => ({
  category: 'dependency',
  code: 'MODULE_NOT_FOUND',
  tool: 'node',
  message: `Cannot find module '${name}'`,
  details: { specifier: name },
})
const about = (fault: Classed, fields: Partial<Experience> = {}): Experience =>
  experience({ ...fields, faultClass: faultClassOf(fault) })
const times = async (count: number, work: () => Promise<unknown>): Promise<void> => {
  for (let at = 0; at < count; at += 1) await work()
}
const all = async (store: KnowledgeStore): Promise<readonly Pattern[]> => store.page(undefined, 100_000)

/** Counts of every pattern, and the totals of each category and strategy. */
async function countsOf(store: KnowledgeStore): Promise<{ keys: Map<string, string>; sums: Map<string, string> }> {
  const keys = new Map<string, string>()
  const sums = new Map<string, [number, number]>()
  for (const { classId, strategy, form, category, worked, failed } of await all(store)) {
    keys.set([classId, strategy, form].join(' '), `${worked} of ${worked + failed}`)
    const [w, f] = sums.get(`${category} ${strategy}`) ?? [0, 0]
    sums.set(`${category} ${strategy}`, [w + worked, f + failed])
  }
  return { keys, sums: new Map([...sums].map(([name, pair]) => [name, pair.join(' ')])) }
}

const linesOf = async (knowledge: Knowledge): Promise<readonly string[]> => {
  const lines: string[] = []
  for await (const line of knowledge.export()) lines.push(line)
  return lines
}

describe('Knowledge.predict()', () => {
  it('knows for one package what was learnt from another', async () => {
    const knowledge = knowledgeOf()
    const install = { kind: 'install', packages: [{ name: [{ from: 'package' }], dev: false }] } as const
    await knowledge.store(about(missing('express'), { recipe: install, parameters: { package: 'express' } }))
    const [best, ...others] = await knowledge.predict(missing('lodash'))
    expect(others).toEqual([])
    expect(best).toMatchObject({ strategy: 'dependency', match: 'exact', similarity: 1, worked: 1, failed: 0, recipe: install })
    expect(JSON.stringify(best?.recipe)).not.toContain('express')
  })

  it('prefers 80 of 80 to 1 of 100, and to 1 of 1', async () => {
    const knowledge = knowledgeOf()
    const fault = missing('a')
    await knowledge.store(about(fault, { strategy: 'rare', plausibility: 1 }))
    await times(99, () => knowledge.store(about(fault, { strategy: 'rare', outcome: 'failed', plausibility: 1 })))
    await times(80, () => knowledge.store(about(fault, { strategy: 'proven', plausibility: 0.2 })))
    await knowledge.store(about(fault, { strategy: 'lucky', plausibility: 1, costMs: 0 }))
    const predictions = await knowledge.predict(fault)
    expect(predictions.map(({ strategy }) => strategy)).toEqual(['proven', 'lucky', 'rare'])
    expect(predictions[2]).toMatchObject({ worked: 1, failed: 99 })
  })

  it('looks at similar classes where nothing worked at the own one, and believes them less', async () => {
    const knowledge = knowledgeOf()
    const npm = { ...missing('a'), tool: 'npm' }
    await knowledge.store(about(npm, { strategy: 'elsewhere' }))
    await knowledge.store(about(missing('a'), { strategy: 'here', outcome: 'failed' }))
    const found = await knowledge.predict(missing('b'))
    expect(found.map(({ strategy, match }) => `${strategy} ${match}`)).toEqual(['elsewhere similar', 'here exact'])
    const [exact] = await knowledge.predict(npm)
    expect(found[0]?.probability).toBeLessThan(exact?.probability ?? 0)
    await knowledge.store(about(missing('a'), { strategy: 'here' }))
    expect((await knowledge.predict(missing('b'))).map(({ strategy }) => strategy)).toEqual(['here'])
    expect(await knowledgeOf({ similarityMin: 1 }).predict(npm)).toEqual([])
  })

  it('does not take other codes and unlike messages for similar', async () => {
    const knowledge = knowledgeOf()
    await knowledge.store(about(missing('a')))
    expect(await knowledge.predict({ ...missing('a'), code: 'OTHER' })).toEqual([])
    expect(await knowledge.predict({ ...missing('a'), message: 'Something else altogether happened' })).toEqual([])
  })

  it('says nothing, and tells of it, when the store is broken', async () => {
    const onError = vi.fn()
    const store = memoryKnowledgeStore()
    const knowledge = knowledgeOf({ store, onError })
    await store.close()
    expect(await knowledge.predict(missing('a'))).toEqual([])
    expect(await knowledge.strategies(missing('a'))).toEqual([])
    expect(await knowledge.record(experience())).toBe(false)
    expect(onError).toHaveBeenCalledTimes(3)
    await expect(knowledge.store(experience())).rejects.toMatchObject({ code: 'HS_CLOSED' })
  })

  it('refuses a limit that is none', async () => {
    await expect(knowledgeOf().predict(missing('a'), { limit: 0 })).rejects.toThrow(RangeError)
  })
})

describe('Knowledge with a scorer', () => {
  it('shows it what was known before each attempt, and takes its word once it has labels', async () => {
    const estimate: ConfidenceEstimate = { probability: 0.4, interval: [0.3, 0.5], contributions: {}, state: 'prior', samples: 0 }
    const learnt: { signals: object; correct: boolean }[] = []
    let state: ConfidenceEstimate['state'] = 'prior'
    const scorer = {
      score: () => ({ ...estimate, state }),
      learn: (outcome: (typeof learnt)[number]) => void learnt.push(outcome),
    }
    const knowledge = knowledgeOf({ scorer })
    await times(2, () => knowledge.store(experience()))
    await knowledge.store(experience({ outcome: 'failed' }))
    expect(learnt.map(({ correct }) => correct)).toEqual([true, false])
    expect(learnt[1]?.signals).toMatchObject({ learntAttempts: Math.log1p(2), learntProbability: 0.75 })
    const fault = missing('a')
    await knowledge.store(about(fault))
    expect((await knowledge.predict(fault))[0]?.confidence).toMatchObject({ state: 'learning', samples: 1 })
    state = 'calibrated'
    expect((await knowledge.predict(fault))[0]?.confidence.probability).toBe(0.4)
  })

  it('learns calibration by the real scorer', async () => {
    const world = createTestWorld(7)
    const scorer = new UnifiedConfidenceScorer()
    const knowledge = knowledgeOf({ scorer })
    const rates = { good: 0.9, bad: 0.1 }
    for (let at = 0; at < 300; at += 1)
      for (const [strategy, rate] of Object.entries(rates))
        await knowledge.store(about(missing('a'), { strategy, outcome: world.random() < rate ? 'worked' : 'failed' }))
    const [good, bad] = await knowledge.predict(missing('b'))
    expect(good).toMatchObject({ strategy: 'good', confidence: { samples: 598 } })
    expect(good?.confidence.probability).toBeGreaterThan(0.8)
    expect(bad?.confidence.probability).toBeLessThan(0.2)
  })

  it('keeps the experience when the scorer breaks', async () => {
    const onError = vi.fn()
    const knowledge = knowledgeOf({
      onError,
      scorer: {
        score: () => expect.unreachable(),
        learn: () => {
          throw new Error('broken')
        },
      },
    })
    await times(2, () => knowledge.store(experience()))
    expect(onError).toHaveBeenCalledOnce()
    expect(await knowledge.metrics()).toMatchObject({ worked: 2, errors: 1, lastError: 'broken' })
  })
})

describe('Knowledge.store()', () => {
  it.each([
    ['a time that is none', { epochMs: Number.NaN }],
    ['a cost that is none', { costMs: Number.POSITIVE_INFINITY }],
    ['a negative cost', { costMs: -1 }],
    ['a plausibility above 1', { plausibility: 1.1 }],
    ['a strategy with spaces', { strategy: 'a b' }],
    ['a strategy that is a prototype', { strategy: '__proto__' }],
    ['an unknown outcome', { outcome: 'maybe' as never }],
    ['a recipe of no kind', { recipe: { kind: 'shell', command: 'rm' } as never }],
    ['a parameter that is too long', { parameters: { package: 'x'.repeat(400) } }],
    ['a field more', { extra: 1 } as never],
    ['a category that there is not', { faultClass: { category: 'weather' as never, code: 'X', shape: '' } }],
  ])('refuses %s before anything changes', async (_, fields) => {
    const knowledge = knowledgeOf()
    await expect(knowledge.store(experience(fields))).rejects.toMatchObject({ code: 'HS_INPUT_INVALID' })
    await expect(knowledge.store(undefined as never)).rejects.toMatchObject({ code: 'HS_INPUT_INVALID' })
    expect(await knowledge.metrics()).toMatchObject({ worked: 0, failed: 0, experiences: 0, successRatio: undefined })
  })

  it('leaves out of forged JSON what would reach a prototype', async () => {
    const knowledge = knowledgeOf()
    const forged: unknown = JSON.parse(JSON.stringify(experience()).replace('{"package"', '{"__proto__":"x","package"'))
    await knowledge.store(forged as Experience)
    const [line = ''] = (await linesOf(knowledge)).slice(1)
    expect(line).toContain('"parameters":{"package":"left-pad"}')
    expect({}).not.toHaveProperty('x')
  })

  it('keeps at most the patterns it was told, the likeliest and newest, and every count', async () => {
    const store = memoryKnowledgeStore()
    const knowledge = knowledgeOf({ store, patternsMax: 20 })
    for (let at = 0; at < 120; at += 1) {
      await knowledge.store(experience({ shape: `shape ${at}`, outcome: at % 3 === 0 ? 'worked' : 'failed' }))
      expect((await store.totals()).patterns).toBeLessThanOrEqual(20)
    }
    expect(await knowledge.metrics()).toMatchObject({ worked: 40, failed: 80 })
    expect((await all(store)).filter(({ detail }) => detail !== undefined).every(({ worked }) => worked === 1)).toBe(true)
  })

  it('refuses settings that are none', () => {
    expect(() => knowledgeOf({ patternsMax: 0 })).toThrow(RangeError)
    expect(() => knowledgeOf({ similarityMin: Number.NaN })).toThrow(RangeError)
    expect(() => knowledgeOf({ ageMsMax: -1 })).toThrow(RangeError)
  })
})

describe('Knowledge.prune()', () => {
  it('gives up details that are old or unlikely, and keeps the best in any case', async () => {
    const store = memoryKnowledgeStore()
    const knowledge = knowledgeOf({ store })
    const at = (shape: string, fields: Partial<Experience>): Experience => experience({ shape, ...fields })
    await knowledge.store(at('old one', { epochMs: nowMs - 31 * dayMs }))
    await times(5, () => knowledge.store(at('weak', { outcome: 'failed' })))
    await knowledge.store(at('good', {}))
    expect(await knowledge.prune({ keepMin: 100 })).toMatchObject({ stripped: 0, forgotten: 1, kept: 3 })
    expect(await knowledge.prune({ keepMin: 2 })).toMatchObject({ stripped: 1, kept: 2 })
    expect(await knowledge.prune({ keepMin: 0 })).toMatchObject({ stripped: 1, kept: 1 })
    expect((await all(store)).flatMap(({ detail }) => detail?.shape ?? [])).toEqual(['good'])
    expect(await knowledge.metrics()).toMatchObject({ patterns: 1, traces: 2, worked: 2, failed: 5 })
  })

  it('changes no rate: not of a pattern, not of a strategy, not of all', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(experiences, { maxLength: 40 }),
        fc.integer({ min: 0, max: 100 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(5),
        async (given, ageDays, confidenceMin, keepMin) => {
          const store = memoryKnowledgeStore()
          const knowledge = knowledgeOf({ store })
          for (const one of given) await knowledge.store(one)
          const before = await countsOf(store)
          const { successRatio } = await knowledge.metrics()
          await knowledge.prune({ ageMsMax: ageDays * dayMs, confidenceMin, keepMin })
          expect(await countsOf(store)).toEqual(before)
          expect((await knowledge.metrics()).successRatio).toBe(successRatio)
        },
      ),
    )
  })

  it('goes on counting where a pruned pattern comes back', async () => {
    const knowledge = knowledgeOf()
    const fault = missing('a')
    await times(50, () => knowledge.store(about(fault, { outcome: 'failed' })))
    await knowledge.prune({ keepMin: 0, confidenceMin: 1 })
    await knowledge.store(about(fault))
    expect((await knowledge.predict(fault))[0]).toMatchObject({ worked: 1, failed: 50 })
  })

  it('sums up the oldest counts where there are far too many, and the totals stay true', async () => {
    const store = memoryKnowledgeStore()
    const knowledge = knowledgeOf({ store, patternsMax: 2 })
    for (let at = 0; at < 60; at += 1)
      await knowledge.store(
        experience({
          shape: `shape ${at}`,
          strategy: at % 2 === 0 ? 'a' : 'b',
          outcome: at < 30 ? 'failed' : 'worked',
          epochMs: at,
        }),
      )
    const patterns = await all(store)
    expect(patterns.length).toBeLessThanOrEqual(2 + 20 + 2)
    expect((await countsOf(store)).sums).toEqual(
      new Map([
        ['dependency a', '15 15'],
        ['dependency b', '15 15'],
      ]),
    )
    expect(patterns.filter(({ form }) => form === '*').map(({ classId }) => classId)).toEqual(['*dependency', '*dependency'])
    expect(await knowledge.prune({ keepMin: 0 })).toMatchObject({ summedUp: expect.any(Number) })
    expect(await knowledge.metrics()).toMatchObject({ worked: 30, failed: 30 })
  })

  it('refuses options that are none', async () => {
    await expect(knowledgeOf().prune({ ageMsMax: Number.NaN })).rejects.toThrow(RangeError)
    await expect(knowledgeOf().prune({ confidenceMin: 2 })).rejects.toThrow(RangeError)
    await expect(knowledgeOf().prune({ keepMin: -1 })).rejects.toThrow(RangeError)
  })
})

describe('Knowledge.search()', () => {
  it('finds by code, message, strategy and parameter, the most relevant first', async () => {
    const knowledge = knowledgeOf()
    await knowledge.store(experience({ parameters: { package: 'express' } }))
    await knowledge.store(experience({ shape: 'Unexpected token', strategy: 'syntax', epochMs: nowMs - 90 * dayMs }))
    await knowledge.store(experience({ shape: 'Unexpected end', strategy: 'syntax', outcome: 'failed' }))
    expect((await knowledge.search('EXPRESS')).map(({ parameters }) => parameters)).toEqual([{ package: 'express' }])
    const unexpected = await knowledge.search('unexpected token')
    expect(unexpected.map(({ shape }) => shape)).toEqual(['Unexpected end', 'Unexpected token'])
    expect(await knowledge.search('nowhere')).toEqual([])
    expect(await knowledge.search('')).toHaveLength(3)
    expect(await knowledge.search('module_not_found', { limit: 1 })).toHaveLength(1)
  })

  it('looks at any number of patterns and keeps the best', async () => {
    const knowledge = knowledgeOf()
    for (let at = 0; at < 200; at += 1)
      await knowledge.store(experience({ shape: `thing ${at}`, outcome: at === 150 ? 'worked' : 'failed' }))
    expect(await knowledge.search('thing', { limit: 1 })).toMatchObject([{ shape: 'thing 150', worked: 1 }])
  })
})

describe('Knowledge.analyze()', () => {
  it('tells what works, what recurs, whether it gets better, and what to do', async () => {
    const knowledge = knowledgeOf({ patternsMax: 4 })
    let epochMs = nowMs
    const add = (fields: Partial<Experience> & { shape?: string }) =>
      knowledge.store(experience({ epochMs: (epochMs += 1_000), ...fields }))
    await times(10, () => add({ shape: 'hopeless', strategy: 'weak', outcome: 'failed', costMs: 5_000 }))
    await times(10, () => add({ shape: 'easy', strategy: 'good', costMs: 100 }))
    await add({ shape: 'easy', strategy: 'weak', outcome: 'failed' })
    const analysis = await knowledge.analyze()
    expect(analysis).toMatchObject({ patterns: 3, attempts: 21 })
    expect(analysis.byStrategy.map(({ name, worked, failed }) => [name, worked, failed])).toEqual([
      ['weak', 0, 11],
      ['good', 10, 0],
    ])
    expect(analysis.recurring).toMatchObject([
      { shape: 'easy', attempts: 11, best: { strategy: 'good' } },
      { shape: 'hopeless', attempts: 10 },
    ])
    expect(analysis.recurring[1]).not.toHaveProperty('best')
    expect(analysis.trend).toHaveLength(10)
    expect(analysis.trend.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(21)
    expect(analysis.trend[0]).toMatchObject({ successRatio: 0, costMsMedian: 5_000 })
    expect(analysis.trend[8]).toMatchObject({ successRatio: 1, costMsMedian: 100 })
    expect(analysis.advice.map(({ kind }) => kind)).toEqual(['strategy-weak', 'class-unhealed', 'category-large'])
    await add({ shape: 'one more' })
    expect((await knowledge.analyze()).advice.map(({ kind }) => kind)).toContain('prune')
  })

  it('has nothing to say at first', async () => {
    expect(await knowledgeOf().analyze()).toEqual({
      patterns: 0,
      attempts: 0,
      byCategory: [],
      byStrategy: [],
      recurring: [],
      trend: [],
      advice: [],
    })
  })
})

describe('Knowledge.strategies()', () => {
  it('adds up the recipes of a strategy', async () => {
    const knowledge = knowledgeOf()
    const fault = missing('a')
    const recipe = (path: string): Recipe => ({ kind: 'blocks', edits: [{ path, before: 'a', after: 'b' }] })
    await knowledge.store(about(fault, { recipe: recipe('x.ts') }))
    await knowledge.store(about(fault, { recipe: recipe('y.ts'), outcome: 'failed' }))
    await knowledge.store(about(fault, { strategy: 'syntax', outcome: 'failed' }))
    expect(await knowledge.predict(fault)).toHaveLength(3)
    expect(await knowledge.strategies(missing('b'))).toMatchObject([
      { strategy: 'dependency', worked: 1, failed: 1, costMsMean: 1_000 },
      { strategy: 'syntax', worked: 0, failed: 1 },
    ])
  })
})

describe('Knowledge.export() and import()', () => {
  it('carry everything over, byte for byte', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(experiences, { maxLength: 30 }), async (given) => {
        const knowledge = knowledgeOf()
        for (const one of given) await knowledge.store(one)
        await knowledge.prune({ keepMin: 2, confidenceMin: 0.6 })
        const lines = await linesOf(knowledge)
        const other = knowledgeOf()
        const report = await other.import(lines)
        expect(report.attempts).toBe(given.length)
        expect(await linesOf(other)).toEqual(lines)
      }),
      { numRuns: 30 },
    )
  })

  it('adds to what is known, with or without recipes', async () => {
    const knowledge = knowledgeOf()
    const recipe = { kind: 'chmod', path: [{ from: 'path' }], add: 0o111 } as const
    await knowledge.store(about(missing('a'), { recipe }))
    const lines = await linesOf(knowledge)
    await knowledge.import(lines)
    expect((await knowledge.predict(missing('a')))[0]).toMatchObject({ worked: 2, recipe })
    const careful = knowledgeOf()
    await careful.import(lines, { recipes: false })
    const [found] = await careful.predict(missing('a'))
    expect(found).toMatchObject({ worked: 1 })
    expect(found).not.toHaveProperty('recipe')
  })

  it('makes room for what was added', async () => {
    const big = knowledgeOf()
    for (let at = 0; at < 30; at += 1) await big.store(experience({ shape: `shape ${at}` }))
    const small = knowledgeOf({ patternsMax: 10 })
    await small.import(await linesOf(big))
    const { patterns, worked } = await small.metrics()
    expect(patterns).toBeLessThanOrEqual(10)
    expect(worked).toBe(30)
  })

  it('stops when it is told to', async () => {
    const knowledge = knowledgeOf()
    await expect(knowledge.import(['{}'], { signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  })

  const header = '{"format":"homeostat-knowledge","version":1}'
  const good = JSON.stringify({
    classId: '*dependency',
    strategy: 'a',
    form: '*',
    category: 'dependency',
    code: '*',
    worked: 1,
    failed: 0,
    plausibilitySum: 0.5,
    costMs: 0,
    firstEpochMs: 0,
    lastEpochMs: 1,
  })
  const change = (from: string, to: string): string => good.replace(from, to)
  const detail = (text: string): string => change('"lastEpochMs":1', `"lastEpochMs":1,"detail":${text}`)
  it.each([
    ['nothing', []],
    ['no JSON', ['nonsense']],
    ['no header', [good]],
    ['a header that is null', ['null']],
    ['a later version', [header.replace('1', '2')]],
    ['a line that is no pattern', [header, good, '[]']],
    ['negative counts', [header, change('"worked":1', '"worked":-1')]],
    ['counts that are not whole', [header, change('"worked":1', '"worked":1.5')]],
    ['counts beyond counting', [header, change('"worked":1', '"worked":1e308')]],
    ['more plausibility than attempts', [header, change('"plausibilitySum":0.5', '"plausibilitySum":9')]],
    ['an end before the beginning', [header, change('"firstEpochMs":0', '"firstEpochMs":2')]],
    ['half a sum', [header, change('"form":"*"', '"form":"0123456789abcdef"')]],
    ['the key of another class', [header, detail('{"shape":"x","parameters":{},"fingerprints":[]}')]],
    ['a key named __proto__', [header, change('"code":"*"', '"code":"*","__proto__":{}')]],
    ['a line without end', [header, ' '.repeat(200_000)]],
  ])('import() refuses %s before anything changes', async (_, lines) => {
    const knowledge = knowledgeOf()
    await expect(knowledge.import(lines)).rejects.toMatchObject({ code: 'HS_INPUT_INVALID' })
    expect(await knowledge.metrics()).toMatchObject({ patterns: 0, traces: 0 })
  })

  it('import() refuses a pattern under the key of another recipe, and success without any', async () => {
    const knowledge = knowledgeOf()
    await knowledge.store(experience({ recipe: { kind: 'install', packages: [] } }))
    const [first = '', line = ''] = await linesOf(knowledge)
    const other = knowledgeOf()
    await expect(
      other.import([first, line.replace('"packages":[]', '"packages":[{"name":["evil"],"dev":false}]')]),
    ).rejects.toThrow('form')
    await expect(
      other.import([first, line.replace('"worked":1', '"worked":0').replace('"failed":0', '"failed":1')]),
    ).rejects.toThrow('never worked')
    expect(await other.import([first, '', line])).toEqual({ patterns: 1, attempts: 1 })
  })

  it('import() takes a hundred thousand lines and no more', async () => {
    function* lines(): Generator<string> {
      yield header
      for (;;) yield ''
    }
    await expect(knowledgeOf().import(lines())).rejects.toThrow('100000')
  })
})

describe('Knowledge.history() and close()', () => {
  it('shows the attempts as they were made, and ends with the store', async () => {
    const store = memoryKnowledgeStore()
    {
      await using knowledge = knowledgeOf({ store })
      await knowledge.store(experience({ outcome: 'failed', epochMs: 5 }))
      expect(await knowledge.history()).toMatchObject([{ worked: false, epochMs: 5, strategy: 'dependency' }])
      expect(await knowledge.history({ limit: 0 })).toEqual([])
    }
    await expect(store.totals()).rejects.toMatchObject({ code: 'HS_CLOSED' })
  })
})
