import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/core/patch.js'
import { observe, observeEdit, patchOf, rulesIn } from './audit-sample.js'

describe('rules about the structure of a patch', () => {
  it.each([
    '../x.js',
    '/etc/passwd',
    'C:/x.js',
    'a\\..\\b',
    'a:hidden',
    'con.js',
    'a/\u202egpj.exe',
    'a/../b',
    'trailing.',
    'a//b',
  ])('STR-PATH blocks %j', async (path) => {
    const audit = await observeEdit(path, 'a\n', 'b\n')
    expect(rulesIn(audit)).toContain('STR-PATH')
    expect(audit.verdict).toBe('block')
  })

  it.each(['.git/config', 'a/.GIT/hooks/pre-commit', '.g\u200bit/x', 'git~1/config', '.homeostat/txn/1/journal', '.git./config'])(
    'STR-GITDIR blocks %j',
    async (path) => {
      const audit = await observeEdit(path, 'a\n', 'b\n')
      expect(rulesIn(audit)).toContain('STR-GITDIR')
      expect(audit.verdict).toBe('block')
    },
  )

  it('reads names in C quotes as git does', async () => {
    const audit = await observe('--- "a/\\056\\056/x.js"\n+++ "b/\\056\\056/x.js"\n@@ -1 +1 @@\n-a\n+b\n')
    expect(rulesIn(audit)).toContain('STR-PATH')
  })

  it('blocks both ends of a rename, and links and submodules', async () => {
    const renamed = await observe(
      'diff --git a/x.js b/.git/hooks/post-checkout\nsimilarity index 100%\nrename from x.js\nrename to .git/hooks/post-checkout\n',
    )
    expect(rulesIn(renamed)).toContain('STR-GITDIR')
    const submodule = await observe(
      'diff --git a/lib b/lib\nnew file mode 160000\n--- /dev/null\n+++ b/lib\n@@ -0,0 +1 @@\n+Subproject commit 1111111111111111111111111111111111111111\n',
    )
    expect(submodule.verdict).toBe('block')
  })

  it.each([
    ['prose', 'I cannot do that.\n'],
    ['NUL', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\0\n'],
    ['two sections for one path', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n--- a/X\n+++ b/X\n@@ -1 +1 @@\n-a\n+b\n'],
    ['trailing text', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\nand more\n'],
  ])('STR-MALFORMED blocks %s', async (_, text) => {
    const audit = await observe(text)
    expect(audit.verdict).toBe('block')
    expect(rulesIn(audit)).toEqual(['STR-MALFORMED'])
  })

  it('STR-MALFORMED blocks edits that contradict each other or are too long', async () => {
    expect(rulesIn(await observe(patchOf([['a.js', null, null]])))).toEqual(['STR-MALFORMED'])
    expect(
      rulesIn(
        await observe(
          patchOf([
            ['a.js', 'a\n', 'b\n'],
            ['A.js', 'a\n', 'c\n'],
          ]),
        ),
      ),
    ).toEqual(['STR-MALFORMED'])
    const long = 'a'.repeat(17 * 1024 * 1024)
    expect(rulesIn(await observe(patchOf([['a.js', long, long]])))).toEqual(['STR-MALFORMED'])
  })

  it.each([
    [0o644, 0o755, 'allow'],
    [0o755, 0o644, 'allow'],
    [0o600, 0o644, 'review'],
    [0o644, 0o4755, 'block'],
    [0o644, 0o666, 'block'],
  ] as const)('STR-MODE judges an action from %o to %o: %s', async (modeBefore, mode, verdict) => {
    expect((await observe(patchOf([], [{ kind: 'chmod', path: 'bin/x', modeBefore, mode }]))).verdict).toBe(verdict)
  })

  it('STR-MODE judges modes in a diff, and set-user-id blocks', async () => {
    const mode = (to: string): string => `diff --git a/x b/x\nold mode 100644\nnew mode ${to}\n`
    expect((await observe(mode('100755'))).verdict).toBe('review')
    expect((await observe(mode('104755'))).verdict).toBe('block')
    expect(
      rulesIn(await observe('diff --git a/x b/x\nnew file mode 100755\n--- /dev/null\n+++ b/x\n@@ -0,0 +1 @@\n+a\n')),
    ).toEqual(['STR-MODE'])
  })

  it('judges the paths of actions too', async () => {
    const actions: readonly Action[] = [
      { kind: 'chmod', path: '../x', modeBefore: 0o644, mode: 0o755 },
      { kind: 'install', manager: 'npm', packages: [], folder: '/etc' },
    ]
    for (const action of actions) expect((await observe(patchOf([], [action]))).verdict).toBe('block')
  })

  it('STR-BINARY blocks what a machine can load, and asks for a person for other bytes', async () => {
    expect((await observeEdit('a.node', null, 'x')).verdict).toBe('block')
    expect(rulesIn(await observeEdit('a.dat', 'a', 'a\0'))).toEqual(['STR-BINARY'])
  })

  it('DELETE-LARGE sees a removed file, but leaves tests to TEST-DELETED', async () => {
    expect(rulesIn(await observeEdit('src/a.js', 'a()\n', null))).toEqual(['DELETE-LARGE'])
    expect(rulesIn(await observeEdit('test/a.test.js', 'a()\n', null))).toEqual(['TEST-DELETED'])
  })

  it('DELETE-LARGE does not mind a file that is moved, and minds one that is moved and changed', async () => {
    const moved = (after: string) =>
      observe(
        patchOf([
          ['src/money.js', 'a()\nb()\n', null],
          ['src/price.js', null, after],
        ]),
      )
    expect(rulesIn(await moved('a()\nb()\n'))).toEqual([])
    expect(rulesIn(await moved('a()\n'))).toEqual(['DELETE-LARGE'])
  })

  it('UNI-BIDI and UNI-INVISIBLE do not mind what was there, or what languages need', async () => {
    expect((await observeEdit('a.md', 'x\u200fy 1\n', 'x\u200fy 2\n')).verdict).toBe('allow')
    expect((await observeEdit('a.md', 'x\u200fy 1\n', 'x\u200f\u200fy 2\n')).verdict).toBe('block')
    expect((await observeEdit('a.json', 'x\n', '"می\u200cخواهم ❤\ufe0f"\n')).verdict).toBe('allow')
    expect((await observeEdit('a.js', 'x\n', '\ufeffx\n')).verdict).toBe('allow')
    expect((await observeEdit('a.js', 'x\n', 'x\n\ufeffy\n')).verdict).toBe('block')
    expect((await observeEdit('a.md', 'x\n', 'x\u{e0041}\n')).verdict).toBe('block')
  })

  it('UNI-HOMOGLYPH sees a whole identifier of look-alikes, but no words of a language', async () => {
    expect(rulesIn(await observeEdit('a.js', 'x()\n', 'x()\nсору()\n'))).toEqual(['UNI-HOMOGLYPH'])
    expect((await observeEdit('a.js', 'x()\n', "x('сору')\n")).findings).toEqual([])
    expect((await observeEdit('a.md', 'x\n', 'PDFы и isАdmin\n')).findings).toEqual([])
    expect((await observeEdit('a.js', 'isАdmin(1)\n', 'isАdmin(2)\n')).findings).toEqual([])
  })
})
