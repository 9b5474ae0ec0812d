import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createCover } from '../../../src/llm/envelope/cover.js'
import { redactedMark } from '../../../src/repair/model/redact.js'

// Put together from parts, so that no scanner takes this file for a leak.
const key = `sk-proj-${'f8Kq2Lm9'}${'Zx4Rt7Vb1Nc6Wy3Hd5'}`

describe('createCover()', () => {
  it('gives the same value the same placeholder, and other values others', () => {
    const cover = createCover()
    expect(cover.cover('a@b.org, c@d.org, a@b.org')).toBe('__HOMEOSTAT_EMAIL_1__, __HOMEOSTAT_EMAIL_2__, __HOMEOSTAT_EMAIL_1__')
    expect(cover.cover('c@d.org from 203.0.113.7')).toBe('__HOMEOSTAT_EMAIL_2__ from __HOMEOSTAT_IP_1__')
    expect(cover.counts()).toEqual({ email: 2, iban: 0, card: 0, ip: 1, phone: 0 })
  })

  it('never gives back a secret', () => {
    const cover = createCover()
    const text = cover.cover(`const key = '${key}' // jo@example.org`)
    expect(text).toBe(`const key = '${redactedMark}' // __HOMEOSTAT_EMAIL_1__`)
    expect(cover.restore(text)).toBe(`const key = '${redactedMark}' // jo@example.org`)
  })

  it('leaves alone what is not personal data here', () => {
    expect(createCover(['email']).cover('jo@example.org at 203.0.113.7')).toBe('__HOMEOSTAT_EMAIL_1__ at 203.0.113.7')
    expect(createCover([]).cover('jo@example.org')).toBe('jo@example.org')
    expect(createCover([]).cover(key)).toBe(redactedMark)
  })

  it('does not take the end of a covered password for a person', () => {
    const cover = createCover()
    expect(cover.cover('postgres://app:f8Kq2Lm9@db.example.org/x')).toBe(`postgres://app:${redactedMark}@db.example.org/x`)
    expect(cover.counts().email).toBe(0)
  })

  it('restores only what it gave out itself', () => {
    const cover = createCover()
    const text = 'see __HOMEOSTAT_EMAIL_1__ and jo@example.org'
    const sent = cover.cover(text)
    expect(sent).toBe('see __HOMEOSTAT_TEXT_1__EMAIL_1__ and __HOMEOSTAT_EMAIL_1__')
    expect(cover.restore(sent)).toBe(text)
    expect(createCover().restore(sent)).toBe(sent)
  })

  it('says when a text holds what it never gave out', () => {
    const cover = createCover()
    cover.cover('jo@example.org')
    expect(cover.foreign('write to __HOMEOSTAT_EMAIL_1__')).toBe(false)
    expect(cover.foreign('write to __HOMEOSTAT_EMAIL_2__')).toBe(true)
    expect(cover.foreign(`key = ${redactedMark}`)).toBe(true)
  })

  it('restore() undoes cover() for every text without secrets', () => {
    const piece = fc.constantFrom(
      'jo@example.org',
      '__HOMEOSTAT_',
      '__HOMEOSTAT_EMAIL_1__',
      '__HOMEOSTAT_TEXT_1__',
      '__HOMEOSTAT',
      '_EMAIL_1__',
      '_1__',
      'HOMEOSTAT_',
      '__',
      '4111111111111111',
      '203.0.113.7',
      'DE89370400440532013000',
      '+1 (415) 555-2671',
      ' ',
      '\n',
      '@',
      '$&',
    )
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.oneof(piece, fc.string({ maxLength: 4 })), { maxLength: 12 }), { maxLength: 4 }),
        (texts) => {
          const cover = createCover()
          const given = texts.map((pieces) => pieces.join(''))
          const sent = given.map((text) => cover.cover(text))
          fc.pre(sent.every((text) => !text.includes(redactedMark)))
          expect(sent.map((text) => cover.restore(text))).toEqual(given)
          expect(sent.some((text) => cover.foreign(text))).toBe(false)
        },
      ),
      { numRuns: 500 },
    )
  })

  it.each(['DE89 3704 ', 'AA11 ', '__HOMEOSTAT_EMAIL_1__', '4111 ', '+1', 'a.b@', '1.1.', 'a:1'])(
    'stays quick on a quarter of a megabyte of %j',
    (piece) => {
      const text = piece.repeat(Math.ceil(25e4 / piece.length))
      const startedMs = performance.now()
      expect(createCover().cover(text).length).toBeGreaterThan(0)
      expect(performance.now() - startedMs).toBeLessThan(4_000)
    },
  )
})
