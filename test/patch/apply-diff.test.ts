import { describe, expect, it } from 'vitest'
import { isHomeostatError, type ErrorCode } from '../../src/core/errors.js'
import { sha256 } from '../../src/core/hash.js'
import { parseDiff } from '../../src/core/parse-diff.js'
import { chmodsFromDiff, editsFromDiff } from '../../src/patch/apply-diff.js'
import { renderDiff } from '../../src/patch/render.js'

const names = '--- a/x.js\n+++ b/x.js\n'

function applied(diff: string, present: string | undefined, path = 'x.js'): string | null | undefined {
  return editsFromDiff(parseDiff(diff), (wanted) => (wanted === path ? present : undefined)).at(-1)?.after
}

function refusal(diff: string, present: string | undefined): ErrorCode | undefined {
  try {
    applied(diff, present)
  } catch (error) {
    if (isHomeostatError(error)) return error.code
    throw error
  }
  return undefined
}

const numbered = (count: number, change: Readonly<Record<number, string>> = {}): string =>
  Array.from({ length: count }, (_, index) => `${change[index + 1] ?? `line ${index + 1}`}\n`).join('')

describe('editsFromDiff() applies', () => {
  it('hunks where the diff says, with before, after and the hash of what was there', () => {
    const before = numbered(20)
    const diff = `${names}@@ -2,3 +2,3 @@\n line 2\n-line 3\n+drei\n line 4\n@@ -10,2 +10,3 @@\n line 10\n+new\n line 11\n`
    expect(editsFromDiff(parseDiff(diff), () => before)).toEqual([
      {
        path: 'x.js',
        before,
        after: numbered(20, { 3: 'drei' }).replace('line 10\n', 'line 10\nnew\n'),
        baseHash: sha256(before),
      },
    ])
  })

  it('hunks that moved, when their lines are there exactly once', () => {
    const diff = `${names}@@ -2,3 +2,3 @@\n line 2\n-line 3\n+drei\n line 4\n`
    expect(applied(diff, `top\n${numbered(9)}`)).toBe(`top\n${numbered(9, { 3: 'drei' })}`)
    expect(applied(diff, numbered(9).replace('line 1\n', ''))).toBe(numbered(9, { 3: 'drei' }).replace('line 1\n', ''))
  })

  it('a hunk at its place although its lines are there twice, while the file has not moved', () => {
    const block = 'a\nb\nc\n'
    expect(applied(`${names}@@ -4,3 +4,3 @@\n a\n-b\n+B\n c\n`, block + block)).toBe(`${block}a\nB\nc\n`)
  })

  it('creations and deletions', () => {
    expect(
      editsFromDiff(
        parseDiff('--- /dev/null\n+++ b/n\n@@ -0,0 +1,2 @@\n+a\r\n+b\n\\ No newline at end of file\n'),
        () => undefined,
      ),
    ).toEqual([{ path: 'n', before: null, after: 'a\r\nb', baseHash: null }])
    expect(editsFromDiff(parseDiff('--- a/x.js\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-a\n-b\n'), () => 'a\r\nb')).toEqual([
      { path: 'x.js', before: 'a\r\nb', after: null, baseHash: sha256('a\r\nb') },
    ])
    expect(editsFromDiff(parseDiff('diff --git a/e b/e\ndeleted file mode 100644\nindex e69de29..0000000\n'), () => '')).toEqual([
      { path: 'e', before: '', after: null, baseHash: sha256('') },
    ])
    expect(
      editsFromDiff(parseDiff('diff --git a/e b/e\nnew file mode 100644\nindex 0000000..e69de29\n'), () => undefined),
    ).toEqual([{ path: 'e', before: null, after: '', baseHash: null }])
  })

  it('renames, with and without changes, and copies', () => {
    const read = (path: string): string | undefined => (path === 'x.js' ? 'a\n' : undefined)
    const rename = 'diff --git a/x.js b/y.js\nsimilarity index 100%\nrename from x.js\nrename to y.js\n'
    expect(editsFromDiff(parseDiff(rename), read)).toEqual([
      { path: 'x.js', before: 'a\n', after: null, baseHash: sha256('a\n') },
      { path: 'y.js', before: null, after: 'a\n', baseHash: null },
    ])
    expect(editsFromDiff(parseDiff(`${rename}--- a/x.js\n+++ b/y.js\n@@ -1 +1 @@\n-a\n+b\n`), read).at(-1)?.after).toBe('b\n')
    expect(
      editsFromDiff(parseDiff('diff --git a/x.js b/y.js\nsimilarity index 100%\ncopy from x.js\ncopy to y.js\n'), read),
    ).toEqual([{ path: 'y.js', before: null, after: 'a\n', baseHash: null }])
  })

  it('nothing for a change of mode alone', () => {
    expect(editsFromDiff(parseDiff('diff --git a/x.js b/x.js\nold mode 100644\nnew mode 100755\n'), () => 'a')).toEqual([])
  })

  it('added lines with the line ending of the file, when the diff has another', () => {
    const diff = `${names}@@ -1,2 +1,3 @@\n a\n-b\n+c\n+d\n`
    expect(applied(diff, 'a\r\nb\r\ne\r\n')).toBe('a\r\nc\r\nd\r\ne\r\n')
    expect(applied(`${names}@@ -1,2 +1,2 @@\n a\r\n-b\r\n+c\r\n`, 'a\nb\ne\n')).toBe('a\nc\ne\n')
  })

  it('a change of line endings, byte for byte', () => {
    expect(applied(`${names}@@ -1,2 +1,2 @@\n-a\r\n+a\n b\r\n`, 'a\r\nb\r\n')).toBe('a\nb\r\n')
  })

  it.each([
    ['kept when the diff does not know of it', '@@ -1,2 +1,2 @@\n a\n-b\n+c\n', 'a\nb', 'a\nc'],
    ['kept below the change', '@@ -1,2 +1,2 @@\n-a\n+c\n b\n', 'a\nb', 'c\nb'],
    ['moved when lines are added at the end', '@@ -2 +2,2 @@\n b\n+c\n', 'a\nb', 'a\nb\nc'],
    ['removed when the diff says so', '@@ -2 +2 @@\n-b\n\\ No newline at end of file\n+b\n', 'a\nb', 'a\nb\n'],
    ['made when the diff says so', '@@ -2 +2 @@\n-b\n+b\n\\ No newline at end of file\n', 'a\nb\n', 'a\nb'],
    ['made in the middle of other line endings', '@@ -2 +2 @@\n-b\n+c\n\\ No newline at end of file\n', 'a\r\nb\r\n', 'a\r\nc'],
    [
      'given to a line that is not the last any more',
      '@@ -2 +2,2 @@\n b\n\\ No newline at end of file\n+c\n',
      'a\r\nb',
      undefined,
    ],
    ['gone with its line', '@@ -1,2 +1 @@\n a\n-b\n', 'a\nb', 'a'],
  ])('a missing final line ending is %s', (_, hunk, before, after) => {
    if (after === undefined) expect(() => applied(names + hunk, before)).toThrow()
    else expect(applied(names + hunk, before)).toBe(after)
  })

  it('keeps a byte order mark, and takes it away only when the diff does', () => {
    expect(applied(`${names}@@ -1,2 +1,2 @@\n-a\n+c\n b\n`, '\ufeffa\nb\n')).toBe('\ufeffc\nb\n')
    expect(applied(`${names}@@ -1,2 +1,2 @@\n a\n-b\n+c\n`, '\ufeffa\nb\n')).toBe('\ufeffa\nc\n')
    expect(applied(`${names}@@ -1,2 +1,2 @@\n-\ufeffa\n+a\n b\n`, '\ufeffa\nb\n')).toBe('a\nb\n')
    expect(applied(`${names}@@ -1,2 +1,2 @@\n-\ufeffa\n+\ufeffc\n b\n`, 'a\r\nb\r\n')).toBe('\ufeffc\r\nb\r\n')
  })

  it('an insertion without context only into what the diff was made from', () => {
    const before = 'a\nb\n'
    const [edit] = editsFromDiff(
      parseDiff(`diff --git a/x.js b/x.js\nindex 422c2b7..1111111 100644\n${names}@@ -1,0 +2 @@\n+new\n`),
      () => before,
    )
    expect(edit?.after).toBe('a\nnew\nb\n')
    expect(applied(`${names}@@ -0,0 +1 @@\n+new\n`, '')).toBe('new\n')
    expect(refusal(`${names}@@ -1,0 +2 @@\n+new\n`, before)).toBe('HS_PATCH_CONFLICT')
    expect(refusal(`diff --git a/x.js b/x.js\nindex 0123456..1111111 100644\n${names}@@ -1,0 +2 @@\n+new\n`, before)).toBe(
      'HS_PATCH_CONFLICT',
    )
    expect(applied(`diff --git a/x.js b/x.js\nindex 0123456..1111111 100644\n${names}@@ -0,0 +1 @@\n+new\n`, '')).toBe('new\n')
  })

  it('knows object ids of both kinds', () => {
    const id = '4c479deffa2e6d03dd3c18a7b0ba0bac1b6dbd1dbbcb93e4fe6ebc0ddbc2a2c6'
    // Not the file's id: the twin at the stated place is not trusted.
    expect(refusal(`diff --git a/x.js b/x.js\nindex ${id}..${id} 100644\n${names}@@ -1 +1 @@\n-a\n+b\n`, 'a\na\n')).toBe(
      'HS_PATCH_CONFLICT',
    )
  })
})

