import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync, existsSync, openSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { HomeostatError } from '../core/errors.js'
import type { CommandEnding, CommandOptions, CommandResult, CommandRunner } from '../core/ports.js'
import { oneLine } from '../core/text.js'
import type { World } from '../core/world.js'
import { createBoundedOutput, createCharacterAligner, type BoundedOutput } from './bounded-output.js'
import { commandEnvironment } from './command-environment.js'
import { endFamily, followProcess, type ProcessFamily } from './process-family.js'
import { inheritedDescriptors } from './sandbox-descriptors.js'
import { isProgram, limitArguments } from './sandbox-limits.js'
import { createStallWatch } from './stall-watch.js'
import { windowsInvocation, type Invocation } from './windows-command.js'

/** Milliseconds between SIGTERM and SIGKILL. */
const graceMs = 2_000
/** Milliseconds that children may go on writing after the command itself has ended, before they are killed. */
const lastWordsMs = 200
/** Milliseconds between two looks at who descends from the command. */
const watchEveryMs = 500

/**
 * Runs commands as child processes: never through a shell, without standard input and inherited descriptors, in a group of their own, in a minimal
 * environment (see {@link commandEnvironment}), with bounded time and output. Whatever the ending, nobody of the command's family
 * is left running: a background process that a passing command leaves behind is killed too.
 *
 * A program that is not found ends as `not-found`; one that may not be executed exits with 126, as a shell would have it; the
 * output then says why. It needs the real time: with a test world a command never times out, or at once.
 *
 * Where there is `prlimit` (Linux), the size of files and the number of processes are limited too, when limits are given.
 *
 * `run` rejects with HS_FOLDER_MISSING when `cwd` is not a folder, with HS_INPUT_INVALID when the command is empty or holds a NUL,
 * with a RangeError when a limit is not one, and with what `onOutput` threw.
 *
 * @param environment - The environment to choose from; absent: that of this process.
 */
export function nodeCommandRunner(
  world: World,
  { environment = process.env }: { readonly environment?: Readonly<Record<string, string | undefined>> } = {},
): CommandRunner {
  const groups = new Set<number>()
  const killGroups = (): void => {
    // The last moment of this process: nothing can be awaited, and who is gone is gone.
    for (const group of groups) {
      try {
        process.kill(process.platform === 'win32' ? group : -group, 'SIGKILL')
      } catch {
        continue
      }
    }
  }
  const hold = (group: number): Disposable => {
    if (groups.size === 0) process.once('exit', killGroups)
    groups.add(group)
    return {
      [Symbol.dispose]() {
        groups.delete(group)
        if (groups.size === 0) process.off('exit', killGroups)
      },
    }
  }

  return {
    async run(command, options) {
      checkOptions(options)
      const startedMs = world.clock.monoMs()
      const output = createBoundedOutput(options.outputBytesMax)
      const result = (ending: CommandEnding, exitCode: number | null = null): CommandResult => ({
        ending,
        exitCode,
        output: output.text(),
        outputBytes: output.bytes,
        truncated: output.truncated,
        durationMs: world.clock.monoMs() - startedMs,
      })
      if (options.signal?.aborted) return result('aborted')

      // The process id keeps worlds apart whose ids count up from one.
      const marker = `hs:${process.pid}:${world.id()};`
      const env = commandEnvironment({ parent: environment, marker, added: options.env, memoryBytesMax: options.memoryBytesMax })
      const child = await start(invocationOf(command, env, options), env, options.cwd)
      if ('refused' in child) {
        output.add(Buffer.from(`${oneLine(command[0] ?? '', 200)}: ${child.refused}\n`))
        return child.found ? result('exited', 126) : result('not-found')
      }
      using _held = hold(child.pid)
      const ended = await supervise(child.process, followProcess(child.pid, marker), { options, output, world })
      return result(ended.ending, ended.exitCode)
    },
  }
}

interface Watch {
  readonly options: CommandOptions
  readonly output: BoundedOutput
  readonly world: World
}

