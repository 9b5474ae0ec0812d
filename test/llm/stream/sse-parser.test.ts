import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { SseParser, type SseEvent } from '../../../src/llm/stream/sse-parser.js'

const encoder = new TextEncoder()

function parse(chunks: readonly Uint8Array[]): SseEvent[] {
  const parser = new SseParser()
  return [...chunks.flatMap((chunk) => parser.feed(chunk)), ...parser.end()]
}

it('SseParser reads names, several data lines, comments and fields without a value', () => {
  const text =
    ': a comment\nevent: greeting\ndata: one\ndata:two\nid: 7\nretry: 5\n\ndata\n\nevent: nothing\n\ndata:  two spaces\n\n'
  expect(parse([encoder.encode(text)])).toEqual([
    { event: 'greeting', data: 'one\ntwo' },
    { event: 'message', data: '' },
    { event: 'message', data: ' two spaces' },
  ])
})

it('SseParser leaves out a byte order mark, and gives the last event though its blank line was cut off', () => {
  expect(parse([encoder.encode('\uFEFFdata: a\n\ndata: b')])).toEqual([
    { event: 'message', data: 'a' },
    { event: 'message', data: 'b' },
  ])
})

it('SseParser reads the same events however the bytes are cut and whichever line ends are used', () => {
  const line = fc.oneof(
    fc.constantFrom('', 'data', ':', ': ping', 'event: x', 'data: {"a":1}', 'data: grüße 😀', 'data:', 'id: 1'),
    fc.string({ maxLength: 10 }).map((text) => `data: ${text.replaceAll(/[\r\n]/g, ' ')}`),
  )
  fc.assert(
    fc.property(
      fc.array(line, { maxLength: 20 }),
      fc.constantFrom('\n', '\r\n', '\r'),
      fc.array(fc.nat(40), { maxLength: 20 }),
      (lines, end, cuts) => {
        const bytes = encoder.encode(lines.map((one) => one + end).join(''))
        const expected = parse([encoder.encode(lines.map((one) => `${one}\n`).join(''))])
        const chunks: Uint8Array[] = []
        let from = 0
        for (const cut of cuts) {
          chunks.push(bytes.subarray(from, from + cut))
          from += cut
        }
        chunks.push(bytes.subarray(Math.min(from, bytes.length)))
        expect(parse(chunks)).toEqual(expected)
      },
    ),
  )
})

it('SseParser stops reading when an event never ends, and says so', () => {
  const parser = new SseParser()
  const chunk = encoder.encode('x'.repeat(1_024 * 1_024))
  for (let fed = 0; fed < 12; fed += 1) parser.feed(chunk)
  expect(parser.overflowed).toBe(true)
  expect([...parser.feed(encoder.encode('\n\ndata: a\n\n')), ...parser.end()]).toEqual([])
})
