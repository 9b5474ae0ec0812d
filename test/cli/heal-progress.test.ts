import { describe, expect, it } from 'vitest'
import { showProgress } from '../../src/cli/heal-progress.js'
import { SelfHealingOrchestrator } from '../../src/index.js'
import { fakeTerminal } from './fake-terminal.js'

describe('showProgress()', () => {
  it('tells that a command seems to hang', async () => {
    const terminal = fakeTerminal({ cwd: '/' })
    await using healer = new SelfHealingOrchestrator()
    showProgress(healer, terminal)
    const stall = { sessionId: 's', command: ['npm', 'test'], where: 'sandbox', silentMs: 30_000, suspicion: 'danger' } as const
    healer.emit('command.stalled', stall)
    expect(terminal.told()).toContain('nothing for 30 s: it waits for something')
  })
})
