import { accessSync, constants, existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { isAbsolute, join, resolve } from 'node:path'

/** What the operating system is asked to limit. */
export interface SystemLimits {
  /** Size of each file that is written. */
  readonly fileBytesMax?: number | undefined
  /** Processes and threads beyond those that the user has already. */
  readonly processesMax?: number | undefined
}

/**
 * What comes before a command so that it starts with these limits, and passes them on to its children: `prlimit` of util-linux
 * with its options; empty where there is no `prlimit`. No core file is written then, either.
 *
 * Root may have any number of processes whatever the limit says, so it is not set; threads count as processes (setrlimit(2)).
 *
 * @param user - Whose processes are counted; absent: who runs this.
 */
export function limitArguments({ fileBytesMax, processesMax }: SystemLimits, user = process.getuid?.()): readonly string[] {
  if (fileBytesMax === undefined && processesMax === undefined) return []
  const prlimit = process.platform === 'linux' ? ['/usr/bin/prlimit', '/bin/prlimit'].find((path) => existsSync(path)) : undefined
  if (prlimit === undefined) return []
  const hard = hardLimits(readText('/proc/self/limits'))
  const options = ['--core=0']
  // A limit above the hard one is refused, and with it the command; the hard one is then the stricter anyway.
  if (fileBytesMax !== undefined) options.push(`--fsize=${Math.min(Math.floor(fileBytesMax), hard.fileBytes)}`)
  if (processesMax !== undefined && user !== 0)
    options.push(`--nproc=${Math.min(tasksOf(user) + Math.floor(processesMax), hard.processes)}`)
  return [prlimit, ...options, '--']
}

/** Whether a program is there and may be executed, by the rules of execvp(3). */
export function isProgram(name: string, { cwd, path }: { readonly cwd: string; readonly path: string | undefined }): boolean {
  if (name.includes('/')) return mayExecute(resolve(cwd, name))
  return (path ?? '').split(':').some((folder) => mayExecute(resolve(cwd, folder, name)))
}

/** The hard limits that `/proc/<pid>/limits` tells; Infinity for what it does not. */
export function hardLimits(text: string): { readonly fileBytes: number; readonly processes: number } {
  const hardOf = (name: string): number => {
    const value = new RegExp(`^${name} +\\S+ +(\\d+) `, 'm').exec(text)?.[1]
    return value === undefined ? Infinity : Number(value)
  }
  return { fileBytes: hardOf('Max file size'), processes: hardOf('Max processes') }
}

/** Processes and threads that this user has now: the limit of the system is on their number, not on that of one family. */
function tasksOf(user: number | undefined): number {
  return readdirSync('/proc').reduce((sum, name) => {
    if (!/^\d{1,10}$/.test(name)) return sum
    const folder = join('/proc', name)
    if (statSync(folder, { throwIfNoEntry: false })?.uid !== user) return sum
    const threads = Number(/^Threads:\s+(\d+)$/m.exec(readText(join(folder, 'status')))?.[1] ?? 0)
    return sum + threads
  }, 0)
}

function mayExecute(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return isAbsolute(path) && statSync(path).isFile()
  } catch {
    return false
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    // A process may end while it is looked at; a system without /proc says nothing.
    return ''
  }
}