/** From the start of a child to the end of its last descendant. */
async function supervise(
  child: ChildProcess,
  family: ProcessFamily,
  { options, output, world: { clock } }: Watch,
): Promise<{ readonly ending: CommandEnding; readonly exitCode: number | null }> {
  const over = new AbortController()
  const stall = options.onStall === undefined ? undefined : createStallWatch(clock.monoMs(), options.onStall)
  const heard = collect(child, output, options.onOutput, () => stall?.heard(clock.monoMs()))
  const closed = new Promise<void>((done) => child.once('close', () => done()))
  const exited = new Promise<'exited'>((done) => child.once('exit', () => done('exited')))
  const asleep = (ms: number): Promise<boolean> =>
    clock.sleep(ms, over.signal).then(
      () => true,
      () => false,
    )
  const watch = async (): Promise<void> => {
    while (await asleep(watchEveryMs)) {
      family.watch()
      stall?.look(clock.monoMs(), family.processorMs())
    }
  }

  const watching = watch()
  const cause = await Promise.race([
    exited,
    asleep(options.timeoutMs).then(() => 'timed-out' as const),
    whenAborted(options.signal, over.signal).then(() => 'aborted' as const),
    heard.refused.then(() => 'refused' as const),
  ])
  over.abort()
  await watching

  if (cause === 'exited') await Promise.race([closed, clock.sleep(lastWordsMs)])
  const left = await endFamily(family, clock, cause === 'exited' ? 0 : graceMs)
  // Pipes can outlive the family only in the hands of a process that would not go.
  await Promise.race([closed, clock.sleep(1_000)])
  child.stdout?.destroy()
  child.stderr?.destroy()
  heard.finish()
  if (left > 0) output.add(Buffer.from(`\nhomeostat: ${left} processes of this command could not be ended\n`))
  if (heard.thrown !== undefined) throw heard.thrown.error
  if (cause !== 'exited' && cause !== 'refused') return { ending: cause, exitCode: null }
  return { ending: child.exitCode === null ? 'killed' : 'exited', exitCode: child.exitCode }
}

interface Heard {
  /** Resolves when `onOutput` has thrown; from then on it is not called again. */
  readonly refused: Promise<void>
  readonly thrown: { readonly error: unknown } | undefined
  /** Takes what the streams left unfinished. */
  finish(): void
}

/** Reads both streams as they come. */
function collect(child: ChildProcess, output: BoundedOutput, onOutput: CommandOptions['onOutput'], onSign: () => void): Heard {
  let refuse: () => void = () => undefined
  const refused = new Promise<void>((done) => (refuse = done))
  let thrown: Heard['thrown']
  const take = (bytes: Buffer): void => {
    if (bytes.length === 0) return
    output.add(bytes)
    onSign()
    if (thrown !== undefined) return
    try {
      onOutput?.(bytes.toString('utf8'))
    } catch (error) {
      thrown = { error }
      refuse()
    }
  }
  const aligners = [child.stdout, child.stderr].map((stream) => {
    const aligner = createCharacterAligner()
    stream?.on('data', (chunk: Buffer) => {
      take(aligner.push(chunk))
      release(chunk)
    })
    // A pipe that breaks has no more to say than one that ends.
    stream?.on('error', () => stream.destroy())
    return aligner
  })
  return {
    refused,
    get thrown() {
      return thrown
    },
    finish() {
      for (const aligner of aligners) take(aligner.rest())
    },
  }
}

/**
 * Gives the memory of a chunk back at once. Left to the garbage collector, 400 MB of output leave 75 MB behind for a while
 * (measured), with this 9 MB.
 */
function release(chunk: Buffer): void {
  // Only a buffer that is the chunk's own: small ones may share a pool. `transfer` is ES2024, newer than our `lib`, older than our Node.
  if (chunk.buffer.byteLength === chunk.byteLength)
    (chunk.buffer as ArrayBuffer & { transfer(bytes: number): ArrayBuffer }).transfer(0)
}

type Started = { readonly process: ChildProcess; readonly pid: number } | { readonly refused: string; readonly found: boolean }

