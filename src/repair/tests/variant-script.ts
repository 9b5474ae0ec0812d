import { variantVariable } from './mutant-schema.js'
import { canRepeat, repeatDriver, repeatPrograms } from './repeat-script.js'
import type { TestRunner } from './test-script.js'

/** Which variants are run, and how. */
export interface VariantRuns {
  /** Numbers and weights, the likeliest first. */
  readonly variants: readonly (readonly [id: number, score: number])[]
  /** Commands that must all pass, the fastest first. */
  readonly commands: readonly { readonly command: readonly string[]; readonly env: Readonly<Record<string, string>> }[]
  /** Comes before all others, once: it builds what they run. */
  readonly prepare?: readonly string[] | undefined
  /** Runs that fail, the smallest first: their tests are repeated in one process for many variants, where the runner lets us. */
  readonly repeats: VariantRuns['commands']
  /** Runners that take long to start are kept running, where they can be. */
  readonly runner: TestRunner
  /** No variant is started after this time. */
  readonly totalMs: number
  /** For one run, at most; most have less, after the time that the failing one takes. */
  readonly timeoutMs: number
  /** At once, at most; never more than there are processors. */
  readonly parallelMax: number
  /** How many more are run after the first that passes, and the share of its weight that is worth a run. */
  readonly moreMax: number
  readonly shareMin: number
}

/** How long a build may take. */
export const prepareMsMax = 120_000

/** What the runs showed. */
export interface VariantResults {
  /** Whether the code without any edit failed, as it must. */
  readonly isFailing: boolean
  /** What it printed, in part. */
  readonly output: string
  readonly passed: readonly number[]
  /** Variants of which it is known; `repeated`: so many of them only because a test failed that was repeated for each. */
  readonly tried: readonly number[]
  readonly repeated: number
  /** Variants that were stopped because they took too long. */
  readonly late: number
  /** Of the failing run, and of all. */
  readonly baselineMs: number
  readonly durationMs: number
}

/** Begins the line that holds the results. */
const mark = '\u241ehomeostat-variants:'

/** A command that runs the variants of a mutant schema, several at once, and prints on one line which of them pass. */
export function variantCommand(runs: VariantRuns): readonly string[] {
  const given = {
    ...runs,
    ...(canRepeat(runs.runner) ? {} : { repeats: [] }),
    prepareMsMax,
    mark,
    variable: variantVariable,
    residents,
    programs: repeatPrograms,
  }
  return ['node', '-e', driver, '--', JSON.stringify(given)]
}

/** Reads what {@link variantCommand} printed; `undefined` when it did not get that far. */
export function readVariants(output: string): VariantResults | undefined {
  const at = output.lastIndexOf(mark)
  if (at === -1) return undefined
  try {
    const value: unknown = JSON.parse(output.slice(at + mark.length).split('\n', 1)[0] ?? '')
    return isResults(value) ? value : undefined
  } catch {
    return undefined
  }
}

function isResults(value: unknown): value is VariantResults {
  if (typeof value !== 'object' || value === null) return false
  const fields = new Map<string, unknown>(Object.entries(value))
  const isCount = (name: string): boolean => Number.isFinite(fields.get(name))
  return (
    typeof fields.get('isFailing') === 'boolean' &&
    typeof fields.get('output') === 'string' &&
    isNumbers(fields.get('passed')) &&
    isNumbers(fields.get('tried')) &&
    ['repeated', 'late', 'baselineMs', 'durationMs'].every(isCount)
  )
}

function isNumbers(value: unknown): boolean {
  return Array.isArray(value) && value.every((id) => Number.isInteger(id))
}

/**
 * Programs that load a runner once and then answer each number they are sent with whether the tests pass. They run in the copy
 * under any Node from 18 on; where the runner's own interface is not as expected they end, and processes take their place.
 */
