import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../../src/core/errors.js'
import { editsFromText } from '../../../src/patch/formats/edits-from-text.js'
import { parsePatchText } from '../../../src/patch/formats/parse-patch-text.js'

type Files = Readonly<Record<string, string>>

/** What the files are after the patch between the two marks; `null`: gone. */
function patched(files: Files, ...body: readonly string[]): Readonly<Record<string, string | null>> {
  const { edits } = editsFromText(parsePatchText(['*** Begin Patch', ...body, '*** End Patch', ''].join('\n')), {
    read: (path) => files[path],
    modeOf: (path) => (files[path] === undefined ? undefined : 0o755),
  })
  return Object.fromEntries(edits.map(({ path, after }) => [path, after]))
}

function refusal(files: Files, ...body: readonly string[]): string {
  try {
    return JSON.stringify(patched(files, ...body))
  } catch (error) {
    if (isHomeostatError(error)) return `${error.code} ${error.message}`
    throw error
  }
}

const code = 'class A {\n  run() {\n    one\n    two\n  }\n}\nclass B {\n  run() {\n    three\n  }\n}\n'

describe('the apply_patch format', () => {
  it('adds, deletes and changes files', () => {
    expect(
      patched(
        { 'a.js': code, 'old.js': 'x\n' },
        '*** Add File: new/a b.js',
        '+let a = 1',
        '+',
        '+*** End Patch',
        '*** Delete File: old.js',
        '*** Update File: a.js',
        '@@ class A {',
        '@@   run() {',
        '     one',
        '-    two',
        '+    zwei',
        '+    drei',
        '@@',
        '-    three',
      ),
    ).toEqual({
      'new/a b.js': 'let a = 1\n\n*** End Patch\n',
      'old.js': null,
      'a.js': code.replace('    two\n', '    zwei\n    drei\n').replace('    three\n', ''),
    })
  })

  it('needs no anchor, and takes an empty line as context', () => {
    expect(patched({ a: 'one\n\ntwo\n' }, '*** Update File: a', ' one', '', '-two', '+zwei')).toEqual({ a: 'one\n\nzwei\n' })
  })

  it('moves a file, with changes or without, and keeps it executable', () => {
    expect(patched({ a: 'one\n' }, '*** Update File: a', '*** Move to: b/a', '-one', '+eins')).toEqual({
      a: null,
      'b/a': 'eins\n',
    })
    const patch = parsePatchText('*** Begin Patch\n*** Update File: a\n*** Move to: b\n*** End Patch')
    expect(editsFromText(patch, { read: (path) => (path === 'a' ? 'one\n' : undefined), modeOf: () => 0o755 })).toMatchObject({
      edits: [
        { path: 'a', before: 'one\n', after: null },
        { path: 'b', before: null, after: 'one\n', baseHash: null },
      ],
      actions: [{ kind: 'chmod', path: 'b', modeBefore: 0o644, mode: 0o755 }],
    })
  })

  it('adds an empty file, and fills one', () => {
    expect(patched({}, '*** Add File: a')).toEqual({ a: '' })
    expect(patched({ a: '' }, '*** Update File: a', '+one')).toEqual({ a: 'one\n' })
  })

  it('keeps line endings, also mixed ones, the byte order mark and a missing last line ending', () => {
    const change = ['*** Update File: a', ' one', '-two', '+zwei', ' three'] as const
    expect(patched({ a: '\ufeffone\r\ntwo\r\nthree' }, ...change)).toEqual({ a: '\ufeffone\r\nzwei\r\nthree' })
    expect(patched({ a: 'one\ntwo\r\nthree\r\nfour\r\n' }, ...change)).toEqual({ a: 'one\nzwei\r\nthree\r\nfour\r\n' })
    expect(patched({ a: 'one\ntwo' }, '*** Update File: a', '-two', '+zwei', '*** End of File')).toEqual({ a: 'one\nzwei' })
  })

  it('does not mind a patch that came with CR LF', () => {
    const text = '*** Begin Patch\r\n*** Update File: a\r\n-one\r\n+eins\r\n*** End Patch\r\n'
    expect(editsFromText(parsePatchText(text), { read: () => 'one\n', modeOf: () => undefined }).edits[0]?.after).toBe('eins\n')
  })

  it('confirms anchors from the inside outwards, whatever else looks like them', () => {
    expect(patched({ a: code }, '*** Update File: a', '@@ class B {', '@@ run() {', '-    three')).toEqual({
      a: code.replace('    three\n', ''),
    })
  })

  it.each<readonly [string, Files, readonly string[]]>([
    ['lines that are nowhere', { a: 'one\n' }, ['*** Update File: a', '-two']],
    ['lines that are there twice', { a: 'one\none\n' }, ['*** Update File: a', '-one']],
    ['twins, whatever the anchor says', { a: code }, ['*** Update File: a', '@@ class B {', '   run() {', '+    zero']],
    ['part of a line', { a: 'one two\n' }, ['*** Update File: a', '-one']],
    ['another indentation', { a: '  one\n' }, ['*** Update File: a', '-one']],
    ['lines with another last blank', { a: 'one \n' }, ['*** Update File: a', '-one']],
    ['a chunk above its anchor', { a: code }, ['*** Update File: a', '@@ class B {', '-    one']],
    ['an anchor that is not there', { a: code }, ['*** Update File: a', '@@ class C {', '-    one']],
    ['anchors in another order', { a: code }, ['*** Update File: a', '@@   run() {', '@@ class B {', '-    one']],
    ['chunks in another order', { a: code }, ['*** Update File: a', '-    three', '@@', '-    one']],
    ['chunks that overlap', { a: code }, ['*** Update File: a', ' class A {', '-  run() {', '@@', '-  run() {', '     one']],
    ['an insertion that could go anywhere', { a: code }, ['*** Update File: a', '@@ class A {', '+  x']],
    ['an end that is none', { a: code }, ['*** Update File: a', '-    one', '*** End of File']],
    ['a file that is not there', {}, ['*** Update File: a', '-one']],
    ['a file that is not there to be deleted', {}, ['*** Delete File: a']],
    ['a new file that exists', { a: '' }, ['*** Add File: a', '+x']],
    ['a move onto a file', { a: 'one\n', b: '' }, ['*** Update File: a', '*** Move to: b', '-one']],
  ])('conflicts with %s', (_, files, body) => {
    expect(refusal(files, ...body)).toMatch(/^HS_PATCH_CONFLICT/)
  })

  it.each<readonly [string, readonly string[]]>([
    ['talk before a section', ['Here it is', '*** Delete File: a']],
    ['talk in a section', ['*** Update File: a', '-one', 'and so on']],
    ['talk after a new file', ['*** Add File: a', '+one', 'and so on']],
    ['a header it does not know', ['*** Rename File: a']],
    ['a blank line between sections', ['*** Delete File: a', '', '*** Delete File: b']],
    ['an update of nothing', ['*** Update File: a']],
    ['a chunk of context only', ['*** Update File: a', ' one']],
    ['an anchor without a chunk', ['*** Update File: a', '@@ class A {']],
    ['a chunk after the end', ['*** Update File: a', '-one', '*** End of File', '@@', '-two']],
    ['two sections for a file', ['*** Delete File: a', '*** Add File: A', '+x']],
    ['two sections for the target of a move', ['*** Update File: a', '*** Move to: b', '*** Delete File: b']],
    ['a move to itself', ['*** Update File: a', '*** Move to: ./../a', '*** Move to: a']],
    ['a patch inside of a patch', ['*** Begin Patch', '*** Delete File: a', '*** End Patch']],
  ])('refuses %s', (_, body) => {
    expect(refusal({ a: 'one\ntwo\n', b: 'x\n' }, ...body)).toMatch(/^HS_PATCH_MALFORMED .* at line \d+/)
  })

  it.each([
    '*** Begin Patch',
    '*** Begin Patch\n',
    '*** Begin Patch\n*** Update File: a\n-one\n',
    '*** Begin Patch\n*** End Patch\nbye\n',
  ])('refuses a patch that ends wrong: %j', (text) => {
    expect(() => parsePatchText(text)).toThrow(/^Cannot read the patch at line/)
  })

  it.each(['../a', '/etc/passwd', '.git/config', 'a\\b', 'con', 'C:a', '', 'a\r'])('does not touch "%s"', (path) => {
    for (const body of [
      [`*** Add File: ${path}`, '+x'],
      [`*** Delete File: ${path}`],
      [`*** Update File: ${path}`, '-one'],
      ['*** Update File: a', `*** Move to: ${path}`, '-one'],
    ])
      expect(refusal({ a: 'one\n', [path]: 'one\n' }, ...body)).toMatch(/^HS_(?:PATH_REFUSED|PATCH_MALFORMED)/)
  })
})
