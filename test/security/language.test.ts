import { describe, expect, it } from 'vitest'
import { isParsable, isTestPath, languageOf } from '../../src/security/language.js'

describe('languageOf()', () => {
  it.each([
    ['src/a.ts', 'script'],
    ['src/A.MJS', 'script'],
    ['a.py', 'hash'],
    ['Makefile', 'hash'],
    ['.npmrc', 'hash'],
    ['a/b.vue', 'markup'],
    ['package.json', 'json'],
    ['README.md', 'prose'],
    ['LICENSE', 'data'],
    ['a.b/c', 'data'],
    ['a.xyz', 'data'],
  ])('%s is %s', (path, language) => {
    expect(languageOf(path)).toBe(language)
  })
})

describe('isTestPath()', () => {
  it.each([
    'test/a.js',
    'src/__tests__/a.js',
    'a.test.ts',
    'a.spec.jsx',
    'a_test.go',
    'test_a.py',
    'test.js',
    'packages/x/tests/a.ts',
  ])('%s is a test', (path) => {
    expect(isTestPath(path)).toBe(true)
  })
  it.each(['src/contest.js', 'src/latest/a.js', 'attest.js', 'src/testing-library.ts'])('%s is none', (path) => {
    expect(isTestPath(path)).toBe(false)
  })
})

describe('isParsable()', () => {
  it('is about JavaScript and TypeScript', () => {
    expect(['a.js', 'a.cjs', 'a.mts', 'a.tsx', 'A.JSX'].every(isParsable)).toBe(true)
    expect(['a.json', 'a.vue', 'js', 'a.py'].some(isParsable)).toBe(false)
  })
})