const residents: Partial<Record<TestRunner, string>> = {
  // `createVitest`, `parseCLI` and `runTestSpecifications` are the documented interface since Vitest 3.
  vitest: String.raw`
const { words, variable } = JSON.parse(process.argv[process.argv.length - 1])
let vitest, specifications
async function load() {
  const { createVitest, parseCLI } = await import('vitest/node')
  const { filter, options } = parseCLI(['vitest', ...words])
  vitest = await createVitest('test', { ...options, run: true, watch: false, reporters: [{}], coverage: { enabled: false } })
  await vitest.standalone?.()
  specifications = await vitest.globTestSpecifications(filter)
}
async function run() {
  if (vitest === undefined) await load()
  const { testModules, unhandledErrors } = await vitest.runTestSpecifications(specifications, false)
  if (testModules.length === 0) throw new Error('nothing was run')
  return unhandledErrors.length === 0 && testModules.every((module) => module.state() === 'passed' || module.state() === 'skipped') && testModules.some((module) => module.state() === 'passed')
}
process.on('disconnect', () => process.exit())
process.on('message', (id) => { process.env[variable] = String(id); run().then((passed) => process.send({ passed }), () => process.exit(3)) })
`,
  jest: String.raw`
const { createRequire } = require('module')
const { words, variable } = JSON.parse(process.argv[process.argv.length - 1])
const here = createRequire(process.cwd() + '/package.json')
const inJest = createRequire(here.resolve('jest/package.json'))
const inCli = createRequire(inJest.resolve('jest-cli/package.json'))
const { runCLI } = inJest('@jest/core')
const flags = ['runTestsByPath', 'runInBand', 'silent', 'ci', 'verbose', 'bail', 'passWithNoTests', 'coverage', 'detectOpenHandles', 'forceExit', 'logHeapUsage', 'no-cache', 'cache', 'colors', 'injectGlobals', 'resetModules', 'resetMocks', 'restoreMocks', 'clearMocks', 'notify', 'useStderr', 'errorOnDeprecated', 'findRelatedTests', 'expand', 'automock', 'onlyChanged', 'watchman', 'skipFilter']
const argv = inCli('yargs')(words).boolean(flags).alias({ c: 'config', i: 'runInBand', t: 'testNamePattern', w: 'maxWorkers', e: 'expand', b: 'bail' }).version(false).help(false).argv
const given = Object.fromEntries(Object.entries(argv).filter(([, value]) => value !== undefined))
for (const name of flags) if (given[name] === false && !words.some((word) => word.startsWith('--' + name) || word.startsWith('--no-'))) delete given[name]
async function run() {
  const { results } = await runCLI({ ...given, $0: 'jest', _: given._.map(String), coverage: false, watchman: false, runInBand: true, ci: true, reporters: [] }, [process.cwd()])
  if (results.numTotalTestSuites === 0) throw new Error('nothing was run')
  return results.success && results.numPassedTests > 0
}
process.on('disconnect', () => process.exit())
process.on('message', (id) => { process.env[variable] = String(id); run().then((passed) => process.send({ passed }), () => process.exit(3)) })
`,
}

/**
 * Runs under any Node from 18 on, as CommonJS. Variants start in their order; results count in that order too, so that the number
 * of processors does not decide which of them are known. A process that takes too long is ended with all that it started.
 */
