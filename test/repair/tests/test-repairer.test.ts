import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { runInNewContext } from 'node:vm'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { nodeWorkspace } from '../../../src/adapters/node-workspace.js'
import type { FileEdit } from '../../../src/core/patch.js'
import type { CommandResult } from '../../../src/core/ports.js'
import type { Rehearse } from '../../../src/core/repairer.js'
import { classify } from '../../../src/faults/classify.js'
import { coverageCommand, readCoverage } from '../../../src/repair/tests/coverage-script.js'
import { failingTests } from '../../../src/repair/tests/failing-tests.js'
import { reachableFrom } from '../../../src/repair/tests/reachable.js'
import { Spectrum } from '../../../src/repair/tests/spectrum.js'
import { testRepairer } from '../../../src/repair/tests/test-repairer.js'
import { runTrials } from '../../../src/repair/tests/trials.js'
import { memoryWorkspace } from '../../../src/testing/memory-workspace.js'
import { request } from '../code-request.js'

const source = `exports.sum = function sum(values) {
  let total = 0
  for (let at = 1; at < values.length; at += 1) total += values[at]
  return total
}
exports.unused = function unused(a) {
  if (a) return 1
  return 2
}
`
const test = `const { test } = require('node:test')
const { equal } = require('node:assert')
const { sum, unused } = require('../src/sum.js')
test('sums what it is given', () => { equal(sum([1, 2, 3]), 6); equal(sum([5]), 5); equal(sum([]), 0) })
test('leaves the other alone', () => { equal(unused(1), 1) })
`
const manifest = JSON.stringify({ scripts: { test: 'node --test' } })

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'test-repairer-'))
  write({ 'package.json': manifest, 'src/sum.js': source, 'test/sum.test.js': test })
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

function write(files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
}

/** Runs commands in the folder of the test; candidates are judged in this process, for starting one for each takes long. */
function rehearsal(): { readonly rehearse: Rehearse; readonly edits: FileEdit[] } {
  const tried: FileEdit[] = []
  const rehearse: Rehearse = ([program = '', ...rest], { edits = [], env = {} } = {}) => {
    tried.push(...edits)
    const [edit] = edits
    if (edit !== undefined) return Promise.resolve({ ran: true, result: ended(holds(edit.after ?? '') ? 0 : 1, '') })
    const options = { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env } } as const
    const { status, stdout, stderr } = spawnSync(program, rest, options)
    return Promise.resolve({ ran: true, result: ended(status, stdout + stderr) })
  }
  return { rehearse, edits: tried }
}

/** Runs everything in the folder of the test, with the edits made. */
const rehearseReally: Rehearse = ([program = '', ...rest], { edits = [], env = {} } = {}) => {
  for (const { path, after } of edits) write({ [path]: after ?? '' })
  const options = { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env } } as const
  const { status, stdout, stderr } = spawnSync(program, rest, options)
  for (const { path, before } of edits) write({ [path]: before ?? '' })
  return Promise.resolve({ ran: true, result: ended(status, stdout + stderr) })
}

function ended(exitCode: number | null, output: string): CommandResult {
  return { ending: 'exited', exitCode, output, outputBytes: output.length, truncated: false, durationMs: 50 }
}

/** What the test file asserts, of other code; some of it never ends. */
function holds(code: string): boolean {
  const claims = 'exports.sum([1, 2, 3]) === 6 && exports.sum([5]) === 5 && exports.sum([]) === 0 && exports.unused(1) === 1'
  try {
    return runInNewContext(`var exports = {}; ${code}; ${claims}`, {}, { timeout: 200 }) === true
  } catch {
    return false
  }
}

async function failure(rehearse: Rehearse) {
  const run = await rehearse(['node', '--test'])
  const output = run.ran ? run.result.output : ''
  const [fault] = classify({ output, exitCode: 1, command: 'node --test' })
  if (fault === undefined) throw new Error(`no fault in ${output}`)
  return { fault, output }
}

