import { constants, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { pathsOf } from './project.mjs'

/** A folder for copies, which goes with everything in it. */
export function openWorkplace() {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-bench-'))
  let copies = 0
  return {
    /** A copy without the version control and without the hidden tests, so that nothing there can tell the answer. */
    copy({ root, hidden }) {
      const copy = join(folder, String((copies += 1)))
      const left = new Set(['.git', '.homeostat'])
      put(root, copy, { filter: (path) => !left.has(basename(path)) })
      for (const path of hidden) rmSync(join(copy, path))
      return copy
    },
    remove: (copy) => rmSync(copy, { recursive: true, force: true, maxRetries: 3 }),
    close: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** Puts one path back as the project has it, as written now: tools that cache by time would else see the damage still. */
export function restore(project, copy, path) {
  rmSync(join(copy, path), { recursive: true, force: true })
  if (!existsSync(join(project.root, path))) return // a path that only the damage or a repair made
  mkdirSync(dirname(join(copy, path)), { recursive: true })
  put(join(project.root, path), join(copy, path), { preserveTimestamps: false })
}

/** What a folder holds: bytes and mode by path. */
export function snapshot(folder) {
  return new Map(
    pathsOf(folder).map((path) => [
      path,
      { bytes: bytesOf(join(folder, path)), mode: statSync(join(folder, path)).mode & 0o777 },
    ]),
  )
}

/** The paths that differ between two snapshots. */
export function differences(before, after) {
  return [...new Set([...before.keys(), ...after.keys()])].filter((path) => {
    const [a, b] = [before.get(path), after.get(path)]
    return a === undefined || b === undefined || a.mode !== b.mode || !a.bytes.equals(b.bytes)
  })
}

/** A file that may not be read has no bytes; its mode tells it from an empty one. */
function bytesOf(path) {
  try {
    return readFileSync(path)
  } catch (error) {
    if (error.code === 'EACCES') return Buffer.alloc(0)
    throw error
  }
}

function put(from, to, options) {
  cpSync(from, to, {
    recursive: true,
    verbatimSymlinks: true,
    preserveTimestamps: true,
    mode: constants.COPYFILE_FICLONE,
    ...options,
  })
}
