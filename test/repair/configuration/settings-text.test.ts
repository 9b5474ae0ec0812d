import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainJson } from '../../../src/repair/json/json-comments.js'
import { readSettings } from '../../../src/repair/configuration/settings-text.js'

const text = `{
  // why
  "a": { "b": "old", /* here */ "n": 1 },
  "list": ["x", true, null,],
}
`

describe('readSettings()', () => {
  it('finds every scalar with its path, between comments and trailing commas', () => {
    expect(readSettings(text)?.settings).toEqual([
      { path: ['a', 'b'], value: 'old' },
      { path: ['a', 'n'], value: 1 },
      { path: ['list', 0], value: 'x' },
      { path: ['list', 1], value: true },
      { path: ['list', 2], value: null },
    ])
    expect(readSettings(text)?.names(['a'])).toEqual(['b', 'n'])
    expect(readSettings(text)?.names(['list'])).toEqual([])
  })

  it('changes one value, one name or adds one member, and leaves every other byte', () => {
    const settings = readSettings(text)
    expect(settings?.withValue(['a', 'b'], 'new')).toBe(text.replace('"old"', '"new"'))
    expect(settings?.withValue(['list', 1], [1])).toBe(text.replace('true', '[1]'))
    expect(settings?.withName(['a', 'n'], 'm')).toBe(text.replace('"n"', '"m"'))
    expect(settings?.withMember(['a'], 'z', 2)).toBe(text.replace('"n": 1 }', '"n": 1, "z": 2 }'))
    expect(readSettings('{\n  "a": 1\n}\n')?.withMember([], 'b', {})).toBe('{\n  "a": 1,\n  "b": {}\n}\n')
    expect(readSettings('{}')?.withMember([], 'b', 1)).toBe('{ "b": 1 }')
  })

  it('answers nothing where there is no such place, or the name is taken', () => {
    const settings = readSettings(text)
    expect(settings?.withValue(['a', 'q'], 1)).toBeUndefined()
    expect(settings?.withValue(['list', 9], 1)).toBeUndefined()
    expect(settings?.withValue(['a', 'b', 'c'], 1)).toBeUndefined()
    expect(settings?.withValue([], 1)).toBeUndefined()
    expect(settings?.withName(['a', 'b'], 'n')).toBeUndefined()
    expect(settings?.withName(['list', 0], 'n')).toBeUndefined()
    expect(settings?.withMember(['list'], 'n', 1)).toBeUndefined()
    expect(settings?.withMember(['a'], 'b', 1)).toBeUndefined()
  })

  it('reads neither damaged texts nor other values than objects, and keeps a byte order mark', () => {
    for (const damaged of [undefined, '', '[]', '1', '{ "a": ', `{"a":"${'x'.repeat(1024 * 1024)}"}`])
      expect(readSettings(damaged)).toBeUndefined()
    expect(readSettings('\ufeff{"a":1}')?.withValue(['a'], 2)).toBe('\ufeff{"a":2}')
    expect(readSettings('{"a":'.repeat(60) + '1' + '}'.repeat(60))?.settings).toEqual([])
  })

  it('writes a value that reads back as what was written, whatever the document', () => {
    const document = fc.dictionary(
      fc.string(),
      fc.oneof(fc.string(), fc.boolean(), fc.dictionary(fc.string(), fc.string(), { maxKeys: 4 })),
      { maxKeys: 6 },
    )
    fc.assert(
      fc.property(document, fc.jsonValue(), (object, value) => {
        const settings = readSettings(JSON.stringify(object, null, 2))
        for (const name of settings?.names([]) ?? []) {
          const after: unknown = JSON.parse(settings?.withValue([name], value) ?? '')
          expect(after).toEqual(
            JSON.parse(
              JSON.stringify(Object.fromEntries(Object.entries(object).map(([key, old]) => [key, key === name ? value : old]))),
            ),
          )
        }
      }),
      { numRuns: 60 },
    )
  })

  it('reads the same as a reader of plain JSON does', () => {
    expect(JSON.parse(plainJson(readSettings(text)?.withValue(['a', 'b'], 'new') ?? ''))).toEqual({
      a: { b: 'new', n: 1 },
      list: ['x', true, null],
    })
  })
})
