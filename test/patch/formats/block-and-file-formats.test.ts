import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../../src/core/errors.js'
import { editsFromText } from '../../../src/patch/formats/edits-from-text.js'
import { parsePatchText, type ParsedPatch } from '../../../src/patch/formats/parse-patch-text.js'

const block = (search: string, replace: string): string => `<<<<<<< SEARCH\n${search}=======\n${replace}>>>>>>> REPLACE\n`

function refusal(act: () => unknown): string {
  try {
    return JSON.stringify(act())
  } catch (error) {
    if (isHomeostatError(error)) return `${error.code} ${error.message}`
    throw error
  }
}

function after(text: string, before: string | undefined): string | null | undefined {
  return editsFromText(parsePatchText(text), { read: () => before, modeOf: () => 0o644 }).edits[0]?.after
}

describe('search-and-replace blocks', () => {
  const one = { path: 'src/a.js', search: 'a\n', replace: 'b\n' }
  const written = block('a\n', 'b\n')

  it.each<readonly [string, string, readonly string[]]>([
    ['a path above a block', `src/a.js\n${written}`, ['src/a.js']],
    ['a path above a fence', `src/a.js\n\`\`\`js\n${written}\`\`\`\n`, ['src/a.js']],
    ['a path inside of a fence', `~~~\nsrc/a.js\n${written}~~~\n`, ['src/a.js']],
    ['a path in quotes', `"src/a b.js"\n${written}`, ['src/a b.js']],
    ['a path in octal', `"src/\\303\\244.js"\n${written}`, ['src/ä.js']],
    ['a block that goes on in the same file', `src/a.js\n${written}\n${written}`, ['src/a.js', 'src/a.js']],
    ['several in one fence', `src/a.js\n\`\`\`\n${written}src/b.js\n${written}\`\`\`\n`, ['src/a.js', 'src/b.js']],
    ['no last line feed', `src/a.js\n${written.trimEnd()}`, ['src/a.js']],
    ['blank lines around', `\n\nsrc/a.js\n${written}\n  \n`, ['src/a.js']],
    ['CR LF throughout', `src/a.js\n${written}`.replaceAll('\n', '\r\n'), ['src/a.js']],
    ['a byte order mark', `\ufeffsrc/a.js\n${written}`, ['src/a.js']],
  ])('can be %s', (_, text, paths) => {
    expect(parsePatchText(text)).toEqual({ format: 'search-replace', blocks: paths.map((path) => ({ ...one, path })) })
  })

  it.each<readonly [string, string]>([
    ['no path', written],
    ['talk above', `Here you are:\n\nsrc/a.js\n${written}`],
    ['talk below', `src/a.js\n${written}That is all\n`],
    ['a path below', `src/a.js\n${written}src/b.js\n`],
    ['a path too far above', `src/a.js\n\n${written}`],
    ['two paths', `src/a.js\nsrc/b.js\n${written}`],
    ['a fence that is not closed', `src/a.js\n\`\`\`\n${written}`],
    ['a fence that was not opened', `src/a.js\n${written}\`\`\`\n`],
    ['a whole file beside', `src/a.js\n${written}\nsrc/b.js\n\`\`\`\nb\n\`\`\`\n`],
    ['a diff beside', `src/a.js\n${written}--- a/b\n+++ b/b\n@@ -1 +1 @@\n-a\n+b\n`],
    ['no divider', 'src/a.js\n<<<<<<< SEARCH\na\n>>>>>>> REPLACE\n'],
    ['two dividers', `src/a.js\n${block('a\n=======\n', 'b\n')}`],
    ['no end', 'src/a.js\n<<<<<<< SEARCH\na\n=======\nb\n'],
    ['a block inside', `src/a.js\n${block(written, '')}`],
  ])('are refused with %s', (_, text) => {
    expect(refusal(() => parsePatchText(text))).toMatch(/^HS_PATCH_MALFORMED .* at line \d+/)
  })

  it('change what stands there once, and keep the lines that both sides share as they are', () => {
    expect(after(`a\n${block('x\ny\nz\n', 'x\nY\nz\n')}`, 'x\ny\r\nz\r\nw\r\n')).toBe('x\nY\r\nz\r\nw\r\n')
    expect(after(`a\n${block('', 'new\n')}`, undefined)).toBe('new\n')
    expect(refusal(() => after(`a\n${block('x\n', 'y\n')}`, 'x\nx\n'))).toMatch(/^HS_PATCH_CONFLICT .*more than once/)
    expect(refusal(() => after(`../a\n${block('x\n', 'y\n')}`, 'x\n'))).toMatch(/^HS_PATH_REFUSED/)
  })

  it('leave nothing out', () => {
    expect(refusal(() => after(`a\n${block('x\n', '// ... existing code ...\n')}`, 'x\n'))).toMatch(
      /^HS_PATCH_MALFORMED .*leaves/,
    )
  })
})

