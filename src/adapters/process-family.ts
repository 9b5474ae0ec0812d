import { spawnSync } from 'node:child_process'
import type { Clock } from '../core/world.js'
import { environmentHolds, listProcesses, openDescriptors, processorMs, type ProcessEntry } from './process-table.js'

/** A process and all that descend from it, also those that try to leave. */
export interface ProcessFamily {
  /** Looks who is there, to remember them when their parent is gone. Cheap enough to be called twice a second. */
  watch(): void
  /** Processor time of the members seen at the last look, in milliseconds; `undefined` where the system does not tell. */
  processorMs(): number | undefined
  /** How many members are alive. */
  alive(): number
  /** Sends a signal to every member and returns how many were alive. */
  signal(name: 'SIGTERM' | 'SIGKILL'): number
}

/**
 * Follows the descendants of a process that leads its own group.
 *
 * A member is: the root; a child of a member; whoever is in a group or session that a member leads; on Linux also whoever was
 * started with `marker` in its environment, or holds one of the root's output pipes (if the root lived long enough to be asked
 * for them). So a child that leaves the group, or whose parent is gone, is still found. What can get away: a process that, before
 * anyone looks, loses its parent, its session, its environment and its pipes. Only a container of the operating system (a later
 * tier of the sandbox) holds that one.
 *
 * @param marker - Text in the environment of the root, unlike that of any other family.
 */
export function followProcess(root: number, marker: string): ProcessFamily {
  if (process.platform === 'win32') return windowsFamily(root)
  // First of all, and as soon as the root runs: a short command has closed its pipes, and ended, a millisecond later.
  const pipes = openDescriptors(root, [1, 2]).filter((name) => /^(?:socket|pipe):\[/.test(name))
  const start = listProcesses().find((entry) => entry.pid === root)?.start
  return start === undefined ? groupFamily(root) : listedFamily({ root, start, marker, pipes: new Set(pipes) })
}

/**
 * Ends a family: one SIGTERM and `graceMs` to tidy up, then SIGKILL until nobody is left.
 *
 * @param graceMs - 0 kills at once.
 * @returns How many would not go: someone else's processes, or ones stuck in the kernel.
 */
export async function endFamily(family: ProcessFamily, clock: Clock, graceMs: number): Promise<number> {
  const killFromMs = clock.monoMs() + graceMs
  // One signal only: to many programs a second one means "leave your work and go".
  let alive = graceMs > 0 ? family.signal('SIGTERM') : 1
  while (alive > 0 && clock.monoMs() < killFromMs) {
    await clock.sleep(Math.min(40, killFromMs - clock.monoMs()))
    alive = family.alive()
  }
  let left = alive === 0 ? 0 : family.signal('SIGKILL')
  for (let round = 0; left > 0 && round < killRoundsMax; round += 1) {
    await clock.sleep(round < 10 ? 4 : 25)
    left = family.signal('SIGKILL')
  }
  return left
}

/** The entries without a process and those it descends from: nobody ends himself, whatever he carries in his environment. */
export function withoutAncestry(entries: readonly ProcessEntry[], self: number): readonly ProcessEntry[] {
  const parents = new Map(entries.map((entry) => [entry.pid, entry.parent]))
  const spared = new Set([0, 1])
  for (let pid: number | undefined = self; pid !== undefined && !spared.has(pid); pid = parents.get(pid)) spared.add(pid)
  return entries.filter((entry) => !spared.has(entry.pid))
}

/** About two seconds: a killed process that has not gone by then is stuck in the kernel. */
const killRoundsMax = 90

interface Root {
  readonly root: number
  readonly start: string
  readonly marker: string
  /** What its output goes to, as `/proc` names it; empty where that is not known. */
  readonly pipes: ReadonlySet<string>
}

function listedFamily({ root, start, marker, pipes }: Root): ProcessFamily {
  /** Start of each member last seen alive. */
  let members = new Map([[root, start]])
  /** Groups and sessions that members lead or led; one without a living member is forgotten, for its number may be used again. */
  let led = new Set([root])

  const isRelated = (entry: ProcessEntry, found: ReadonlyMap<number, ProcessEntry>): boolean =>
    members.get(entry.pid) === entry.start || found.has(entry.parent) || led.has(entry.group) || led.has(entry.session)
  const isMarked = (entry: ProcessEntry): boolean =>
    environmentHolds(entry.pid, marker) || (pipes.size > 0 && openDescriptors(entry.pid).some((name) => pipes.has(name)))

  const survey = (thorough: boolean): readonly number[] => {
    const candidates = withoutAncestry(
      listProcesses().filter((entry) => !entry.ended),
      process.pid,
    )
    const found = new Map<number, ProcessEntry>()
    const admit = (entry: ProcessEntry): void => {
      found.set(entry.pid, entry)
      for (const id of [entry.group, entry.session]) if (id === entry.pid) led.add(id)
    }
    const admitRelated = (): void => {
      for (let size = -1; size < found.size;) {
        size = found.size
        for (const entry of candidates) if (!found.has(entry.pid) && isRelated(entry, found)) admit(entry)
      }
    }
    admitRelated()
    if (thorough && process.platform === 'linux') {
      // Nobody descends from a process younger than himself: the old need not be looked at. Starts are clock ticks here.
      const younger = candidates.filter((entry) => !found.has(entry.pid) && Number(entry.start) >= Number(start))
      for (const entry of younger) if (isMarked(entry)) admit(entry)
      admitRelated()
    }
    members = new Map([...found.values()].map((entry) => [entry.pid, entry.start]))
    led = new Set([...found.values()].flatMap((entry) => [entry.group, entry.session]).filter((id) => led.has(id)))
    return [...found.keys()]
  }

  return {
    watch: () => void survey(false),
    processorMs: () =>
      process.platform === 'linux' ? [...members.keys()].reduce((sum, pid) => sum + processorMs(pid), 0) : undefined,
    alive: () => survey(true).length,
    signal(name) {
      const alive = survey(true)
      // Groups first: the kernel signals a whole group at once, so that a fork under way cannot slip through.
      for (const target of [...[...led].map((group) => -group), ...alive]) send(target, name)
      return alive.length
    },
  }
}

/** For a system that lists no processes: the group is all there is to hold on to. */
function groupFamily(root: number): ProcessFamily {
  return {
    watch: () => undefined,
    processorMs: () => undefined,
    alive: () => Number(send(-root, 0)),
    signal: (name) => Number(send(-root, name)),
  }
}

/** Windows knows who started whom; `taskkill /T` walks that tree. */
function windowsFamily(root: number): ProcessFamily {
  const alive = (): number => Number(send(root, 0))
  return {
    watch: () => undefined,
    processorMs: () => undefined,
    alive,
    signal(name) {
      const count = alive()
      // Also when the root is gone: its children may not be.
      spawnSync('taskkill', ['/PID', String(root), '/T', ...(name === 'SIGKILL' ? ['/F'] : [])], {
        windowsHide: true,
        stdio: 'ignore',
        timeout: 5_000,
      })
      return count
    },
  }
}

/** Whether there was someone to hear it. */
function send(target: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(target, signal)
  } catch (error) {
    // ESRCH: it ended meanwhile. EPERM: it is not ours to end, which the count of survivors tells.
    const { code } = error as NodeJS.ErrnoException
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
    return code === 'EPERM'
  }
}
