import { join } from 'node:path'
import { sha256 } from '../core/hash.js'
import type { FileSystem } from '../core/ports.js'

const entriesMax = 200_000

/**
 * A print of a folder of installed packages: names, kinds and sizes, three levels deep, so that another set of packages gives
 * another print. Names at the top that begin with a dot are left out: tools keep their caches there.
 * Looks at no more than 200 000 entries.
 */
export function treePrint(files: FileSystem, folder: string): string {
  const lines: string[] = []
  const walk = (path: string, name: string, depth: number): void => {
    for (const entry of [...files.readdir(path)].sort()) {
      if (lines.length >= entriesMax) return
      if (depth === 0 && entry.startsWith('.')) continue
      const stat = files.lstat(join(path, entry))
      lines.push(`${name}/${entry} ${stat?.kind} ${stat?.kind === 'file' ? stat.sizeBytes : ''}`)
      if (stat?.kind === 'folder' && depth < 2) walk(join(path, entry), `${name}/${entry}`, depth + 1)
    }
  }
  walk(folder, '', 0)
  return sha256(lines.join('\n'))
}

/** Bytes in all files of a tree; stops counting after 200 000 entries. */
export function treeBytes(files: FileSystem, folder: string): number {
  let entries = 0
  let bytes = 0
  const waiting = [folder]
  for (let path = waiting.pop(); path !== undefined && entries < entriesMax; path = waiting.pop()) {
    for (const entry of files.readdir(path)) {
      const stat = files.lstat(join(path, entry))
      entries += 1
      if (stat?.kind === 'folder') waiting.push(join(path, entry))
      else bytes += stat?.sizeBytes ?? 0
    }
  }
  return bytes
}
