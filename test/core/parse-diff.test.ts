import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import { parseDiff } from '../../src/core/parse-diff.js'

const head = 'diff --git a/x.js b/x.js\n'
const names = '--- a/x.js\n+++ b/x.js\n'
const change = '@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n'

function refusal(text: string): { readonly line: number | undefined; readonly reason: string } {
  try {
    parseDiff(text)
  } catch (error) {
    if (isHomeostatError(error, 'HS_PATCH_MALFORMED')) return { line: error.details.line, reason: error.details.reason }
    throw error
  }
  throw new Error('it was accepted')
}

describe('parseDiff() reads', () => {
  it('a git section whole', () => {
    expect(parseDiff(`${head}index 0123abc..4567def 100644\n${names}${change}`)).toEqual([
      {
        kind: 'modify',
        oldPath: 'x.js',
        newPath: 'x.js',
        oldMode: 0o100644,
        newMode: 0o100644,
        oldBlob: '0123abc',
        binary: false,
        line: 1,
        hunks: [
          {
            oldStart: 1,
            oldLines: 2,
            newStart: 1,
            newLines: 2,
            line: 5,
            lines: [
              { kind: 'context', text: 'one', eol: '\n' },
              { kind: 'remove', text: 'two', eol: '\n' },
              { kind: 'add', text: 'zwei', eol: '\n' },
            ],
          },
        ],
      },
    ])
  })

  it.each([
    ['--- a/x.js\n+++ b/x.js\n', 'x.js'],
    ['--- x.js\n+++ x.js\n', 'x.js'],
    ['--- a/x.js\t2026-01-01 10:00\n+++ b/x.js\t2026-01-02 10:00\n', 'x.js'],
    ['--- b/x.js\n+++ a/x.js\n', 'x.js'],
    ['--- i/x.js\n+++ w/x.js\n', 'x.js'],
    ['--- a/x.js\n+++ a/x.js\n', 'a/x.js'],
    ['--- "a/\\303\\244 \\"q\\".js"\n+++ "b/\\303\\244 \\"q\\".js"\n', 'ä "q".js'],
    ['--- "a/\\056\\056/x"\n+++ "b/\\056\\056/x"\n', '../x'],
  ])('the names of %j', (written, path) => {
    const [file] = parseDiff(written + change)
    expect([file?.oldPath, file?.newPath]).toEqual([path, path])
  })

  it.each([
    ['a/a b b/a b', 'a b'],
    ['a/a b/a b/a b/a', 'a b/a'],
    ['"a/t\\tb" "b/t\\tb"', 't\tb'],
    ['plain plain', 'plain'],
    ['c/lib c/lib', 'c/lib'],
    ['i/lib w/lib', 'lib'],
  ])('the names of "diff --git %s"', (rest, path) => {
    const [file] = parseDiff(`diff --git ${rest}\nold mode 100644\nnew mode 100755\n`)
    expect(file).toMatchObject({ kind: 'modify', oldPath: path, newPath: path, oldMode: 0o100644, newMode: 0o100755, hunks: [] })
  })

  it('creations, with and without content, and with no final line ending', () => {
    const [empty, plain, ends] = parseDiff(
      'diff --git a/e b/e\nnew file mode 100755\nindex 0000000..e69de29\n' +
        'diff --git a/p b/p\nnew file mode 100644\n--- /dev/null\n+++ b/p\n@@ -0,0 +1 @@\n+hi\n' +
        '--- /dev/null\n+++ n\n@@ -0,0 +1 @@\n+hi\n\\ No newline at end of file\n',
    )
    expect(empty).toMatchObject({ kind: 'create', oldPath: null, newPath: 'e', newMode: 0o100755, hunks: [] })
    expect(empty).not.toHaveProperty('oldMode')
    expect(plain).toMatchObject({ kind: 'create', oldPath: null, newPath: 'p' })
    expect(ends).toMatchObject({ kind: 'create', newPath: 'n', hunks: [{ lines: [{ kind: 'add', text: 'hi', eol: '' }] }] })
  })

  it('deletions', () => {
    const [git, plain, empty] = parseDiff(
      'diff --git a/p b/p\ndeleted file mode 100644\nindex 45b983b..0000000\n--- a/p\n+++ /dev/null\n@@ -1 +0,0 @@\n-hi\n' +
        '--- a/q\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-hi\n-ho\n' +
        'diff --git a/e b/e\ndeleted file mode 100644\nindex e69de29..0000000\n',
    )
    expect(git).toMatchObject({ kind: 'delete', oldPath: 'p', newPath: null, oldMode: 0o100644 })
    expect(git).not.toHaveProperty('newMode')
    expect(plain).toMatchObject({ kind: 'delete', oldPath: 'q', newPath: null })
    expect(empty).toMatchObject({ kind: 'delete', oldPath: 'e', hunks: [] })
  })

  it('renames and copies, also of one source twice, with and without prefixes', () => {
    const files = parseDiff(
      'diff --git a/o b/n\nsimilarity index 90%\nrename from o\nrename to n\nindex 1111111..2222222 100644\n--- a/o\n+++ b/n\n@@ -1 +1 @@\n-a\n+b\n' +
        'diff --git a/s b/t\nsimilarity index 100%\ncopy from s\ncopy to t\n' +
        'diff --git s u\nsimilarity index 100%\ncopy from s\ncopy to u\n' +
        'diff --git "a/\\303\\244" b/a\nsimilarity index 100%\nrename from "\\303\\244"\nrename to a\n',
    )
    expect(files.map((file) => [file.kind, file.oldPath, file.newPath])).toEqual([
      ['rename', 'o', 'n'],
      ['copy', 's', 't'],
      ['copy', 's', 'u'],
      ['rename', 'ä', 'a'],
    ])
  })

  it('binary files', () => {
    const [one, two, three] = parseDiff(
      'diff --git a/i.png b/i.png\nindex 1111111..2222222 100644\nBinary files a/i.png and b/i.png differ\n' +
        'diff --git a/j b/j\nindex 1111111..2222222 100644\nGIT binary patch\nliteral 2\nJcmZQ%U|{^d\n\nliteral 1\nIcmZQz00IC3\n\n' +
        'diff --git a/k b/k\nindex 1111111..2222222\nGIT binary patch\ndelta 2\nJcmZQ%U|{^d\n',
    )
    expect([one, two, three].map((file) => [file?.newPath, file?.binary])).toEqual([
      ['i.png', true],
      ['j', true],
      ['k', true],
    ])
  })

  it('line endings of the content as they are, when the headers have plain ones', () => {
    const [file] = parseDiff(`${names}@@ -1,2 +1,2 @@\n one\r\n-two\r\n+zwei\n`)
    expect(file?.hunks[0]?.lines.map((line) => line.eol)).toEqual(['\r\n', '\r\n', '\n'])
  })

  it('a diff with CR LF throughout as one with LF', () => {
    const text = `${head}${names}${change}`
    expect(parseDiff(text.replaceAll('\n', '\r\n'))).toEqual(parseDiff(text))
  })

  it('a carriage return that ends a file without line ending as content', () => {
    const [file] = parseDiff(`${names}@@ -1 +1 @@\n-a\n+b\r\n\\ No newline at end of file\n`)
    expect(file?.hunks[0]?.lines[1]).toEqual({ kind: 'add', text: 'b\r', eol: '' })
  })

  it('a context line whose only space was stripped, and blank lines between sections', () => {
    const [file, other] = parseDiff(`${names}@@ -1,3 +1,3 @@\n one\n\n-two\n+zwei\n\n\n--- a/y\n+++ b/y\n${change}\n`)
    expect(file?.hunks[0]?.lines[1]).toEqual({ kind: 'context', text: '', eol: '\n' })
    expect(other?.newPath).toBe('y')
  })

  it('content that looks like headers', () => {
    const [file, ...others] = parseDiff(`${names}@@ -1,2 +1,2 @@\n--- a/y\n- two\n+++ b/y\n+@@ -1 +1 @@\n`)
    expect(others).toEqual([])
    expect(file?.hunks[0]?.lines.map((line) => line.text)).toEqual(['-- a/y', ' two', '++ b/y', '@@ -1 +1 @@'])
  })

  it('several hunks, insertions without context and any text after the header', () => {
    const [file] = parseDiff(`${names}@@ -0,0 +1 @@ function f() {\n+zero\n@@ -3,0 +5,2 @@\n+a\n+b\n@@ -4 +6 @@\n-x\n+y\n`)
    expect(file?.hunks.map((hunk) => [hunk.oldStart, hunk.oldLines, hunk.newStart, hunk.newLines])).toEqual([
      [0, 0, 1, 1],
      [3, 0, 5, 2],
      [4, 1, 6, 1],
    ])
  })

  it('nothing from nothing', () => {
    expect(parseDiff('')).toEqual([])
    expect(parseDiff('\n\n')).toEqual([])
  })
})

