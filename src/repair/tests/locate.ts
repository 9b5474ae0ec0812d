import type { Workspace } from '../../core/ports.js'
import type { Rehearse } from '../../core/repairer.js'
import { isCodeFile } from '../code/code-parse.js'
import { isForDevelopment } from '../imports/import-path.js'
import { coverageCommand, readCoverage, type MeasuredRun, type RunCoverage } from './coverage-script.js'
import { failingTests, type FailingTest } from './failing-tests.js'
import { Spectrum } from './spectrum.js'
import { reachableFrom } from './reachable.js'
import { focused, type TestScript } from './test-script.js'

export interface LocateOptions {
  readonly script: TestScript
  readonly workspace: Workspace
  readonly command: readonly string[]
  readonly rehearse: Rehearse
}

/** Where a fault may be, and how to find out. */
export interface Located {
  readonly tests: readonly FailingTest[]
  /** Files that the failing tests execute. */
  readonly paths: readonly string[]
  suspicion(path: string, offset: number): number
  /** What a candidate has to pass, the fastest first. */
  readonly commands: readonly MeasuredRun[]
  /** For one run of these commands. */
  readonly timeoutMs: number
  /** Tests that use what there is only one of, a port or a file of a fixed name, cannot run beside each other. */
  readonly isAlone: boolean
}

/** So many failing tests are run alone. */
const aloneMax = 2
const measureMsMax = 60_000

/** Runs the tests under coverage: all of them, then some of the failing ones alone. */
export async function locate({ script, workspace, command, rehearse }: LocateOptions): Promise<Located | undefined> {
  const full: MeasuredRun = { command: script.command, env: script.env }
  const [all] = await measured([full], rehearse)
  if (all === undefined || all.exitCode === 0 || all.exitCode === null) return undefined
  const { tests, files } = failingTests(workspace, all.output, command)
  const single = await failingRuns(aloneRuns(script, tests, files), rehearse)
  const failing = single.length > 0 ? single : await failingRuns(filesRun(script, files), rehearse)
  const spectrum = new Spectrum({ all, failing: failing.length > 0 ? failing : [all], read: (path) => workspace.read(path) })
  const isMeasured = spectrum.paths.some((path) => isCodeFile(path) && !isForDevelopment(path))
  const near = isMeasured ? new Map<string, number>() : reachableFrom(workspace, files)
  return {
    tests,
    paths: isMeasured ? spectrum.paths : [...near.keys()],
    suspicion: (path, offset) => (isMeasured ? spectrum.suspicion(path, offset) : 0.8 / (1 + (near.get(path) ?? 5))),
    commands: [...sieve(script, tests, files), full],
    timeoutMs: Math.ceil(all.durationMs * 3 + 2_000),
    isAlone: files.some((path) => usesFixedPlaces(workspace.read(path) ?? '')),
  }
}

async function measured(runs: readonly MeasuredRun[], rehearse: Rehearse): Promise<readonly RunCoverage[]> {
  const run = await rehearse(coverageCommand(runs, { timeoutMs: measureMsMax }))
  return run.ran ? readCoverage(run.result.output) : []
}

async function failingRuns(runs: readonly MeasuredRun[], rehearse: Rehearse): Promise<readonly RunCoverage[]> {
  const measurements = runs.length === 0 ? [] : await measured(runs, rehearse)
  return measurements.filter(({ exitCode }) => exitCode !== 0 && exitCode !== null)
}

/** Failing tests, each alone. */
function aloneRuns(script: TestScript, tests: readonly FailingTest[], files: readonly string[]): readonly MeasuredRun[] {
  return tests.slice(0, aloneMax).flatMap(({ name, file }) => {
    const command =
      name === undefined ? undefined : focused(script, { files: file === undefined ? files.slice(0, filesMax) : [file], name })
    return command === undefined ? [] : [{ command, env: script.env }]
  })
}

/** One failing file is enough to sort most candidates out: the more processes a run starts, the fewer are tried. */
function sieve(script: TestScript, tests: readonly FailingTest[], files: readonly string[]): readonly MeasuredRun[] {
  const file = tests.find((test) => test.file !== undefined)?.file ?? files[0]
  const command = file === undefined ? undefined : focused(script, { files: [file] })
  return command === undefined ? [] : [{ command, env: script.env }]
}

/** More files are as good as all. */
const filesMax = 3

function filesRun(script: TestScript, files: readonly string[]): readonly MeasuredRun[] {
  const command = files.length > 0 && files.length <= filesMax ? focused(script, { files }) : undefined
  return command === undefined ? [] : [{ command, env: script.env }]
}

function usesFixedPlaces(text: string): boolean {
  if (/\blisten\s*\(\s*(?:\{\s*port:\s*)?[1-9]/.test(text)) return true
  return /\b(?:write|append|unlink|rm|mkdir|rename|copy)(?:File)?(?:Sync)?\s*\(/.test(text) && !/\bmkdtemp/.test(text)
}
