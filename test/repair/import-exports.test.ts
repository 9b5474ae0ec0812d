import { describe, expect, it } from 'vitest'
import { moduleExports } from '../../src/repair/imports/import-exports.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

const exportsOf = (files: Record<string, string>, path = 'a.js') => {
  const { names, complete } = moduleExports(memoryWorkspace(files), path)
  return { names: [...names].sort(), complete }
}

describe('moduleExports()', () => {
  it('reads every form of export', () => {
    const text = `export const a = 1, { b, c: [d, ...e], f = 2 } = x; export function g() {} export class H {}
      export default 3; const i = 4; export { i, i as j, i as default }; export { k } from './k'; export * as l from './l'`
    expect(exportsOf({ 'a.js': text })).toEqual({
      names: ['H', 'a', 'b', 'd', 'default', 'e', 'f', 'g', 'i', 'j', 'k', 'l'],
      complete: true,
    })
  })

  it('reads those of TypeScript', () => {
    const text =
      'export interface A {}\nexport type B = 1\nexport enum C { D }\nexport abstract class E {}\nexport declare function f(): void\nexport namespace G {}'
    expect(exportsOf({ 'a.ts': text }, 'a.ts').names).toEqual(['A', 'B', 'C', 'E', 'G', 'f'])
    expect(exportsOf({ 'a.ts': 'const a = 1\nexport = a' }, 'a.ts').complete).toBe(false)
  })

  it('follows what is passed on, in circles too, and knows where it cannot', () => {
    expect(
      exportsOf({
        'a.js': "export * from './b.js'\nexport const a = 1",
        'b.js': "export * from './a.js'\nexport const b = 1\nexport default 2",
      }),
    ).toEqual({ names: ['a', 'b'], complete: true })
    expect(exportsOf({ 'a.js': "export * from 'package'" })).toEqual({ names: [], complete: false })
    expect(exportsOf({ 'a.js': "export * from './gone.js'" })).toEqual({ names: [], complete: false })
    const chain = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`${index}.js`, `export * from './${index + 1}.js'\nexport const n${index} = 1`]),
    )
    expect(exportsOf(chain, '0.js').complete).toBe(false)
  })

  it('reads CommonJS as far as it is plain', () => {
    expect(exportsOf({ 'a.js': 'exports.a = 1; module.exports.b = 2; other.c = 3' })).toEqual({
      names: ['a', 'b'],
      complete: true,
    })
    expect(exportsOf({ 'a.js': 'module.exports = { a, "b": 1, c() {} }' })).toEqual({
      names: ['a', 'b', 'c', 'default'],
      complete: true,
    })
    for (const text of [
      'module.exports = make()',
      'exports[name] = 1',
      'module.exports = { [a]: 1 }',
      'module.exports = { ...a }',
      "Object.defineProperty(exports, 'a', {})",
    ]) {
      expect(exportsOf({ 'a.js': text }).complete).toBe(false)
    }
  })

  it('knows nothing of what it cannot read', () => {
    for (const files of [{ 'b.js': '' }, { 'a.js': '= = `${' }, { 'a.js': ' '.repeat(1024 * 1024 + 1) }])
      expect(exportsOf(files as unknown as Record<string, string>)).toEqual({ names: [], complete: false })
  })
})
