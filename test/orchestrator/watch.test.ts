import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sha256 } from '../../src/core/hash.js'
import type { Repairer } from '../../src/core/repairer.js'
import { SelfHealingOrchestrator, type ServiceCounts, type Telemetry } from '../../src/index.js'
import { watch, type Watched } from '../../src/orchestrator/heal/watch.js'
import { createTestWorld } from '../../src/testing/test-world.js'
import { fakeProject } from './fake-project.js'

/** Watches for ten looks at counts that the service shows one after the other. */
async function watched(
  before: ServiceCounts,
  ...later: readonly (ServiceCounts | Error)[]
): Promise<Watched & { looks: number }> {
  const world = createTestWorld()
  let looks = 0
  const telemetry: Telemetry = () => {
    const counts = later[Math.min(looks, later.length - 1)]
    looks += 1
    return counts instanceof Error || counts === undefined ? Promise.reject(counts ?? new Error('none')) : Promise.resolve(counts)
  }
  const options = { telemetry, before, durationMs: 10_000, intervalMs: 1_000, world, signal: new AbortController().signal }
  return { ...(await world.clock.until(watch(options))), looks }
}

describe('watch()', () => {
  it('lets a service be that fares as before', async () => {
    expect(await watched({ calls: 1_000, failures: 20 }, { calls: 1_100, failures: 23 })).toEqual({ kind: 'well', looks: 10 })
  })

  it('ends at once when the service fares worse beyond doubt', async () => {
    const seen = await watched({ calls: 1_000, failures: 20 }, { calls: 1_010, failures: 20 }, { calls: 1_030, failures: 35 })
    expect(seen).toEqual({
      kind: 'regression',
      looks: 2,
      reason: 'since the patch 15 of 30 calls (50 %) failed, before it 20 of 1000 calls (2.0 %), so it was rolled back',
    })
  })

  it('takes a service that had never been called for one without failures', async () => {
    expect(await watched({ calls: 0, failures: 0 }, { calls: 10, failures: 8 })).toMatchObject({ kind: 'regression' })
  })

  it.each<[string, ServiceCounts | Error, string]>([
    ['says nothing', new Error('no route'), 'the telemetry failed: no route'],
    ['counts backwards', { calls: 5, failures: 0 }, 'went back'],
    ['counts more failures than calls', { calls: 1_001, failures: 2_000 }, '2000 failures in 1001 calls'],
    ['has no calls', { calls: 1_002, failures: 20 }, 'fewer than 5 calls'],
  ])('is blind, not content, when the telemetry %s', async (_, counts, words) => {
    const seen = await watched({ calls: 1_000, failures: 20 }, counts)
    expect(seen).toMatchObject({ kind: 'blind', reason: expect.stringContaining(words) })
  })

  it('never finds a service worse whose share of failures has not grown', async () => {
    const counts = fc.tuple(
      fc.nat(2_000),
      fc.double({ min: 0, max: 1, noNaN: true }),
      fc.nat(500),
      fc.double({ min: 0, max: 1, noNaN: true }),
    )
    await fc.assert(
      fc.asyncProperty(counts, async ([calls, share, more, part]) => {
        const failures = Math.floor(calls * share)
        // At most the share of before, so it is no worse.
        const later = Math.floor(((more * failures) / Math.max(1, calls)) * part)
        const seen = await watched({ calls, failures }, { calls: calls + more, failures: failures + later })
        expect(seen.kind).not.toBe('regression')
      }),
      { numRuns: 50 },
    )
  })
})

describe('heal() and the service that runs', () => {
  const repairer: Repairer = {
    id: 'own',
    categories: ['runtime'],
    propose: () =>
      Promise.resolve({
        proposals: [
          {
            title: 'Mend',
            edits: [{ path: 'a.js', before: 'bad\n', after: 'good\n', baseHash: sha256('bad\n') }],
            actions: [],
            plausibility: 0.95,
            rationale: 'a test says so',
          },
        ],
        notes: [],
      }),
  }

  async function healed(counts: readonly (ServiceCounts | Error)[]) {
    const { ports, files } = fakeProject({ 'a.js': 'bad\n' }, (seen) =>
      seen['a.js'] === 'good\n' ? undefined : '/project/a.js:1\nTypeError: bad\n    at run (/project/a.js:1:1)\n',
    )
    const world = createTestWorld()
    let looks = 0
    const telemetry: Telemetry = () => {
      const now = counts[Math.min(looks++, counts.length - 1)]
      return now instanceof Error || now === undefined ? Promise.reject(now ?? new Error('none')) : Promise.resolve(now)
    }
    const healer = new SelfHealingOrchestrator({ autonomy: 'apply' }, { world, ...ports, telemetry, repairers: [repairer] })
    const result = await world.clock.until(healer.healCode({ command: ['npm', 'test'] }))
    return { result, files: files(), looks }
  }

  it('keeps a patch under which it fares well', async () => {
    const { result, files, looks } = await healed([
      { calls: 100, failures: 1 },
      { calls: 200, failures: 2 },
    ])
    expect(result.outcome).toBe('healed')
    expect(files).toMatchObject({ 'a.js': 'good\n' })
    expect(looks).toBe(13)
    expect(result.envelope.entries.find(({ kind }) => kind === 'watch')?.data).toEqual({ kind: 'well' })
  })

  it('takes a patch back under which it fares worse', async () => {
    const { result, files } = await healed([
      { calls: 100, failures: 1 },
      { calls: 130, failures: 20 },
    ])
    expect(result).toMatchObject({ outcome: 'failed', decision: { kind: 'rollback', reasons: ['watch.failed'] } })
    expect(result.notes.join()).toContain('since the patch 19 of 30 calls')
    expect(files).toMatchObject({ 'a.js': 'bad\n' })
  })

  it('keeps the patch and says so when nobody can see how it fares', async () => {
    const before = await healed([new Error('no route')])
    expect(before.result).toMatchObject({
      outcome: 'healed',
      notes: ['The service was not watched: the telemetry failed: no route'],
    })
    const after = await healed([{ calls: 100, failures: 1 }, new Error('no route')])
    expect(after.result.outcome).toBe('healed')
    expect(after.result.notes.join()).toContain('not watched to the end')
  })
})