describe('editsFromDiff() refuses', () => {
  const change = '@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n'
  it.each([
    ['lines that are not there', `${names}${change}`, 'a\nx\nc\n'],
    ['context that differs by a space', `${names}${change}`, 'a \nb\nc\n'],
    ['lines that moved and are there twice', `${names}${change}`, 'x\na\nb\nc\na\nb\nc\n'],
    [
      'a twin at the stated place, when the diff was made from something else',
      `diff --git a/x.js b/x.js\nindex 0123456..1111111 100644\n${names}${change}`,
      'a\nb\nc\na\nb\nc\n',
    ],
    [
      'a twin at the stated place, when another hunk shows that the file moved',
      `${names}${change}@@ -7,2 +7,2 @@\n-d\n+D\n e\n`,
      'a\nb\nc\na\nb\nc\nx\nd\ne\n',
    ],
    ['a line without ending that is not the last', `${names}@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n`, 'a\nb\n'],
    ['hunks found in another order', `${names}@@ -1 +1 @@\n-a\n+A\n@@ -5 +5 @@\n-b\n+B\n`, 'b\na\n'],
    ['a file that is not there', `${names}${change}`, undefined],
    ['a new file that is there', '--- /dev/null\n+++ b/x.js\n@@ -0,0 +1 @@\n+a\n', 'b'],
    ['a removal of less than the file holds', '--- a/x.js\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n', 'a\nb\n'],
    [
      'a removal of an empty file that is not empty',
      'diff --git a/x.js b/x.js\ndeleted file mode 100644\nindex e69de29..0000000\n',
      'a',
    ],
    ['a rename onto a file that is there', 'diff --git a/y.js b/x.js\nrename from y.js\nrename to x.js\n', 'a'],
  ])('%s', (_, diff, present) => {
    expect(refusal(diff, present)).toBe('HS_PATCH_CONFLICT')
  })

  it.each([
    ['a path that leads outside', '--- a/../x\n+++ b/../x\n@@ -1 +1 @@\n-a\n+b\n'],
    ['an escaped path that leads outside', '--- "a/\\056\\056/x"\n+++ "b/\\056\\056/x"\n@@ -1 +1 @@\n-a\n+b\n'],
    ['a rename into git', 'diff --git a/x.js b/.git/x\nrename from x.js\nrename to .git/x\n'],
    [
      'a link',
      'diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n',
    ],
    ['a submodule', 'diff --git a/l b/l\nnew file mode 160000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+Subproject commit 0\n'],
    ['a setuid bit', 'diff --git a/x.js b/x.js\nold mode 100644\nnew mode 104755\n'],
    ['a binary file', 'diff --git a/x.js b/x.js\nindex 1111111..2222222 100644\nBinary files a/x.js and b/x.js differ\n'],
  ])('%s', (_, diff) => {
    expect(refusal(diff, 'a\n')).toBe('HS_PATH_REFUSED')
  })

  it('to search for ever in lines that are all alike', () => {
    const block = 'a\n'.repeat(3_000)
    const diff = `${names}@@ -900000,3001 +900000,3001 @@\n${' a\n'.repeat(3_000)}-b\n+B\n`
    const startedMs = performance.now()
    expect(refusal(diff, `${block.repeat(30)}b\n${block.repeat(30)}c\nb\n`)).toBeUndefined()
    const hunk = `${' a\n'.repeat(3_000)}-a\n+b\n`
    expect(refusal(`${names}@@ -900000,3001 +900000,3001 @@\n${hunk}`, `${'a\n'.repeat(2_999)}c\n`.repeat(60))).toBe(
      'HS_PATCH_CONFLICT',
    )
    expect(performance.now() - startedMs).toBeLessThan(3_000)
  })
})

