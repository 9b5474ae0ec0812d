import { describe, expect, it } from 'vitest'
import type { FileSystem } from '../../src/core/ports.js'

/** A fresh, empty folder on a file system, and a way to make a link in it. */
export interface FileSystemSetup {
  readonly files: FileSystem
  readonly root: string
  link(target: string, path: string): void
}

/** What every adapter of the port `FileSystem` must do. */
export function fileSystemContract(name: string, setUp: () => FileSystemSetup): void {
  const text = (content: string): Uint8Array => Buffer.from(content)
  const code = (expected: string | RegExp): unknown =>
    expect.objectContaining({ code: typeof expected === 'string' ? expected : expect.stringMatching(expected) })

  describe(`${name} as a FileSystem`, () => {
    it('writes new files with exact bytes and mode, also unwritable ones, and never over one that exists', () => {
      const { files, root } = setUp()
      const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256)
      files.writeNew(`${root}/a`, bytes, 0o755)
      files.writeNew(`${root}/empty`, text(''), 0o444)
      expect(Buffer.compare(files.readFile(`${root}/a`), bytes)).toBe(0)
      expect(files.lstat(`${root}/a`)).toMatchObject({ kind: 'file', mode: 0o755, sizeBytes: 70_000 })
      expect(files.lstat(`${root}/empty`)).toMatchObject({ kind: 'file', mode: 0o444, sizeBytes: 0 })
      expect(() => files.writeNew(`${root}/a`, text('x'), 0o644)).toThrow(code('EEXIST'))
      expect(files.lstat(`${root}/a`)?.sizeBytes).toBe(70_000)
    })

    it('keeps and gives copies: to change the bytes afterwards changes no file', () => {
      const { files, root } = setUp()
      // A Buffer, whose `slice` is a view.
      const bytes = Buffer.from('abc')
      files.writeNew(`${root}/a`, bytes, 0o644)
      bytes.fill('x')
      expect(Buffer.from(files.readFile(`${root}/a`)).toString()).toBe('abc')
      files.readFile(`${root}/a`).fill(0)
      expect(Buffer.from(files.readFile(`${root}/a`)).toString()).toBe('abc')
    })

    it('fails where there is no folder', () => {
      const { files, root } = setUp()
      files.writeNew(`${root}/a`, text('a'), 0o644)
      expect(() => files.writeNew(`${root}/no/b`, text('x'), 0o644)).toThrow(code('ENOENT'))
      expect(() => files.writeNew(`${root}/a/b`, text('x'), 0o644)).toThrow(code('ENOTDIR'))
      expect(() => files.readFile(`${root}/no`)).toThrow(code('ENOENT'))
      expect(() => files.readFile(root)).toThrow(code('EISDIR'))
      expect(() => files.readdir(`${root}/no`)).toThrow(code('ENOENT'))
      expect(() => files.unlink(`${root}/no`)).toThrow(code('ENOENT'))
      expect(() => files.chmod(`${root}/no`, 0o644)).toThrow(code('ENOENT'))
      expect(() => files.realpath(`${root}/no`)).toThrow(code('ENOENT'))
      expect(() => files.fsyncFolder(`${root}/no`)).toThrow(code('ENOENT'))
      expect(() => files.copyTree(`${root}/no`, `${root}/copy`)).toThrow(code('ENOENT'))
      expect(() => files.rename(`${root}/no`, `${root}/c`)).toThrow(code('ENOENT'))
    })

    it('sees what is there without following links, and absence as absence', () => {
      const { files, root, link } = setUp()
      files.mkdir(`${root}/d`, 0o700)
      files.writeNew(`${root}/f`, text('f'), 0o600)
      link('f', `${root}/l`)
      expect(files.lstat(`${root}/d`)).toMatchObject({ kind: 'folder', mode: 0o700 })
      expect(files.lstat(`${root}/l`)?.kind).toBe('link')
      expect(files.lstat(`${root}/none`)).toBeUndefined()
      expect(files.lstat(`${root}/none/none`)).toBeUndefined()
      expect(files.lstat(`${root}/f/none`)).toBeUndefined()
      expect(files.lstat(root)?.device).toBe(files.lstat(`${root}/f`)?.device)
      expect([...files.readdir(root)].sort()).toEqual(['d', 'f', 'l'])
      expect(Buffer.from(files.readFile(`${root}/l`)).toString()).toBe('f')
    })

    it('renames over files and empty folders, not over full ones', () => {
      const { files, root } = setUp()
      files.writeNew(`${root}/a`, text('a'), 0o644)
      files.writeNew(`${root}/b`, text('b'), 0o644)
      files.rename(`${root}/a`, `${root}/b`)
      expect(files.lstat(`${root}/a`)).toBeUndefined()
      expect(Buffer.from(files.readFile(`${root}/b`)).toString()).toBe('a')
      files.mkdir(`${root}/d`, 0o755)
      files.mkdir(`${root}/e`, 0o755)
      files.writeNew(`${root}/e/x`, text('x'), 0o644)
      expect(() => files.rename(`${root}/d`, `${root}/e`)).toThrow(code(/ENOTEMPTY|EEXIST|EPERM/))
      expect(() => files.rename(`${root}/b`, `${root}/d`)).toThrow(code(/EISDIR|EPERM/))
      expect(() => files.rename(`${root}/d`, `${root}/b`)).toThrow(code(/ENOTDIR|EPERM/))
      expect(() => files.rename(`${root}/e`, `${root}/e/y`)).toThrow(code(/EINVAL|EPERM/))
      files.rename(`${root}/e`, `${root}/d`)
      expect(files.readdir(`${root}/d`)).toEqual(['x'])
    })

    it('makes folders with exact modes, and removes them only when they are empty', () => {
      const { files, root } = setUp()
      files.mkdir(`${root}/d`, 0o777)
      expect(files.lstat(`${root}/d`)?.mode).toBe(0o777)
      expect(() => files.mkdir(`${root}/d`, 0o755)).toThrow(code('EEXIST'))
      files.writeNew(`${root}/d/x`, text('x'), 0o644)
      expect(() => files.rmdir(`${root}/d`)).toThrow(code(/ENOTEMPTY|EEXIST/))
      expect(() => files.rmdir(`${root}/d/x`)).toThrow(code('ENOTDIR'))
      files.unlink(`${root}/d/x`)
      expect(() => files.unlink(`${root}/d`)).toThrow(code(/EISDIR|EPERM/))
      files.rmdir(`${root}/d`)
      expect(files.readdir(root)).toEqual([])
    })

    it('changes modes', () => {
      const { files, root } = setUp()
      files.writeNew(`${root}/a`, text('a'), 0o644)
      files.chmod(`${root}/a`, 0o755)
      expect(files.lstat(`${root}/a`)?.mode).toBe(0o755)
    })

    it('copies and removes trees with links as links', () => {
      const { files, root, link } = setUp()
      files.mkdir(`${root}/outside`, 0o755)
      files.writeNew(`${root}/outside/kept`, text('kept'), 0o644)
      files.mkdir(`${root}/t`, 0o750)
      files.mkdir(`${root}/t/.bin`, 0o755)
      files.writeNew(`${root}/t/a`, text('a'), 0o755)
      link('../a', `${root}/t/.bin/a`)
      link(`${root}/outside`, `${root}/t/away`)
      files.copyTree(`${root}/t`, `${root}/u`)
      expect(files.lstat(`${root}/u`)).toMatchObject({ kind: 'folder', mode: 0o750 })
      expect(files.lstat(`${root}/u/a`)).toMatchObject({ kind: 'file', mode: 0o755 })
      expect(files.lstat(`${root}/u/.bin/a`)?.kind).toBe('link')
      expect(Buffer.from(files.readFile(`${root}/u/.bin/a`)).toString()).toBe('a')
      expect(() => files.copyTree(`${root}/t`, `${root}/u`)).toThrow(code('EEXIST'))
      files.removeTree(`${root}/u`)
      files.removeTree(`${root}/u`)
      expect(files.lstat(`${root}/u`)).toBeUndefined()
      expect(files.readdir(`${root}/outside`)).toEqual(['kept'])
      files.removeTree(`${root}/t/a`)
      expect(files.lstat(`${root}/t/a`)).toBeUndefined()
    })

    it('syncs folders and resolves real paths', () => {
      const { files, root } = setUp()
      files.mkdir(`${root}/d`, 0o755)
      files.fsyncFolder(root)
      expect(files.realpath(`${root}/d`)).toBe(`${files.realpath(root)}/d`)
    })
  })
}
