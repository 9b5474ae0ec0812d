import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  extensionOf,
  folderOf,
  foldersUp,
  isForDevelopment,
  isTest,
  projectPath,
  stemOf,
} from '../../src/repair/imports/import-path.js'
import { resolveRelative, spellImport, targetOf } from '../../src/repair/imports/import-resolve.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

const workspace = memoryWorkspace({})

describe('projectPath()', () => {
  it.each([
    ['/project/src/a.js', 'src/a.js'],
    ['src/../src/./a.js', 'src/a.js'],
    ['./a.js', 'a.js'],
    ['file:///project/src/a%20b.js?x=1#y', 'src/a b.js'],
    ['file://src/a.js', 'src/a.js'],
    ['/project', ''],
    ['src\\a.js', 'src/a.js'],
  ])('takes %j to %j', (named, path) => {
    expect(projectPath(workspace, named)).toBe(path)
  })

  it.each([
    '',
    '/',
    '/projects/a.js',
    '/project/../a.js',
    '..',
    '../a.js',
    'file:///etc/passwd',
    'file:///%',
    'file://../a.js',
    'http://project/a.js',
    'node:fs',
    'C:\\a.js',
    '\\\\server\\a',
    'a\0.js',
    'a\n.js',
  ])('refuses %j', (named) => {
    expect(projectPath(workspace, named)).toBeUndefined()
  })

  it('understands a root on Windows', () => {
    const windows = memoryWorkspace({}, { root: 'C:\\work\\p' })
    expect(projectPath(windows, 'C:\\work\\p\\src\\a.js')).toBe('src/a.js')
    expect(projectPath(windows, 'C:\\work\\q\\a.js')).toBeUndefined()
  })

  it('never leads out, and takes a megabyte in a moment', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('..', '.', 'a', '', '/project', '\\', 'file://')), (parts) => {
        const path = projectPath(workspace, parts.join('/'))
        expect(path === undefined || (!path.startsWith('/') && !path.split('/').includes('..'))).toBe(true)
      }),
    )
    expect(projectPath(workspace, '../'.repeat(400_000))).toBeUndefined()
  })
})

describe('stemOf(), extensionOf(), folderOf(), foldersUp()', () => {
  it('take a path apart', () => {
    expect(['src/a.test.ts', 'src/index.js', 'index.d.ts', 'a/b.css', 'a.d.ts'].map(stemOf)).toEqual([
      'src/a.test',
      'src',
      '',
      'a/b.css',
      'a',
    ])
    expect(['a.d.ts', 'a.mjs', 'a.css', 'a', 'a.service'].map(extensionOf)).toEqual(['.d.ts', '.mjs', '.css', '', '.service'])
    expect(['a', 'a/b/c.js'].map(folderOf)).toEqual(['', 'a/b'])
    expect(foldersUp('a/b')).toEqual(['a/b', 'a', ''])
    expect(foldersUp('')).toEqual([''])
  })
})

describe('isTest(), isForDevelopment()', () => {
  it.each(['test/a.js', 'src/__tests__/a.js', 'a.test.ts', 'src/a.spec.jsx', 'test.js', 'e2e/x.js'])(
    'calls %j a test',
    (path) => {
      expect(isTest(path)).toBe(true)
      expect(isForDevelopment(path)).toBe(true)
    },
  )
  it.each(['vite.config.ts', '.eslintrc.cjs', 'scripts/build.js'])('says that %j is for development', (path) => {
    expect(isTest(path)).toBe(false)
    expect(isForDevelopment(path)).toBe(true)
  })
  it.each(['src/a.js', 'src/latest.js', 'contest/a.js', 'src/config.js'])('says that %j is not', (path) => {
    expect(isForDevelopment(path)).toBe(false)
  })
})

describe('resolveRelative()', () => {
  const files = memoryWorkspace({
    'src/a.ts': '',
    'src/b.tsx': '',
    'src/c/index.js': '',
    'src/d.json': '',
    'src/e.mts': '',
    'src/f.d.ts': '',
  })
  it.each([
    ['./a', 'src/a.ts'],
    ['./a.js', 'src/a.ts'],
    ['./b.jsx', 'src/b.tsx'],
    ['./b.js', 'src/b.tsx'],
    ['./c', 'src/c/index.js'],
    ['./c/', 'src/c/index.js'],
    ['./d', 'src/d.json'],
    ['./d.json?raw', 'src/d.json'],
    ['./e.mjs', 'src/e.mts'],
    ['./f.js', 'src/f.d.ts'],
    ['../src/a', 'src/a.ts'],
    ['./g', undefined],
    ['../../a', undefined],
    ['.', undefined],
  ])('takes %j to %j', (specifier, path) => {
    expect(resolveRelative(files, 'src/x.ts', specifier)).toBe(path)
  })
})

describe('spellImport()', () => {
  it.each([
    ['src/a.ts', 'src/b.ts', 'output', './b.js'],
    ['src/a.ts', 'src/b.mts', 'output', './b.mjs'],
    ['src/a.ts', 'src/b.ts', 'source', './b.ts'],
    ['src/a.ts', 'src/b.ts', 'none', './b'],
    ['src/a.ts', 'lib/c/index.ts', 'none', '../lib/c'],
    ['src/a.ts', 'lib/c/index.ts', 'output', '../lib/c/index.js'],
    ['a.js', 'index.js', 'none', '.'],
    ['src/a.js', 'index.js', 'none', '..'],
    ['a.js', 'b.mjs', 'none', './b.mjs'],
    ['a.ts', 'b.cts', 'none', './b.cjs'],
    ['a.js', 'b.json', 'none', './b.json'],
    ['a.js', 'b.vue', 'none', './b.vue'],
    ['a.js', 'b.css', 'none', './b.css'],
  ] as const)('writes for %j the file %j as %j', (importer, file, extension, specifier) => {
    expect(spellImport(importer, file, { extension })).toBe(specifier)
  })

  it('always leads back to the file', () => {
    const name = fc.stringMatching(/^[a-z]{1,3}$/)
    const path = fc
      .tuple(
        fc.array(name, { maxLength: 3 }),
        fc.oneof(name, fc.constant('index')),
        fc.constantFrom('.js', '.ts', '.mjs', '.json', '.d.ts', '.jsx'),
      )
      .map(([folders, stem, ending]) => [...folders, stem + ending].join('/'))
    fc.assert(
      fc.property(path, path, fc.constantFrom('output', 'source', 'none'), (importer, file, extension) => {
        fc.pre(importer !== file)
        const specifier = spellImport(importer, file, { extension })
        expect(targetOf(importer, specifier)).toBeDefined()
        expect(specifier.startsWith('.')).toBe(true)
        expect(resolveRelative(memoryWorkspace({ [file]: '' }), importer, specifier)).toBe(file)
      }),
    )
  })
})
