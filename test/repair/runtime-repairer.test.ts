import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { CommandResult } from '../../src/core/ports.js'
import type { RehearsalOptions, Rehearse } from '../../src/core/repairer.js'
import { sha256 } from '../../src/core/hash.js'
import { classify } from '../../src/faults/classify.js'
import { candidatesFor } from '../../src/repair/runtime/runtime-candidates.js'
import { textAfter } from '../../src/repair/runtime/runtime-candidate.js'
import { runtimeErrorOf } from '../../src/repair/runtime/runtime-error.js'
import { framesOf } from '../../src/repair/runtime/runtime-frames.js'
import { runtimeRepairer } from '../../src/repair/runtime/runtime-repairer.js'
import { sceneOf } from '../../src/repair/runtime/runtime-scene.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'
import { request } from './code-request.js'
import { faultOf, projectOf, runtimeCases, type RuntimeCase } from './runtime-cases.js'

function candidatesOf(one: RuntimeCase) {
  const workspace = projectOf(one)
  const fault = faultOf(one)
  const said = runtimeErrorOf(fault)
  if (said === undefined) throw new RangeError(`Cannot read "${one.error}"`)
  const frames = framesOf(workspace, fault, said)
  return candidatesFor(sceneOf(request(workspace, fault), said.error, frames))
}

function ended(exitCode: number, output = ''): CommandResult {
  return { ending: 'exited', exitCode, output, outputBytes: output.length, truncated: false, durationMs: 10 }
}

/** A command that passes exactly when a file holds what heals it, and else fails as before. */
function rehearsing(one: RuntimeCase, runs: RehearsalOptions[] = []): Rehearse {
  const { path = 'src/a.js', healed, error, stack } = one
  return (_, options = {}) => {
    runs.push(options)
    const isHealed = options.edits?.some((edit) => edit.path === path && edit.after?.includes(healed)) === true
    const output = [error, ...stack.map((place) => `    at run (/project/${place})`), ''].join('\n')
    return Promise.resolve({ ran: true, result: isHealed ? ended(0) : ended(1, output) })
  }
}

const [first] = runtimeCases
if (first === undefined) throw new RangeError('Cannot test without a case')

