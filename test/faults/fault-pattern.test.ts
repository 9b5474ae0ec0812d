import fc from 'fast-check'
import { afterEach, describe, expect, it } from 'vitest'
import { isHomeostatError } from '../../src/core/errors.js'
import { classify, createClassifier, registerFaultPattern } from '../../src/faults/classify.js'
import type { FaultPattern } from '../../src/faults/fault-pattern.js'
import { costOf } from '../../src/faults/pattern-cost.js'

const migration: FaultPattern = {
  name: 'acme-migrate',
  pattern: /^acme: migration (?<name>\S+) failed: (?<message>.+)$/,
  category: 'deployment',
  code: 'MIGRATION_FAILED',
}
const output = 'acme: migration 0007 failed: column exists'

function reasonFor(pattern: unknown): string {
  try {
    // Whatever a caller without types may hand over.
    createClassifier({ patterns: [pattern as FaultPattern] })
  } catch (error) {
    if (isHomeostatError(error, 'HS_FAULT_PATTERN_INVALID')) return error.details.reason
    throw error
  }
  return 'accepted'
}

describe('registerFaultPattern()', () => {
  const undo: (() => void)[] = []
  afterEach(() => {
    for (const forget of undo.splice(0)) forget()
  })

  it('teaches classify() what another tool says, and takes it back', () => {
    const before = classify({ output, exitCode: 1 })[0]?.code
    const forget = registerFaultPattern(migration)
    expect(classify({ output, exitCode: 1 })[0]).toMatchObject({
      category: 'deployment',
      severity: 'high',
      code: 'MIGRATION_FAILED',
      message: 'column exists',
      details: { name: '0007' },
      transient: false,
    })
    forget()
    forget()
    expect(classify({ output, exitCode: 1 })[0]?.code).toBe(before)
  })

  it('refuses a name that is taken, and leaves it to its owner', () => {
    undo.push(registerFaultPattern(migration))
    expect(() => registerFaultPattern({ ...migration, code: 'OTHER' })).toThrow(/another pattern has that name/)
    expect(classify({ output, exitCode: 1 })[0]?.code).toBe('MIGRATION_FAILED')
  })

  it('does not take back what someone else has registered since', () => {
    const forget = registerFaultPattern(migration)
    forget()
    undo.push(registerFaultPattern({ ...migration, code: 'AGAIN' }))
    forget()
    expect(classify({ output, exitCode: 1 })[0]?.code).toBe('AGAIN')
  })
})

describe('createClassifier()', () => {
  it('has patterns of its own, and shares none', () => {
    const own = createClassifier({ patterns: [migration] })
    expect(own.classify({ output, exitCode: 1 })[0]?.code).toBe('MIGRATION_FAILED')
    expect(createClassifier().classify({ output, exitCode: 1 })[0]?.code).not.toBe('MIGRATION_FAILED')
    expect(classify({ output, exitCode: 1 })[0]?.code).not.toBe('MIGRATION_FAILED')
  })

  it('asks its own patterns before the built-in rules', () => {
    const line = 'Error: ENOSPC: no space left on device, write'
    const own = createClassifier({
      patterns: [{ name: 'quota', pattern: /ENOSPC: no space left/, category: 'configuration', code: 'QUOTA', severity: 'low' }],
    })
    expect(own.classify({ output: line, exitCode: 1 })).toMatchObject([
      { category: 'configuration', code: 'QUOTA', severity: 'low' },
    ])
  })

  it('fills location, code, tool and transience, and speaks after a success only when told to', () => {
    const pattern = {
      name: 'lint.x',
      pattern: /^(?<file>[\w./]+):(?<line>\d{1,7}):(?<column>\d{1,7}) (?<code>X\d+) (?<message>.+)$/,
      category: 'build',
      tool: 'xlint',
      transient: true,
      rank: 'lint',
    } as const
    const line = 'src/a.x:3:7 X12 bad x'
    const [fault] = createClassifier({ patterns: [pattern] }).classify({ output: line, exitCode: 1 })
    expect(fault).toMatchObject({
      code: 'X12',
      tool: 'xlint',
      transient: true,
      location: { file: 'src/a.x', line: 3, column: 7 },
    })
    expect(createClassifier({ patterns: [pattern] }).classify({ output: line, exitCode: 0 })).toEqual([])
    expect(createClassifier({ patterns: [{ ...pattern, always: true }] }).classify({ output: line, exitCode: 0 })).toHaveLength(1)
  })

  it('remembers no place of a global expression, and reads the first 500 characters of a line', () => {
    const own = createClassifier({ patterns: [{ ...migration, pattern: /acme: broken/g }] })
    for (let time = 0; time < 3; time += 1)
      expect(own.classify({ output: 'acme: broken', exitCode: 1 })[0]?.code).toBe('MIGRATION_FAILED')
    expect(own.classify({ output: `${' x'.repeat(300)}acme: broken`, exitCode: 1 })[0]?.code).not.toBe('MIGRATION_FAILED')
  })

  it('holds at most 200 patterns', () => {
    const many = Array.from({ length: 200 }, (_, at) => ({ ...migration, name: `pattern-${at}` }))
    const own = createClassifier({ patterns: many })
    expect(() => own.register({ ...migration, name: 'one-more' })).toThrow(/200 patterns already/)
  })

  it.each([
    ['nothing', null, /not an object/],
    ['a name with a space', { ...migration, name: 'a b' }, /name/],
    ['no name', { ...migration, name: undefined }, /name/],
    ['a text for an expression', { ...migration, pattern: 'x' }, /not a regular expression/],
    ['a long expression', { ...migration, pattern: new RegExp('x'.repeat(501)) }, /longer than 500/],
    ['a flag that means nothing', { ...migration, pattern: /x/m }, /flags/],
    ['an unknown category', { ...migration, category: '__proto__' }, /category/],
    ['an unknown severity', { ...migration, severity: 'grave' }, /severity/],
    ['an unknown rank', { ...migration, rank: 'first' }, /rank/],
    ['no code', { ...migration, code: undefined }, /code/],
    ['a bad code', { ...migration, code: 'A B' }, /code/],
    ['a bad tool', { ...migration, tool: 'a b' }, /tool/],
    ['a transience of its own', { ...migration, transient: 'no' }, /transient/],
    ['an expression for every line', { ...migration, pattern: /x*/ }, /empty line/],
  ])('refuses %s', (_, pattern, reason) => {
    expect(reasonFor(pattern)).toMatch(reason)
  })
})

