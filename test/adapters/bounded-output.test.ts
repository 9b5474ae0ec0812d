import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createBoundedOutput, createCharacterAligner } from '../../src/adapters/bounded-output.js'

const chunks = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 30 })

/** Of one to four bytes. */
const characters = fc.constantFrom('\0', 'a', '\n', 'ü', '߿', 'ࠀ', '€', '\ufeff', '\uffff', '😀', '\u{10ffff}')

/** Cuts bytes at random places. */
function cut(bytes: Buffer, sizes: readonly number[]): readonly Buffer[] {
  const pieces: Buffer[] = []
  let at = 0
  for (const size of sizes) pieces.push(bytes.subarray(at, (at += size)))
  return [...pieces, bytes.subarray(at)]
}

describe('createBoundedOutput()', () => {
  it('keeps everything that fits, however it is cut', () => {
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 60 }), fc.array(fc.nat(9), { maxLength: 20 }), (text, sizes) => {
        const bytes = Buffer.from(text)
        const output = createBoundedOutput(bytes.length)
        for (const piece of cut(bytes, sizes)) output.add(piece)
        expect(output.text()).toBe(bytes.toString('utf8'))
        expect(output.truncated).toBe(false)
        expect(output.bytes).toBe(bytes.length)
      }),
    )
  })

  it('keeps the first and the last half of what does not fit, and counts what it drops', () => {
    fc.assert(
      fc.property(chunks, fc.nat(50), (pieces, bytesMax) => {
        const ascii = pieces.map((piece) => piece.map((byte) => 97 + (byte % 26)))
        const all = Buffer.concat(ascii)
        const output = createBoundedOutput(bytesMax)
        for (const piece of ascii) output.add(piece)
        expect(output.bytes).toBe(all.length)
        expect(output.truncated).toBe(all.length > bytesMax)
        const head = Math.floor(bytesMax / 2)
        if (all.length <= bytesMax) expect(output.text()).toBe(all.toString())
        else
          expect(output.text()).toBe(
            `${all.toString('utf8', 0, head)}\n… ${all.length - bytesMax} bytes dropped …\n${all.toString('utf8', all.length - (bytesMax - head))}`,
          )
      }),
    )
  })

  it('does not tear the characters at the gap', () => {
    for (let bytesMax = 8; bytesMax < 24; bytesMax += 1) {
      const output = createBoundedOutput(bytesMax)
      for (const byte of Buffer.from('aü€😀'.repeat(20))) output.add(Uint8Array.of(byte))
      const [head = '', tail = ''] = output.text().split(/\n….*…\n/)
      expect(head + tail).not.toContain('\ufffd')
      const dropped = Number(/… (\d+) bytes/.exec(output.text())?.[1])
      expect(Buffer.byteLength(head) + Buffer.byteLength(tail) + dropped).toBe(output.bytes)
    }
  })

  it('bears any bytes, and stays within three times its limit as text', () => {
    fc.assert(
      fc.property(chunks, fc.nat(50), (pieces, bytesMax) => {
        const output = createBoundedOutput(bytesMax)
        for (const piece of pieces) output.add(piece)
        expect(output.text().length).toBeLessThanOrEqual(bytesMax + 40)
      }),
    )
  })

  it('holds no more memory than its limit, however much it is given', () => {
    const output = createBoundedOutput(1_000)
    const line = Buffer.alloc(1_048_576, 'x')
    for (let count = 0; count < 500; count += 1) output.add(line)
    expect(output.bytes).toBe(500 * 1_048_576)
    expect(output.text().length).toBeLessThan(1_100)
  })

  it('counts, and keeps nothing, with a limit of 0', () => {
    const output = createBoundedOutput(0)
    output.add(Buffer.from('secret'))
    expect(output.text()).toBe('\n… 6 bytes dropped …\n')
  })

  it('refuses a limit that is none', () => {
    for (const wrong of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY])
      expect(() => createBoundedOutput(wrong)).toThrow(RangeError)
  })
})

describe('createCharacterAligner()', () => {
  it('hands on the same bytes, cut between characters only', () => {
    fc.assert(
      fc.property(fc.string({ unit: characters, maxLength: 60 }), fc.array(fc.nat(5), { maxLength: 40 }), (text, sizes) => {
        const bytes = Buffer.from(text)
        const aligner = createCharacterAligner()
        const pieces = [...cut(bytes, sizes).map((piece) => aligner.push(piece)), aligner.rest()]
        expect(pieces.map((piece) => piece.toString('utf8')).join('')).toBe(bytes.toString('utf8'))
      }),
    )
  })

  it('loses no byte of what is not UTF-8', () => {
    fc.assert(
      fc.property(chunks, (pieces) => {
        const aligner = createCharacterAligner()
        const out = Buffer.concat([...pieces.map((piece) => aligner.push(Buffer.from(piece))), aligner.rest()])
        expect(out.equals(Buffer.concat(pieces))).toBe(true)
        expect(aligner.rest()).toHaveLength(0)
      }),
    )
  })
})
