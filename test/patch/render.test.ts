import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import { parseDiff } from '../../src/core/parse-diff.js'
import type { FileEdit } from '../../src/core/patch.js'
import { editsFromDiff } from '../../src/patch/apply-diff.js'
import { lineCount } from '../../src/patch/plan.js'
import { colourDiff, renderDiff } from '../../src/patch/render.js'

const editOf = (path: string, before: string | null, after: string | null): FileEdit => ({
  path,
  before,
  after,
  baseHash: before === null ? null : sha256(before),
})
const readBefore = (edits: readonly FileEdit[]) => (path: string) => edits.find((edit) => edit.path === path)?.before ?? undefined

/** Texts with few different lines, so that blocks repeat, and every kind of line ending. */
const line = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.constantFrom('a', 'b', '', '  c', '- d', '+e', '\\ f', '@@ -1 +1 @@', '--- a/x', 'é\u200b', 'a\r', '\ufeffg'),
  },
  fc.string({ unit: 'grapheme' }),
)
const textOf = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\n', '\r\n')), { maxLength: 30 })
  .chain((lines) => fc.tuple(fc.constant(lines.map(([content, eol]) => content + eol).join('')), fc.oneof(fc.constant(''), line)))
  .map(([lines, last]) => (lines + last).replaceAll('\0', '0'))
  .filter((text) => !/\p{Cs}/u.test(text))
const paths = ['a.js', 'src/b c.ts', 'ä/"q".md', 'x/y/z']
const edits = fc
  .tuple(
    ...paths.map((path) => fc.tuple(fc.option(textOf), fc.option(textOf)).map(([before, after]) => editOf(path, before, after))),
  )
  .map((all) => all.filter((edit) => edit.before !== edit.after))

describe('renderDiff()', () => {
  it('shows edits as git does', () => {
    const before = 'one\ntwo\nthree\n'
    expect(
      renderDiff([
        editOf('a b.js', before, 'one\nzwei\nthree'),
        editOf('new', null, 'x\n'),
        editOf('old', 'x', null),
        editOf('same', 'x', 'x'),
        editOf('e', null, ''),
      ]),
    ).toBe(
      [
        'diff --git a/a b.js b/a b.js',
        'index 4cb29ea38f70d7c61b2a3a25b02e3bdf44905402..1c02fb4a2891beac28cc91daee8dc18c5242f8ed',
        '--- a/a b.js\t',
        '+++ b/a b.js\t',
        '@@ -1,3 +1,3 @@',
        ' one',
        '-two',
        '-three',
        '+zwei',
        '+three',
        '\\ No newline at end of file',
        'diff --git a/new b/new',
        'new file mode 100644',
        'index 0000000000000000000000000000000000000000..587be6b4c3f93f93c489c0111bba5596147a26cb',
        '--- /dev/null',
        '+++ b/new',
        '@@ -0,0 +1 @@',
        '+x',
        'diff --git a/old b/old',
        'deleted file mode 100644',
        'index c1b0730e0133447badcfd47fd144e254807b06e1..0000000000000000000000000000000000000000',
        '--- a/old',
        '+++ /dev/null',
        '@@ -1 +0,0 @@',
        '-x',
        '\\ No newline at end of file',
        'diff --git a/e b/e',
        'new file mode 100644',
        'index 0000000000000000000000000000000000000000..e69de29bb2d1d6434b8b29ae775ad8c2e48c5391',
        '',
      ].join('\n'),
    )
    expect(renderDiff([])).toBe('')
  })

  it('is read back to the same edits, whatever the texts', () => {
    fc.assert(
      fc.property(edits, fc.integer({ min: 1, max: 4 }), (all, context) => {
        expect(editsFromDiff(parseDiff(renderDiff(all, { context })), readBefore(all))).toEqual(all)
      }),
      { numRuns: 300 },
    )
  })

  it('is read back even without context, by the object id', () => {
    fc.assert(
      fc.property(edits, (all) => {
        expect(editsFromDiff(parseDiff(renderDiff(all, { context: 0 })), readBefore(all))).toEqual(all)
      }),
    )
  })

  it('replaces whole texts when they differ everywhere, without taking for ever', () => {
    const texts = [5, 7].map((factor) => Array.from({ length: 20_000 }, (_, index) => `${(index * factor) % 20_011}\n`).join(''))
    const [before = '', after = ''] = texts
    const startedMs = performance.now()
    for (const edit of [
      editOf('x', before, after),
      editOf('x', before.slice(0, -1), after),
      editOf('x', null, after),
      editOf('x', before, ''),
    ]) {
      expect(editsFromDiff(parseDiff(renderDiff([edit])), () => edit.before ?? undefined)).toEqual([edit])
    }
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })

  const folders: string[] = []
  afterAll(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  })
  it('is applied by git to the same texts', () => {
    const folder = mkdtempSync(join(tmpdir(), 'homeostat-render-'))
    folders.push(folder)
    const all = [
      editOf('a b.js', 'one\r\ntwo\r\nthree', 'one\r\nzwei\r\nthree'),
      editOf('ä/"q".md', null, 'neu\n'),
      editOf('gone', 'x\n', null),
      editOf('e', 'a\n', ''),
      editOf('f', '', 'a'),
      editOf('g', null, ''),
    ]
    for (const { path, before } of all) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      if (before !== null) writeFileSync(join(folder, path), before)
    }
    execFileSync('git', ['init', '-q'], { cwd: folder })
    execFileSync('git', ['apply', '-'], { cwd: folder, input: renderDiff(all), stdio: ['pipe', 'ignore', 'inherit'] })
    for (const { path, after } of all) {
      if (after === null) expect(() => readFileSync(join(folder, path))).toThrow('ENOENT')
      else expect(readFileSync(join(folder, path), 'utf8')).toBe(after)
    }
  })
})

