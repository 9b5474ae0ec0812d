import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maskText, type Beginning } from '../../src/security/masked-text.js'

/** The code view with runs of blanks as one. */
const code = (text: string, beginning: Beginning = 'file'): string => maskText(text, 'script', beginning).code.replace(/ +/g, ' ')

describe('maskText()', () => {
  it.each([
    ['a line comment', 'a() // eval(x)\nb()', 'a() \nb()'],
    ['a block comment', 'a(/* eval(x) */)', 'a( )'],
    ['a comment that is never closed', 'a() /* eval(x)', 'a() '],
    ['strings', `f("eval(x)", 'y\\'z')`, `f(" ", ' ')`],
    ['a string that ends with its line', "f('eval(x)\ng(1)", "f(' \ng(1)"],
    ['a template with code in it', 'f(`eval(${g({ a: `b` })} x`)', 'f(` ${g({ a: ` ` })} `)'],
    ['a regular expression', 'f = /eval\\/["`]/.test(x)', 'f = .test(x)'],
    ['a regular expression with a class', 'f(/[/"]/g, 1)', 'f( , 1)'],
    ['a division', 'a = b / c / d // e', 'a = b / c / d '],
    ['a division after a parenthesis', '(a) / b / "c"', '(a) / b / " "'],
    ['a regular expression after a word', 'return /"/.test(x)', 'return .test(x)'],
    ['a slash without an end', 'a = /b\nc("d")', 'a = /b\nc(" ")'],
    ['markup within code', "const a = <p>It's</p>\nf('x')", "const a = <p>It' \nf(' ')"],
    ['an element that closes itself', 'const a = <b c={d}/>\nf("x")', 'const a = <b c={d}/>\nf(" ")'],
  ])('reads %s', (_, text, expected) => {
    expect(code(text)).toBe(expected)
  })

  it('takes the beginning of a fragment for a comment where it looks like one', () => {
    expect(code(' * uses eval(x)\n */\nf()', 'comment').trim()).toBe('f()')
    expect(code(' * uses eval(x)\n * and more', 'comment').trim()).toBe('')
    expect(code('a * b\n', 'comment')).toBe('a * b\n')
    expect(code(' * text\n */\nf()')).toContain('*')
    // Not every line begins with a star: it may be code, and is better seen than hidden.
    expect(code(' text\n */\nf()', 'comment')).toContain('text')
    expect(code(' * a\neval(x)\n/^.*/.test(y)', 'comment')).toContain('eval(x)')
  })

  it('does not hide what follows a backtick on other lines of a piece', () => {
    expect(code(' text\n`\neval(x)\nf(`a ${b} c`)', 'code')).toBe(' text\n`\neval(x)\nf(` ${b} `)')
    expect(code('`\neval(x)\n`')).toBe('`\n \n`')
  })

  it('keeps strings in the plain view and blanks comments in both', () => {
    const { plain, code: bare, strings } = maskText("f('x') // y", 'script')
    expect(plain).toBe("f('x')     ")
    expect(bare).toBe("f(' ')     ")
    expect(strings).toEqual([{ start: 3, end: 4 }])
  })

  it('reads comments that begin with a hash, and apostrophes that open nothing', () => {
    expect(maskText("run: it's # eval\nname: 'x # y' # z\nurl#a", 'hash').plain).toBe(
      "run: it's       \nname: 'x # y'    \nurl#a",
    )
  })

  it('blanks comments of markup, and nothing in prose or data', () => {
    expect(maskText('a<!-- eval(x) -->b<!-- c', 'markup').code).toBe(`a${' '.repeat(16)}b${' '.repeat(6)}`)
    expect(maskText('// a', 'prose').code).toBe('// a')
    expect(maskText('# a', 'data').code).toBe('# a')
  })

  it('keeps every length and every line end, whatever it reads', () => {
    const scrap = fc.constantFrom(
      '"',
      "'",
      '`',
      '${',
      '}',
      '{',
      '/',
      '*',
      '\\',
      '\n',
      '[',
      ']',
      '#',
      ' ',
      'a',
      '<!--',
      '-->',
      '(',
    )
    fc.assert(
      fc.property(
        fc.array(scrap, { maxLength: 60 }),
        fc.constantFrom('script', 'hash', 'markup', 'json'),
        fc.constantFrom('file', 'code', 'comment'),
        (scraps, language, beginning) => {
          const text = scraps.join('')
          const { code: bare, plain } = maskText(text, language, beginning)
          expect(bare).toHaveLength(text.length)
          expect(plain).toHaveLength(text.length)
          expect(bare.split('\n').map((line) => line.length)).toEqual(text.split('\n').map((line) => line.length))
        },
      ),
    )
  })

  it.each(['"', "'", '`', '`${', '/[', "'\\", '/*', "#'"])('reads a long run of %j in one pass', (scrap) => {
    const text = scrap.repeat(300_000 / scrap.length)
    const startedMs = performance.now()
    maskText(text, 'script')
    maskText(text, 'hash')
    // A square of the length would take hours.
    expect(performance.now() - startedMs).toBeLessThan(5_000)
  })
})
