import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { likeness, nearPaths } from '../../../src/repair/configuration/near-path.js'
import { memoryWorkspace } from '../../../src/testing/memory-workspace.js'

const workspace = memoryWorkspace({
  'lib/index.js': '',
  'lib/index.d.ts': '',
  'lib/Utils.js': '',
  'src/deep/part.ts': '',
  'node_modules/lib/index.js': '',
  'main.js': '',
})
const near = (path: string, options: Parameters<typeof nearPaths>[2] = { kind: 'file' }): readonly string[] =>
  nearPaths(workspace, path, options).map((one) => one.path)

describe('nearPaths()', () => {
  it('corrects a slip in a folder, in a file, or in both', () => {
    expect(near('libs/index.js')).toEqual(['lib/index.js'])
    expect(near('lib/indx.js')[0]).toBe('lib/index.js')
    expect(near('lib/utils.js')).toEqual(['lib/Utils.js'])
    expect(near('scr/dep/prat.ts')).toEqual(['src/deep/part.ts'])
    expect(near('scr', { kind: 'folder' })).toEqual(['src'])
  })

  it('changes the extension only where it may, and never into a declaration', () => {
    expect(near('lib/index.ts')).toEqual(['lib/index.js'])
    expect(near('src/deep/part.js', { kind: 'file', anyExtension: true })).toEqual(['src/deep/part.ts'])
    expect(near('main.json', { kind: 'file', anyExtension: true })).toEqual([])
  })

  it('finds nothing outside the project, in installed packages, or for another name', () => {
    for (const path of ['../lib/index.js', '/lib/index.js', '', 'other/index.js', 'node_module/lib/index.js'])
      expect(near(path)).toEqual([])
  })

  it('names only what exists, each once, best first, and never the path itself', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 30 }), fc.boolean(), (path, anyExtension) => {
        const found = nearPaths(workspace, path, { kind: 'file', anyExtension })
        expect(found.every((one) => workspace.stat(one.path)?.kind === 'file' && one.path !== path)).toBe(true)
        expect(found.map((one) => one.plausibility)).toEqual(found.map((one) => one.plausibility).toSorted((a, b) => b - a))
      }),
    )
  })
})

describe('likeness()', () => {
  it('is 1 for the same name alone, and the same both ways', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 12 }), fc.string({ maxLength: 12 }), (a, b) => {
        expect(likeness(a, b)).toBe(likeness(b, a))
        expect(likeness(a, b) === 1).toBe(a === b)
        expect(likeness(a, b)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('says no to other words, and trusts short names less', () => {
    expect(likeness('import', 'require')).toBe(0)
    expect(likeness('main', 'bin')).toBe(0)
    expect(likeness('lib', 'libs')).toBeLessThan(likeness('include', 'includ'))
    expect(likeness('scr', 'src')).toBeGreaterThan(likeness('srx', 'src'))
    expect(likeness('set-up', 'setUp')).toBe(0.93)
  })
})
