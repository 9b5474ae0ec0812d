import { expect, it } from 'vitest'
import { offeredFiles, packageFile } from '../../src/repair/imports/package-entry.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

const at = (json: unknown, files: Record<string, string> = {}) =>
  memoryWorkspace({ 'node_modules/p/package.json': JSON.stringify(json), ...files }, { root: '/project' })
const folder = 'node_modules/p'

it('packageFile() follows conditions, patterns, fallbacks and the bare form of "exports"', () => {
  const exports = {
    '.': { browser: './b.js', import: { default: './i.mjs' }, require: './r.cjs' },
    './x': [null, './x.js'],
    './f/*': './src/*.js',
    './gone/*': null,
    './out': '../../secret.js',
  }
  const file = (subpath: string, asking: 'import' | 'require' = 'import') => packageFile(at({ exports }), folder, subpath, asking)
  expect(file('.')).toBe('node_modules/p/i.mjs')
  expect(file('.', 'require')).toBe('node_modules/p/r.cjs')
  expect(file('./x')).toBe('node_modules/p/x.js')
  expect(file('./f/a/b')).toBe('node_modules/p/src/a/b.js')
  for (const none of ['./y', './gone/a', './out']) expect(file(none)).toBeUndefined()
  expect(packageFile(at({ exports: './m.js' }), folder, '.', 'import')).toBe('node_modules/p/m.js')
  expect(packageFile(at({ exports: './m.js' }), folder, './a', 'import')).toBeUndefined()
  expect([...offeredFiles(at({ exports }), folder, 'import').keys()]).toEqual(['.', './x'])
})

it('packageFile() finds the entry of a package without "exports" as Node does', () => {
  expect(packageFile(at({}), folder, '.', 'require')).toBe('node_modules/p/index.js')
  expect(packageFile(at({ main: 'lib' }, { 'node_modules/p/lib/index.js': '' }), folder, '.', 'require')).toBe(
    'node_modules/p/lib/index.js',
  )
  expect(packageFile(at({ main: './a' }, { 'node_modules/p/a.js': '' }), folder, '.', 'require')).toBe('node_modules/p/a.js')
  expect(packageFile(at({}, { 'node_modules/p/sub.js': '' }), folder, './sub', 'import')).toBe('node_modules/p/sub.js')
  expect(packageFile(memoryWorkspace({}, { root: '/project' }), folder, '.', 'import')).toBeUndefined()
})
