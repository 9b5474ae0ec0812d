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

describe('installRefusal()', () => {
  it('allows what the policy allows', () => {
    expect(installRefusal([install()], 'declared', workspace)).toBeUndefined()
    expect(installRefusal([install('zod')], 'declared', workspace)).toBeUndefined()
    expect(installRefusal([install('left-pad')], 'any', workspace)).toBeUndefined()
    expect(installRefusal([{ kind: 'chmod', path: 'a', modeBefore: 0o644, mode: 0o755 }], 'never', workspace)).toBeUndefined()
  })

  it('refuses the rest, whoever proposes it, and says why', () => {
    expect(installRefusal([install()], 'never', workspace)).toContain('"never"')
    expect(installRefusal([install('zod', 'left-pad')], 'declared', workspace)).toContain('"left-pad"')
    expect(installRefusal([install('zod')], 'declared', memoryWorkspace({ 'index.js': '' }))).toContain('"zod"')
  })
})
