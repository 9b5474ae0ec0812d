import { sha256 } from '../../src/core/hash.js'
import type { Change, FileSystem } from '../../src/core/ports.js'
import { openJournal, type Journal } from '../../src/patch/journal.js'
import { memoryFileSystem, type MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { createTestWorld } from '../../src/testing/test-world.js'

/** A small project in memory, with something of every kind that a transaction can change. */
export function project(): MemoryFileSystem {
  const files = memoryFileSystem()
  const put = (path: string, text: string, mode = 0o644): void => files.writeNew(path, Buffer.from(text), mode)
  for (const folder of [
    '/p',
    '/p/src',
    '/p/bin',
    '/p/old',
    '/p/node_modules',
    '/p/node_modules/x',
    '/p/node_modules/.bin',
    '/stage',
    '/stage/node_modules',
    '/stage/node_modules/x',
    '/stage/node_modules/y',
  ]) {
    files.mkdir(folder, 0o755)
  }
  put('/p/package.json', '{ "broken": ')
  put('/p/src/a.js', 'let a\r\n')
  put('/p/src/b.js', '#!/bin/sh\n', 0o755)
  put('/p/bin/run', '#!/usr/bin/env node\n', 0o644)
  put('/p/old/c.txt', 'c', 0o600)
  put('/p/node_modules/x/index.js', 'x1')
  files.link('../x/index.js', '/p/node_modules/.bin/x')
  put('/stage/node_modules/x/index.js', 'x version 2')
  put('/stage/node_modules/y/index.js', 'y')
  return files
}

/** One change of every kind. */
export function everyChange(): readonly Change[] {
  return [
    write('package.json', '{ "broken": ', '{ "whole": true }\n'),
    write('src/a.js', 'let a\r\n', 'let a = 1\r\n'),
    { ...write('src/b.js', '#!/bin/sh\n', '#!/bin/sh\n'), mode: 0o644 },
    write('new/deep/d.js', null, 'd'),
    { ...write('new/run', null, '#!/bin/sh\n'), mode: 0o755 },
    { kind: 'remove', path: 'old/c.txt', baseHash: sha256('c') },
    { kind: 'chmod', path: 'bin/run', modeBefore: 0o644, mode: 0o755 },
    { kind: 'tree', path: 'node_modules', from: '/stage/node_modules' },
  ]
}

/** Replaces, or with `null` before, creates a file. */
export function write(path: string, before: string | null, after: string): Extract<Change, { kind: 'write' }> {
  return { kind: 'write', path, bytes: Buffer.from(after), baseHash: before === null ? null : sha256(before) }
}

/** What the user sees: the project without the journal. */
export function tree(files: MemoryFileSystem): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(files.dump('/p')).filter(([path]) => path !== '.homeostat' && !path.startsWith('.homeostat/')),
  )
}

/** Whether two trees are the same. */
function same(a: Readonly<Record<string, string>>, b: Readonly<Record<string, string>>): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

/** Whether the project is as one of the trees; expecting this is much faster than expecting a deep match. */
export function isOneOf(files: MemoryFileSystem, ...trees: readonly Readonly<Record<string, string>>[]): boolean {
  const now = tree(files)
  return trees.some((one) => same(one, now))
}

let worlds = 0

/** Opens the journal as a new process would. */
export function reopen(files: FileSystem, transactionsMax = 50): Journal {
  worlds += 1
  const world = createTestWorld(worlds)
  // Ids are unique across processes in the real world.
  return openJournal({
    root: '/p',
    files,
    world: { ...world, id: () => `w${worlds}-${world.id()}` },
    pid: 1_000 + worlds,
    isAlive: () => false,
    keep: { transactionsMax, bytesMax: 1_000_000 },
  })
}