describe('testRepairer', () => {
  it('undoes a bug of one edit that a failing test shows, and touches no test', async () => {
    const { rehearse, edits } = rehearsal()
    const { fault } = await failure(rehearse)
    const answer = await testRepairer.propose(request(nodeWorkspace(root), fault, { rehearse, command: ['npm', 'test'] }))
    const [best] = answer.proposals
    expect(best?.edits.map(({ path, after }) => [path, after])).toEqual([['src/sum.js', source.replace('at = 1', 'at = 0')]])
    expect(best?.plausibility).toBeGreaterThan(0.4)
    expect(best?.title).toBe('Put "0" for "1" in src/sum.js, line 3')
    expect(new Set(edits.map(({ path }) => path))).toEqual(new Set(['src/sum.js']))
  }, 60_000)

  it('finds the edit with a few rehearsals, for it tries many edits in one', async () => {
    const { fault } = await failure(rehearseReally)
    const rehearse = vi.fn<Rehearse>(rehearseReally)
    const answer = await testRepairer.propose(request(nodeWorkspace(root), fault, { rehearse, command: ['npm', 'test'] }))
    expect(answer.proposals[0]?.edits[0]?.after).toBe(source.replace('at = 1', 'at = 0'))
    expect(rehearse.mock.calls.length).toBeLessThanOrEqual(4)
    expect(readFileSync(join(root, 'src/sum.js'), 'utf8')).toBe(source)
  }, 60_000)

  it('says so when no single edit makes the tests pass', async () => {
    write({ 'test/sum.test.js': test.replace('sum([1, 2, 3]), 6', "sum([1, 2, 3]), 'six'") })
    const { rehearse } = rehearsal()
    const { fault } = await failure(rehearse)
    const limited: Rehearse = (command, options = {}) => {
      return (options.edits ?? []).length > 0
        ? Promise.resolve({ ran: false, spent: true, reason: 'spent' })
        : rehearse(command, options)
    }
    const answer = await testRepairer.propose(
      request(nodeWorkspace(root), fault, { rehearse: limited, command: ['npm', 'test'] }),
    )
    expect(answer.proposals).toEqual([])
    expect(answer.notes.join()).toContain('none makes them pass')
  }, 60_000)

  it('proposes nothing without a copy, for coverage, or for a command that runs no tests', async () => {
    const workspace = memoryWorkspace({ 'package.json': manifest })
    const ask = (over: object, more: object) => testRepairer.propose(request(workspace, { category: 'test', ...over }, more))
    expect((await ask({}, { command: ['npm', 'test'] })).notes.join()).toContain('sandbox copy')
    expect(await ask({ code: 'COVERAGE_TOO_LOW' }, {})).toEqual({ proposals: [], notes: [] })
    expect(await ask({}, { command: ['make'] })).toEqual({ proposals: [], notes: [] })
  })

  it('proposes nothing when the tests pass after all', async () => {
    const rehearse: Rehearse = () => Promise.resolve({ ran: false, spent: false, reason: 'no' })
    const workspace = memoryWorkspace({ 'package.json': manifest })
    const answer = await testRepairer.propose(request(workspace, { category: 'test' }, { rehearse, command: ['npm', 'test'] }))
    expect(answer.proposals).toEqual([])
  })

  it('stops when it is told to', async () => {
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(testRepairer.propose(request(memoryWorkspace({}), {}, { signal }))).rejects.toThrow('enough')
  })
})

describe('coverageCommand()', () => {
  it('tells which parts of the code each run executed, and the spectrum points at what failing tests executed', async () => {
    const { rehearse } = rehearsal()
    const runs = [
      { command: ['node', '--test'], env: {} },
      { command: ['node', '--test-name-pattern=sums', 'test/sum.test.js'], env: {} },
    ]
    const done = await rehearse(coverageCommand(runs, { timeoutMs: 20_000 }))
    const [all, failing] = readCoverage(done.ran ? done.result.output : '')
    if (all === undefined || failing === undefined) throw new Error('no coverage')
    expect([all.exitCode, failing.exitCode]).toEqual([1, 1])
    const spectrum = new Spectrum({ all, failing: [failing], read: () => source })
    expect(spectrum.paths).toContain('src/sum.js')
    const at = (text: string) => spectrum.suspicion('src/sum.js', source.indexOf(text))
    expect(at('total +=')).toBeGreaterThan(0.5)
    expect(at('return 1')).toBe(0)
    expect(at('return 2')).toBe(0)
    expect(spectrum.suspicion('src/other.js', 0)).toBe(0)
  }, 60_000)

  it.each([
    '',
    'no mark',
    '\u241ehomeostat-coverage:{"a":',
    '\u241ehomeostat-coverage:{}',
    '\u241ehomeostat-coverage:[{"exitCode":"1"}]',
  ])('is read as nothing from %j', (output) => expect(readCoverage(output)).toEqual([]))
})

