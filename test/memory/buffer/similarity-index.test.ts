import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PostingLists } from '../../../src/memory/buffer/posting-lists.js'
import { comparable, Comparison, sample, shingles } from '../../../src/memory/buffer/shingles.js'
import { SimilarityIndex } from '../../../src/memory/buffer/similarity-index.js'
import { changed, generator, message, prose } from './texts.js'

/** By the definition, with strings in place of hashes. */
function jaccard(a: string, b: string): number {
  return jaccardOf(shinglesOf(a), shinglesOf(b))
}

function jaccardOf(left: ReadonlySet<string>, right: ReadonlySet<string>): number {
  const shared = [...left].filter((one) => right.has(one)).length
  return shared / (left.size + right.size - shared)
}

function shinglesOf(text: string): Set<string> {
  const clean = text.toLowerCase().replace(/\s+/g, ' ').trim()
  return new Set(Array.from({ length: Math.max(1, clean.length - 3) }, (_, start) => clean.slice(start, start + 4)))
}

describe('Comparison', () => {
  it('gives the share of shingles that two texts have in common', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (a, b) => {
        const [left, right] = [comparable(a), comparable(b)]
        fc.pre(left !== '' && right !== '')
        const similarity = new Comparison(shingles(left)).with(right, shingles(right).length)
        expect(similarity).toBeCloseTo(jaccard(left, right), 5)
      }),
    )
  })

  it('does not see case, white space and colours', () => {
    const plain = comparable('cannot find module')
    expect(comparable('  Cannot\n\tFIND \u001b[31mmodule\u001b[0m ')).toBe(plain)
    expect(shingles('')).toHaveLength(0)
    expect(sample(shingles(prose(generator(1))))).toHaveLength(128)
  })
})

describe('PostingLists', () => {
  it('knows which slots have a hash, whatever was added and removed', () => {
    const sets = fc.uniqueArray(fc.integer({ min: 1, max: 60 }), { maxLength: 20 })
    const step = fc.oneof(fc.record({ add: sets }), fc.record({ remove: fc.nat(100) }))
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const lists = new PostingLists()
        const present = new Map<number, readonly number[]>()
        for (const one of steps) {
          if ('add' in one) present.set(lists.add(Uint32Array.from(one.add)), one.add)
          else {
            const slot = [...present.keys()][one.remove % Math.max(1, present.size)]
            if (slot === undefined) continue
            lists.remove(slot)
            present.delete(slot)
          }
        }
        for (let hash = 1; hash <= 60; hash += 1) {
          const met: number[] = []
          lists.count(hash, new Uint8Array(lists.slots), met)
          const expected = [...present].filter(([, hashes]) => hashes.includes(hash)).map(([slot]) => slot)
          expect(met.sort((a, b) => a - b)).toEqual(expected.sort((a, b) => a - b))
          expect(lists.sizeOf(hash)).toBeGreaterThanOrEqual(met.length)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('SimilarityIndex', () => {
  const corpora = [
    { name: 'messages of tools', make: message, change: 0.1 },
    { name: 'longer texts', make: prose, change: 0.15 },
  ]
  it.each(corpora)('finds at least nine in ten of the exact neighbours among $name', ({ make, change }) => {
    const random = generator(5)
    const texts = Array.from({ length: 1_500 }, () => make(random))
    for (let at = 0; at < texts.length; at += 3) texts[at] = changed(texts[(at * 7 + 1) % texts.length] ?? '', change, random)
    const index = new SimilarityIndex()
    const slots = texts.map((text) => index.add(text))
    const sets = texts.map(shinglesOf)
    let [wanted, found, nearWanted, nearFound] = [0, 0, 0, 0]
    for (let query = 0; query < 12; query += 1) {
      const text = changed(texts[query * 97] ?? '', change, random)
      const own = shinglesOf(text)
      const exact = sets.map((other, at) => ({ slot: slots[at], similarity: jaccardOf(own, other) }))
      const best = exact
        .filter(({ similarity }) => similarity >= 0.15)
        .sort((a, b) => b.similarity - a.similarity)
        .slice(0, 10)
      const least = best.at(-1)?.similarity ?? 1
      const top = index.nearest(text, { limit: 10, similarityMin: 0.1 })
      wanted += best.length
      found += top.slice(0, best.length).filter(({ similarity }) => similarity >= least - 1e-9).length
      const near = exact.filter(({ similarity }) => similarity >= 0.7)
      const given = new Set(index.nearest(text, { limit: 200, similarityMin: 0.7 }).map(({ slot }) => slot))
      nearWanted += near.length
      nearFound += near.filter(({ slot }) => slot !== undefined && given.has(slot)).length
    }
    expect(nearWanted).toBeGreaterThan(5)
    expect(nearFound / nearWanted).toBeGreaterThanOrEqual(0.9)
    expect(found / wanted).toBeGreaterThanOrEqual(0.9)
  })

  it('finds nothing in an empty text, among nothing, and after everything was removed', () => {
    const index = new SimilarityIndex()
    expect(index.add(' \n ')).toBeUndefined()
    expect(index.nearest('anything', { limit: 3, similarityMin: 0.1 })).toEqual([])
    const slot = index.add('Cannot find module express') ?? -1
    expect(index.nearest('', { limit: 3, similarityMin: 0.1 })).toEqual([])
    expect(index.nearest('cannot find module EXPRESS', { limit: 3, similarityMin: 1 })).toEqual([{ slot, similarity: 1 }])
    index.remove(slot)
    expect(index.nearest('cannot find module express', { limit: 3, similarityMin: 0.1 })).toEqual([])
    index.add('again')
    index.clear()
    expect(index.nearest('again', { limit: 3, similarityMin: 0.1 })).toEqual([])
  })

  it('finds the best of very many that are all alike, within its bounds', () => {
    const index = new SimilarityIndex()
    for (let count = 0; count < 1_500; count += 1) index.add(`connect ECONNREFUSED 127.0.0.1:5432 by worker number ${count}`)
    const found = index.nearest('connect ECONNREFUSED 127.0.0.1:5432 by worker number 777', { limit: 3, similarityMin: 0.1 })
    expect(found[0]?.similarity).toBe(1)
    expect(found).toHaveLength(3)
  })
})
