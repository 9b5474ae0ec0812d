import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import { foldedPath, pathProblem, safePath } from '../../src/core/path.js'

describe('safePath()', () => {
  it.each([
    'a',
    'src/index.ts',
    '.github/workflows/ci.yml',
    '.gitignore',
    'a b/c d.txt',
    '[id].tsx',
    '@scope/x',
    'naïve/日本語.md',
    '..a',
    'a..b',
    '...a',
    'console.ts',
    'com10',
    'git~x',
    '❤️.md',
    '~/x',
    ' lead',
  ])('lets %j pass', (path) => {
    expect(safePath(path)).toBe(path)
    expect(pathProblem(path)).toBeUndefined()
  })

  it.each([
    '',
    '.',
    '..',
    './a',
    'a/./b',
    '../x',
    'a/../../x',
    'a//b',
    'a/',
    '/etc/passwd',
    '//host/share',
    '\\\\host\\share',
    'C:\\x',
    'c:/x',
    'a\\b',
    'a.js:hidden',
    'a\0b',
    'a\nb',
    'a\rb',
    'a\u2028b',
    'a\u202eb',
    'a\u200bb',
    'a\u{e0041}b',
    'a\ufeffb',
    'a\ud800b',
    'a\u007fb',
    'a.',
    'a ',
    'a./b',
    'dir /b',
    'con',
    'CON.js',
    'src/Nul.txt',
    'aux .c',
    'COM1',
    'com¹.log',
    'lpt9.x.y',
    'conin$',
    `${'a'.repeat(256)}`,
    `${'a/'.repeat(2100)}a`,
    'é'.repeat(128),
  ])('refuses %j for its form', (path) => {
    expect(pathProblem(path)?.kind).toBe('form')
    expect(() => safePath(path)).toThrow(expect.objectContaining({ code: 'HS_PATH_REFUSED' }))
  })

  it.each([
    '.git',
    '.git/config',
    'a/.git/hooks/pre-commit',
    '.GIT/x',
    '.gIt',
    '.homeostat/lock',
    'x/.Homeostat',
    '.homeoſtat',
    '.gıt/x',
    'git~1',
    'GIT~2/x',
    'HOMEOS~1',
    '.g\ufe0fit',
  ])('refuses %j as private', (path) => {
    expect(pathProblem(path)?.kind).toBe('private')
    expect(() => safePath(path)).toThrow(expect.objectContaining({ code: 'HS_PATH_REFUSED' }))
  })

  it('shows a hostile path in a printable and bounded way', () => {
    try {
      safePath(`\u001b[31m${'x'.repeat(1_000_000)}`)
      expect.unreachable()
    } catch (error) {
      if (!isHomeostatError(error, 'HS_PATH_REFUSED')) throw error
      expect(error.message.length).toBeLessThan(400)
      expect(error.message).not.toContain('\u001b')
    }
  })

  it('never lets a path through that leaves the root', () => {
    const segment = fc.constantFrom('..', '.', '', 'a', '.git', 'b.ts', 'c ', 'd:e', '\\')
    fc.assert(
      fc.property(fc.array(segment, { maxLength: 6 }), (segments) => {
        const path = segments.join('/')
        if (pathProblem(path) !== undefined) return
        expect(segments.every((part) => part === 'a' || part === 'b.ts')).toBe(true)
      }),
    )
  })
})

describe('foldedPath()', () => {
  it('is one for names that a file system may take for one', () => {
    expect(foldedPath('README.md')).toBe(foldedPath('readme.MD'))
    expect(foldedPath('e\u0301')).toBe(foldedPath('É'))
    expect(foldedPath('stra\u00dfe')).toBe(foldedPath('STRASSE'))
    expect(foldedPath('a\u200cb')).toBe(foldedPath('ab'))
    expect(foldedPath('a/b')).not.toBe(foldedPath('a-b'))
  })

  it('folds what is folded already to itself', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 12 }), (text) => {
        expect(foldedPath(foldedPath(text))).toBe(foldedPath(text))
      }),
    )
  })
})
