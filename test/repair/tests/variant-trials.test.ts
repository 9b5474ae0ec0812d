import { describe, expect, it } from 'vitest'
import type { FileEdit } from '../../../src/core/patch.js'
import type { Rehearse } from '../../../src/core/repairer.js'
import { runVariants, type Candidate, type VariantTrialOptions } from '../../../src/repair/tests/variant-trials.js'

const before = 'exports.f = (a, b) => a < b\n'

function candidate(text: string, score: number, path = 'src/a.js'): Candidate {
  const start = before.indexOf('<')
  return { path, before, start, end: start + 1, text, kind: 'boundary', weight: 1, score }
}

const candidates = [candidate('<=', 0.9), candidate('<', 0.8, 'src/b.js'), candidate('>>> *', 0.5), candidate('>', 0.4)]

/** Answers every rehearsal with the same results. */
function trials(results: object | undefined, more: Partial<VariantTrialOptions> = {}) {
  const seen: { edits: readonly FileEdit[]; variants: unknown }[] = []
  const rehearse: Rehearse = (command, { edits = [] } = {}) => {
    const given: unknown = JSON.parse(command.at(-1) ?? '')
    seen.push({
      edits,
      variants: typeof given === 'object' && given !== null && 'variants' in given ? given.variants : undefined,
    })
    const told = {
      isFailing: true,
      output: 'not ok',
      passed: [],
      tried: [1, 2, 4],
      repeated: 0,
      late: 0,
      baselineMs: 1,
      durationMs: 1,
      ...results,
    }
    const output = results === undefined ? 'killed' : `\u241ehomeostat-variants:${JSON.stringify(told)}\n`
    const result = { ending: 'exited', exitCode: 0, output, outputBytes: 0, truncated: false, durationMs: 1 } as const
    return Promise.resolve({ ran: true, result })
  }
  const done = runVariants({
    candidates,
    rehearse,
    isSameFailure: (output) => output === 'not ok',
    commands: [],
    repeats: [],
    runner: 'node',
    totalMs: 1,
    timeoutMs: 1,
    parallelMax: 1,
    moreMax: 1,
    shareMin: 0,
    ...more,
  })
  return { done, seen }
}

describe('runVariants()', () => {
  it('rehearses all that have a place in the code at once, and tells which passed', async () => {
    const { done, seen } = trials({ passed: [4] })
    expect(await done).toEqual({ survivors: [candidates[3]], tried: [candidates[0], candidates[1], candidates[3]] })
    expect(seen).toHaveLength(1)
    expect(seen[0]?.edits.map(({ path }) => path)).toEqual(['src/a.js', 'src/b.js'])
    expect(seen[0]?.variants).toEqual([
      [1, 0.9],
      [2, 0.8],
      [4, 0.4],
    ])
  })

  it.each([
    ['nothing was told', undefined],
    ['the code does not fail', { isFailing: false }],
    ['it fails in another way', { output: 'SyntaxError' }],
  ])('knows nothing when %s', async (_, results) => {
    expect(await trials(results).done).toBeUndefined()
  })

  it('knows nothing when the audit blocks the edits, and runs nothing when none has a place', async () => {
    const rehearse: Rehearse = () => Promise.resolve({ ran: false, spent: false, reason: 'blocked' })
    expect(await trials({}, { rehearse }).done).toBeUndefined()
    const { done, seen } = trials({}, { candidates: [candidate('>>> *', 1)] })
    expect(await done).toBeUndefined()
    expect(seen).toEqual([])
  })
})
