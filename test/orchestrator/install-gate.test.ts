import { describe, expect, it } from 'vitest'
import type { Action } from '../../src/core/patch.js'
import { installRefusal } from '../../src/orchestrator/heal/install-gate.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

const workspace = memoryWorkspace({ 'package.json': '{ "dependencies": { "zod": "^4.0.0" } }' })
const install = (...names: readonly string[]): Action => ({
  kind: 'install',
  manager: 'npm',
  packages: names.map((name) => ({ name, dev: false })),
  folder: '',
})

const refusal = (actions: readonly Action[], ...rest: readonly ['never' | 'declared' | 'any', typeof workspace]) =>
  installRefusal({ edits: [], actions }, ...rest)

describe('installRefusal()', () => {
  it('allows what the policy allows', () => {
    expect(refusal([install()], 'declared', workspace)).toBeUndefined()
    expect(refusal([install('zod')], 'declared', workspace)).toBeUndefined()
    expect(refusal([install('left-pad')], 'any', workspace)).toBeUndefined()
    expect(refusal([{ kind: 'chmod', path: 'a', modeBefore: 0o644, mode: 0o755 }], 'never', workspace)).toBeUndefined()
  })

  it('refuses the rest, whoever proposes it, and says why', () => {
    expect(refusal([install()], 'never', workspace)).toContain('"never"')
    expect(refusal([install('zod', 'left-pad')], 'declared', workspace)).toContain('"left-pad"')
    expect(refusal([install('zod')], 'declared', memoryWorkspace({ 'index.js': '' }))).toContain('"zod"')
  })
  it('sees what a manifest edit would bring with an install that names nothing', () => {
    const manifest = (...names: readonly string[]) => ({
      path: 'package.json',
      before: '{ "dependencies": { "zod": "^4.0.0" } }',
      after: JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, '1.0.0'])) }),
      baseHash: null,
    })
    const patch = (...names: readonly string[]) => ({ edits: [manifest(...names)], actions: [install()] })
    expect(installRefusal(patch('zod', 'left-pad'), 'declared', workspace)).toContain('"left-pad"')
    expect(installRefusal(patch('zod'), 'declared', workspace)).toBeUndefined()
    expect(installRefusal(patch('zod', 'left-pad'), 'any', workspace)).toBeUndefined()
    expect(installRefusal({ ...patch('left-pad'), actions: [] }, 'declared', workspace)).toBeUndefined()
  })
})