describe('candidatesFor()', () => {
  it.each(runtimeCases.map((one) => [one.name, one] as const))('finds what was meant when %s', (_, one) => {
    const { path = 'src/a.js', healed, before = 0 } = one
    const candidates = candidatesOf(one)
    const rank = candidates.findIndex((candidate) => candidate.source.path === path && textAfter(candidate).includes(healed))
    expect(candidates.map((candidate) => candidate.edits[0]?.what).slice(0, 30), `rank ${rank}`).not.toEqual([])
    expect(rank).toBeGreaterThanOrEqual(0)
    expect(rank).toBeLessThanOrEqual(before)
  })

  it('changes something, never a test, and no text twice', () => {
    for (const one of runtimeCases) {
      const candidates = candidatesOf(one)
      const texts = candidates.map((candidate) => `${candidate.source.path}\n${textAfter(candidate)}`)
      expect(new Set(texts).size).toBe(texts.length)
      for (const candidate of candidates) {
        expect(candidate.source.path).not.toMatch(/test/)
        expect(textAfter(candidate)).not.toBe(candidate.source.text)
        expect(candidate.weight).toBeGreaterThan(0)
        expect(candidate.weight).toBeLessThanOrEqual(1.3)
      }
      expect(candidates.length).toBeLessThanOrEqual(60)
    }
  })

  it('survives any message, any place and any text', () => {
    const messages = runtimeCases.map(({ error }) => error)
    const texts = runtimeCases.flatMap(({ files }) => Object.values(files))
    fc.assert(
      fc.property(
        fc.constantFrom(...messages),
        fc.constantFrom(...texts),
        fc.integer({ min: 0, max: 12 }),
        fc.integer({ min: 0, max: 60 }),
        (error, text, line, column) => {
          const files = { 'src/a.js': text }
          expect(
            candidatesOf({ name: '', files, error, stack: [`src/a.js:${line}:${column}`], healed: '' }).length,
          ).toBeLessThanOrEqual(60)
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('runtimeRepairer', () => {
  it.each(runtimeCases.map((one) => [one.name, one] as const))(
    'proposes first what the command passes with: %s',
    async (_, one) => {
      const workspace = projectOf(one)
      const answer = await runtimeRepairer.propose(request(workspace, faultOf(one), { rehearse: rehearsing(one) }))
      const [proposal] = answer.proposals
      const [edit] = proposal?.edits ?? []
      expect(edit?.after).toContain(one.healed)
      expect(edit?.before).toBe(workspace.read(one.path ?? 'src/a.js'))
      expect(edit?.baseHash).toBe(sha256(edit?.before ?? ''))
      expect(proposal?.plausibility).toBeGreaterThan(0.05)
      expect(proposal?.plausibility).toBeLessThanOrEqual(1)
      expect(proposal?.title.length).toBeLessThanOrEqual(120)
    },
  )

  it('imports what a compiler knows no declaration of, and declares nothing to please it', async () => {
    const files = {
      'package.json': '{ "type": "module", "dependencies": { "mime-words": "^1.0.0" } }',
      'node_modules/mime-words/package.json': '{ "name": "mime-words", "exports": "./index.js", "type": "module" }',
      'node_modules/mime-words/index.js': 'export const lookup = (name) => name\n',
      'src/a.ts': 'export const typeOf = (file: string) => lookup(file, loookup)\n',
    }
    const asked = async (name: string) => {
      const [fault] = classify({
        output: `src/a.ts(1,41): error TS2304: Cannot find name '${name}'.\n`,
        exitCode: 2,
        command: 'tsc --noEmit',
      })
      return (await runtimeRepairer.propose(request(memoryWorkspace(files), fault ?? faultOf(first)))).proposals
    }
    expect((await asked('lookup')).map(({ title }) => title)).toEqual([
      'Import "lookup" from "mime-words" in src/a.ts, line 1, column 1',
    ])
    expect(await asked('loookup')).toEqual([])
  })

  it('proposes by looks alone where it cannot run anything', async () => {
    const answer = await runtimeRepairer.propose(request(projectOf(first), faultOf(first)))
    expect(answer.proposals[0]?.edits[0]?.after).toContain(first.healed)
    expect(answer.proposals.length).toBeLessThanOrEqual(5)
    for (const { plausibility } of answer.proposals) expect(plausibility).toBeLessThanOrEqual(0.75)
  })

  it('says so when nothing helps, and proposes nothing that was refuted', async () => {
    const never = { ...first, healed: 'nothing holds this text' }
    const runs: RehearsalOptions[] = []
    const answer = await runtimeRepairer.propose(request(projectOf(first), faultOf(first), { rehearse: rehearsing(never, runs) }))
    expect(runs.length).toBeLessThanOrEqual(26)
    expect(runs.length).toBeGreaterThan(3)
    expect(answer.proposals).toEqual([])
    expect(answer.notes[0]).toContain('none made it go away')
  })

  it('runs no more than the nearest rivals once the command passes, and believes a clear case', async () => {
    const clear = runtimeCases.find(({ name }) => name === 'a constant is assigned to') ?? first
    const runs: RehearsalOptions[] = []
    const answer = await runtimeRepairer.propose(request(projectOf(clear), faultOf(clear), { rehearse: rehearsing(clear, runs) }))
    expect(answer.proposals[0]?.plausibility).toBeGreaterThan(0.8)
    expect(runs.length).toBeLessThanOrEqual(4)
  })

  it('stops running when the session has spent its rehearsals', async () => {
    let runs = 0
    const rehearse: Rehearse = () => {
      runs += 1
      return Promise.resolve({ ran: false, spent: true, reason: 'spent' })
    }
    const answer = await runtimeRepairer.propose(request(projectOf(first), faultOf(first), { rehearse }))
    expect(runs).toBe(1)
    expect(answer.proposals.length).toBeGreaterThan(0)
  })

  it('leaves out what the audit blocks', async () => {
    const rehearse: Rehearse = () => Promise.resolve({ ran: false, spent: false, reason: 'blocked' })
    const answer = await runtimeRepairer.propose(request(projectOf(first), faultOf(first), { rehearse }))
    expect(answer.proposals).toEqual([])
  })

  it('proposes what brings the command to another fault, and doubts it', async () => {
    const { healed } = first
    const rehearse: Rehearse = (_, { edits = [] } = {}) =>
      Promise.resolve({
        ran: true,
        result: ended(
          1,
          edits.some(({ after }) => after?.includes(healed))
            ? 'TypeError: other is not a function\n    at run (/project/src/z.js:1:1)\n'
            : `${first.error}\n    at run (/project/src/a.js:3:27)\n`,
        ),
      })
    const answer = await runtimeRepairer.propose(request(projectOf(first), faultOf(first), { rehearse }))
    expect(answer.proposals[0]?.edits[0]?.after).toContain(healed)
    expect(answer.proposals[0]?.plausibility).toBeLessThanOrEqual(0.75)
  })

  it('shares the belief between candidates that both pass', async () => {
    const rehearse: Rehearse = () => Promise.resolve({ ran: true, result: ended(0) })
    const many = runtimeCases.find(({ name }) => name === 'an argument never grows smaller') ?? first
    const answer = await runtimeRepairer.propose(request(projectOf(many), faultOf(many), { rehearse }))
    expect(answer.proposals.length).toBeGreaterThan(1)
    expect(answer.proposals[0]?.plausibility).toBeLessThan(0.75)
  })

  it('is sure of a misspelt declaration that nobody uses, though another name would do as well', async () => {
    const rehearse: Rehearse = (_, { edits = [] } = {}) => {
      const passes = edits.some(({ after }) => /const resolve =|resolve_\(1\)/.test(after ?? ''))
      return Promise.resolve({
        ran: true,
        result: passes ? ended(0) : ended(1, `${slip.error}\n    at ask (/project/src/a.js:6:3)\n`),
      })
    }
    const slip = {
      ...first,
      files: {
        'src/a.js':
          'export function ask(resolve_, clean) {\n  const reoslve = (value) => {\n    resolve_(value)\n    clean()\n  }\n  resolve(1)\n}\n',
      },
      error: 'ReferenceError: resolve is not defined',
      stack: ['src/a.js:6:3'],
    }
    const answer = await runtimeRepairer.propose(request(projectOf(slip), faultOf(slip), { rehearse }))
    expect(answer.proposals[0]?.edits[0]?.after).toContain('const resolve = (value)')
    expect(answer.proposals[0]?.plausibility).toBeGreaterThan(0.75)
  })

  it('is sure of a slip of a method that is known, though another method passes as well', async () => {
    const slip = {
      ...first,
      files: { 'src/a.js': 'export const head = (state) => state.output.silce(0, -1)\n' },
      error: 'TypeError: state.output.silce is not a function',
      stack: ['src/a.js:1:48'],
    }
    const rehearse: Rehearse = (_, { edits = [] } = {}) => {
      const passes = edits.some(({ after }) => /output\.(?:slice|repeat)\(/.test(after ?? ''))
      return Promise.resolve({
        ran: true,
        result: passes ? ended(0) : ended(1, `${slip.error}\n    at head (/project/src/a.js:1:48)\n`),
      })
    }
    const answer = await runtimeRepairer.propose(request(projectOf(slip), faultOf(slip), { rehearse }))
    expect(answer.proposals[0]?.edits[0]?.after).toContain('output.slice(0, -1)')
    expect(answer.proposals[0]?.plausibility).toBeGreaterThan(0.75)
  })

  it('does not take a file that no longer loads for an advance', async () => {
    const rehearse: Rehearse = () =>
      Promise.resolve({
        ran: true,
        result: ended(
          1,
          '/project/src/a.js:1\nconst = 1\n      ^\n\nSyntaxError: Unexpected token\n    at x (node:internal/a:1:1)\n',
        ),
      })
    expect((await runtimeRepairer.propose(request(projectOf(first), faultOf(first), { rehearse }))).proposals).toEqual([])
  })

  it('has nothing to say of an assertion, or of an error outside the project', async () => {
    const workspace = memoryWorkspace({ 'src/a.js': 'export const a = 1\n' })
    const assertion = await runtimeRepairer.propose(
      request(workspace, { category: 'test', code: 'ASSERTION_FAILED', message: 'adds: expected 1 to be 2' }),
    )
    expect(assertion).toEqual({ proposals: [], notes: [] })
    const outside = await runtimeRepairer.propose(
      request(workspace, {
        category: 'runtime',
        message: 'TypeError: x.y is not a function',
        location: { file: '/elsewhere/a.js', line: 1 },
      }),
    )
    expect(outside.proposals).toEqual([])
    expect(outside.notes[0]).toContain('x.y is not a function')
  })

  it('stops when it is told to', async () => {
    const controller = new AbortController()
    controller.abort(new Error('enough'))
    await expect(
      runtimeRepairer.propose(request(projectOf(first), faultOf(first), { signal: controller.signal })),
    ).rejects.toThrow('enough')
  })
})