describe('lineCount()', () => {
  it('counts lines added and removed, and nothing else', () => {
    expect(
      lineCount([
        editOf('a', 'one\ntwo\n', 'one\nzwei\n'),
        editOf('b', null, 'x\ny'),
        editOf('c', '-z\n', null),
        editOf('d', 'q', 'q'),
      ]),
    ).toBe(5)
    expect(lineCount([editOf('a', 'x', 'x\n')])).toBe(2)
    expect(lineCount([])).toBe(0)
  })

  it('is 0 exactly when nothing changes', () => {
    fc.assert(
      fc.property(textOf, textOf, (before, after) => {
        expect(lineCount([editOf('a', before, after)]) === 0).toBe(before === after)
      }),
    )
  })
})

describe('colourDiff()', () => {
  const diff = 'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n-a\n+b\n c\n\n'

  it('colours headers, hunks, added and removed lines', () => {
    expect(colourDiff(diff, true)).toBe(
      '\u001b[1mdiff --git a/x b/x\u001b[0m\n\u001b[1m--- a/x\u001b[0m\n\u001b[1m+++ b/x\u001b[0m\n\u001b[36m@@ -1,2 +1,2 @@\u001b[0m\n\u001b[31m-a\u001b[0m\n\u001b[32m+b\u001b[0m\n c\n\n',
    )
  })

  it('is plain when disabled', () => {
    expect(colourDiff(diff, false)).toBe(diff)
  })

  it('never lets the diff speak to the terminal', () => {
    const hostile = `+\u001b]0;owned\u0007\u001b[2Jx\u202e\r\n-${'y'.repeat(1_000_000)}\n`
    for (const enabled of [true, false]) {
      const shown = colourDiff(hostile, enabled)
      expect(shown.length).toBeLessThan(2_100)
      expect(shown.replace(/\u001b\[(?:3[126]|[01])m/g, '')).not.toMatch(/[\u001b\u0007\r\u202e]/)
    }
  })
})
