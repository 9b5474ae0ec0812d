import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import type { Proposal } from '../../src/core/repairer.js'
import { parsePolicy } from '../../src/orchestrator/policy/policy.js'
import { Trial, type Step } from '../../src/orchestrator/heal/trial.js'
import { fakeProject } from './fake-project.js'

const edit = (path: string, after: string): Proposal['edits'][number] => ({
  path,
  before: 'bad\n',
  after,
  baseHash: sha256('bad\n'),
})

const proposal = (...edits: Proposal['edits']): Proposal => ({
  title: 'Mend',
  edits,
  actions: [],
  plausibility: 0.5,
  rationale: '',
})

const stepOf = (made: Proposal): Step => ({ repairer: 'own', proposal: made, alternatives: [], refuted: 0 })

async function opened(): Promise<Trial> {
  const { ports } = fakeProject({ 'a.js': 'bad\n', 'b.js': 'bad\n' }, () => undefined)
  return Trial.of(ports.openWorkspace('.'), { policy: parsePolicy(), ports }, new AbortController().signal)
}

const both = stepOf(proposal(edit('a.js', 'good\n'), edit('b.js', 'good\n')))

describe('Trial', () => {
  it('changes the rights of an installed program in packages of its own, not in those that it shares with the project', async () => {
    const { ports } = fakeProject({ 'a.js': 'bad\n', 'node_modules/x/run.js': 'run\n' }, () => undefined)
    const opened: string[] = []
    const sandbox: typeof ports.sandbox = (limits) => {
      const inner = ports.sandbox(limits)
      return {
        tier: inner.tier,
        open(root, options) {
          opened.push(options.packages)
          return inner.open(root, options)
        },
      }
    }
    const signal = new AbortController().signal
    const trial = await Trial.of(ports.openWorkspace('.'), { policy: parsePolicy(), ports: { ...ports, sandbox } }, signal)
    const chmod = (path: string) => stepOf({ ...proposal(), actions: [{ kind: 'chmod', path, modeBefore: 0o644, mode: 0o755 }] })
    await trial.take(chmod('a.js'))
    expect(opened).toEqual(['link'])
    await trial.take(chmod('node_modules/x/run.js'))
    expect(opened).toEqual(['link', 'copy'])
  })

  it('lets another proposal stand in for a step, and has the step back afterwards', async () => {
    const trial = await opened()
    await trial.take(both)
    const other = proposal(edit('a.js', 'other\n'), edit('b.js', 'other\n'))
    const seen = await trial.instead(both, other, () => Promise.resolve(trial.workspace.read('a.js')))
    expect(seen).toBe('other\n')
    expect([trial.workspace.read('a.js'), trial.workspace.read('b.js')]).toEqual(['good\n', 'good\n'])
    expect(trial.steps).toEqual([both])
  })

  it('has the step back whole when the other proposal edits fewer files', async () => {
    const trial = await opened()
    await trial.take(both)
    await trial.instead(both, proposal(edit('a.js', 'other\n')), () => Promise.resolve())
    expect([trial.workspace.read('a.js'), trial.workspace.read('b.js')]).toEqual(['good\n', 'good\n'])
    expect(trial.steps).toEqual([both])
  })

  it('has the step back when the command that was run rewrote a file', async () => {
    const trial = await opened()
    await trial.take(both)
    await trial.instead(both, proposal(edit('a.js', 'other\n'), edit('b.js', 'other\n')), () => {
      trial.copy.write('a.js', 'formatted\n')
      return Promise.resolve()
    })
    expect(trial.workspace.read('a.js')).toBe('good\n')
    expect(trial.steps).toEqual([both])
  })

  it('exchanges nothing that a later step builds on', async () => {
    const trial = await opened()
    await trial.take(both)
    await trial.take(stepOf(proposal({ path: 'a.js', before: 'good\n', after: 'better\n', baseHash: sha256('good\n') })))
    expect(await trial.instead(both, proposal(edit('a.js', 'other\n')), () => Promise.resolve(1))).toBeUndefined()
    expect(trial.workspace.read('a.js')).toBe('better\n')
  })
})
