import { join } from 'node:path'
import * as z from 'zod'
import { HomeostatError } from '../core/errors.js'
import type { FileSystem } from '../core/ports.js'
import type { World } from '../core/world.js'

export interface LockOptions {
  readonly files: FileSystem
  readonly world: World
  readonly root: string
  /** `.homeostat`, which exists by the time the lock is taken. */
  readonly home: string
  readonly pid: number
  readonly isAlive: (pid: number) => boolean
}

/** One process at a time may change a project. */
export interface JournalLock {
  /**
   * Takes the lock file, also from a process that died with it.
   *
   * @throws HS_JOURNAL_BUSY while a living process holds it.
   */
  take(): void
  /** Gives it back; does nothing when it is not held. Never throws: a lock left behind is known as ours next time. */
  release(): void
}

const owner = z.strictObject({
  pid: z.int(),
  /** When the owner's world began, milliseconds since 1970: tells two processes with one pid apart. */
  startedEpochMs: z.number(),
  takenEpochMs: z.number(),
  token: z.string().max(200),
})
type Owner = z.infer<typeof owner>

/** No transaction takes so long; an older lock belongs to a dead process whose pid another program got. */
const heldMsMax = 3_600_000

/** A lock that is not taken yet. */
export function createJournalLock({ files, world, root, home, pid, isAlive }: LockOptions): JournalLock {
  const file = join(home, 'lock')
  const startedEpochMs = world.clock.epochMs() - world.clock.monoMs()
  let held: string | undefined

  const read = (path: string): Owner | undefined => {
    const stat = files.lstat(path)
    return stat?.kind === 'file' && stat.sizeBytes < 1_000 ? parse(files.readFile(path)) : undefined
  }
  /** Content that is no owner was torn by a crash: whoever writes a lock checks afterwards that it kept it. */
  const isLive = (other: Owner | undefined): other is Owner => {
    if (other === undefined) return false
    if (Math.abs(world.clock.epochMs() - other.takenEpochMs) > heldMsMax) return false
    if (other.pid !== pid) return isAlive(other.pid)
    // Our own pid: what we forgot to give back, or (containers start at the same pid again) what a former life left.
    return Math.abs(other.startedEpochMs - startedEpochMs) > 1_000 && other.takenEpochMs >= startedEpochMs
  }
  const busy = (other: Owner | undefined): HomeostatError => new HomeostatError('HS_JOURNAL_BUSY', { root, pid: other?.pid ?? 0 })

  /** Moves a dead lock aside; if it turns out that a living one was moved, puts it back. */
  const evict = (): void => {
    const aside = join(home, `lock-${nameOf(world.id())}`)
    files.rename(file, aside)
    const moved = read(aside)
    if (!isLive(moved)) return files.removeTree(aside)
    if (files.lstat(file) === undefined) files.rename(aside, file)
    throw busy(moved)
  }

  return {
    take() {
      if (files.lstat(file) !== undefined) {
        const other = read(file)
        if (isLive(other)) throw busy(other)
        evict()
      }
      const token = world.id()
      const content: Owner = { pid, startedEpochMs, takenEpochMs: world.clock.epochMs(), token }
      try {
        files.writeNew(file, Buffer.from(JSON.stringify(content)), 0o600)
      } catch (error) {
        if (error instanceof Error && 'code' in error && error.code === 'EEXIST') throw busy(read(file))
        throw error
      }
      if (read(file)?.token !== token) throw busy(read(file))
      held = token
    },
    release() {
      if (held === undefined) return
      try {
        if (read(file)?.token === held) files.unlink(file)
      } catch {
        // The work is done either way, and the next one to come finds this lock stale.
      }
      held = undefined
    },
  }
}

/** Whether a process runs; one that we may not signal does. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function parse(bytes: Uint8Array): Owner | undefined {
  try {
    return owner.parse(JSON.parse(Buffer.from(bytes).toString('utf8')))
  } catch {
    return undefined // torn or foreign
  }
}

/** Ids come from the world; only what is harmless in a file name is used of them. */
export function nameOf(id: string): string {
  return id.replace(/[^A-Za-z0-9-]/g, '').slice(0, 36) || 'x'
}
