import type { FileStat, FileSystem } from '../core/ports.js'

interface MemoryFile {
  readonly kind: 'file'
  mode: number
  readonly bytes: Uint8Array
}
interface MemoryFolder {
  readonly kind: 'folder'
  mode: number
  readonly children: Map<string, MemoryNode>
}
interface MemoryLink {
  readonly kind: 'link'
  mode: number
  readonly target: string
}
type MemoryNode = MemoryFile | MemoryFolder | MemoryLink

/** A file system that lives in memory, and what a test needs beyond the port. */
export interface MemoryFileSystem extends FileSystem {
  /** Makes a symbolic link at `path`. */
  link(target: string, path: string): void
  /** Another file system with the same content; neither hears of the other's changes. */
  clone(): MemoryFileSystem
  /** Every path below `folder`, with its kind, mode and bytes (as Latin-1 text) or target; two trees are equal when these are. */
  dump(folder: string): Readonly<Record<string, string>>
}

/** Paths are POSIX and absolute. Modes are kept, not enforced. The folder `/` exists; everything is on one device. */
export function memoryFileSystem(): MemoryFileSystem {
  return fileSystemOf({ kind: 'folder', mode: 0o755, children: new Map() })
}

function fileSystemOf(root: MemoryFolder): MemoryFileSystem {
  const follow = (path: string, hops = 0): MemoryNode | undefined => {
    if (hops > 16) throw failure('ELOOP', path)
    const names = segments(path)
    const name = names.pop()
    if (name === undefined) return root
    const node = folderAt(`/${names.join('/')}`, hops).children.get(name)
    return node?.kind === 'link' ? follow(absolute(node.target, names), hops + 1) : node
  }
  const folderAt = (path: string, hops = 0): MemoryFolder => {
    const node = follow(path, hops)
    if (node === undefined) throw failure('ENOENT', path)
    if (node.kind !== 'folder') throw failure('ENOTDIR', path)
    return node
  }
  const parentOf = (path: string): { readonly folder: MemoryFolder; readonly name: string } => {
    const names = segments(path)
    const name = names.pop()
    if (name === undefined) throw failure('EBUSY', path)
    return { folder: folderAt(`/${names.join('/')}`), name }
  }
  const nodeAt = (path: string): MemoryNode => {
    const { folder, name } = parentOf(path)
    const node = folder.children.get(name)
    if (node === undefined) throw failure('ENOENT', path)
    return node
  }
  const add = (path: string, node: MemoryNode): void => {
    const { folder, name } = parentOf(path)
    if (folder.children.has(name)) throw failure('EEXIST', path)
    folder.children.set(name, node)
  }
  const lstat = (path: string): FileStat | undefined => {
    try {
      const node = segments(path).length === 0 ? root : nodeAt(path)
      return { kind: node.kind, mode: node.mode, sizeBytes: node.kind === 'file' ? node.bytes.length : 0, device: 1 }
    } catch (error) {
      if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return undefined
      throw error
    }
  }

  return {
    lstat,
    readFile(path) {
      const node = follow(path)
      if (node === undefined) throw failure('ENOENT', path)
      if (node.kind !== 'file') throw failure('EISDIR', path)
      return Uint8Array.from(node.bytes)
    },
    // Not `slice`: that of a Buffer is a view.
    writeNew: (path, bytes, mode) => add(path, { kind: 'file', mode, bytes: Uint8Array.from(bytes) }),
    mkdir: (path, mode) => add(path, { kind: 'folder', mode, children: new Map() }),
    link: (target, path) => add(path, { kind: 'link', mode: 0o777, target }),
    rename(from, to) {
      const [source, target] = [parentOf(from), parentOf(to)]
      const node = nodeAt(from)
      if (`${to}/`.startsWith(`${from}/`) && to !== from) throw failure('EINVAL', from)
      refuseReplacing(node, target.folder.children.get(target.name), to)
      source.folder.children.delete(source.name)
      target.folder.children.set(target.name, node)
    },
    unlink(path) {
      if (nodeAt(path).kind === 'folder') throw failure('EISDIR', path)
      const { folder, name } = parentOf(path)
      folder.children.delete(name)
    },
    rmdir(path) {
      const node = nodeAt(path)
      if (node.kind !== 'folder') throw failure('ENOTDIR', path)
      if (node.children.size > 0) throw failure('ENOTEMPTY', path)
      const { folder, name } = parentOf(path)
      folder.children.delete(name)
    },
    copyTree(from, to) {
      const node = nodeAt(from)
      if (node.kind !== 'folder') throw failure('ENOTDIR', from)
      add(to, copyOfFolder(node))
    },
    removeTree(path) {
      if (lstat(path) === undefined) return
      const { folder, name } = parentOf(path)
      folder.children.delete(name)
    },
    chmod(path, mode) {
      const node = follow(path)
      if (node === undefined) throw failure('ENOENT', path)
      node.mode = mode
    },
    readdir: (path) => [...folderAt(path).children.keys()].sort(),
    fsyncFolder: (path) => void folderAt(path),
    realpath(path) {
      folderAt(path)
      return `/${segments(path).join('/')}`
    },
    clone: () => fileSystemOf(copyOfFolder(root)),
    dump(folder) {
      const entries: Record<string, string> = {}
      dumpInto(entries, '', folderAt(folder))
      return entries
    },
  }
}

function dumpInto(entries: Record<string, string>, prefix: string, folder: MemoryFolder): void {
  for (const [name, node] of [...folder.children].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const content = node.kind === 'file' ? Buffer.from(node.bytes).toString('latin1') : node.kind === 'link' ? node.target : ''
    entries[prefix + name] = `${node.kind} ${node.mode.toString(8)} ${content}`
    if (node.kind === 'folder') dumpInto(entries, `${prefix}${name}/`, node)
  }
}

function copyOfFolder(folder: MemoryFolder): MemoryFolder {
  return {
    ...folder,
    children: new Map(
      [...folder.children].map(([name, child]) => [name, child.kind === 'folder' ? copyOfFolder(child) : { ...child }]),
    ),
  }
}

/** As POSIX has it: a folder replaces an empty folder only, anything else replaces anything but a folder. */
function refuseReplacing(node: MemoryNode, present: MemoryNode | undefined, path: string): void {
  if (present === undefined || present === node) return
  if (node.kind === 'folder' && present.kind !== 'folder') throw failure('ENOTDIR', path)
  if (node.kind !== 'folder' && present.kind === 'folder') throw failure('EISDIR', path)
  if (present.kind === 'folder' && present.children.size > 0) throw failure('ENOTEMPTY', path)
}

function segments(path: string): string[] {
  const names: string[] = []
  for (const name of path.split('/')) {
    if (name === '..') names.pop()
    else if (name !== '' && name !== '.') names.push(name)
  }
  return names
}

function absolute(target: string, folder: readonly string[]): string {
  return target.startsWith('/') ? target : `/${[...folder, target].join('/')}`
}

function failure(code: string, path: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${code}: '${path}'`), { code, path })
}
