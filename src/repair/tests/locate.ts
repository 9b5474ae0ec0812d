import type { FileEdit } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import type { Rehearse } from '../../core/repairer.js'
import { isCodeFile } from '../code/code-parse.js'
import { changedFile } from '../dependencies/dependency-proposal.js'
import { isForDevelopment } from '../imports/import-path.js'
import { coverageCommand, readCoverage, type MeasuredRun, type RunCoverage } from './coverage-script.js'
import { failingTests, type FailingTest } from './failing-tests.js'
import { probedFiles, withProbes, type ProbedFile } from './probes.js'
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
  /** Runs that fail and have little else in them. */
  readonly failing: readonly MeasuredRun[]
  /** Comes before them, once. */
  readonly prepare: TestScript['prepare']
  /** How long a run of all tests took. */
  readonly failingMs: number
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
  const { prepare } = script
  const [plain] = await measured([full], rehearse, { prepare })
  if (plain === undefined || !isFailing(plain)) return undefined
  const { tests, files } = failingTests(workspace, plain.output, command)
  const probes =
    prepare === undefined ? probesFor(workspace, plain, files) : probedFiles(sourcesOf(workspace), (path) => workspace.read(path))
  const measure = measuring(rehearse, probes, prepare)
  const [again] = probes.length === 0 ? [] : await measure([full])
  // Where the code with probes does not fail as it does without, or tells nothing, what V8 counted is all there is.
  const isProbed = again !== undefined && Object.keys(again.files).length > 0
  const [all, runs] = isProbed ? [again, measure] : [plain, measuring(rehearse, [], prepare)]
  const alone = aloneRuns(script, tests, files)
  const some = filesRun(script, files)
  const single = await runs(alone)
  const failing = single.length > 0 ? single : await runs(some)
  const spectrum = new Spectrum({ all, failing: failing.length > 0 ? failing : [all], read: (path) => workspace.read(path) })
  const isMeasured = spectrum.paths.some((path) => isOwnCode(path))
  const near = isMeasured ? new Map<string, number>() : reachableFrom(workspace, files)
  return {
    tests,
    paths: isMeasured ? spectrum.paths : [...near.keys()],
    suspicion: (path, offset) => (isMeasured ? spectrum.suspicion(path, offset) : 0.8 / (1 + (near.get(path) ?? 5))),
    prepare,
    failing: single.length > 0 ? alone : failing.length > 0 ? some : [full],
    commands: [...sieve(script, tests, files), full],
    failingMs: plain.durationMs,
    timeoutMs: Math.ceil(plain.durationMs * 3 + 2_000),
    isAlone: files.some((path) => usesFixedPlaces(workspace.read(path) ?? '')),
  }
}

function isFailing({ exitCode }: RunCoverage): boolean {
  return exitCode !== 0 && exitCode !== null
}

function isOwnCode(path: string): boolean {
  return isCodeFile(path) && !path.endsWith('.d.ts') && !isForDevelopment(path)
}

/** Where V8's offsets are those of the files there is no need for probes. */
function probesFor(workspace: Workspace, { files }: RunCoverage, testFiles: readonly string[]): readonly ProbedFile[] {
  const own = Object.entries(files).filter(([path]) => isOwnCode(path))
  if (own.length > 0 && own.every(([, file]) => 'spans' in file)) return []
  const paths = new Set([...own.map(([path]) => path), ...[...reachableFrom(workspace, testFiles).keys()].filter(isOwnCode)])
  return probedFiles([...paths], (path) => workspace.read(path))
}

/** What is built from the source is executed in other files: the source tells by itself which of its parts are in them. */
function sourcesOf(workspace: Workspace): readonly string[] {
  return workspace.files().filter((path) => isOwnCode(path))
}

/** Makes runs, with probes in the code or without, and tells of those that fail. */
function measuring(
  rehearse: Rehearse,
  probes: readonly ProbedFile[],
  prepare: TestScript['prepare'],
): (runs: readonly MeasuredRun[]) => Promise<readonly RunCoverage[]> {
  const edits = probes.map(({ path, before, text }) => changedFile(path, before, text))
  return async (runs) => {
    const found = runs.length === 0 ? [] : (await measured(runs, rehearse, { edits, prepare })).filter(isFailing)
    return probes.length === 0 ? found : found.map((run) => withProbes(run, probes))
  }
}

async function measured(
  runs: readonly MeasuredRun[],
  rehearse: Rehearse,
  { edits = [], prepare }: { readonly edits?: readonly FileEdit[]; readonly prepare: TestScript['prepare'] },
): Promise<readonly RunCoverage[]> {
  const command = coverageCommand(runs, { timeoutMs: measureMsMax, isProbed: edits.length > 0, prepare })
  const run = await rehearse(command, { edits })
  return run.ran ? readCoverage(run.result.output) : []
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
