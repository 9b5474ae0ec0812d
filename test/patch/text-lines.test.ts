import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBlockFinder, joinLines, ownEol, replaceBlocks, splitLines } from '../../src/patch/text-lines.js'

const texts = fc.array(fc.constantFrom('a', 'b', '\n', '\r\n', '\r', '\ufeff'), { maxLength: 30 }).map((parts) => parts.join(''))

describe('splitLines()', () => {
  it('knows line endings of both kinds, and none', () => {
    expect(splitLines('a\nb\r\nc\rd')).toEqual([
      { text: 'a', eol: '\n' },
      { text: 'b', eol: '\r\n' },
      { text: 'c\rd', eol: '' },
    ])
    expect(splitLines('')).toEqual([])
    expect(splitLines('\r\n\n')).toEqual([
      { text: '', eol: '\r\n' },
      { text: '', eol: '\n' },
    ])
  })

  it('is undone by joinLines()', () => {
    fc.assert(
      fc.property(texts, (text) => {
        expect(joinLines(splitLines(text))).toBe(text)
      }),
    )
  })
})

describe('ownEol()', () => {
  it('is what most lines have', () => {
    expect(ownEol(splitLines('a\r\nb\r\nc\n'))).toBe('\r\n')
    expect(ownEol(splitLines('a\r\nb\n'))).toBe('\n')
    expect(ownEol([])).toBe('\n')
  })
})

describe('createBlockFinder()', () => {
  it('finds exactly what is there exactly once', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 12 })
    fc.assert(
      fc.property(lines, fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 }), (text, block) => {
        const starts = text
          .map((_, index) => index)
          .filter((index) => block.every((line, offset) => text[index + offset] === line))
        const found = createBlockFinder(text.map((line) => ({ text: line, eol: '\n' }))).findOnly(block)
        expect(found).toEqual(starts.length === 1 ? { at: starts[0] } : { count: starts.length === 0 ? 0 : 2 })
      }),
    )
  })

  it('finds no block of no lines, and none outside', () => {
    const finder = createBlockFinder(splitLines('a\n'))
    expect(finder.findOnly([])).toEqual({ count: 0 })
    expect(finder.matchesAt(['a'], -1)).toBe(false)
    expect(finder.matchesAt(['a'], 1)).toBe(false)
  })
})

describe('replaceBlocks()', () => {
  it('refuses blocks that overlap', () => {
    const lines = splitLines('a\nb\nc\n')
    expect(
      replaceBlocks(lines, [
        { at: 0, length: 2, lines: [] },
        { at: 1, length: 1, lines: [] },
      ]),
    ).toBeUndefined()
    expect(replaceBlocks(lines, [{ at: 1, length: 1, lines: [{ text: 'x', eol: '\n' }] }])?.map((line) => line.text)).toEqual([
      'a',
      'x',
      'c',
    ])
  })
})
