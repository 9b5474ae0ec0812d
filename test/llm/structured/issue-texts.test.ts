import { describe, expect, it } from 'vitest'
import { correctionOf, excerptOf, issueTexts } from '../../../src/llm/structured/issue-texts.js'

const secret = `sk-${'a1B2'.repeat(10)}`

describe('issueTexts()', () => {
  it('says where, in the way that programmers write it', () => {
    expect(
      issueTexts([
        { message: 'must be a number', path: ['items', 0, { key: 'price' }] },
        { message: 'must be there', path: [Symbol('s')] },
        { message: 'must be a list', path: [] },
        { message: 'must be an object' },
      ]),
    ).toEqual(['items[0].price: must be a number', 'Symbol(s): must be there', 'must be a list', 'must be an object'])
  })

  it('is bounded in number and in length, and on one line each', () => {
    const issues = Array.from({ length: 13 }, () => ({
      message: `a\nb ${'x'.repeat(9_999)}`,
      path: Array<string>(99).fill('p'.repeat(99)),
    }))
    const texts = issueTexts(issues)
    expect(texts).toHaveLength(11)
    expect(texts.at(-1)).toBe('and 3 more')
    for (const text of texts) {
      expect(text.length).toBeLessThanOrEqual(300)
      expect(text).not.toContain('\n')
    }
  })

  it('holds no secret, neither do corrections and excerpts', () => {
    const [text = ''] = issueTexts([{ message: `Invalid option: received "${secret}"` }])
    expect(text).toContain('Invalid option')
    for (const shown of [text, correctionOf([text]), excerptOf(`{"key":"${secret}"}`), excerptOf(`${'x '.repeat(240)}${secret}`)])
      expect(shown).not.toContain(secret.slice(0, 12))
  })
})

describe('correctionOf()', () => {
  it('lists what is wrong and asks for the whole value', () => {
    expect(correctionOf(['a: too long', 'b: missing'])).toBe(
      'Your answer cannot be used:\n- a: too long\n- b: missing\nAnswer again with the whole JSON value, corrected, and nothing else.',
    )
  })
})
