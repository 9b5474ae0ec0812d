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
}

/** So many failing tests are run alone. */
const aloneMax = 3
const measureMsMax = 60_000

/** Runs the tests under coverage: all of them, then some of the failing ones alone. */
export async function locate({ script, workspace, command, rehearse }: LocateOptions): Promise<Located | undefined> {
  const full: MeasuredRun = { command: script.command, env: script.env }
  const [all] = await measured([full], rehearse)
  if (all === undefined || all.exitCode === 0 || all.exitCode === null) return undefined
  const { tests, files } = failingTests(workspace, all.output, command)
  const runs = focusedRuns(script, tests, files)
  const parts = (runs.length === 0 ? [] : await measured(runs, rehearse)).map((run, at) => ({ ...run, run: runs[at] }))
  const failing = parts.filter(({ exitCode }) => exitCode !== 0 && exitCode !== null)
  const [first, ...alone] = failing
  const ofFiles = first !== undefined && first.run === runs[0] && filesRun(script, files) !== undefined ? first : undefined
  const single = ofFiles === undefined ? failing : alone
  const spectrum = new Spectrum({
    all,
    failing: single.length > 0 ? single : ofFiles === undefined ? [all] : [ofFiles],
    read: (path) => workspace.read(path),
  })
  const isMeasured = spectrum.paths.some((path) => isCodeFile(path) && !isForDevelopment(path))
  const near = isMeasured ? new Map<string, number>() : reachableFrom(workspace, files)
  // Where all tests take hardly longer than some, one run of all says more.
  const fast = ofFiles !== undefined && ofFiles.durationMs < all.durationMs * 0.75 ? ofFiles.run : undefined
  return {
    tests,
    paths: isMeasured ? spectrum.paths : [...near.keys()],
    suspicion: (path, offset) => (isMeasured ? spectrum.suspicion(path, offset) : 0.8 / (1 + (near.get(path) ?? 5))),
    commands: fast === undefined ? [full] : [fast, full],
    timeoutMs: Math.ceil(all.durationMs * 3 + 2_000),
  }
}

async function measured(runs: readonly MeasuredRun[], rehearse: Rehearse): Promise<readonly RunCoverage[]> {
  const run = await rehearse(coverageCommand(runs, { timeoutMs: measureMsMax }))
  return run.ran ? readCoverage(run.result.output) : []
}

/** The failing files together, then failing tests one by one; each with what it is for. */
function focusedRuns(script: TestScript, tests: readonly FailingTest[], files: readonly string[]): readonly MeasuredRun[] {
  const commands: (readonly string[] | undefined)[] = [filesRun(script, files)]
  for (const { name, file } of tests.slice(0, aloneMax))
    if (name !== undefined)
      commands.push(focused(script, { files: file === undefined ? files.slice(0, filesMax) : [file], name }))
  return commands.filter((command) => command !== undefined).map((command) => ({ command, env: script.env }))
}

/** More files are as good as all. */
const filesMax = 3

function filesRun(script: TestScript, files: readonly string[]): readonly string[] | undefined {
  return files.length > 0 && files.length <= filesMax ? focused(script, { files }) : undefined
}
