import { spawnSync } from 'node:child_process'
import { existsSync, lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeFileSystem } from '../../src/adapters/node-file-system.js'
import { isHomeostatError } from '../../src/core/errors.js'
import { changesOf, everything, isSame, lay, openAnew, type Tree } from './crash-scenario.js'
import { withSystemFault, type SystemFault } from './system-calls.js'

const meta = { title: 'Repair', reason: 'test' }
// In memory where there is such a folder: what is tried is the order of the calls, not the patience of a disk that syncs.
const folder = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'homeostat-crash-'))
const [root, stage, never] = [join(folder, 'now/p'), join(folder, 'now/stage'), Number.POSITIVE_INFINITY]
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** One call of every so many is struck; all of them in the long run: `HOMEOSTAT_FAULT_STRIDE=1`. */
const stride = Number(process.env['HOMEOSTAT_FAULT_STRIDE'] ?? 31)

/** The same for trials that cost a process; all in the long run: `HOMEOSTAT_KILL_STRIDE=1`. */
const killStride = Number(process.env['HOMEOSTAT_KILL_STRIDE'] ?? 211)
const child = fileURLToPath(new URL('fixtures/die-at-call.mjs', import.meta.url))

/** The project on disk without the journal, told as `MemoryFileSystem.dump` does. */
function treeOf(at = root, prefix = ''): Tree {
  const entries: Record<string, string> = {}
  for (const name of readdirSync(at)) {
    if (prefix + name === '.homeostat') continue
    const path = join(at, name)
    const stats = lstatSync(path)
    const mode = (stats.mode & 0o7777).toString(8)
    if (stats.isFile()) entries[prefix + name] = `file ${mode} ${readFileSync(path, 'latin1')}`
    else if (stats.isSymbolicLink()) entries[prefix + name] = `link ${mode} ${readlinkSync(path)}`
    else Object.assign(entries, { [prefix + name]: `folder ${mode} ` }, treeOf(path, `${prefix}${name}/`))
  }
  return entries
}

const acts = {
  'an apply': () => void openAnew(root, nodeFileSystem()).apply(changesOf(everything, stage), meta),
  'a rollback': () => expect(openAnew(root, nodeFileSystem()).rollback().outcome).toBe('rolled-back'),
} as const

/** The project as the action finds it, laid once and then copied. */
function start(action: keyof typeof acts): void {
  const files = nodeFileSystem()
  const kept = join(folder, action)
  rmSync(join(folder, 'now'), { recursive: true, force: true })
  if (!readdirSync(folder).includes(action)) {
    files.mkdir(join(folder, 'now'), 0o755)
    lay(everything, files, { root, stage, link: symlinkSync })
    if (action === 'a rollback') acts['an apply']()
    files.copyTree(join(folder, 'now'), kept)
    return
  }
  files.copyTree(kept, join(folder, 'now'))
}

describe.each(Object.keys(acts) as (keyof typeof acts)[])('%s of twenty files on a real disk', (action) => {
  start(action)
  const old = treeOf()
  const { thrown, calls } = withSystemFault(acts[action], { failAt: never, mode: 'crash' })
  const fresh = treeOf()

  const play = (fault: SystemFault): unknown => {
    start(action)
    return withSystemFault(acts[action], fault).thrown
  }
  const recover = (where: string): void => {
    const found = openAnew(root, nodeFileSystem()).recover()
    expect(
      found.filter(({ result }) => result === 'conflict'),
      where,
    ).toEqual([])
    expect(openAnew(root, nodeFileSystem()).recover(), where).toEqual([])
  }

  it('is copied for each trial as it was, and works', () => {
    start(action)
    expect(treeOf()).toEqual(old)
    expect(thrown).toBeUndefined()
    expect(isSame(old, fresh)).toBe(false)
    expect(calls).toBeGreaterThan(200)
  })

  it('leaves the old tree or the new one when the process dies at a system call, and again in the recovery', () => {
    for (let failAt = 1; failAt <= calls; failAt += stride) {
      const where = `system call ${failAt}`
      const error = play({ failAt, mode: 'crash' })
      if (error !== undefined) expect(isHomeostatError(error), where).toBe(true)
      withSystemFault(() => void openAnew(root, nodeFileSystem()).recover(), { failAt: failAt % 83, mode: 'crash' })
      recover(where)
      const now = treeOf()
      expect(isSame(now, old) || isSame(now, fresh), where).toBe(true)
    }
  })

  it.each(['EIO', 'EACCES', 'EMFILE', 'ENOSPC'] as const)(
    'is done, or undone with a code, when a system call fails with %s',
    (error) => {
      const counted = play({ failAt: never, mode: 'error', error })
      expect(counted).toBeUndefined()
      for (let failAt = 1; ; failAt += stride) {
        start(action)
        const result = withSystemFault(acts[action], { failAt, mode: 'error', error })
        const where = `system call ${failAt}`
        if (result.thrown !== undefined) expect(isHomeostatError(result.thrown), where).toBe(true)
        const expected = result.thrown === undefined ? fresh : old
        expect(isSame(treeOf(), expected), where).toBe(true)
        recover(where)
        expect(isSame(treeOf(), expected), `${where}, recovered`).toBe(true)
        if (result.calls < failAt) break
      }
    },
  )

  it.each(['EIO', 'EACCES', 'EMFILE', 'ENOSPC'] as const)(
    'is told with a code when %s lasts, and right again after recovery',
    (error) => {
      for (let failAt = 1; failAt <= calls; failAt += 3 * stride) {
        const [thrown, where] = [play({ failAt, mode: 'lasting', error }), `system call ${failAt}`]
        if (thrown !== undefined) expect(isHomeostatError(thrown), where).toBe(true)
        // Who is told that the tree is as it was can rely on that.
        if (isHomeostatError(thrown, 'HS_WRITE_FAILED')) expect(isSame(treeOf(), old), where).toBe(true)
        recover(where)
        expect(isSame(treeOf(), fresh) || isSame(treeOf(), old), where).toBe(true)
      }
    },
  )

  it(
    'leaves the old tree or the new one when the process is really killed at a system call',
    () => {
      for (let failAt = 1 + (killStride >> 1); failAt <= calls; failAt += killStride) {
        start(action)
        const { signal } = spawnSync(process.execPath, [
          '--no-warnings',
          child,
          root,
          stage,
          action.split(' ').at(-1) ?? '',
          String(failAt),
        ])
        expect(signal, `system call ${failAt}`).toBe('SIGKILL')
        recover(`system call ${failAt}`)
        expect(isSame(treeOf(), fresh) || isSame(treeOf(), old), `system call ${failAt}`).toBe(true)
      }
    },
    20_000 + (400_000 / killStride) * 10,
  )
})
