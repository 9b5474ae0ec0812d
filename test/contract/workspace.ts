import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Workspace } from '../../src/core/ports.js'

/**
 * What everyone who depends on a {@link Workspace} may rely on.
 *
 * @param make - A workspace that holds exactly these files.
 */
export function workspaceContract(name: string, make: (files: Readonly<Record<string, string>>) => Workspace): void {
  describe(`${name} as a Workspace`, () => {
    it('reads whole files, with their mark and line ends', () => {
      const workspace = make({ 'a.txt': '\ufeffone\r\ntwo', 'deep/er/b.txt': '', 'ü.txt': 'ü' })
      expect(workspace.read('a.txt')).toBe('\ufeffone\r\ntwo')
      expect(workspace.read('deep/er/b.txt')).toBe('')
      expect(workspace.read('ü.txt')).toBe('ü')
    })

    it('tells files from folders', () => {
      const workspace = make({ 'src/a.js': 'four' })
      expect(workspace.stat('src/a.js')).toMatchObject({ kind: 'file', sizeBytes: 4 })
      expect(workspace.stat('src')).toMatchObject({ kind: 'folder' })
      expect(workspace.stat('src/b.js')).toBeUndefined()
    })

    it('reads a folder, and what is absent, as absent', () => {
      const workspace = make({ 'src/a.js': '' })
      for (const path of ['', '.', 'src', 'src/b.js', 'src/a.js/c', 'SRC/none.js']) expect(workspace.read(path)).toBeUndefined()
    })

    it('lists a folder in order, and nothing for what is none', () => {
      const workspace = make({ 'b.js': '', 'a.js': '', 'c/d.js': '', 'node_modules/p/index.js': '' })
      expect(workspace.list('')).toEqual(['a.js', 'b.js', 'c', 'node_modules'])
      expect(workspace.list('c')).toEqual(['d.js'])
      for (const path of ['missing', 'a.js', '..', '/']) expect(workspace.list(path)).toEqual([])
    })

    it('knows the files people wrote, in order', () => {
      const workspace = make({
        'package.json': '{}',
        'src/b.js': '',
        'src/a.js': '',
        'node_modules/p/index.js': '',
        '.git/config': '',
        '.homeostat/journal': '',
        'dist/a.js': '',
        'coverage/x': '',
        'build/y': '',
      })
      expect(workspace.files()).toEqual(['package.json', 'src/a.js', 'src/b.js'])
    })

    it('never leads outside, whatever the path', () => {
      const workspace = make({ 'a.txt': 'inside' })
      for (const path of [
        '../a.txt',
        '/etc/passwd',
        'x/../../a.txt',
        '..',
        'C:\\Windows\\win.ini',
        'C:/Windows',
        '..\\a.txt',
        'a.txt\0',
        '__proto__',
        'constructor',
        'a'.repeat(100_000),
      ]) {
        expect(workspace.read(path)).toBeUndefined()
        expect(workspace.stat(path)).toBeUndefined()
      }
      fc.assert(
        fc.property(fc.array(fc.constantFrom('..', '.', 'etc', 'passwd', 'a.txt', '', '/', '\\'), { maxLength: 8 }), (parts) => {
          expect([undefined, 'inside']).toContain(workspace.read(parts.join('/')))
        }),
        { numRuns: 200 },
      )
    })
  })
}
