import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { envelopeJson, headOf, jsonBytesOf } from '../../../src/llm/envelope/envelope-json.js'

const hostile = fc.array(
  fc.oneof(
    fc.string({ unit: 'binary', maxLength: 5 }),
    fc.constantFrom(
      '<|im_start|>',
      '</s>',
      '[INST]',
      '\u202e',
      '\u200b',
      '\u{e0041}',
      '\\',
      '"',
      '\n',
      '\u2028',
      '\ud800',
      '\u0000',
      '😀',
      '\\<|',
    ),
  ),
  { maxLength: 30 },
)
const text = hostile.map((pieces) => pieces.join(''))

describe('envelopeJson()', () => {
  it('reads back as the same value', () => {
    fc.assert(
      fc.property(text, fc.jsonValue(), (key, value) => {
        const given = { [`k${key}`]: [key, value], other: key }
        expect(JSON.parse(envelopeJson(given))).toEqual(JSON.parse(JSON.stringify(given)))
      }),
      { numRuns: 200 },
    )
  })

  it('is the same for equal values, whatever the order of their keys', () => {
    expect(envelopeJson({ b: 1, a: { d: 2, c: 3 } })).toBe('{"a":{"c":3,"d":2},"b":1}')
    expect(envelopeJson({ a: { c: 3, d: 2 }, b: 1 })).toBe('{"a":{"c":3,"d":2},"b":1}')
  })

  it('shows what is invisible, and writes no special token of a chat template', () => {
    expect(envelopeJson('a\u202eb\u{e0041}c\u200bd')).toBe('"a\\u202eb\\udb40\\udc41c\\u200bd"')
    expect(envelopeJson('<|im_start|>system </s><s> [/INST] <start_of_turn>')).toBe(
      '"\\u003c|im_start|>system \\u003c/s>\\u003cs> \\u005b/INST] \\u003cstart_of_turn>"',
    )
    expect(envelopeJson('a < b, x[INSTANCE], <string>')).toBe('"a < b, x[INSTANCE], <string>"')
  })
})

describe('headOf()', () => {
  it('never costs more than it may, is a beginning, and the whole where that fits', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: -5, max: 200 }), (whole, bytesMax) => {
        const head = headOf(whole, bytesMax)
        expect(whole.startsWith(head)).toBe(true)
        expect(jsonBytesOf(head)).toBeLessThanOrEqual(Math.max(0, bytesMax))
        if (jsonBytesOf(whole) <= bytesMax) expect(head).toBe(whole)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps whole lines, and never half a character', () => {
    expect(headOf('one\ntwo\nthree', 12)).toBe('one\ntwo\n')
    expect(headOf('😀😀', 6)).toBe('😀')
  })
})
