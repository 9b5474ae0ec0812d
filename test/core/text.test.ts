import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { oneLine, printable, withoutEscapes } from '../../src/core/text.js'

const escape = '\u001b'

describe('printable()', () => {
  it('removes colours, cursor moves, titles and links', () => {
    expect(
      printable(
        `${escape}[31mred${escape}[0m ${escape}[2J${escape}]0;title\u0007${escape}]8;;http://x${escape}\\link${escape}]8;;${escape}\\`,
      ),
    ).toBe('red link')
  })

  it('shows that something invisible was there', () => {
    expect(printable('a\u0000b\u202ec\u200bd\u{e0041}e')).toBe('a�b�c�d�e')
    expect(printable('a\tb\r\nc\rd')).toBe('a\tb\nc\nd')
  })

  it('never lets an escape or control character through, and keeps its length', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 1, max: 50 }), (text, lengthMax) => {
        const clean = printable(text, lengthMax)
        expect(clean.length).toBeLessThanOrEqual(lengthMax)
        expect(clean).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      }),
    )
  })

  it('cuts before it cleans: a megabyte of open escapes costs next to nothing', () => {
    const hostile = `${escape}]`.repeat(500_000)
    expect(printable(hostile, 100).length).toBeLessThanOrEqual(100)
    expect(withoutEscapes(`${escape}[`.repeat(100_000)).length).toBeLessThanOrEqual(200_000)
  })
})

describe('oneLine()', () => {
  it('joins lines by single spaces', () => {
    expect(oneLine('  a \n\n  b\nc  ')).toBe('a b c')
  })
})

describe('withoutEscapes()', () => {
  it('leaves text without escapes as it is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(withoutEscapes(text.replaceAll(/[\u001b\u009b]/g, ''))).toBe(text.replaceAll(/[\u001b\u009b]/g, ''))
      }),
    )
    expect(withoutEscapes(`${escape}[1;32mok${escape}[39m\u009b0m`)).toBe('ok')
  })
})
