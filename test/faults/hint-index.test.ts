import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createHintIndex } from '../../src/faults/hint-index.js'
import type { Rule } from '../../src/faults/rule.js'

const ruleOf = (hints: readonly string[]): Rule => ({ hints, pattern: /x/, category: 'build', code: 'X' })

describe('createHintIndex()', () => {
  it('finds the rules one of whose hints a line holds, in their order', () => {
    const hint = fc.string({ unit: fc.constantFrom('a', 'b', 'E', 'é', 'ế', '✖', ' '), maxLength: 4 })
    const line = fc.string({ unit: fc.constantFrom('a', 'b', 'E', 'é', 'ế', '✖', ' '), maxLength: 20 })
    fc.assert(
      fc.property(
        fc.array(fc.array(hint, { minLength: 1, maxLength: 3 }), { maxLength: 8 }),
        fc.array(line, { maxLength: 4 }),
        (all, lines) => {
          const rules = all.map(ruleOf)
          const index = createHintIndex(rules)
          for (const text of lines) {
            // A hint of one character is too short to tell lines apart: its rule is asked for every line.
            const expected = rules.filter((rule) => rule.hints.some((one) => one.length < 2 || text.includes(one)))
            expect(index.rulesFor(text)).toEqual(expected)
          }
        },
      ),
    )
  })
})
