import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isJson, jsonLengthMax, repairJson } from '../../src/repair/json/json-syntax.js'
import { atMost } from './code-cpu-time.js'
import { plainJson } from '../../src/repair/json/json-comments.js'

const first = (text: string, commentsAllowed = false): string | undefined => repairJson(text, { commentsAllowed })[0]?.text

describe('repairJson()', () => {
  it.each([
    ['a trailing comma', '{\n  "a": 1,\n}\n', '{\n  "a": 1\n}\n'],
    ['a trailing comma in an array', '[1, 2, ]', '[1, 2 ]'],
    ['a duplicated comma', '[1,, 2]', '[1, 2]'],
    ['a leading comma', '[, 1]', '[ 1]'],
    ['a missing comma', '{\n  "a": 1\n  "b": 2\n}', '{\n  "a": 1,\n  "b": 2\n}'],
    ['a missing colon', '{"a" 1}', '{"a": 1}'],
    ['a doubled colon', '{"a":: 1}', '{"a": 1}'],
    ['an equals sign for a colon', '{"a" = 1}', '{"a" : 1}'],
    ['an arrow for a colon', '{"a" => 1}', '{"a" : 1}'],
    ['a comma for a colon', '{"a", 1}', '{"a": 1}'],
    ['a colon for a comma', '["a": "b", "c"]', '["a", "b", "c"]'],
    ['a semicolon for a comma', '{"a": 1; "b": 2}', '{"a": 1, "b": 2}'],
    ['a semicolon at the end', '{"a": 1};', '{"a": 1}'],
    ['a comma at the end', '{"a": 1},\n', '{"a": 1}\n'],
    ['a line comment', '{\n  // why\n  "a": 1 // one\n}', '{\n  "a": 1\n}'],
    ['a block comment', '{ /* why */ "a": 1 }', '{  "a": 1 }'],
    ['a hash comment', '{\n  # why\n  "a": 1\n}', '{\n  "a": 1\n}'],
    ['single quotes', `{'a': 'it "is"'}`, '{"a": "it \\"is\\""}'],
    ['an escaped single quote', `{'a': 'it\\'s'}`, `{"a": "it's"}`],
    ['typographic quotes', '{“a”: “b”}', '{"a": "b"}'],
    ['back quotes', '{`a`: `b`}', '{"a": "b"}'],
    ['a key without quotes', '{ name: "x", $id: 1 }', '{ "name": "x", "$id": 1 }'],
    ['a number as key', '{1: 2}', '{"1": 2}'],
    ['a value without quotes', '{"a": hello}', '{"a": "hello"}'],
    ['a value of several words without quotes', '{"a": hello big world, "b": 1}', '{"a": "hello big world", "b": 1}'],
    ['a lost opening quote of a key', '{a": 1}', '{"a": 1}'],
    ['a lost closing quote of a key', '{"a: 1}', '{"a": 1}'],
    ['a lost opening quote of a value', '{\n  "a": b c",\n  "d": 1\n}', '{\n  "a": "b c",\n  "d": 1\n}'],
    ['a lost closing quote of a value', '{\n  "a": "b c,\n  "d": 1\n}', '{\n  "a": "b c",\n  "d": 1\n}'],
    ['a doubled opening quote', '{""a": 1}', '{"a": 1}'],
    ['a doubled closing quote', '{"a"": 1}', '{"a": 1}'],
    ['quotes that are not escaped', '{"a": "say "hi" now"}', '{"a": "say \\"hi\\" now"}'],
    ['a raw line break in a string', '{"a": "b\nc"}', '{"a": "b\\nc"}'],
    ['a raw tab in a string', '{"a": "b\tc"}', '{"a": "b\\tc"}'],
    ['a control character in a string', '{"a": "b\u0001c"}', '{"a": "b\\u0001c"}'],
    ['a Windows path', '{"a": "C:\\Users\\me"}', '{"a": "C:\\\\Users\\\\me"}'],
    ['a byte order mark', '\ufeff{"a": 1}', '{"a": 1}'],
    ['a no-break space', '{\u00a0"a": 1}', '{ "a": 1}'],
    ['a zero-width space', '{\u200b"a": 1}', '{"a": 1}'],
    ['Python literals', '{"a": None, "b": True, "c": False}', '{"a": null, "b": true, "c": false}'],
    ['NaN and undefined', '[NaN, undefined, Infinity]', '[null, null, null]'],
    ['a misspelt literal', '[ture, flase, nul]', '[true, false, null]'],
    ['numbers of other languages', '[.5, 1., +1, 007, 0x10, 1_000]', '[0.5, 1, 1, 7, 16, 1000]'],
    ['a missing brace at the end', '{"a": {"b": 1}', '{"a": {"b": 1}}'],
    ['missing closers at the end', '{\n  "a": {\n    "b": [1\n', '{\n  "a": {\n    "b": [1\n    ]\n  }\n}\n'],
    ['a missing bracket within', '{\n  "a": [\n    1\n  ,\n  "b": 2\n}', '{\n  "a": [\n    1\n  ],\n  "b": 2\n}'],
    ['a missing opening brace', '{\n  "a": \n    "b": 1\n  },\n  "c": 2\n}', '{\n  "a": {\n    "b": 1\n  },\n  "c": 2\n}'],
    ['a missing opening bracket', '{\n  "a": \n    "b"\n  ],\n  "c": 2\n}', '{\n  "a": [\n    "b"\n  ],\n  "c": 2\n}'],
    ['an empty value without its opening brace', '{"a": }, "b": 1}', '{"a": {}, "b": 1}'],
    ['an extra brace', '{"a": 1}}', '{"a": 1}'],
    ['an extra opening bracket', '{"a": [[1]}', '{"a": [1]}'],
    ['a wrong closer', '{"a": [1, 2}}', '{"a": [1, 2]}'],
    ['an assignment around', 'module.exports = {"a": 1};', '  {"a": 1}'],
    ['a stray character', '{"a": 1 @, "b": 2}', '{"a": 1 , "b": 2}'],
  ])('heals %s', (_, broken, sound) => {
    expect(JSON.parse(first(broken) ?? 'null')).toEqual(JSON.parse(sound))
    expect(first(broken)?.replaceAll(/\s/g, '')).toBe(sound.replaceAll(/\s/g, ''))
  })

  it('changes nothing but what is broken', () => {
    const text = '{\r\n\t"z" :  1.50,\r\n\t"a": [ 1,2 ,3 ],\r\n\t"a": "\\u00e9",,\r\n\t"b": {}\r\n}\r\n'
    expect(first(text)).toBe(text.replace(',,', ','))
  })

  it('puts a lost brace back on the line that it left blank', () => {
    expect(first('{\n  "a": {\n    "b": 1\n  \n}\n')).toBe('{\n  "a": {\n    "b": 1\n  }\n}\n')
  })

  it('heals several faults of different kinds at once', () => {
    const broken = '{\n  // settings\n  name: \'x\',\n  \'list\': [1, 2,],\n  "ok": True\n  "end": None,\n}'
    expect(JSON.parse(first(broken) ?? 'null')).toEqual({ name: 'x', list: [1, 2], ok: true, end: null })
  })

  it.each([
    ['a value lost at the end', '{"a": '],
    ['a value lost within', '{"a": , "b": 1}'],
    ['a string cut in two', '{"a": "b'],
    ['the rest lost after a comma', '{\n  "a": 1,'],
    ['a key without a value', '{"a"}'],
    ['nothing', ''],
    ['two documents', '{"a": 1}\n{"b": 2}\n'],
    ['prose', 'I am sorry, but I cannot help with that.'],
    ['a page', '<!DOCTYPE html><html><body>404</body></html>'],
  ])('invents nothing for %s', (_, text) => {
    expect(repairJson(text)).toEqual([])
  })

  it('has nothing to say of valid JSON, duplicate keys included', () => {
    expect(repairJson('{"a": 1, "a": 2, "__proto__": 3}')).toEqual([])
  })

  it('keeps comments and trailing commas where they are legal', () => {
    const text = '{\n  // kept\n  "a": [1, 2,], /* too */\n  "b" 2,\n}\n'
    expect(first(text, true)).toBe(text.replace('"b" 2', '"b": 2'))
    expect(repairJson(text.replace('"b" 2', '"b": 2'), { commentsAllowed: true })).toEqual([])
  })

  it('offers both sides of a merge conflict with nearly the same plausibility', () => {
    const [ours, theirs, ...others] = repairJson('{\n<<<<<<< HEAD\n  "a": 1\n=======\n  "a": 2\n>>>>>>> x\n}\n')
    expect([ours?.text, theirs?.text]).toEqual(['{\n  "a": 1\n}\n', '{\n  "a": 2\n}\n'])
    expect(others).toEqual([])
    expect((ours?.plausibility ?? 0) - (theirs?.plausibility ?? 0)).toBeLessThan(0.05)
    expect(ours?.place).toBe('line 2')
  })

  it('repairs the sides of a merge conflict when they are broken too', () => {
    const [candidate] = repairJson('{\n<<<<<<< HEAD\n  "a": 1,\n=======\n  "a": 2,\n>>>>>>> x\n}\n')
    expect(candidate?.text).toBe('{\n  "a": 1\n}\n')
    expect(candidate?.title).toContain('remove the trailing comma')
  })

  it('gives near-equal plausibility to what nothing tells apart', () => {
    const [one, other] = repairJson('{"a": {"b": 1, "c": {"d": 2}, "e": 3}')
    expect(one?.plausibility ?? 1).toBeLessThan(0.7)
    expect(other?.plausibility ?? 0).toBeGreaterThan(0.1)
  })

  it('names the change and its place', () => {
    expect(repairJson('{\n  "a": 1\n  "b": 2\n}')[0]).toMatchObject({
      title: 'Insert the missing ","',
      place: 'line 2, column 9',
    })
    expect(repairJson("{'a': 1}")[0]?.title).toBe('Replace the quote by a double quote (2 times)')
  })

  it('gives only valid, distinct texts, the likeliest first, for any damage to any document', () => {
    fc.assert(
      fc.property(
        fc.jsonValue(),
        fc.nat(),
        fc.nat({ max: 3 }),
        fc.constantFrom('', ',', '"', '}', ']', '{', ':', "'", '\\', 'x'),
        (value, place, width, text) => {
          const sound = JSON.stringify(value, null, 2)
          const at = place % (sound.length + 1)
          const candidates = repairJson(sound.slice(0, at) + text + sound.slice(at + width))
          for (const candidate of candidates) {
            expect(isJson(candidate.text)).toBe(true)
            expect(candidate.plausibility).toBeGreaterThanOrEqual(0)
            expect(candidate.plausibility).toBeLessThanOrEqual(1)
          }
          expect(new Set(candidates.map((candidate) => candidate.text)).size).toBe(candidates.length)
          expect(candidates.map((candidate) => candidate.plausibility)).toEqual(
            candidates.map((candidate) => candidate.plausibility).sort((a, b) => b - a),
          )
        },
      ),
      { numRuns: 60 },
    )
  })

  it('never changes valid JSON', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(repairJson(text)).toEqual([])
      }),
    )
  })

  it.each(['{', '[', '"', '\\"', '`', '\0', '/*', "'a',"])('ends soon on 1 MB of %j, alone and in a string', (piece) => {
    const long = piece.repeat(1_000_000 / piece.length)
    const candidates = atMost(4_000, () => [long, `{"a": "${long}"`].flatMap((text) => repairJson(text)))
    for (const candidate of candidates) expect(isJson(candidate.text)).toBe(true)
  })

  it('looks at nothing that is too long, or made of 100 000 brackets', () => {
    expect(repairJson(`[${' '.repeat(jsonLengthMax)}`)).toEqual([])
    expect(atMost(2_000, () => repairJson('['.repeat(100_000) + ']'.repeat(99_999)))).toEqual([])
  })

  it('heals one fault in 0.4 MB of data', () => {
    const sound = JSON.stringify(
      Array.from({ length: 3_000 }, (_, id) => ({ id, name: `Person ${id}`, tags: ['a', 'b'], at: { x: id, y: 2 } })),
      null,
      2,
    )
    const broken = sound.slice(0, 300_000) + sound.slice(300_000).replace(',\n', '\n')
    expect(atMost(4_000, () => first(broken))).toBe(sound)
  })
})

describe('plainJson()', () => {
  it('takes comments and trailing commas out, and leaves strings alone', () => {
    expect(JSON.parse(plainJson('\ufeff{"a": "// no", /* x */ "b": [1, /* y */ ], // z\n}'))).toEqual({ a: '// no', b: [1] })
  })

  it.each(['{"a": 1 /* }', '{"a": 1} /*/', '[1,,]', '{"a" 1}'])('does not make %s valid', (text) => {
    expect(isJson(text, true)).toBe(false)
  })
})
