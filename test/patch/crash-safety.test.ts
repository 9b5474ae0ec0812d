import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import type { FileSystem } from '../../src/core/ports.js'
import { faultyFileSystem, type FaultyOptions } from '../../src/testing/faulty-file-system.js'
import { memoryFileSystem, type MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import {
  anyScenario,
  changesOf,
  everything,
  isSame,
  lay,
  oneFile,
  openAnew,
  treeAfter,
  type Scenario,
  type Tree,
} from './crash-scenario.js'
import { changesBefore, diskAfter, recordDisk } from './power-cut.js'

const meta = { title: 'Repair', reason: 'test' }
const never = Number.POSITIVE_INFINITY
const actions = ['an apply', 'a rollback'] as const
type Action = (typeof actions)[number]

/** A process about to act: what it finds, what it does, and what there must be in the end. */
interface Story {
  readonly start: MemoryFileSystem
  readonly act: (files: FileSystem) => void
  readonly old: Tree
  readonly fresh: Tree
}

/** What people see: the project without the journal. */
function treeOf(files: MemoryFileSystem): Tree {
  return Object.fromEntries(Object.entries(files.dump('/p')).filter(([path]) => !`${path}/`.startsWith('.homeostat/')))
}

function told(scenario: Scenario, action: Action): Story {
  const start = memoryFileSystem()
  lay(scenario, start, { root: '/p', stage: '/stage', link: start.link })
  const changes = changesOf(scenario, '/stage')
  const before = treeOf(start)
  const after = treeAfter(before, changes, start.dump('/stage'))
  const apply = (files: FileSystem): void => void openAnew('/p', files).apply(changes, meta)
  if (action === 'an apply') return { start, act: apply, old: before, fresh: after }
  apply(start)
  const rollback = (files: FileSystem): void => expect(openAnew('/p', files).rollback().outcome).toBe('rolled-back')
  return { start, act: rollback, old: after, fresh: before }
}

/** Lets a process act on a copy of what the story starts with. */
function play({ start, act }: Pick<Story, 'start' | 'act'>, ...faults: readonly FaultyOptions[]) {
  const files = start.clone()
  let disk = faultyFileSystem(files, { failAt: never, mode: 'error' })
  for (const fault of faults) disk = faultyFileSystem(disk, fault)
  const error = errorOf(() => act(disk))
  return { files, error, disk }
}

/** Faults that strike one after the other, each so many calls after the one before. */
function inTurn(row: readonly (Omit<FaultyOptions, 'failAt'> & { readonly wait: number })[]): readonly FaultyOptions[] {
  let failAt = 0
  const faults = row.map(({ wait, ...fault }): FaultyOptions => ({ ...fault, reads: true, failAt: (failAt += wait) }))
  // What an outer layer fails never reaches the inner ones: the first to strike is the outermost, and the others count without it.
  return faults.map((fault, index) => ({ ...fault, failAt: fault.failAt - index })).toReversed()
}

function codeOf(error: unknown): string {
  return isHomeostatError(error) ? error.code : String(error)
}

function errorOf(act: () => void): unknown {
  try {
    act()
  } catch (error) {
    return error
  }
  return undefined
}

/** Recovers; nobody else was here, so there is nothing that must be left alone. */
function recover(files: MemoryFileSystem, where: string): void {
  const recoveries = openAnew('/p', files).recover()
  if (recoveries.some(({ result }) => result === 'conflict')) expect(recoveries, where).toEqual([])
}

/** Recovers, and holds that nothing is left to do: the second time not a byte changes, not even of the journal. */
function recoverTwice(files: MemoryFileSystem, where: string): void {
  recover(files, where)
  const whole = files.dump('/')
  expect(openAnew('/p', files).recover(), where).toEqual([])
  expect(isSame(files.dump('/'), whole), where).toBe(true)
}

/** Dies at the given call of each recovery, one after the other. */
function recoverAndDie(files: MemoryFileSystem, ...failAts: readonly number[]): void {
  for (const failAt of failAts) {
    const disk = faultyFileSystem(files, { failAt, mode: 'crash', torn: failAt % 2 === 0 })
    errorOf(() => openAnew('/p', disk).recover())
  }
}

/** The tree is one of the two, and the journal says which. */
function expectOldOrFresh({ old, fresh }: Story, files: MemoryFileSystem, action: Action, where: string): void {
  const [now, [latest]] = [treeOf(files), openAnew('/p', files).list()]
  const done = isSame(now, fresh)
  expect(done || isSame(now, old), where).toBe(true)
  if (isSame(old, fresh)) return
  expect(latest?.state, where).toBe(action === 'an apply' ? (done ? 'applied' : undefined) : done ? 'rolled-back' : 'applied')
}

/** A crash at every call; inside recovery; and inside the recovery of that. */
function crashEverywhere(story: Story, action: Action): void {
  const { mutations } = play(story).disk
  for (let failAt = 1; failAt <= mutations; failAt += 1) {
    const where = `${action}, call ${failAt}`
    const { files, error } = play(story, { failAt, mode: 'crash', torn: failAt % 2 === 0 })
    // A process that dies while it tidies up has done its work.
    if (error !== undefined) expect(isHomeostatError(error), where).toBe(true)
    const again = files.clone()
    recoverTwice(files, where)
    expectOldOrFresh(story, files, action, where)
    recoverAndDie(again, 1 + (failAt % 61), 1 + (failAt % 37))
    recover(again, `${where}, again`)
    // Which tree it will be was settled by the first crash: recovery does not change its mind.
    expect(isSame(treeOf(again), treeOf(files)), `${where}, again`).toBe(true)
  }
}

describe('a crash at any call, in any project and patch of up to twenty files', () => {
  it.each(actions)('leaves the old tree or the new one after recovery, and after recoveries that crash (%s)', (action) => {
    fc.assert(
      fc.property(anyScenario, (scenario) => crashEverywhere(told(scenario, action), action)),
      { numRuns: 3 },
    )
  })
})

describe('a power cut at any call', () => {
  const cut = fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    // Of the changes that were not synced: what share is kept, and by which dice; or all but one, or one alone.
    share: fc.constantFrom(0, 0.1, 0.5, 0.9, 1),
    only: fc.option(fc.integer({ min: 1, max: 40 })),
    seed: fc.nat(),
  })

  it('leaves the old tree or the new one after recovery, whatever of the unsynced changes is kept', () => {
    fc.assert(
      fc.property(
        anyScenario,
        fc.constantFrom(...actions),
        fc.array(cut, { minLength: 6, maxLength: 12 }),
        (scenario, action, cuts) => {
          const story = told(scenario, action)
          const log = recordDisk(story.start, story.act)
          for (const { at, share, only, seed } of cuts) {
            const { random } = createTestWorld(seed)
            const keeps = (index: number): boolean => (only === null ? random() < share : (index === only) === share < 0.5)
            const behind = Math.round(at * log.calls)
            const files = diskAfter(story.start, changesBefore(log, behind), keeps)
            const where = `${action}, cut behind call ${behind} of ${log.calls}`
            recover(files, where)
            expectOldOrFresh(story, files, action, where)
            // What has returned is done.
            if (behind === log.calls) expect(isSame(treeOf(files), story.fresh), where).toBe(true)
          }
        },
      ),
      { numRuns: 50 },
    )
  })
})

