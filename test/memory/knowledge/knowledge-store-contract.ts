import { describe, expect, it } from 'vitest'
import type { KnowledgeStore } from '../../../src/memory/knowledge/knowledge-store.js'
import { bare, logged, patternOf, type Pattern } from '../../../src/memory/knowledge/pattern.js'
import { experience } from './experiences.js'

/** What every store of knowledge does. `open` gives an empty one that keeps three lines of the log. */
export function knowledgeStoreContract(name: string, open: () => KnowledgeStore): void {
  const failed = patternOf(experience({ outcome: 'failed' }))
  const worked = patternOf(experience({ epochMs: 1_700_000_000_500 }))
  const other = patternOf(experience({ shape: 'Cannot find package $package', strategy: 'syntax' }))

  describe(`${name} as a store of knowledge`, () => {
    it('is empty at first', async () => {
      const store = open()
      expect(await store.totals()).toMatchObject({ patterns: 0, traces: 0, worked: 0, failed: 0, experiences: 0 })
      expect(await store.ofClass(worked.classId, 5)).toEqual([])
      expect(await store.page(undefined, 5)).toEqual([])
      expect(await store.recent(5)).toEqual([])
      await store.close()
    })

    it('adds up what has one key, and tells new details from known ones', async () => {
      const store = open()
      expect(await store.add(failed)).toEqual({ detailIsNew: true })
      expect(await store.add(worked)).toEqual({ detailIsNew: false })
      expect(await store.add(bare(other))).toEqual({ detailIsNew: false })
      expect(await store.add(other)).toEqual({ detailIsNew: true })
      expect(await store.ofClass(worked.classId, 5)).toEqual([
        {
          ...worked,
          worked: 1,
          failed: 1,
          plausibilitySum: 1,
          costMs: 2_000,
          firstEpochMs: failed.firstEpochMs,
          lastEpochMs: worked.lastEpochMs,
        },
      ])
      expect(await store.totals()).toMatchObject({ patterns: 2, traces: 0, worked: 3, failed: 1 })
      await store.close()
    })

    it('finds the patterns of a class, the most successful first, then the newest', async () => {
      const store = open()
      const at = (strategy: string, successes: number, epochMs: number): Pattern => ({
        ...worked,
        strategy,
        worked: successes,
        lastEpochMs: epochMs,
        firstEpochMs: 0,
      })
      for (const pattern of [at('a', 1, 10), at('b', 3, 5), at('c', 1, 20), other]) await store.add(pattern)
      expect((await store.ofClass(worked.classId, 5)).map(({ strategy }) => strategy)).toEqual(['b', 'c', 'a'])
      expect(await store.ofClass(worked.classId, 2)).toHaveLength(2)
      await store.close()
    })

    it('finds detailed patterns of a category and code, the newest first', async () => {
      const store = open()
      await store.add(failed)
      await store.add({ ...other, lastEpochMs: other.lastEpochMs + 9 })
      await store.add({ ...bare(worked), strategy: 'bare' })
      const kind = { category: 'dependency', code: 'MODULE_NOT_FOUND' } as const
      expect((await store.ofKind(kind, 5)).map(({ strategy }) => strategy)).toEqual(['syntax', 'dependency'])
      expect(await store.ofKind(kind, 1)).toHaveLength(1)
      expect(await store.ofKind({ ...kind, code: 'OTHER' }, 5)).toEqual([])
      await store.close()
    })

    it('gives all patterns a page at a time, each once', async () => {
      const store = open()
      const strategies = ['e', 'a', 'd', 'a-b', 'a.b', 'B', 'c']
      for (const strategy of strategies) await store.add({ ...worked, strategy })
      const seen: string[] = []
      let last: Pattern | undefined
      do {
        const page: readonly Pattern[] = await store.page(last, 3)
        seen.push(...page.map(({ strategy }) => strategy))
        last = page.at(-1)
      } while (last !== undefined)
      expect(seen).toEqual([...strategies].sort((a, b) => (a < b ? -1 : 1)))
      await store.close()
    })

    it('replaces what is as it was read, and nothing else', async () => {
      const store = open()
      await store.add(worked)
      await store.add(other)
      const sum = { ...bare(other), classId: '*dependency', code: '*', form: '*' }
      await store.add(sum)
      expect(
        await store.replace([
          { from: worked, to: bare(worked) },
          { from: other, to: sum },
          { from: { ...failed, failed: 7 }, to: bare(failed) },
          { from: { ...worked, strategy: 'unknown' }, to: worked },
        ]),
      ).toBe(2)
      expect(await store.ofClass(worked.classId, 5)).toEqual([bare(worked)])
      expect(await store.ofClass(other.classId, 5)).toEqual([])
      expect(await store.ofClass('*dependency', 5)).toMatchObject([{ worked: 2, failed: 0, form: '*' }])
      expect(await store.totals()).toMatchObject({ patterns: 0, traces: 2, worked: 3, failed: 0 })
      await store.close()
    })

    it('keeps the latest lines of the log, and drops old ones', async () => {
      const store = open()
      const lines = [1, 2, 3, 4].map((at) => logged(experience({ epochMs: at, outcome: at % 2 === 0 ? 'worked' : 'failed' })))
      for (const line of lines) await store.add(worked, line)
      expect(await store.recent(9)).toEqual(lines.slice(1))
      expect(await store.recent(2)).toEqual(lines.slice(2))
      expect(await store.recent(0)).toEqual([])
      expect(await store.forget(4)).toBe(2)
      expect(await store.recent(9)).toEqual(lines.slice(3))
      expect(await store.totals()).toMatchObject({ experiences: 1, worked: 4 })
      await store.close()
    })

    it('cannot be used once it is closed', async () => {
      const store = open()
      await store.add(worked)
      await store.close()
      await store.close()
      await expect(store.totals()).rejects.toMatchObject({ code: 'HS_CLOSED' })
      await expect(store.add(worked)).rejects.toMatchObject({ code: 'HS_CLOSED' })
    })
  })
}
