import { describe, expect, it } from 'vitest'
import type { FileEdit } from '../../../src/core/patch.js'
import type { Rehearse } from '../../../src/core/repairer.js'
import { effectiveCandidates } from '../../../src/repair/tests/effective-candidates.js'
import { singleEdits } from '../../../src/repair/tests/single-edits.js'

const before = 'exports.f = (a, b) => {\n  g(a)\n  h(b)\n  return a < b && a > 3\n}\n'
const candidates = singleEdits(before, { path: 'a.js', symptoms: [], suspicion: () => 1 }).map((edit) => ({
  ...edit,
  path: 'a.js',
  before,
}))

/** A copy in which the runs hear of the given edits, by their places among the candidates. */
function copy(runs: readonly { readonly exitCode: number; readonly seen: readonly number[] }[]) {
  const edits: FileEdit[] = []
  const told = runs.map(({ exitCode, seen }) => ({
    exitCode,
    durationMs: 1,
    output: '',
    probes: seen.map((at) => [at + 1, 1]),
    files: {},
  }))
  const rehearse: Rehearse = (_, given) => {
    edits.push(...(given?.edits ?? []))
    const output = `\u241ehomeostat-coverage:${JSON.stringify(told)}\n`
    const result = { ending: 'exited', exitCode: 0, output, outputBytes: 1, truncated: false, durationMs: 1 } as const
    return Promise.resolve({ ran: true, result })
  }
  const options = { rehearse, failing: runs.map(() => ({ command: ['test'], env: {} })), prepare: undefined, timeoutMs: 1_000 }
  return { options, edits }
}

describe('effectiveCandidates()', () => {
  const bound = candidates.findIndex(({ kind, text }) => kind === 'boundary' && text === '<=')
  const other = candidates.findIndex(({ kind, text }) => kind === 'boundary' && text === '>=')
  const stated = candidates.findIndex(({ kind }) => kind === 'statement')

  it('keeps what every failing run saw another value of, and what cannot be watched', async () => {
    const runs = [
      { exitCode: 1, seen: [bound, other] },
      { exitCode: 1, seen: [bound] },
    ]
    const { options, edits } = copy(runs)
    const kept = await effectiveCandidates(candidates, options)
    expect(kept).toContain(candidates[bound])
    expect(kept).not.toContain(candidates[other])
    expect(kept).toContain(candidates[stated])
    expect(kept.length).toBeLessThan(candidates.length)
    expect(edits.map(({ path }) => path)).toEqual(['a.js'])
  })

  it.each([
    ['runs that pass', [{ exitCode: 0, seen: [bound] }]],
    ['runs that tell of nothing', [{ exitCode: 1, seen: [] }]],
    ['no runs', []],
  ])('leaves nothing out after %s', async (_, runs) => {
    expect(await effectiveCandidates(candidates, copy(runs).options)).toEqual(candidates)
  })
})
