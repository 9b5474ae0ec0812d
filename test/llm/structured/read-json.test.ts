import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readJson } from '../../../src/llm/structured/read-json.js'

/** JSON without the member that is refused. */
const json = fc.jsonValue().filter((value) => !JSON.stringify(value).includes('__proto__'))
const object = fc.dictionary(fc.string(), json, { minKeys: 1 }).filter((value) => !JSON.stringify(value).includes('__proto__'))

describe('readJson()', () => {
  it('finds the whole text, and then nothing else', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(readJson(`\n ${JSON.stringify(value)} `).values).toEqual([JSON.parse(JSON.stringify(value))])
      }),
    )
  })

  it('finds an object behind and before prose, fenced or not', () => {
    const prose = fc.stringMatching(/^[A-Za-z ,.!'`]{1,40}$/)
    fc.assert(
      fc.property(object, prose, prose, (value, before, after) => {
        const text = JSON.stringify(value)
        expect(readJson(`${before} ${text} ${after}`).values[0]).toEqual(JSON.parse(text))
        expect(readJson(`So:\n\`\`\`json\n${text}\n\`\`\`\nBye`).values[0]).toEqual(JSON.parse(text))
      }),
    )
  })

  it('prefers the last fence, and the longest of what stands in the prose', () => {
    const fence = (text: string): string => `\`\`\`\n${text}\n\`\`\`\n`
    expect(readJson(`For example\n${fence('{"a":1}')}and so\n${fence('{"a":2}')}`).values).toEqual([{ a: 2 }, { a: 1 }])
    expect(readJson('Note [1] says {"a":"}]{","b":[1]} as in [2]').values[0]).toEqual({ a: '}]{', b: [1] })
  })

  it('reads a fence that was not closed', () => {
    expect(readJson('```json\n{"a":1}').values).toEqual([{ a: 1 }])
  })

  it('looks into the prose when fences hold no JSON', () => {
    expect(readJson('```js\nrun()\n```\n{"a":1}').values).toEqual([{ a: 1 }])
  })

  it('goes past brackets that are never closed, or by the wrong one', () => {
    expect(readJson('if (a[0) { and (b] } {"a":1} "never').values).toContainEqual({ a: 1 })
    expect(readJson('{{{{ {"a":1}').values).toEqual([{ a: 1 }])
    expect(readJson('so {x: {"a":"\\"}"} } it is').values).toEqual([{ a: '"}' }])
  })

  it.each([
    ['nothing', '', 'the answer is empty'],
    ['blanks', ' \n', 'the answer is empty'],
    ['an object that was cut off', 'So: {"user":{"name":"x"},"role":', 'it is not JSON'],
    ['a list that was cut off', '[{"a":1},{"b":', 'it is not JSON'],
    ['an object that is broken', 'So: {"user":{"name":"x"},} ', 'it is not JSON'],
    ['a member __proto__ in an object that was cut off', '{a: {"__proto__":{"admin":true}},', 'it has a member'],
    ['prose', 'I am sorry', 'it is not JSON'],
    ['half an object', '{"a":1', 'it is not JSON'],
    ['too long a text', 'x'.repeat(1_000_001), 'the answer is longer than 1000000 characters'],
    ['a member __proto__', '{"a":{"__proto__":{"admin":true}}}', 'it has a member "__proto__"'],
    ['an escaped member __proto__', '{"\\u005f_proto__":1}', 'it has a member "__proto__"'],
    ['very deep brackets', '['.repeat(200_000), 'it is not JSON'],
  ])('finds nothing in %s, and says why', (_, text, problem) => {
    const reading = readJson(text)
    expect(reading.values).toEqual([])
    expect(reading.problem).toContain(problem)
  })

  it('never throws, is bounded in values, and never gives a member __proto__', () => {
    const parts = fc.constantFrom('{', '}', '[', ']', '"', '\\', '```', '\n', '"a":1', ',', '{"a":1}', '{"__proto__":1}', 'é')
    fc.assert(
      fc.property(fc.array(parts, { maxLength: 60 }), (pieces) => {
        const { values } = readJson(pieces.join(''))
        expect(values.length).toBeLessThanOrEqual(8)
        for (const value of values) expect(JSON.stringify(value)).not.toContain('__proto__')
      }),
    )
  })

  it('takes time in proportion to a hostile text', () => {
    // Each bracket followed to the end of the text would take minutes.
    for (const hostile of [
      '{"a":['.repeat(150_000),
      `${'{ '.repeat(20_000)}${'"a" '.repeat(200_000)}`,
      `${'['.repeat(99)}${'1,'.repeat(400_000)}`,
    ]) {
      const startedMs = performance.now()
      expect(readJson(hostile).values).toEqual([])
      expect(performance.now() - startedMs).toBeLessThan(5_000)
    }
  })
})
