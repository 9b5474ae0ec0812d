import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nodesOf } from '../../src/repair/code/syntax-node.js'
import { isPlainSpecifier, moduleLiterals, parseSource, replaceLiterals } from '../../src/repair/imports/import-literals.js'

const specifiers = (text: string, path = 'a.js') =>
  moduleLiterals(text, path).map(({ specifier, form }) => `${form} ${specifier}`)

describe('moduleLiterals()', () => {
  it('finds every way to name a module', () => {
    const text = `
      import 'a'; import b, { c as d } from "b"; import * as e from 'e'
      export { f } from 'f'; export * from 'g'
      const h = require('h'); require.resolve('i'); await import('j'); import(\`k\`)
      vi.mock('l'); jest.requireActual('m')
      require(name); require(\`n\${o}\`); other('p'); const q = 'q'; module.require
    `
    expect(specifiers(text)).toEqual([
      'import a',
      'import b',
      'import e',
      'export f',
      'export g',
      'require h',
      'require i',
      'dynamic j',
      'dynamic k',
      'require l',
      'require m',
    ])
  })

  it('finds those of TypeScript', () => {
    expect(
      specifiers(
        `import type { A } from './a.js'\nimport b = require('b')\ntype C = import('c').C\n@dec class D {}\nlet x = <any>y`,
        'a.ts',
      ),
    ).toEqual(['import ./a.js', 'require b', 'import c'])
    expect(specifiers(`import a from 'a'; const b = <div/>`, 'a.tsx')).toEqual(['import a'])
  })

  it('tells the names that are taken', () => {
    const text = `import a, { b as c, default as d } from 'x'\nexport { e as f } from 'y'\nconst { g, h: i = 1, ...j } = require('z')`
    expect(
      moduleLiterals(text, 'a.js').map(({ names }) =>
        names.map(({ imported, local, start }) => `${imported} ${local} ${text.slice(start, start + 1)}`),
      ),
    ).toEqual([['default a a', 'b c b', 'default d d'], ['e f e'], ['g g g', 'h h h']])
  })

  it('reads no comment and no text', () => {
    expect(specifiers(`// import 'a'\nconst b = "import 'c'"\n/* require('d') */`)).toEqual([])
  })

  it('searches a text that does not parse, strictly', () => {
    const text = `import a from './a'\nimport './b'\nconst c = require( "c" )\nimport('d'\nfrom('e') require 'f' const x = = \`\${`
    expect(specifiers(text)).toEqual(['import ./a', 'import ./b', 'require c', 'dynamic d'])
    const vue = `<script>\nimport a from './a'\n</script>\n<template>"from 'b'"</template>`
    expect(specifiers(vue, 'a.vue')).toEqual(['import ./a', 'import b'])
  })

  it('leaves machine-made giants alone', () => {
    expect(moduleLiterals(`import 'a';${' '.repeat(1024 * 1024)}`, 'a.js')).toEqual([])
  })

  it('takes time in proportion to hostile text', () => {
    for (const part of ['from "', 'require(', "import('a", 'import ', 'from   ']) {
      const started = process.hrtime.bigint()
      moduleLiterals(part.repeat(Math.floor(1_000_000 / part.length)), 'a.vue')
      expect(Number(process.hrtime.bigint() - started) / 1e6).toBeLessThan(1500)
    }
  })

  it('reads expressions that nest deeper than a call stack', () => {
    const tree = parseSource(`import 'a'\nx = ${Array.from({ length: 3000 }, () => '1').join('+')}`, 'a.js')
    expect(tree === undefined ? 0 : [...nodesOf(tree)].length).toBeGreaterThan(6000)
  })
})

describe('replaceLiterals()', () => {
  it('replaces what stands between the quotes and nothing else', () => {
    const text = `import a from "./a" // './a'\nconst b = require('./a')\n`
    const replacements = moduleLiterals(text, 'a.js').map((literal) => ({ literal, specifier: './longer/b.js' }))
    expect(replaceLiterals(text, replacements)).toBe(
      `import a from "./longer/b.js" // './a'\nconst b = require('./longer/b.js')\n`,
    )
  })

  it('is undone by the way back', () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z./]{1,8}$/), { minLength: 1, maxLength: 6 }),
        fc.stringMatching(/^[a-z./]{1,12}$/),
        (names, other) => {
          const text = names.map((name, index) => `import a${index} from '${name}'`).join('\n')
          const there = replaceLiterals(
            text,
            moduleLiterals(text, 'a.js').map((literal) => ({ literal, specifier: other })),
          )
          expect(moduleLiterals(there, 'a.js').map(({ specifier }) => specifier)).toEqual(names.map(() => other))
          expect(
            replaceLiterals(
              there,
              moduleLiterals(there, 'a.js').map((literal, index) => ({ literal, specifier: names[index] ?? '' })),
            ),
          ).toBe(text)
        },
      ),
    )
  })
})

describe('isPlainSpecifier()', () => {
  it('refuses what would end the quotes', () => {
    for (const text of ["a'b", 'a"b', 'a`b', 'a\\b', '${a}', 'a\nb', '', 'a\u2028b', 'x'.repeat(513)])
      expect(isPlainSpecifier(text)).toBe(false)
    expect(isPlainSpecifier('./ünï-cödé/a b.js')).toBe(true)
  })
})
