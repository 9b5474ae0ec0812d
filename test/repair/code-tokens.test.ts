import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bracketReport, surplus } from '../../src/repair/code/code-brackets.js'
import { modelOf } from '../../src/repair/code/code-model.js'
import { pathInside } from '../../src/repair/code/code-place.js'
import { tokenize } from '../../src/repair/code/code-tokens.js'
import { atMost } from './code-cpu-time.js'

const texts = (text: string): readonly string[] => tokenize(text).tokens.map((token) => token.text)

describe('tokenize()', () => {
  it('tells regular expressions from divisions', () => {
    expect(texts('a = b / c / d; e = /x[/]y/g')).toEqual(['a', '=', 'b', '/', 'c', '/', 'd', ';', 'e', '=', '/x[/]y/g'])
  })

  it('splits templates at their placeholders', () => {
    expect(texts('`a${b + `c${d}`}e` + f')).toEqual(['`a${', 'b', '+', '`c${', 'd', '}`', '}e`', '+', 'f'])
  })

  it('reads numbers, private names, comments and the first line of a script', () => {
    const { tokens, comments } = tokenize('#!/usr/bin/env node\nthis.#x = 0xffn + 1_000.5e-3 // z\n/* y */')
    expect(tokens.map((token) => token.text)).toEqual(['this', '.', '#x', '=', '0xffn', '+', '1_000.5e-3'])
    expect(comments).toHaveLength(2)
  })

  it('ends an unclosed string at its line and says that it is bad', () => {
    const { tokens, bad } = tokenize("a = 'b;\nc()")
    expect(tokens.map((token) => token.kind)).toEqual(['word', 'mark', 'bad', 'word', 'mark', 'mark'])
    expect(bad).toBe(1)
  })

  it('says how far a line is indented', () => {
    expect(tokenize('a\n  b c').tokens.map((token) => token.indentation)).toEqual([0, 2, -1])
  })

  it('gives tokens in order that are what the text holds at their place, for any text', () => {
    const pieces = fc.constantFrom(
      '`',
      '${',
      '}',
      '/',
      '*',
      '//',
      '/*',
      '*/',
      '"',
      "'",
      '\\',
      '\n',
      ' ',
      'x',
      '#',
      '1',
      '.',
      '(',
      ')',
      '\u2028',
      '😀',
      '\ud800',
    )
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(pieces).map((all) => all.join('')),
        ),
        (text) => {
          let end = 0
          for (const token of tokenize(text).tokens) {
            expect(token.start).toBeGreaterThanOrEqual(end)
            expect(text.slice(token.start, token.end)).toBe(token.text)
            expect(token.end).toBeGreaterThan(token.start)
            end = token.end
          }
        },
      ),
    )
  })

  it.each(['`', '`${', '"', "'\\", '/', '/*', '/[', '{', '#', '\\', '1', ' ', 'x', '\u0000'])(
    'reads a hostile line of %j in linear time',
    (piece) => {
      atMost(2_000, () => tokenize(piece.repeat(200_000)))
    },
  )
})

describe('bracketReport()', () => {
  it('has nothing to say of sound, formatted code', () => {
    expect(bracketReport(tokenize('function a(b) {\n  if (b) {\n    return [\n      1,\n    ]\n  }\n}\n').tokens)).toEqual({
      unmatched: 0,
      disagreement: 0,
      suspect: -1,
    })
  })

  it('counts what has no partner', () => {
    expect(bracketReport(tokenize('a(b[0').tokens).unmatched).toBe(2)
    expect(bracketReport(tokenize('a(b))').tokens).unmatched).toBe(1)
    expect(surplus(tokenize('({[[').tokens)).toEqual([1, 2, 1])
  })

  it('hears indentation that contradicts the brackets', () => {
    const { disagreement, suspect } = bracketReport(tokenize('function a() {\n  if (b) {\n    c()\n\n  d()\n}\n').tokens)
    expect(disagreement).toBeGreaterThan(0)
    expect(suspect).toBeGreaterThan(0)
  })
})

describe('modelOf()', () => {
  it('finds what is usual likelier than what is not', () => {
    const model = modelOf([], ['if (a) {\n  b()\n}\n'.repeat(20)])
    const usual = tokenize('if (c) {').tokens
    const odd = tokenize('if ) c ( {').tokens
    expect(model.score(usual, 0, usual.length)).toBeGreaterThan(model.score(odd, 0, odd.length))
  })

  it('sees where two known words ran into one', () => {
    const model = modelOf(tokenize('resolverelease + alone').tokens, ['resolve; release'])
    expect(model.seams('resolverelease')).toContain(7)
    expect(model.seams('resolve')).toEqual([])
    expect(model.knows('alone')).toBe(false)
  })
})

describe('pathInside()', () => {
  it.each([
    ['src/a.js', 'src/a.js'],
    ['./src/../src/a.js', 'src/a.js'],
    ['/project/src/a.js', 'src/a.js'],
    ['file:///project/src/a%20b.js', 'src/a b.js'],
  ])('reads %s as %s', (file, path) => {
    expect(pathInside(file, '/project')).toBe(path)
  })

  it('reads paths of Windows', () => {
    expect(pathInside('C:\\work\\app\\src\\a.js', 'C:\\work\\app')).toBe('src/a.js')
  })

  it.each([
    '',
    '.',
    '..',
    '/project',
    '../a.js',
    'src/../../a.js',
    '/projects/a.js',
    '/etc/passwd',
    'a\0.js',
    'file://%zz',
    'D:\\x\\a.js',
    'x'.repeat(5_000),
  ])('refuses %j', (file) => {
    expect(pathInside(file, '/project')).toBeUndefined()
  })
})
