import { describe, expect, it } from 'vitest'
import { asImports, asRequires, type RewriteOptions } from '../../src/repair/imports/import-rewrite.js'

const same = (specifier: string): string => specifier
const plain: RewriteOptions = { specifier: same, whole: () => 'default' }
const spread: RewriteOptions = { specifier: same, whole: () => 'namespace' }

describe('asImports()', () => {
  it.each([
    ["const a = require('m')\n", "import a from 'm'\n"],
    ["const { a, b: c } = require('m');", "import { a, b as c } from 'm';"],
    ["const a = require('m').b", "import { b as a } from 'm'"],
    ["const b = require('m').b", "import { b } from 'm'"],
    ["const b = require('m').default", "import b from 'm'"],
    ['require("m")', 'import "m"'],
    [
      "const a = require('m'), { b } = require('n');\nexport { a, b }",
      "import a from 'm';\nimport { b } from 'n';\nexport { a, b }",
    ],
  ])('writes %j as %j', (text, expected) => {
    expect(asImports(text, 'a.js', plain)).toBe(expected)
  })

  it('takes a module without a default export as all its names, and spells it as it is told', () => {
    expect(asImports("const a = require('./m')", 'a.js', { ...spread, specifier: (text) => `${text}.js` })).toBe(
      "import * as a from './m.js'",
    )
  })

  it.each([
    "import 'm'",
    "function f() { return require('m') }",
    "const a = require('m')\nmodule.exports = a",
    "const a = require('m')\nexports.b = a",
    "const a = require('m')\nrequire.resolve('m')",
    'const a = require(name)',
    "const { a = 1 } = require('m')",
    "const { ...rest } = require('m')",
    "const { [k]: a } = require('m')",
    'const a = (',
  ])('leaves %j alone', (text) => {
    expect(asImports(text, 'a.js', plain)).toBeUndefined()
  })
})

describe('asRequires()', () => {
  it.each([
    ["import a from 'm'\n", "const a = require('m')\n"],
    ["import * as a from 'm';", "const a = require('m');"],
    ["import { a, b as c } from 'm'", "const { a, b: c } = require('m')"],
    ["import a, { b } from 'm'", "const a = require('m')\nconst { b } = require('m')"],
    ["import 'm'", "require('m')"],
    ["import a from 'm'\nasync function f() { await a() }", "const a = require('m')\nasync function f() { await a() }"],
  ])('writes %j as %j', (text, expected) => {
    expect(asRequires(text, 'a.js', plain)).toBe(expected)
  })

  it('takes the default export of a module', () => {
    expect(asRequires("import a from 'm'", 'a.js', spread)).toBe("const a = require('m').default")
  })

  it.each([
    'module.exports = 1',
    "import a from 'm'\nexport const b = a",
    "import a from 'm'\na(import.meta.url)",
    "import a from 'm'\nawait a()",
    'import a from (',
  ])('leaves %j alone', (text) => {
    expect(asRequires(text, 'a.js', plain)).toBeUndefined()
  })
})
