import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** The calls to the operating system that the file system of this machine is made of. */
const names = [
  'chmodSync',
  'closeSync',
  'copyFileSync',
  'fchmodSync',
  'fsyncSync',
  'lstatSync',
  'mkdirSync',
  'openSync',
  'readdirSync',
  'readFileSync',
  'readlinkSync',
  'renameSync',
  'rmdirSync',
  'rmSync',
  'symlinkSync',
  'unlinkSync',
  'writeSync',
] as const

export interface SystemFault {
  /** Which call it strikes, counted from 1. */
  readonly failAt: number
  /**
   * `error`: this one call fails. `lasting`: every later one of its kind fails, too. `crash`: nothing works any more, which is what
   * a killed process leaves, as all of this is synchronous. `kill`: the process really kills itself.
   */
  readonly mode: 'error' | 'lasting' | 'crash' | 'kill'
  readonly error?: 'EIO' | 'ENOSPC' | 'EACCES' | 'EMFILE'
}

/** What a call needs that an error says there is none of: only such a call can fail with it. */
const needs: Readonly<Record<string, readonly string[]>> = {
  ENOSPC: ['openSync', 'writeSync', 'fsyncSync', 'mkdirSync', 'renameSync', 'copyFileSync', 'symlinkSync'],
  EMFILE: ['openSync', 'readdirSync', 'readFileSync', 'copyFileSync'],
}

/**
 * Does `act` while the n-th call to `node:fs` fails, and answers how many calls there were. All of `act` is synchronous, so nobody
 * else meets the fault. With `error`, only calls that can fail so are counted.
 */
export function withSystemFault(
  act: () => void,
  { failAt, mode, error = 'EIO' }: SystemFault,
): { readonly calls: number; readonly thrown: unknown } {
  let calls = 0
  let struck = false
  const open = new Set<number>()
  const originals = names.map((name) => [name, fs[name]] as const)
  const real = new Map<string, (...args: readonly unknown[]) => unknown>(
    // Each is called with the arguments that it was given.
    originals.map(([name, original]) => [name, original as (...args: readonly unknown[]) => unknown]),
  )
  const tracked = (name: string, args: readonly unknown[]): unknown => {
    const result = real.get(name)?.(...args)
    if (name === 'openSync') open.add(Number(result))
    if (name === 'closeSync') open.delete(Number(args[0]))
    return result
  }
  const faulty =
    (name: string) =>
    (...args: readonly unknown[]): unknown => {
      if (mode === 'crash' && struck) throw failure('EIO', 'the process is dead')
      if (mode !== 'crash' && mode !== 'kill' && needs[error]?.includes(name) === false) return tracked(name, args)
      calls += 1
      if (calls !== failAt && !(mode === 'lasting' && struck)) return tracked(name, args)
      struck = true
      if (mode === 'kill') process.kill(process.pid, 'SIGKILL')
      // A file is closed even when that fails.
      if (name === 'closeSync') tracked(name, args)
      // A process may die in the middle of a write.
      if (mode === 'crash' && name === 'writeSync' && args[1] instanceof Uint8Array)
        real.get(name)?.(args[0], args[1].subarray(0, args[1].length >> 1))
      throw failure(error, name)
    }

  try {
    for (const name of names) Object.assign(fs, { [name]: faulty(name) })
    syncBuiltinESMExports()
    const ended = attempted(act)
    return { ...ended, calls }
  } finally {
    for (const [name, original] of originals) Object.assign(fs, { [name]: original })
    syncBuiltinESMExports()
    for (const descriptor of open) fs.closeSync(descriptor)
  }
}

function attempted(act: () => void): { readonly thrown: unknown } {
  try {
    act()
    return { thrown: undefined }
  } catch (error) {
    return { thrown: error }
  }
}

function failure(code: string, what: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: ${what}`), { code })
}
