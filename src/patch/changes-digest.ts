import { canonicalJson, sha256 } from '../core/hash.js'
import type { Change, FileSystem } from '../core/ports.js'
import { treePrint } from './tree-print.js'

/**
 * SHA-256 (hex) of what changes do, in their order: paths, bytes, base hashes, modes. A folder of installed packages counts by the
 * names and sizes in it, three levels deep: reading all of its bytes would cost more than the install.
 *
 * @throws what the file system throws when a folder to be brought in is not there.
 */
export function changesDigest(changes: readonly Change[], files: FileSystem): string {
  return sha256(canonicalJson(changes.map((change) => described(change, files))))
}

function described(change: Change, files: FileSystem): unknown {
  if (change.kind === 'write') return { ...change, bytes: sha256(change.bytes) }
  if (change.kind === 'tree') return { ...change, from: change.from === null ? null : treePrint(files, change.from) }
  return change
}
