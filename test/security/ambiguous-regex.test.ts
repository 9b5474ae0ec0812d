import { describe, expect, it } from 'vitest'
import { ambiguousRepetition } from '../../src/security/ambiguous-regex.js'

describe('ambiguousRepetition()', () => {
  it.each([
    '(a+)+',
    '(?:a*)*',
    '^(\\w+\\s?)*$',
    '([a-z]+)*@',
    '(.*)+x',
    '((a+))+',
    '(a+|b)+',
    '(?<n>a+){2,}',
    '(a{1,})*',
    '[(](x+)+',
    '(a+?)*',
  ])('doubts %s', (source) => {
    expect(ambiguousRepetition(source)).toBe(true)
  })

  it.each([
    'a+b*',
    '(?:,\\w+)*',
    '(a+b)+',
    '(a|b)+',
    '(a+)?',
    '(a+){2,5}',
    '[(a+)+]',
    '\\(a+\\)+',
    '(?=a+)+',
    '(?:[^"\\\\]|\\\\.)*',
    'a)+',
    '(',
    '[a',
    '\\',
  ])('leaves %s alone', (source) => {
    expect(ambiguousRepetition(source)).toBe(false)
  })
})
