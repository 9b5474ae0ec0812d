import { describe, expect, it } from 'vitest'
import { existsIn, observePaths } from '../../src/security/observe-paths.js'
import { patchOf } from './audit-sample.js'

/** A project with these files, and the folders they lie in. */
function projectOf(files: readonly string[]) {
  const all = new Set(
    files.flatMap((file) => file.split('/').map((_, index, segments) => segments.slice(0, index + 1).join('/'))),
  )
  const asked: string[] = []
  return {
    asked,
    read: () => undefined,
    stat: (path: string) => {
      asked.push(path)
      return all.has(path) ? { kind: 'file' as const, mode: 0o644, sizeBytes: 1 } : undefined
    },
  }
}
const project = projectOf([
  'package.json',
  'src/b.ts',
  'src/view.tsx',
  'src/lib/index.js',
  'src/data.json',
  'node_modules/zod/package.json',
  'app/x.ts',
])
const found = (code: string, path = 'src/a.ts') =>
  observePaths(patchOf([[path, 'a()\n', `${code}\na()\n`]]), project).map(({ rule, evidence }) => `${rule} ${evidence}`)

describe('observePaths()', () => {
  it.each([
    "import { b } from './b.js'",
    "import { b } from './b'",
    "import own from '..'\nimport again from '../'",
    "import lib from './lib/'\nreadFileSync('src/')\nreadFileSync('..')",
    "import view from './view.jsx'",
    "export * from './lib'",
    "const data = require('./data.json')",
    "const data = await import('../src/data.json?raw')",
    "readFileSync('./package.json')",
    "readFileSync('data.json')",
    "new URL('./data.json', import.meta.url)",
    "import fs from 'node:fs'\nimport path from 'path'",
    "import { z } from 'zod'\nimport { x } from 'app/x'",
    "import type { Gone } from './gone.js'",
    "import { z } from '@/aliased'\nimport { y } from '#own'",
    'import(`./${name}.js`)\nrequire(name)',
    "readFileSync('a*b')\nnew URL('https://a.example/', import.meta.url)",
  ])('says nothing of what resolves or cannot be known: %s', (code) => {
    expect(found(code)).toEqual([])
  })

  it.each([
    ["import { b } from './gone.js'", 'PATH-MISSING'],
    ["export { b } from './lib/gone'", 'PATH-MISSING'],
    ["const b = require.resolve('./gone')", 'PATH-MISSING'],
    ["readFileSync('./gone.json')", 'PATH-MISSING'],
    ["new URL('gone.json', import.meta.url)", 'PATH-MISSING'],
    ["import { x } from 'not-installed'", 'PATH-MISSING'],
    ["import { b } from '../../other/b.js'", 'PATH-LEAVES'],
    ["readFileSync('../../keys.pem')", 'PATH-LEAVES'],
    ["readFileSync('/opt/keys.pem')", 'PATH-LEAVES'],
    ["readFileSync('C:/keys.pem')", 'PATH-LEAVES'],
  ])('finds %s', (code, rule) => {
    expect(found(code)).toEqual([`${rule} ${code.split('\n')[0]}`])
  })

  it('counts what the patch itself makes, and not what it takes away', () => {
    const edits = [
      ['src/a.ts', 'a()\n', "import { n } from './new.js'\nimport { b } from './b.js'\na()\n"],
      ['src/new.ts', null, 'export const n = 1\n'],
      ['src/b.ts', 'export const b = 1\n', null],
      ['package.json', '{"dependencies":{}}\n', '{"dependencies":{"fresh":"^1.0.0"}}\n'],
      ['src/c.ts', 'c()\n', "import { f } from 'fresh'\nc(f)\n"],
    ] as const
    expect(observePaths(patchOf(edits), project).map(({ evidence }) => evidence)).toEqual(["import { b } from './b.js'"])
  })

  it('says nothing of what was there before, nor of tests that lead outside on purpose', () => {
    const code = "import { b } from './gone.js'\n"
    expect(observePaths(patchOf([['src/a.ts', `${code}a()\n`, `${code}b()\n`]]), project)).toEqual([])
    expect(observePaths(patchOf([['test/a.test.ts', 'a()\n', "readFileSync('/opt/x')\na()\n"]]), project)).toEqual([])
  })

  it('asks the project for nothing outside of it', () => {
    found("import { b } from '../../../etc/passwd'\nreadFileSync('../../x')\nreadFileSync('/etc/passwd')")
    expect(project.asked.every((path) => !path.startsWith('..') && !path.startsWith('/'))).toBe(true)
    expect(existsIn(project)('../x')).toBe(false)
  })
})
