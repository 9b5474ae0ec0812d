import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseDiff } from '../../../src/core/parse-diff.js'
import { recountedDiff } from '../../../src/llm/envelope/recounted-diff.js'

describe('recountedDiff()', () => {
  it('counts what is there', () => {
    const diff = '--- a/x.js\n+++ b/x.js\n@@ -1,9 +1,7 @@ f()\n a\n\n-b\n+c\n+d\n\n'
    expect(recountedDiff(diff)).toBe('--- a/x.js\n+++ b/x.js\n@@ -1,3 +1,4 @@ f()\n a\n \n-b\n+c\n+d\n')
  })

  it('tells names from removed lines that look like them', () => {
    const first = '--- a/x.sql\n+++ b/x.sql\n@@ -1 +1 @@\n--- comment\n+-- other\n'
    const second = 'diff --git a/y b/y\n--- a/y\n+++ b/y\n@@ -4,1 +4,1 @@\n-a\n+b\n'
    const files = parseDiff(recountedDiff(first + second) ?? '')
    expect(files.map(({ newPath, hunks }) => [newPath, hunks[0]?.lines.length])).toEqual([
      ['x.sql', 2],
      ['y', 2],
    ])
  })

  it('gives up where a line in a hunk is none', () => {
    expect(recountedDiff('--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\nThat is all.\n')).toBeUndefined()
  })

  it('mends every wrong count, and leaves right ones as they are', () => {
    const line = fc.tuple(fc.constantFrom(' ', '+', '-'), fc.stringMatching(/^[a-z]{1,5}$/)).map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 10 }), fc.nat(99), fc.nat(99), (body, wrongOld, wrongNew) => {
        const lines = [...body, '+end']
        const count = (marks: string): number => lines.filter((text) => marks.includes(text.slice(0, 1))).length
        const diff = (old: number, fresh: number): string =>
          `--- a/x\n+++ b/x\n@@ -7,${old} +7,${fresh} @@\n${lines.join('\n')}\n`
        const right = diff(count(' -'), count(' +'))
        expect(recountedDiff(diff(wrongOld, wrongNew))).toBe(right)
        expect(recountedDiff(right)).toBe(right)
      }),
    )
  })
})