describe('costOf()', () => {
  it.each([
    /^acme: (?<message>.+)$/,
    /^(?<file>\S+):(?<line>\d+):(?<column>\d+): error (?<code>[A-Z]+\d+): (?<message>.+)$/,
    /\[(?<code>E\d{3,5})\] (?<message>.+)/,
    /Error: (?:cannot|could not) (?<name>\w+) at (?<message>.+)$/i,
    /^(?:ab)+c$/,
    /^(?:a|b)*c/,
    /(?=x)x{3}|y(?!z)/,
    /^\u{1F600}? failed \p{Lu}/u,
    /[\]\\a-z]+ broke$/,
    /\b\x41\cJ?z/,
  ])('accepts %s', (pattern) => {
    expect(costOf(pattern).refusal).toBeUndefined()
  })

  it.each([
    /(a+)+$/,
    /(?:a|a)*$/,
    /(?:a?b?)+c/,
    /(\w+\s?)*$/,
    /(.*)*x/,
    /.* .* .* x/,
    /\w+\w+\w+!/,
    /(x)\1+/,
    /(?<q>["'])\k<q>/,
    /(?=a+b)c/,
    new RegExp(`${'a?'.repeat(40)}${'a'.repeat(40)}`),
    new RegExp('(?:a|b)'.repeat(8)),
    new RegExp(`${'('.repeat(30)}a${')'.repeat(30)}`),
  ])('refuses %s', (pattern) => {
    expect(costOf(pattern).refusal).toBeTypeOf('string')
  })

  it('hints at the longest text that must be there, of every alternative', () => {
    expect(costOf(/^acme: migration (\S+) failed/).hints).toEqual(['acme: migration '])
    expect(new Set(costOf(/disk \d+ lost|fan stopped/).hints)).toEqual(new Set(['disk ', 'fan stopped']))
    expect(costOf(/disk/i).hints).toEqual([''])
    expect(costOf(/a\.b\[c/).hints).toEqual(['a.b[c'])
    expect(costOf(/ab?c/).hints).toEqual([''])
  })

  it('accepts nothing that takes long on a line made of the expression’s own characters', () => {
    const atom = fc.constantFrom('a', 'b', '.', '\\w', '\\d', '[ab]', '\\s', ' ', 'x')
    const times = fc.constantFrom('', '', '+', '*', '?', '{1,20}', '{0,300}')
    const part = fc.oneof(
      fc.tuple(atom, times).map((both) => both.join('')),
      fc.tuple(fc.array(atom, { minLength: 1, maxLength: 3 }), times).map(([atoms, suffix]) => `(?:${atoms.join('')})${suffix}`),
      fc.tuple(atom, atom, times).map(([one, other, suffix]) => `(?:${one}|${other})${suffix}`),
    )
    const source = fc.tuple(
      fc.constantFrom('', '^'),
      fc.array(part, { minLength: 1, maxLength: 6 }),
      fc.constantFrom('', '$', '!'),
    )
    fc.assert(
      fc.property(source, ([start, parts, end]) => {
        const pattern = new RegExp(start + parts.join('') + end)
        if (costOf(pattern).refusal !== undefined) return
        for (const line of ['a', 'ab', 'b ', '1', 'aab x'].map((word) => `${word.repeat(250).slice(0, 499)}#`)) {
          // The machine may be busy: the best of several is what the expression needs.
          let bestMs = Number.POSITIVE_INFINITY
          for (let time = 0; time < 5 && bestMs > 30; time += 1) {
            const startMs = performance.now()
            pattern.exec(line)
            bestMs = Math.min(bestMs, performance.now() - startMs)
          }
          expect(bestMs, String(pattern)).toBeLessThan(30)
        }
      }),
      { numRuns: 250 },
    )
  })

  it('hints so that no line that matches is passed over', () => {
    const word = fc.constantFrom('fail', 'disk', ' at ', '\\d+', '\\w', '(?:up|down)', '(?:x)?', 'z?')
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), fc.constantFrom('', 'i'), (words, flags) => {
        const { hints } = costOf(new RegExp(words.join(''), flags))
        const line = words.map((one) => samples[one] ?? one).join('')
        expect(hints.some((hint) => line.includes(hint))).toBe(true)
      }),
    )
  })
})

/** A text that each part of the expressions above matches. */
const samples: Readonly<Record<string, string>> = { '\\d+': '12', '\\w': 'q', '(?:up|down)': 'down', '(?:x)?': '', 'z?': '' }
