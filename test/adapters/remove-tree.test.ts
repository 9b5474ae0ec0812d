import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import type * as promises from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { removeTree } from '../../src/adapters/remove-tree.js'
import { temporaryFolder } from './temporary.js'

const broken = vi.hoisted(() => ({ next: false }))
// A superuser may remove everything: the refusal that makes the second try necessary is made here.
vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof promises>()
  return {
    ...real,
    rm: (...args: Parameters<typeof real.rm>) => {
      if (!broken.next) return real.rm(...args)
      broken.next = false
      return Promise.reject(Object.assign(new Error('permission denied'), { code: 'EACCES' }))
    },
  }
})

describe('removeTree()', () => {
  it('removes a tree whose folders forbid it, and follows no link', async () => {
    const outside = temporaryFolder({ kept: 'kept' })
    const root = temporaryFolder({ 'tree/a/b/file': '', 'tree/link': { link: outside } })
    for (const path of ['tree/a/b', 'tree/a', 'tree']) chmodSync(join(root, path), 0o500)
    broken.next = true
    await removeTree(join(root, 'tree'))
    expect(existsSync(join(root, 'tree'))).toBe(false)
    expect(existsSync(join(outside, 'kept'))).toBe(true)
  })

  it('is content when there is nothing', async () => {
    const root = temporaryFolder()
    await removeTree(join(root, 'missing'))
    broken.next = true
    await removeTree(join(root, 'missing'))
    mkdirSync(join(root, 'x'))
    writeFileSync(join(root, 'x/y'), '')
    await removeTree(join(root, 'x/y'))
    expect(existsSync(join(root, 'x'))).toBe(true)
  })
})
