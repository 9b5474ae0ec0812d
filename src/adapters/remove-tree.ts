import type { Dirent } from 'node:fs'
import { chmod, lstat, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes a whole tree, also where folders forbid it to their owner, or lie deeper than a path can tell. Absent is fine; links are
 * removed, not followed.
 *
 * @throws the system's error for what will not go.
 */
export async function removeTree(folder: string): Promise<void> {
  try {
    await remove(folder)
  } catch {
    // Whatever it was, rights and depth are what can be done something about; a second failure counts.
    await makeRemovable(folder)
    await remove(folder)
  }
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 })
}

/** Gives the owner all rights on every folder of a tree, and brings up those that lie too deep. */
async function makeRemovable(root: string): Promise<void> {
  const waiting = [root]
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of await openUp(folder)) {
      if (!entry.isDirectory()) continue
      const path = join(folder, entry.name)
      waiting.push(path.length > root.length + depthMax ? await raised(path, root) : path)
    }
  }
}

/** Characters of a path below the root: three bytes each at most, which leaves room below the 4096 of a path. */
const depthMax = 1_000

/** What is in a folder, once its owner may look; nothing when it is none, or is gone: the removal that failed may still go on elsewhere. */
async function openUp(folder: string): Promise<readonly Dirent[]> {
  try {
    if (!(await lstat(folder)).isDirectory()) return []
    await chmod(folder, 0o700)
    return await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

async function raised(path: string, root: string): Promise<string> {
  // Moving a folder changes its entry for the parent, which it must allow.
  await chmod(path, 0o700)
  const higher = join(await mkdtemp(join(root, 'raised-')), 'x')
  await rename(path, higher)
  return higher
}