describe('whatever fails, how often, and however it ends', () => {
  const fault = fc.record({
    wait: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 400 })),
    error: fc.constantFrom('EIO', 'EACCES', 'EMFILE', 'ENOSPC'),
    mode: fc.constantFrom('error', 'error', 'error', 'full', 'crash'),
    torn: fc.boolean(),
  })
  const rows = fc.array(fc.array(fault, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 3 })

  it('the next recovery that can work leaves the old tree or the new one, and the journal says which', () => {
    fc.assert(
      fc.property(anyScenario, fc.constantFrom(...actions), rows, (scenario, action, [first = [], ...others]) => {
        const story = told(scenario, action)
        const [{ files, error }, where] = [play(story, ...inTurn(first)), JSON.stringify([first, others])]
        if (error !== undefined) expect(isHomeostatError(error), where).toBe(true)
        // Who is told that the tree is as it was can rely on that.
        if (isHomeostatError(error, 'HS_WRITE_FAILED')) expect(isSame(treeOf(files), story.old), where).toBe(true)
        for (const row of others) {
          const disk = inTurn(row).reduce(faultyFileSystem, faultyFileSystem(files, { failAt: never, mode: 'error' }))
          const failed = errorOf(() => openAnew('/p', disk).recover())
          if (failed !== undefined) expect(isHomeostatError(failed), where).toBe(true)
        }
        recover(files, where)
        expectOldOrFresh(story, files, action, where)
      }),
      { numRuns: 50 },
    )
  })
})

