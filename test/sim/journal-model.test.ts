import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import type { Change } from '../../src/core/ports.js'
import { faultyFileSystem } from '../../src/testing/faulty-file-system.js'
import type { MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { project, reopen, tree } from './journal-scenario.js'

const paths = ['package.json', 'src/a.js', 'src/b.js', 'old/c.txt', 'new.js', 'deep/er/d.js', 'deep/e.js'] as const

/** What a person might do to one path; made fit to what is there when its turn comes. */
const intent = fc.record({
  path: fc.constantFrom(...paths),
  kind: fc.constantFrom('write', 'write', 'remove', 'chmod'),
  text: fc.constantFrom('', 'one', 'two\r\n', 'three\n'),
  mode: fc.constantFrom(0o600, 0o644, 0o755),
  withMode: fc.boolean(),
})
const transaction = fc.record({
  intents: fc.uniqueArray(intent, { selector: (one) => one.path, minLength: 1, maxLength: 5 }),
  tree: fc.constantFrom('none', 'none', 'swap', 'remove'),
})
const command = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('apply' as const), transaction, failAt: fc.constant(undefined) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rollback' as const), failAt: fc.constant(undefined) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('apply' as const), transaction, failAt: fc.integer({ min: 1, max: 60 }) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('rollback' as const), failAt: fc.integer({ min: 1, max: 60 }) }) },
)

function changesFor(
  files: MemoryFileSystem,
  {
    intents,
    tree: swap,
  }: {
    readonly intents: readonly {
      readonly path: string
      readonly kind: string
      readonly text: string
      readonly mode: number
      readonly withMode: boolean
    }[]
    readonly tree: string
  },
): readonly Change[] {
  const changes = intents.map(({ path, kind, text, mode, withMode }): Change => {
    const stat = files.lstat(`/p/${path}`)
    const baseHash = stat === undefined ? null : sha256(files.readFile(`/p/${path}`))
    if (baseHash === null || stat === undefined || kind === 'write')
      return { kind: 'write', path, bytes: Buffer.from(text), baseHash, ...(withMode ? { mode } : {}) }
    return kind === 'remove' ? { kind, path, baseHash } : { kind: 'chmod', path, modeBefore: stat.mode, mode }
  })
  const present = files.lstat('/p/node_modules') !== undefined
  if (swap === 'none' || (swap === 'remove' && !present)) return changes
  return [...changes, { kind: 'tree', path: 'node_modules', from: swap === 'remove' ? null : staged(files) }]
}

function staged(files: MemoryFileSystem): string {
  files.removeTree('/stage')
  files.mkdir('/stage', 0o755)
  files.mkdir('/stage/x', 0o755)
  files.writeNew('/stage/x/index.js', Buffer.from('fresh'), 0o644)
  return '/stage'
}

describe('any sequence of transactions, rollbacks and crashes', () => {
  it('leaves exactly one of the two trees each time, and rolls all the way back to the first', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 12 }), (commands) => {
        const files = project()
        // The trees before each applied transaction, newest last.
        const history: Readonly<Record<string, string>>[] = []
        for (const step of commands) {
          if (step.do === 'rollback' && history.length === 0) continue
          const before = tree(files)
          const changes = step.do === 'apply' ? changesFor(files, step.transaction) : []
          const disk =
            step.failAt === undefined
              ? files
              : faultyFileSystem(files, { failAt: step.failAt, mode: 'crash', torn: step.failAt % 2 === 0 })
          try {
            const journal = reopen(disk)
            if (step.do === 'apply') journal.apply(changes, { title: 't', reason: 'r' })
            else journal.rollback()
          } catch (error) {
            if (step.failAt === undefined) throw error
          }
          reopen(files).recover()
          const journal = reopen(files)
          const appliedCount = journal.list().filter(({ state }) => state === 'applied').length
          if (step.do === 'apply' && appliedCount > history.length) history.push(before)
          else if (step.do === 'rollback' && appliedCount < history.length) expect(tree(files)).toEqual(history.pop())
          else expect(tree(files)).toEqual(before)
          expect(appliedCount).toBe(history.length)
        }
        for (let expected = history.pop(); expected !== undefined; expected = history.pop()) {
          expect(reopen(files).rollback().outcome).toBe('rolled-back')
          expect(tree(files)).toEqual(expected)
        }
      }),
      { numRuns: 150 },
    )
  })
})
