import { chmod, lstat, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * Removes a whole tree, also where folders forbid it to their owner. Absent is fine; links are removed, not followed.
 *
 * @throws the system's error for what will not go.
 */
export async function removeTree(folder: string): Promise<void> {
  try {
    await remove(folder)
  } catch {
    // Whatever it was, permissions are what can be done something about; the second failure counts.
    await makeWritable(folder)
    await remove(folder)
  }
}

function remove(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 3, retryDelay: 50 })
}

/** Gives the owner all rights on every folder of a tree: without them its entries can be neither seen nor removed. */
async function makeWritable(folder: string): Promise<void> {
  const found = await lstat(folder).catch(() => undefined)
  if (found?.isDirectory() !== true) return
  await chmod(folder, 0o700)
  for (const entry of await readdir(folder, { withFileTypes: true })) if (entry.isDirectory()) await makeWritable(join(folder, entry.name))
}