describe('Spectrum', () => {
  it('finds functions by name where a tool has rewritten the code', () => {
    const files = {
      'src/sum.js': {
        functions: [
          ['', 1],
          ['exports.sum', 0],
          ['sum', 4],
          ['unused', 0],
        ] as const,
      },
    }
    const run = { exitCode: 1, durationMs: 1, output: '', probes: [], files }
    const spectrum = new Spectrum({ all: run, failing: [run], read: () => source })
    expect(spectrum.suspicion('src/sum.js', source.indexOf('total +='))).toBeGreaterThan(0.5)
    expect(spectrum.suspicion('src/sum.js', source.indexOf('return 2'))).toBe(0)
  })
})

describe('failingTests()', () => {
  it('finds the failing tests, their names and their files', async () => {
    const { output } = await failure(rehearsal().rehearse)
    const { tests, files } = failingTests(nodeWorkspace(root), output, ['node', '--test'])
    expect(tests.map(({ name }) => name)).toContain('sums what it is given')
    expect(files).toEqual(['test/sum.test.js'])
  }, 30_000)

  it('takes the file off a title of vitest', () => {
    const workspace = memoryWorkspace({ 'test/a.test.ts': '' })
    const output =
      ' FAIL  test/a.test.ts > suite > adds\nAssertionError: expected 3 to be 4 // Object.is equality\n ❯ test/a.test.ts:5:3\n'
    expect(failingTests(workspace, output, ['vitest'])).toMatchObject({
      tests: [{ name: 'suite adds', file: 'test/a.test.ts' }],
      files: ['test/a.test.ts'],
    })
  })
})

describe('reachableFrom()', () => {
  it('follows relative imports, with the number of steps', () => {
    const workspace = memoryWorkspace({
      'test/a.test.ts': "import { a } from '../src/a.js'\nimport 'b'",
      'src/a.ts': "export * from './deep'\nconst c = require('../../outside')",
      'src/deep/index.ts': '',
      'src/other.ts': '',
    })
    expect([...reachableFrom(workspace, ['test/a.test.ts'])]).toEqual([
      ['src/a.ts', 1],
      ['src/deep/index.ts', 2],
    ])
  })

  it('takes all code where nothing is imported by its place', () => {
    const workspace = memoryWorkspace({ 'test/a.js': "import 'me'", 'src/a.js': '', 'a.config.js': '' })
    expect([...reachableFrom(workspace, ['test/a.js']).keys()]).toEqual(['src/a.js'])
  })
})

describe('runTrials()', () => {
  function trialsOf(passing: readonly number[], more: object = {}) {
    const runs: string[] = []
    const rehearse: Rehearse = (command, { edits = [] } = {}) => {
      runs.push(command.join(' '))
      const passes = passing.includes(Number(edits[0]?.after))
      return Promise.resolve({ ran: true, result: { ...ended(passes ? 0 : 1, ''), durationMs: 10 } })
    }
    const done = runTrials({
      candidates: [1, 2, 3, 4, 5, 6],
      rehearse,
      signal: new AbortController().signal,
      commands: [
        { command: ['fast'], env: {} },
        { command: ['all'], env: {} },
      ],
      timeoutMs: 1_000,
      runsMax: 100,
      totalMsMax: 10_000,
      edit: (candidate) => ({ path: 'a.js', before: '', after: String(candidate), baseHash: '' }),
      isDecided: (_, __, since) => since >= 2,
      ...more,
    })
    return { done, runs }
  }

  it('goes on for a while after the first that passes', async () => {
    expect(await trialsOf([2, 4, 6]).done).toEqual({ survivors: [2, 4], tried: 4, isExhausted: false })
  })

  it('runs all tests only where the fast ones pass', async () => {
    const { done, runs } = trialsOf([6])
    await done
    expect(runs.filter((command) => command === 'all')).toHaveLength(1)
  })

  it.each([{ runsMax: 3 }, { totalMsMax: 25 }])('stops at the limit %j', async (limit) => {
    expect(await trialsOf([6], limit).done).toEqual({ survivors: [], tried: 3, isExhausted: false })
  })

  it('stops when rehearsals are spent', async () => {
    const rehearse: Rehearse = () => Promise.resolve({ ran: false, spent: true, reason: 'spent' })
    expect(await trialsOf([1], { rehearse }).done).toMatchObject({ survivors: [], tried: 1 })
  })

  it('stops when it is told to', async () => {
    await expect(trialsOf([1], { signal: AbortSignal.abort(new Error('enough')) }).done).rejects.toThrow('enough')
  })
})
