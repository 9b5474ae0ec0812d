import { describe, expect, it } from 'vitest'
import { asCommonJsExports, asModuleExports } from '../../src/repair/imports/export-rewrite.js'

const toModule = (text: string, ...taken: string[]) => asModuleExports(text, 'a.js', new Set(taken))
const toCommonJs = (text: string) => asCommonJsExports(text, 'a.js')

describe('asModuleExports()', () => {
  it.each([
    ['exports.total = function total(a) { return a }\n', 'export function total(a) { return a }\n'],
    ['exports.total = function (a) { return a };\n', 'export const total = function (a) { return a };\n'],
    [
      'function total() {}\nexports.total = total\nmodule.exports.sum = total\n',
      'function total() {}\nexport { total }\nexport { total as sum }\n',
    ],
    ['module.exports = class A {}\n', 'export default class A {}\n'],
  ])('writes %j anew', (text, right) => {
    expect(toModule(text)).toBe(right)
  })

  it('lists the members of an object where others take them by name', () => {
    const text = 'const a = 1\nmodule.exports = { a, b: a }\n'
    expect(toModule(text, 'a')).toBe('const a = 1\nexport { a, a as b }\n')
    expect(toModule(text, 'default')).toBe('const a = 1\nexport default { a, b: a }\n')
    expect(toModule(text)).toBe('const a = 1\nexport default { a, b: a }\n')
  })

  it.each([
    'const a = 1\n',
    'exports.a = 1\nif (a) exports.b = 2\n',
    'exports.a = 1\nexports.b = exports.a + 1\n',
    'const a = 1\nexports.a = 2\n',
    'exports.default = 1\n',
    'exports[name] = 1\n',
    'exports.a = (\n',
  ])('leaves %j', (text) => {
    expect(toModule(text)).toBeUndefined()
  })
})

describe('asCommonJsExports()', () => {
  it.each([
    ['export function total() {}\n', 'function total() {}\n\nexports.total = total\n'],
    ['export const a = 1;\nexport { a as b };\n', 'const a = 1;\n\nexports.a = a;\nexports.b = a;\n'],
    ['export default class A {}\n', 'module.exports = class A {}\n'],
  ])('writes %j anew', (text, right) => {
    expect(toCommonJs(text)).toBe(right)
  })

  it.each([
    'const a = 1\n',
    "export * from './b.js'\n",
    "export { a } from './b.js'\n",
    'export default 1\nexport const a = 1\n',
    'export const { a } = b\nexport { c as default }\n',
    'export const a = (\n',
  ])('leaves %j', (text) => {
    expect(toCommonJs(text)).toBeUndefined()
  })
})
