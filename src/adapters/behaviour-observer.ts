import { constants, statSync } from 'node:fs'
import { mkdir, open, rm, rmdir, writeFile } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { HomeostatError } from '../core/errors.js'
import { readBehaviourTrace, type BehaviourObserver } from '../security/behaviour/behaviour-trace.js'
import { behaviourPreload } from './behaviour-preload.js'

/**
 * Observes the Node processes of a command: hooks files, programs, connections and variables with a script that each process
 * loads first. It is evidence, not a wall: code that looks for it can get round it, and see `blindSpots`.
 */
export function nodeBehaviourObserver(): BehaviourObserver {
  return {
    blindSpots,
    async begin({ folder, root, env = {} }) {
      for (const path of [folder, root])
        if (!isAbsolute(path)) throw new RangeError(`Cannot observe a run: "${path}" is not absolute`)
      // A sandbox that is not of this machine has a root that is not here.
      if (statSync(root, { throwIfNoEntry: false })?.isDirectory() !== true)
        throw new HomeostatError('HS_FOLDER_MISSING', { path: root })
      const script = join(folder, 'preload.cjs')
      const trace = join(folder, 'trace.jsonl')
      await mkdir(folder, { recursive: true, mode: 0o700 })
      await writeFile(script, behaviourPreload, { mode: 0o600 })
      await rm(trace, { force: true })
      return {
        env: {
          NODE_OPTIONS: `${env['NODE_OPTIONS'] ?? ''} --require ${quoted(script)}`.trim(),
          HOMEOSTAT_TRACE: trace,
          HOMEOSTAT_TRACE_ROOT: root,
        },
        async finish({ durationMs } = {}) {
          const { text, whole } = await readTrace(trace)
          await Promise.all([script, trace].map((path) => rm(path, { force: true, recursive: true })))
          await rmdir(folder).catch(() => undefined) // Whoever put something else there keeps it.
          const read = readBehaviourTrace(text, durationMs)
          return whole ? read : { ...read, complete: false }
        },
      }
    },
  }
}

const blindSpots: readonly string[] = [
  'native code: addons, and whatever bypasses the modules of Node',
  'programs that are not Node: that they were started is seen, not what they do',
  'Node processes whose environment was replaced, so that they do not load the observer',
  'files within the project and the temporary folder',
  'code that looks for the observer and undoes it',
]

/** A path in `NODE_OPTIONS`, where blanks divide and backslashes escape. */
function quoted(path: string): string {
  return `"${path.replace(/[\\"]/g, '\\$&')}"`
}

const traceBytesMax = 4 * 1024 * 1024

/** What the watched processes wrote, as far as it is kept. It is not trusted: a link, a folder or a gigabyte may stand there. */
async function readTrace(path: string): Promise<{ readonly text: string; readonly whole: boolean }> {
  try {
    await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    const { size } = await file.stat()
    const bytes = Buffer.alloc(Math.min(size, traceBytesMax))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, 0)
    return { text: bytes.toString('utf8', 0, bytesRead), whole: size <= traceBytesMax }
  } catch {
    return { text: '', whole: false } // No process wrote one, or the program removed it: the trace says that nobody was watched.
  }
}
