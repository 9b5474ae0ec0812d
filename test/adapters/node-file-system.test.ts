import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { nodeFileSystem, whileBusy } from '../../src/adapters/node-file-system.js'
import { fileSystemContract } from '../contract/file-system.js'

const made: string[] = []
afterAll(() => {
  for (const folder of made) rmSync(folder, { recursive: true, force: true })
})

fileSystemContract('nodeFileSystem()', () => {
  const root = mkdtempSync(join(tmpdir(), 'homeostat-fs-'))
  made.push(root)
  return { files: nodeFileSystem(), root, link: symlinkSync }
})

describe('nodeFileSystem()', () => {
  it('leaves no file behind when it cannot write one whole', () => {
    const root = mkdtempSync(join(tmpdir(), 'homeostat-fs-'))
    made.push(root)
    const files = nodeFileSystem()
    // Not bytes: a stand-in for a disk that fails after the file was created.
    const broken = new Proxy(new Uint8Array(4), { get: () => 4 })
    expect(() => files.writeNew(join(root, 'a'), broken, 0o644)).toThrow()
    expect(files.readdir(root)).toEqual([])
  })

  it('refuses to copy a pipe, on which it would wait for ever', () => {
    const root = mkdtempSync(join(tmpdir(), 'homeostat-fs-'))
    made.push(root)
    execFileSync('mkfifo', [join(root, 'pipe')])
    expect(() => nodeFileSystem().copyTree(root, `${root}-copy`)).toThrow(expect.objectContaining({ code: 'EINVAL' }))
    made.push(`${root}-copy`)
  })

  it('sees what is neither file nor folder', () => {
    expect(nodeFileSystem().lstat('/dev/null')?.kind).toBe('other')
  })
})

describe('whileBusy()', () => {
  const busy = (code: string): Error => Object.assign(new Error(code), { code })

  it('does it again while a file is held, with growing pauses', () => {
    const waits: number[] = []
    let tries = 0
    whileBusy(
      () => {
        tries += 1
        if (tries < 4) throw busy('EBUSY')
      },
      (delayMs) => waits.push(delayMs),
    )
    expect([tries, waits]).toEqual([4, [10, 20, 40]])
  })

  it('gives up after about a second, with the last error', () => {
    let waitedMs = 0
    expect(() =>
      whileBusy(
        () => {
          throw busy('EPERM')
        },
        (delayMs) => (waitedMs += delayMs),
      ),
    ).toThrow('EPERM')
    expect(waitedMs).toBe(1_270)
  })

  it('does not repeat what fails for good, and waits by itself', () => {
    let tries = 0
    expect(() =>
      whileBusy(() => {
        tries += 1
        throw busy(tries === 1 ? 'EACCES' : 'ENOENT')
      }),
    ).toThrow('ENOENT')
    expect(tries).toBe(2)
    expect(() =>
      whileBusy(() => {
        throw new Error('no code at all')
      }),
    ).toThrow('no code at all')
  })
})