describe('chmodsFromDiff()', () => {
  const modes: Readonly<Record<string, number>> = { 'x.js': 0o640, run: 0o755 }
  const chmods = (diff: string): unknown => chmodsFromDiff(parseDiff(diff), (path) => modes[path])

  it.each([
    [
      'makes a file executable for those who may read it',
      'diff --git a/x.js b/x.js\nold mode 100644\nnew mode 100755\n',
      [{ kind: 'chmod', path: 'x.js', modeBefore: 0o640, mode: 0o750 }],
    ],
    [
      'takes the right to execute away',
      'diff --git a/run b/run\nold mode 100755\nnew mode 100644\n',
      [{ kind: 'chmod', path: 'run', modeBefore: 0o755, mode: 0o644 }],
    ],
    ['does nothing when it is so already', 'diff --git a/run b/run\nold mode 100644\nnew mode 100755\n', []],
    ['knows nothing of a file that is not there', 'diff --git a/none b/none\nold mode 100644\nnew mode 100755\n', []],
    [
      'makes a new file executable',
      'diff --git a/n b/n\nnew file mode 100755\nindex 0000000..e69de29\n',
      [{ kind: 'chmod', path: 'n', modeBefore: 0o644, mode: 0o755 }],
    ],
    [
      'keeps what a renamed file was',
      'diff --git a/run b/go\nsimilarity index 100%\nrename from run\nrename to go\n',
      [{ kind: 'chmod', path: 'go', modeBefore: 0o644, mode: 0o755 }],
    ],
    [
      'has nothing to do for what is removed or keeps its mode',
      '--- a/x.js\n+++ b/x.js\n@@ -1 +1 @@\n-a\n+b\ndiff --git a/e b/e\ndeleted file mode 100644\nindex e69de29..0000000\n',
      [],
    ],
  ])('%s', (_, diff, expected) => {
    expect(chmods(diff)).toEqual(expected)
  })
})

describe('editsFromDiff() on a rendered diff', () => {
  it('trusts the object id even where lines repeat', () => {
    const before = 'a\n'.repeat(50)
    const after = `${'a\n'.repeat(20)}b\n${'a\n'.repeat(30)}`
    const edit = { path: 'x.js', before, after, baseHash: sha256(before) }
    expect(editsFromDiff(parseDiff(renderDiff([edit])), () => before)).toEqual([edit])
  })
})
