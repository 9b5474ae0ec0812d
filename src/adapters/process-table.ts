import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'

/** One process, as the operating system lists it. */
export interface ProcessEntry {
  readonly pid: number
  readonly parent: number
  readonly group: number
  readonly session: number
  /** When it started, in the system's own words: with the pid it names one process for good, since pids are used again. */
  readonly start: string
  /** Ended, but not yet collected by its parent. */
  readonly ended: boolean
}

/** Every process that can be seen; empty where the system does not tell. */
export function listProcesses(): readonly ProcessEntry[] {
  return process.platform === 'linux' ? linuxProcesses() : process.platform === 'win32' ? [] : psProcesses()
}

/** What `ps` lists, for POSIX systems without `/proc`. It tells no sessions: the group stands for them. */
export function psProcesses(): readonly ProcessEntry[] {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,state=,lstart='], {
    encoding: 'utf8',
    timeout: 5_000,
    maxBuffer: 16 * 1024 * 1024,
    env: { PATH: '/bin:/usr/bin', LC_ALL: 'C' },
  })
  return (stdout ?? '').split('\n').flatMap((line) => {
    const [pid, parent, group, state, ...start] = line.trim().split(/ +/)
    if (pid === undefined || parent === undefined || group === undefined || state === undefined || pid === '') return []
    return [
      {
        pid: Number(pid),
        parent: Number(parent),
        group: Number(group),
        session: Number(group),
        start: start.join(' '),
        ended: state.startsWith('Z'),
      },
    ]
  })
}

/** Reads one `/proc/<pid>/stat` (proc(5)); `undefined` when it is not one. */
export function parseProcessStat(text: string): ProcessEntry | undefined {
  // The name in parentheses may itself hold spaces and parentheses: only what follows the last one is fixed.
  const nameEnd = text.lastIndexOf(')')
  const fields = text.slice(nameEnd + 2).split(' ')
  const [state, parent, group, session] = fields
  const start = fields[19]
  const pid = Number.parseInt(text, 10)
  if (nameEnd === -1 || start === undefined || !Number.isSafeInteger(pid)) return undefined
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    start,
    ended: state === 'Z' || state === 'X',
  }
}

/** Processor time that a process has taken so far, in milliseconds. Linux only; 0 when it is gone. */
export function processorMs(pid: number): number {
  const text = unlessGone(() => readFileSync(`/proc/${pid}/stat`, 'latin1'), '')
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  // utime and stime of proc(5), in ticks of which Linux shows programs 100 a second whatever it uses itself.
  const ticks = Number(fields[11]) + Number(fields[12])
  return Number.isSafeInteger(ticks) ? ticks * 10 : 0
}

/** Whether the environment a process was started with holds this text. Linux only; `false` when it may not be read. */
export function environmentHolds(pid: number, text: string): boolean {
  return unlessGone(() => readFileSync(`/proc/${pid}/environ`).includes(text), false)
}

/** What the descriptors of a process are connected to: `socket:[4711]`. Linux only; empty when it may not be read. */
export function openDescriptors(pid: number, descriptors?: readonly number[]): readonly string[] {
  const names = descriptors ?? unlessGone(() => readdirSync(`/proc/${pid}/fd`), [])
  return names.flatMap((name) => unlessGone(() => [readlinkSync(`/proc/${pid}/fd/${name}`)], []))
}

function linuxProcesses(): readonly ProcessEntry[] {
  return unlessGone(() => readdirSync('/proc'), []).flatMap((name) => {
    if (!/^\d{1,10}$/.test(name)) return []
    const entry = parseProcessStat(unlessGone(() => readFileSync(`/proc/${name}/stat`, 'latin1'), ''))
    return entry === undefined ? [] : [entry]
  })
}

/** A process may end, or belong to someone else, between listing and looking: then there is nothing to see. */
function unlessGone<T>(look: () => T, otherwise: T): T {
  try {
    return look()
  } catch {
    return otherwise
  }
}
