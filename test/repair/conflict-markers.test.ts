import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { conflictMarkers } from '../../src/repair/conflict-markers.js'

const merged = [
  'const a = 1',
  '<<<<<<< HEAD',
  'const b = 2',
  '=======',
  'const b = 3',
  '>>>>>>> feature',
  'const c = 4',
  '',
].join('\n')

describe('conflictMarkers()', () => {
  it('gives both sides and the line of the first marker', () => {
    expect(conflictMarkers(merged)).toEqual({
      ours: 'const a = 1\nconst b = 2\nconst c = 4\n',
      theirs: 'const a = 1\nconst b = 3\nconst c = 4\n',
      line: 2,
      conflicts: 1,
    })
  })

  it('leaves the common ancestor of diff3 style out', () => {
    const text = '<<<<<<< ours\na\n||||||| base\nb\n=======\nc\n>>>>>>> theirs\n'
    expect(conflictMarkers(text)).toMatchObject({ ours: 'a\n', theirs: 'c\n' })
  })

  it('keeps carriage returns', () => {
    expect(conflictMarkers('<<<<<<< a\r\nx\r\n=======\r\ny\r\n>>>>>>> b\r\n')).toMatchObject({ ours: 'x\r\n', theirs: 'y\r\n' })
  })

  it('resolves several conflicts to the same side', () => {
    expect(conflictMarkers(merged + merged)).toMatchObject({ conflicts: 2, line: 2 })
  })

  it.each([
    ['no marker', 'a\n=======\nb\n'],
    ['no end', '<<<<<<< a\nx\n=======\ny\n'],
    ['no middle', '<<<<<<< a\nx\n>>>>>>> b\n'],
    ['a start within a side', '<<<<<<< a\n<<<<<<< b\n=======\ny\n>>>>>>> b\n'],
    ['a marker that is not at the start of its line', ' <<<<<<< a\nx\n'],
  ])('finds nothing when there is %s', (_, text) => {
    expect(conflictMarkers(text)).toBeUndefined()
  })

  it('puts each side back together for any lines that are not markers', () => {
    const lines = fc
      .array(
        fc.string().filter((line) => !/[\n\r]|^[<>=|]{7}/.test(line)),
        { maxLength: 4 },
      )
      .map((all) => all.map((line) => `${line}\n`).join(''))
    fc.assert(
      fc.property(lines, lines, lines, (before, ours, theirs) => {
        const sides = conflictMarkers(`${before}<<<<<<< a\n${ours}=======\n${theirs}>>>>>>> b\n`)
        expect(sides?.ours).toBe(before + ours)
        expect(sides?.theirs).toBe(before + theirs)
      }),
    )
  })
})
