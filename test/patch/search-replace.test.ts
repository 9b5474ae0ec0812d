import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import { editsFromSearchReplace, type SearchReplace } from '../../src/patch/search-replace.js'

function after(before: string | undefined, ...blocks: readonly (readonly [string, string])[]): string | null | undefined {
  const all = blocks.map(([search, replace]): SearchReplace => ({ path: 'x.js', search, replace }))
  return editsFromSearchReplace(all, () => before)[0]?.after
}

describe('editsFromSearchReplace()', () => {
  it('replaces whole lines that are there once', () => {
    const before = 'one\ntwo\nthree\n'
    expect(editsFromSearchReplace([{ path: 'x.js', search: 'two\n', replace: 'zwei\nund\n' }], () => before)).toEqual([
      { path: 'x.js', before, after: 'one\nzwei\nund\nthree\n', baseHash: sha256(before) },
    ])
  })

  it('does not mind how the last line of either text ends', () => {
    expect(after('one\ntwo\n', ['two', 'zwei'])).toBe('one\nzwei\n')
    expect(after('one\ntwo\n', ['two\n', 'zwei'])).toBe('one\nzwei\n')
    expect(after('one\ntwo', ['two\n', 'zwei\n'])).toBe('one\nzwei')
  })

  it('keeps line endings and the byte order mark of the file', () => {
    expect(after('\ufeffone\r\ntwo\r\n', ['one\ntwo', 'eins\nzwei'])).toBe('\ufeffeins\r\nzwei\r\n')
    expect(after('\ufeffone\n', ['\ufeffone', '\ufeffeins'])).toBe('\ufeffeins\n')
  })

  it('removes lines, and joins what is left', () => {
    expect(after('one\ntwo\nthree\n', ['two\n', ''])).toBe('one\nthree\n')
    expect(after('one\n', ['one', ''])).toBe('')
  })

  it('takes blocks of one file in any order, all from the same text', () => {
    expect(after('one\ntwo\nthree\n', ['three', 'one'], ['one', 'three'])).toBe('three\ntwo\none\n')
  })

  it('makes new files, and nothing of what changes nothing', () => {
    expect(after(undefined, ['', 'new'])).toBe('new')
    expect(after('one\n', ['one', 'one'])).toBeUndefined()
    expect(editsFromSearchReplace([], () => undefined)).toEqual([])
  })

  it.each<readonly [string, string | undefined, readonly (readonly [string, string])[]]>([
    ['lines that are not there', 'one\n', [['two', 'x']]],
    ['part of a line', 'one two\n', [['two', 'x']]],
    ['lines indented otherwise', '  one\n', [['one', 'x']]],
    ['lines that are there twice', 'one\none\n', [['one', 'x']]],
    ['an empty search text in a file that exists', 'one\n', [['', 'x']]],
    ['a file that is not there', undefined, [['one', 'x']]],
    [
      'two new texts for one file',
      undefined,
      [
        ['', 'x'],
        ['', 'y'],
      ],
    ],
    [
      'search texts that overlap',
      'one\ntwo\nthree\n',
      [
        ['one\ntwo', 'x'],
        ['two\nthree', 'y'],
      ],
    ],
    [
      'the same search text twice',
      'one\n',
      [
        ['one', 'x'],
        ['one', 'y'],
      ],
    ],
  ])('refuses %s', (_, before, blocks) => {
    expect(() => after(before, ...blocks)).toThrow(expect.objectContaining({ code: 'HS_PATCH_CONFLICT' }))
  })

  it('refuses paths that lead outside, and names that differ only in case', () => {
    expect(() => editsFromSearchReplace([{ path: '../x', search: '', replace: 'x' }], () => undefined)).toThrow(
      expect.objectContaining({ code: 'HS_PATH_REFUSED' }),
    )
    const blocks = [
      { path: 'x.js', search: '', replace: 'x' },
      { path: 'X.js', search: '', replace: 'x' },
    ]
    expect(() => editsFromSearchReplace(blocks, () => undefined)).toThrow(expect.objectContaining({ code: 'HS_PATCH_CONFLICT' }))
  })
})
