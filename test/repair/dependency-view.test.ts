import { expect, it, vi } from 'vitest'
import { remembered } from '../../src/repair/dependencies/dependency-view.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

it('remembered() gives the same answers and asks for each only once', () => {
  const workspace = memoryWorkspace({ 'src/a.js': 'a' })
  const spies = (['read', 'stat', 'list', 'files'] as const).map((name) => vi.spyOn(workspace, name))
  const view = remembered(workspace)
  for (let round = 0; round < 3; round += 1) {
    expect(view.root).toBe('/project')
    expect([view.read('src/a.js'), view.read('gone.js'), view.stat('src')?.kind, view.list('src'), view.files()]).toEqual([
      'a',
      undefined,
      'folder',
      ['a.js'],
      ['src/a.js'],
    ])
  }
  expect(spies.map((spy) => spy.mock.calls.length)).toEqual([2, 1, 1, 1])
})