const sizes = [
  ['one file', oneFile],
  ['twenty files changed in every way', everything],
] as const

describe('a crash where it hurts', () => {
  it('in a rollback: a folder that it removed comes back with the mode that someone gave it since', () => {
    const start = told(everything, 'a rollback').start
    start.chmod('/p/new/deep', 0o700)
    const old = treeOf(start)
    const act = (files: FileSystem): void => void openAnew('/p', files).rollback()
    const { mutations } = play({ start, act }).disk
    let restored = 0
    for (let failAt = 1; failAt <= mutations; failAt += 1) {
      const { files } = play({ start, act }, { failAt, mode: 'crash' })
      if (files.lstat('/p/new/deep') !== undefined) continue
      recover(files, `call ${failAt}`)
      if (files.lstat('/p/new/deep') === undefined) continue
      restored += 1
      expect(isSame(treeOf(files), old), `call ${failAt}`).toBe(true)
    }
    expect(restored).toBeGreaterThan(0)
  })

  it.each(actions)(
    'behind the commit of %s, on a disk that failed twice before: what is committed is not undone by half',
    (action) => {
      const story = told(everything, action)
      const { calls } = play(story).disk
      const once = { reads: true, mode: 'error' } as const
      for (let failAt = calls - 30; failAt <= calls; failAt += 1) {
        for (const later of [2, 30]) {
          const where = `call ${failAt} of ${calls}, then ${later}`
          const crash = { failAt: failAt + later, reads: true, mode: 'crash' } as const
          const { files } = play(story, crash, { ...once, failAt }, { ...once, failAt })
          recover(files, where)
          expectOldOrFresh(story, files, action, where)
        }
      }
    },
  )
})

describe.each(sizes)('%s', (_, scenario) => {
  describe.each(actions)('%s', (action) => {
    const story = told(scenario, action)
    const { calls, mutations } = play(story).disk

    it('does what the patch says, and nothing else', () => {
      expect(isSame(story.old, story.fresh)).toBe(false)
      expect(isSame(treeOf(play(story).files), story.fresh)).toBe(true)
    })

    it('survives a crash at any call', () => crashEverywhere(story, action))

    it.each(['EIO', 'EACCES', 'EMFILE', 'ENOSPC'] as const)(
      'is done, or refused with a code and undone, when any one call fails with %s',
      (error) => {
        // No code is treated otherwise than the others: with twenty files, EIO strikes everywhere, each of the others every other time.
        const step = scenario === everything && error !== 'EIO' ? 2 : 1
        for (let failAt = error === 'EMFILE' ? step : 1; failAt <= calls; failAt += step) {
          const where = `call ${failAt}`
          const result = play(story, { failAt, reads: true, mode: 'error', error })
          if (result.error !== undefined) expect(['HS_WRITE_FAILED', 'HS_FOLDER_MISSING'], where).toContain(codeOf(result.error))
          const expected = result.error === undefined ? story.fresh : story.old
          expect(isSame(treeOf(result.files), expected), where).toBe(true)
          recover(result.files, where)
          expect(isSame(treeOf(result.files), expected), `${where}, recovered`).toBe(true)
        }
      },
    )

    it('survives a crash while it undoes what failed', () => {
      for (let failAt = 1; failAt <= mutations; failAt += 3) {
        for (let later = 1; later <= 24; later += 5) {
          const where = `call ${failAt}, then ${later}`
          const { files } = play(
            story,
            { failAt, mode: 'error' },
            { failAt: failAt + later, mode: 'crash', torn: later % 2 === 0 },
          )
          recover(files, where)
          expectOldOrFresh(story, files, action, where)
        }
      }
    })
  })
})