describe('parseDiff() refuses', () => {
  it.each([
    ['prose before', `Here you are:\n${names}${change}`, 1],
    ['prose after', `${names}${change}That is all`, 7],
    ['a mail signature', `${names}${change}-- \n2.39.5\n`, 7],
    ['too few lines', `${names}@@ -1,3 +1,2 @@\n one\n-two\n+zwei\n`, 7],
    ['too few lines before the next section', `${names}@@ -1,3 +1,3 @@\n one\n-two\n+zwei\n${head}${names}`, 7],
    ['too many old lines', `${names}@@ -1 +1,2 @@\n one\n-two\n+zwei\n`, 5],
    ['too many new lines', `${names}@@ -1,2 +1 @@\n one\n+zwei\n-two\n`, 5],
    ['a hunk that changes nothing', `${names}@@ -1 +1 @@\n one\n`, 3],
    ['an empty hunk', `${names}@@ -1,0 +1,0 @@\n`, 3],
    ['a bad hunk header', `${names}@@ -1 @@\n`, 3],
    ['huge numbers', `${names}@@ -1,99999999999 +1 @@\n`, 3],
    ['lines that count from 0', `${names}@@ -0,2 +1,2 @@\n one\n-two\n+zwei\n`, 3],
    ['overlapping hunks', `${names}@@ -1,2 +1,2 @@\n one\n-two\n+zwei\n@@ -2 +2 @@\n-a\n+b\n`, 7],
    ['hunks out of order', `${names}@@ -9 +9 @@\n-a\n+b\n@@ -2 +2 @@\n-a\n+b\n`, 6],
    ['a hunk inside the one before', `${names}@@ -3,2 +3 @@\n-a\n-b\n+c\n@@ -3,0 +3 @@\n+b\n`, 7],
    ['no hunk', names, 1],
    ['no names', '@@ -1 +1 @@\n-a\n+b\n', 1],
    ['no new name', `--- a/x\n@@ -1 +1 @@\n-a\n+b\n`, 2],
    ['an empty new name', '--- a/x\n+++ \n', 2],
    ['an empty old name', '--- \n+++ b/x\n', 1],
    ['nothing after the old name', '--- a/x', 2],
    ['differing names', `--- a/x\n+++ b/y\n${change}`, 1],
    ['two absent names', `--- /dev/null\n+++ /dev/null\n${change}`, 1],
    ['names that differ from the git header', `${head}--- a/y\n+++ b/y\n${change}`, 1],
    ['a git header of two names', `diff --git a/x b/y\n--- a/x\n+++ b/y\n${change}`, 1],
    ['an unreadable git header', `diff --git x\nold mode 100644\nnew mode 100755\n`, 1],
    ['an unclosed quote', `diff --git "a/x b/x\nold mode 100644\nnew mode 100755\n`, 1],
    ['a bad escape', `--- "a/\\q"\n+++ "b/\\q"\n${change}`, 1],
    ['a name that is not UTF-8', `--- "a/\\377"\n+++ "b/\\377"\n${change}`, 1],
    ['text after a quoted name', `--- "a/x"y\n+++ "b/x"y\n${change}`, 1],
    ['a carriage return in a name', `--- a/x\r\n+++ b/x\n${change}`, 1],
    ['a section that says nothing', head, 1],
    ['two sections for one path', `${names}${change}${names}${change}`, 7],
    ['two sections for one path but for case', `${names}${change}--- a/X.JS\n+++ b/X.JS\n${change}`, 7],
    [
      'a rename onto a path that another section changes',
      `${names}${change}diff --git a/y b/x.js\nrename from y\nrename to x.js\n`,
      7,
    ],
    ['a header that stands there twice', `${head}old mode 100644\nold mode 100755\n`, 3],
    ['half a mode change', `${head}old mode 100644\n`, 1],
    ['a bad mode', `${head}old mode 644\nnew mode 100755\n`, 1],
    ['a new file with an old mode', `${head}new file mode 100644\nold mode 100644\nnew mode 100755\n`, 1],
    ['a file both new and deleted', `${head}new file mode 100644\ndeleted file mode 100644\n`, 1],
    ['a file both new and renamed', `diff --git a/x b/y\nnew file mode 100644\nrename from x\nrename to y\n`, 1],
    ['half a rename', `diff --git a/x b/y\nrename from x\n`, 1],
    ['a rename to itself', `${head}rename from x.js\nrename to x.js\n`, 1],
    ['a rename that its header denies', `diff --git a/x b/y\nrename from x\nrename to z\n`, 1],
    ['a bad index line', `${head}index what\n${names}${change}`, 1],
    ['a new file with old lines', `${head}new file mode 100644\n--- /dev/null\n+++ b/x.js\n${change}`, 1],
    ['a new file whose old side exists', `${head}new file mode 100644\n${names}@@ -0,0 +1 @@\n+a\n`, 1],
    ['a deleted file with new lines', `--- a/x\n+++ /dev/null\n${change}`, 1],
    ['a deleted file from line 2', `--- a/x\n+++ /dev/null\n@@ -2 +0,0 @@\n-a\n`, 1],
    ['a mark without a line', `${names}@@ -1 +1 @@\n\\ No newline at end of file\n-a\n+b\n`, 4],
    ['a mark after a mark', `${names}@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n\\ No newline at end of file\n`, 7],
    ['an old line after the end', `${names}@@ -1,2 +1 @@\n-a\n\\ No newline at end of file\n-c\n+b\n`, 6],
    ['a new line after the end', `${names}@@ -1 +1,2 @@\n-a\n+b\n\\ No newline at end of file\n+c\n`, 7],
    ['a hunk after the end', `${names}@@ -1 +1 @@\n-a\n+b\n\\ No newline at end of file\n@@ -5 +5 @@\n-a\n+b\n`, 7],
    ['a NUL character', `${names}@@ -1 +1 @@\n-a\n+b\0\n`, 5],
    ['an ed script', '2c\nzwei\n.\n', 1],
    ['a combined diff', 'diff --cc x.js\n', 1],
    ['binary data that is none', `${head}index 1111111..2222222\nGIT binary patch\nliteral 4\n!\n`, 5],
    ['a binary patch without data', `${head}index 1111111..2222222\nGIT binary patch\n`, 3],
  ])('%s', (_, text, line) => {
    expect(refusal(text).line).toBe(line)
  })

  it('what is too much', () => {
    expect(refusal('x'.repeat(8 * 1024 * 1024 + 1)).reason).toContain('longer')
    expect(refusal('\n'.repeat(400_001)).reason).toContain('lines')
    const many = Array.from(
      { length: 5_001 },
      (_, index) => `diff --git a/${index} b/${index}\nold mode 100644\nnew mode 100755\n`,
    )
    expect(refusal(many.join('')).reason).toContain('files')
  })
})