describe('whole files', () => {
  it.each<readonly [string, string, ParsedPatch]>([
    ['one', 'src/a.js\n```js\na\n\nb\n```\n', { format: 'whole-file', files: [{ path: 'src/a.js', text: 'a\n\nb\n' }] }],
    ['an empty one', 'a\n~~~\n~~~', { format: 'whole-file', files: [{ path: 'a', text: '' }] }],
    [
      'several, one with fences in it',
      'README.md\n````\n```sh\nnpm i\n```\n````\n\n"a b"\n```\nx\n```\n',
      {
        format: 'whole-file',
        files: [
          { path: 'README.md', text: '```sh\nnpm i\n```\n' },
          { path: 'a b', text: 'x\n' },
        ],
      },
    ],
  ])('can be %s', (_, text, expected) => {
    expect(parsePatchText(text)).toEqual(expected)
  })

  it.each<readonly [string, string]>([
    ['no path', '```\na\n```\n'],
    ['talk', 'Sure!\n\na\n```\nx\n```\n'],
    ['a blank line below the path', 'a\n\n```\nx\n```\n'],
    ['a fence that is not closed', 'a\n```\nx\n'],
    ['a fence inside another', 'a\n```\n```js\nx\n```\n```\n'],
    ['an indented fence inside', 'a\n```\nx\n  ```\n```\n'],
    ['two texts for one file', 'a\n```\nx\n```\nA\n```\ny\n```\n'],
    ['a diff in the fence', 'a\n```diff\n--- a/a\n+++ b/a\n@@ -1 +1 @@\n-x\n+y\n```\n'],
    ['a diff of git in the fence', 'a\n```\n\ndiff --git a/a b/a\n```\n'],
    ['a patch in the fence', 'a\n```\n*** Begin Patch\n*** Delete File: b\n*** End Patch\n```\n'],
  ])('are refused with %s', (_, text) => {
    expect(refusal(() => parsePatchText(text))).toMatch(/^HS_PATCH_MALFORMED .* at line \d+/)
  })

  it('keep line endings, mixed ones where lines stay, the byte order mark and a missing last line ending', () => {
    const text = 'a\n```\none\nzwei\nthree\n```\n'
    expect(after(text, 'one\r\ntwo\r\nthree\r\n')).toBe('one\r\nzwei\r\nthree\r\n')
    expect(after(text, 'one\ntwo\r\nthree\r\n')).toBe('one\nzwei\r\nthree\r\n')
    expect(after(text, '\ufeffone\ntwo\nthree')).toBe('\ufeffone\nzwei\nthree')
    expect(after(text, '\ufeffeins\ntwo\nthree')).toBe('\ufeffone\nzwei\nthree')
    expect(after(text, undefined)).toBe('one\nzwei\nthree\n')
    expect(after(text, '')).toBe('one\nzwei\nthree\n')
    expect(after(text, 'one\nzwei\nthree\n')).toBeUndefined()
  })

  it('are whole: an excerpt is refused, and so is "the rest stays"', () => {
    const before = Array.from({ length: 20 }, (_, index) => `line ${index}\n`).join('')
    expect(refusal(() => after('a\n```\nline 7\nline 8, changed\n```\n', before))).toMatch(/^HS_PATCH_MALFORMED .*excerpt/)
    const lazy = `a\n\`\`\`\n${before.replace('line 9\n', '// ... existing code ...\n')}\`\`\`\n`
    expect(refusal(() => after(lazy, before))).toMatch(/^HS_PATCH_MALFORMED .*leaves something out/)
    expect(refusal(() => after('.git/hooks/x\n```\nx\n```\n', undefined))).toMatch(/^HS_PATH_REFUSED/)
  })
})