/** Starts a child, or says why it does not start and whether there is such a program. */
async function start({ file, args, verbatim }: Invocation, env: Record<string, string>, cwd: string): Promise<Started> {
  const inherited = inheritedDescriptors()
  const covered = inherited.length === 0 ? undefined : openSync('/dev/null', 'r')
  try {
    const child = spawn(file, args, {
      cwd,
      env,
      shell: false,
      detached: process.platform !== 'win32',
      stdio: ['ignore', 'pipe', 'pipe', ...covers(inherited, covered)],
      windowsHide: true,
      windowsVerbatimArguments: verbatim,
    })
    if (child.pid !== undefined) return { process: child, pid: child.pid }
    throw await new Promise<Error>((failed) => child.once('error', failed))
  } catch (error) {
    // Node reports some of these at once and some later; all are failures of the system call.
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && file.includes('/') && existsSync(resolve(cwd, file)))
      return { found: true, refused: 'bad interpreter: No such file or directory' }
    const isMissing = code === 'EACCES' ? !isOnPath(file, env) : code === 'ENOENT' || code === 'ENOTDIR'
    if (isMissing) return { found: false, refused: 'command not found' }
    return { found: true, refused: code === 'EACCES' ? 'Permission denied' : `cannot be started: ${code ?? message}` }
  } finally {
    if (covered !== undefined) closeSync(covered)
  }
}

/** Whether a folder of PATH that can be looked into holds the program: one that cannot makes the system say EACCES of a program that is nowhere. */
function isOnPath(file: string, env: Readonly<Record<string, string>>): boolean {
  if (file.includes('/') || process.platform === 'win32') return true
  return (env['PATH'] ?? '').split(':').some((folder) => existsSync(resolve(folder, file)))
}

/** From descriptor 3 on: nothing in the place of each that would be inherited. To Node, 'ignore' means "as it is" there. */
function covers(inherited: readonly number[], cover: number | undefined): readonly (number | 'ignore')[] {
  if (cover === undefined) return []
  const last = Math.max(...inherited)
  return Array.from({ length: last - 2 }, (_, at) => (inherited.includes(at + 3) ? cover : 'ignore'))
}

function invocationOf(
  command: readonly string[],
  env: Readonly<Record<string, string>>,
  { cwd, ...limits }: CommandOptions,
): Invocation {
  const [name, ...args] = command
  if (name === undefined || name === '')
    throw new HomeostatError('HS_INPUT_INVALID', { what: 'the command', reason: 'it is empty' })
  if ([...command, ...Object.entries(env).flat()].some((word) => word.includes('\0'))) {
    throw new HomeostatError('HS_INPUT_INVALID', { what: 'the command', reason: 'it or its environment holds a NUL character' })
  }
  if (process.platform !== 'win32') {
    // What cannot be started is better told by the system than by a program in between.
    const [limiter, ...options] = isProgram(name, { cwd, path: env['PATH'] }) ? limitArguments(limits) : []
    return limiter === undefined
      ? { file: name, args, verbatim: false }
      : { file: limiter, args: [...options, ...command], verbatim: false }
  }
  return windowsInvocation([name, ...args], {
    env,
    cwd,
    isFile: (path) => statSync(path, { throwIfNoEntry: false })?.isFile() === true,
  })
}

function checkOptions({ cwd, timeoutMs, memoryBytesMax, fileBytesMax, processesMax }: CommandOptions): void {
  if (!(timeoutMs > 0)) throw new RangeError(`timeoutMs must be above 0, not ${timeoutMs}`)
  if (memoryBytesMax !== undefined && !(memoryBytesMax > 0))
    throw new RangeError(`memoryBytesMax must be above 0, not ${memoryBytesMax}`)
  for (const [name, limit] of Object.entries({ fileBytesMax, processesMax }))
    if (limit !== undefined && !(limit >= 1)) throw new RangeError(`${name} must be 1 or more, not ${limit}`)
  if (!isFolder(cwd)) throw new HomeostatError('HS_FOLDER_MISSING', { path: resolve(cwd) })
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

/** Resolves when `signal` aborts, or has; stops listening, for good, when `until` does. */
function whenAborted(signal: AbortSignal | undefined, until: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal?.aborted) done()
    signal?.addEventListener('abort', () => done(), { once: true, signal: until })
  })
}