describe('parseDiff() on hostile text', () => {
  it.each([
    ['spaces in a header', `diff --git ${' '.repeat(1_000_000)}\n`],
    ['prefixes in a header', `diff --git ${'a/ '.repeat(300_000)}\n`],
    ['quotes in a header', `diff --git ${' "'.repeat(400_000)}\n`],
    ['backslashes in a name', `--- "${'\\'.repeat(1_000_000)}\n`],
    ['escapes in a name', `--- "${'\\303'.repeat(250_000)}"\n`],
    ['digits in a hunk header', `${names}@@ -${'1'.repeat(1_000_000)}`],
    ['a binary line', `${head}index 1111111..2222222\nBinary files ${'x '.repeat(500_000)}`],
    ['an index line', `${head}index ${'0'.repeat(1_000_000)}\n`],
  ])('answers quickly to a megabyte of %s', (_, text) => {
    const startedMs = performance.now()
    refusal(text)
    expect(performance.now() - startedMs).toBeLessThan(1_000)
  })

  it('gives files or HS_PATCH_MALFORMED, nothing else', () => {
    const piece = fc.constantFrom(
      head,
      names,
      change,
      '@@ -1 +1 @@\n',
      '-a\n',
      '+b\n',
      ' c\n',
      '\n',
      '\\ No newline at end of file\n',
      'new file mode 100644\n',
      'rename from x.js\n',
      '--- /dev/null\n',
      '+++ b/x.js\n',
      'GIT binary patch\n',
      'literal 1\n',
      '\r\n',
    )
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ weight: 8, arbitrary: piece }, fc.string({ unit: 'binary', maxLength: 12 })), { maxLength: 12 }),
        (pieces) => {
          try {
            for (const file of parseDiff(pieces.join(''))) {
              for (const hunk of file.hunks) {
                expect(hunk.lines.filter((line) => line.kind !== 'add')).toHaveLength(hunk.oldLines)
                expect(hunk.lines.filter((line) => line.kind !== 'remove')).toHaveLength(hunk.newLines)
              }
            }
          } catch (error) {
            expect(isHomeostatError(error, 'HS_PATCH_MALFORMED')).toBe(true)
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