const driver = String.raw`
const { spawn } = require('child_process'), os = require('os'), fs = require('fs'), path = require('path')
const { variants, commands, repeats, programs, prepare, prepareMsMax, runner, totalMs, timeoutMs, parallelMax, moreMax, shareMin, mark, variable, residents } = JSON.parse(process.argv[process.argv.length - 1])
let started = Date.now()
// So few variants are not worth a start of their own, and so many have one; so much of the time is for repeating; so many are run again.
// Once one is right, another that needs a process must be so likely beside it.
const repeatsMin = 8, partMax = 300, repeatsShare = 0.6, againMax = 20, rivalShare = 0.5
const cores = typeof os.availableParallelism === 'function' ? os.availableParallelism() : os.cpus().length
const parallel = Math.max(1, Math.min(parallelMax, cores))
const cache = fs.mkdtempSync(path.join(os.tmpdir(), 'variants-'))
const alive = new Set()
function end(child) {
  alive.delete(child)
  try { process.platform === 'win32' ? child.kill('SIGKILL') : process.kill(-child.pid, 'SIGKILL') } catch {}
}
process.on('exit', () => { for (const child of alive) end(child); fs.rmSync(cache, { recursive: true, force: true }) })
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(1))
function begin(command, env, stdio) {
  const child = spawn(command[0], command.slice(1), { env: { NODE_COMPILE_CACHE: cache, ...process.env, ...env }, stdio, detached: process.platform !== 'win32' })
  alive.add(child)
  return child
}
function runProcess({ command, env }, id, { ms, isTold = false }) {
  return new Promise((resolve) => {
    const from = Date.now()
    let output = '', isLate = false
    const child = begin(command, { ...env, [variable]: String(id) }, isTold ? ['ignore', 'pipe', 'pipe'] : 'ignore')
    const timer = setTimeout(() => { isLate = true; end(child) }, ms)
    if (isTold) for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => { if (output.length < 60000) output += data })
    const done = (code) => { clearTimeout(timer); end(child); resolve({ passed: code === 0, isLate, output, durationMs: Date.now() - from }) }
    child.on('error', () => done(1))
    child.on(isTold ? 'close' : 'exit', done)
  })
}
const words = commands[0].command.slice(1)
function resident() {
  let child, runs = 0
  return async (id, ms) => {
    if (child === undefined || runs >= 80) {
      if (child) end(child)
      runs = 0
      child = begin([process.execPath, '-e', residents[runner], '--', JSON.stringify({ words, variable })], commands[0].env, ['ignore', 'ignore', 'ignore', 'ipc'])
    }
    const isFirst = runs === 0
    runs += 1
    return new Promise((resolve) => {
      const mine = child, from = Date.now()
      const timer = setTimeout(() => { stop({ passed: false, isLate: true }) }, isFirst ? timeoutMs : ms)
      const settle = (result) => { clearTimeout(timer); mine.removeAllListeners(); mine.on('error', () => {}); resolve({ ...result, durationMs: Date.now() - from }) }
      const stop = (result) => { end(mine); if (child === mine) child = undefined; settle(result) }
      mine.on('message', ({ passed }) => settle({ passed, isLate: false }))
      mine.on('exit', () => stop({ passed: false, isLate: false, isGone: true }))
      mine.on('error', () => stop({ passed: false, isLate: false, isGone: true }))
      try { mine.send(id, () => {}) } catch { stop({ passed: false, isLate: false, isGone: true }) }
    })
  }
}
${repeatDriver}
async function main() {
  if (prepare) await runProcess({ command: prepare, env: {} }, 0, { ms: prepareMsMax })
  started = Date.now()
  const first = await runProcess(commands[0], 0, { ms: timeoutMs, isTold: true })
  const told = { isFailing: !first.passed && !first.isLate, output: first.output, passed: [], tried: [], repeated: 0, late: 0, baselineMs: first.durationMs, durationMs: 0 }
  if (!told.isFailing) return told
  // Several at once take longer, and so do those on a machine that others use as well.
  const ms = Math.min(timeoutMs, first.durationMs * 4 + 500)
  const plain = (id) => runProcess(commands[0], id, { ms })
  const passed = new Set(), tried = new Set(), known = new Set(), failed = new Set(), processes = Array.from({ length: parallel }, () => plain)
  // The likeliest first: where one of them is right, the others need not be looked at.
  for (const part of repeats.length > 0 && variants.length >= repeatsMin ? [variants.slice(0, partMax), variants.slice(partMax)] : []) {
    if (isOver(part, 0, passed)) break
    const found = await sorted(part, told)
    for (const id of found.failed) { failed.add(id); tried.add(id) }
    for (const id of found.likely) known.add(id)
    await search(part.filter(([id]) => found.likely.has(id)), processes, { told, passed, tried })
    if (!found.isSound) break
  }
  // A repeated test may be spoilt by what ran before it: the likeliest are run on their own, unless it has shown what is right.
  const again = passed.size > 0 ? 0 : againMax
  const rest = variants.filter(([id]) => !known.has(id) && !failed.has(id))
  const likeliest = new Set([...variants.filter(([id]) => failed.has(id)).slice(0, again), ...rest])
  const second = variants.filter((variant) => likeliest.has(variant))
  const share = passed.size > 0 ? Math.max(shareMin, rivalShare) : shareMin
  if (!isOver(second, 0, passed, share)) await search(second, await lasting(plain, second.length), { told, passed, tried, share })
  told.passed = variants.flatMap(([id]) => (passed.has(id) ? [id] : []))
  told.tried = variants.flatMap(([id]) => (tried.has(id) ? [id] : []))
  told.repeated = failed.size
  return told
}
/** Repeats failing tests for variants, then all tests of a file for those that pass. */
async function sorted(part, told) {
  const ids = part.map(([id]) => id), until = started + totalMs * repeatsShare
  for (const run of repeats) {
    const { passed, failed, isSound, late } = await repeated(run, ids, { isAll: false, until })
    if (!isSound) continue
    told.late += late
    if (passed.size > 1) {
      const second = await repeated(commands[0], [...passed], { isAll: true, until: started + totalMs * (repeatsShare + 0.15) })
      for (const id of second.failed) { passed.delete(id); failed.add(id) }
    }
    return { likely: passed, failed, isSound }
  }
  return { likely: new Set(), failed: new Set(), isSound: false }
}
function best(passed) {
  return variants.reduce((most, [id, score]) => (passed.has(id) ? Math.max(most, score) : most), 0)
}
function isOver(list, next, passed, share = shareMin) {
  return next >= list.length || Date.now() - started >= totalMs || list[next][1] < best(passed) * share
}
/** Processes, or what keeps running and sees the failure that a process sees. */
async function lasting(plain, count) {
  const filters = Array.from({ length: parallel }, () => plain)
  if (residents[runner] === undefined || count <= 3) return filters
  const runs = filters.map(resident), known = await runs[0](0, timeoutMs)
  if (known.isGone || known.isLate || known.passed) return filters
  return runs.map((run) => async (id) => {
    const result = await run(id, Math.min(timeoutMs, known.durationMs * 3 + 1000))
    return result.isGone ? plain(id) : { ...result, isSifted: true }
  })
}
async function search(list, filters, { told, passed, tried, share }) {
  let next = 0, firstAt = -1
  await Promise.all(filters.map(async (filter) => {
    while (!isOver(list, next, passed, share) && !(firstAt !== -1 && next - firstAt > moreMax)) {
      const at = next
      next += 1
      const [id] = list[at]
      let result = await filter(id)
      // What keeps running only sorts out; a process has the last word.
      for (const command of result.isSifted ? commands : commands.slice(1)) if (result.passed) result = await runProcess(command, id, { ms: timeoutMs })
      tried.add(id)
      if (result.isLate) told.late += 1
      if (!result.passed) continue
      passed.add(id)
      firstAt = firstAt === -1 ? at : Math.min(firstAt, at)
    }
  }))
}
main().then((told) => {
  told.durationMs = Date.now() - started
  process.stdout.write('\n' + mark + JSON.stringify(told) + '\n', () => process.exit(0))
})
`
