/** One run to be measured. */
export interface MeasuredRun {
  readonly command: readonly string[]
  readonly env: Readonly<Record<string, string>>
}

/** Where a run went. `spans`: executions up to each offset; `functions`: of each function in order, where offsets are not those of the file. */
export interface RunCoverage {
  readonly exitCode: number | null
  readonly durationMs: number
  readonly output: string
  /** What the probes in the code counted, by their numbers; roughly: powers of two. */
  readonly probes: readonly (readonly [number, number])[]
  readonly files: Readonly<
    Record<
      string,
      { readonly spans: readonly (readonly [number, number])[] } | { readonly functions: readonly (readonly [string, number])[] }
    >
  >
}

/** Begins the line that holds what was measured. */
const mark = '\u241ehomeostat-coverage:'

/**
 * A command that makes runs, all at once, and prints, on one line, which parts of the project's code each executed.
 *
 * @param options - `isProbed`: the code holds probes that tell it, in place of V8. `prepare`: a command
 * that comes before them, once.
 */
export function coverageCommand(
  runs: readonly MeasuredRun[],
  {
    timeoutMs,
    isProbed = false,
    prepare,
  }: { readonly timeoutMs: number; readonly isProbed?: boolean; readonly prepare?: readonly string[] | undefined },
): readonly string[] {
  return ['node', '-e', source, '--', JSON.stringify({ runs, timeoutMs, isProbed, prepare, mark })]
}

/** Reads what {@link coverageCommand} printed; empty when it did not get that far. */
export function readCoverage(output: string): readonly RunCoverage[] {
  const at = output.lastIndexOf(mark)
  if (at === -1) return []
  try {
    const value: unknown = JSON.parse(output.slice(at + mark.length).split('\n', 1)[0] ?? '')
    return Array.isArray(value) ? value.filter(isCoverage) : []
  } catch {
    return []
  }
}

function isCoverage(value: unknown): value is RunCoverage {
  return (
    typeof value === 'object' &&
    value !== null &&
    'exitCode' in value &&
    (value.exitCode === null || typeof value.exitCode === 'number') &&
    'durationMs' in value &&
    typeof value.durationMs === 'number' &&
    'output' in value &&
    typeof value.output === 'string' &&
    'probes' in value &&
    isPairs(value.probes, 'number') &&
    'files' in value &&
    typeof value.files === 'object' &&
    value.files !== null &&
    Object.values(value.files).every(isFile)
  )
}

function isFile(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  if ('spans' in value) return isPairs(value.spans, 'number')
  return 'functions' in value && isPairs(value.functions, 'string')
}

function isPairs(value: unknown, first: 'number' | 'string'): boolean {
  return (
    Array.isArray(value) && value.every((pair) => Array.isArray(pair) && typeof pair[0] === first && typeof pair[1] === 'number')
  )
}

/**
 * Runs under any Node from 18 on, as CommonJS. V8 counts executions of functions and, in those that ran, of blocks; an inner
 * range overrides the outer one (the format is that of the inspector's `Profiler.takePreciseCoverage`). Counts of all processes
 * of a run are added. Nothing is written but in a temporary folder, which is removed.
 *
 * Probes call a function that a preloaded program hangs on `process`, the one object that sandboxes of runners let through. Many
 * runners end their workers without a word, so each count is written when it happens, at powers of two to keep that cheap.
 */
const source = String.raw`
const fs = require('fs'), os = require('os'), path = require('path'), { spawn } = require('child_process'), { fileURLToPath } = require('url')
const { runs, timeoutMs, isProbed, prepare, mark } = JSON.parse(process.argv[process.argv.length - 1])
const root = fs.realpathSync(process.cwd())
const lengthMax = 262144, filesMax = 300, outputMax = 60000, totalMax = 600000
function placeOf(url) {
  let name = url.replace(/[?#].*$/, '')
  try { if (name.startsWith('file:')) name = fileURLToPath(name) } catch { return }
  if (!path.isAbsolute(name)) return
  try { name = fs.realpathSync(name) } catch { return }
  const relative = path.relative(root, name).split(path.sep).join('/')
  if (relative.startsWith('..') || path.isAbsolute(relative) || /(^|\/)node_modules\//.test(relative)) return
  return /\.([mc]?[jt]s|[jt]sx)$/.test(relative) ? relative : undefined
}
const preload = "const fs = require('fs'), me = process.pid + '.' + require('worker_threads').threadId, counts = new Map(); let left = 100000;" +
  "process.homeostatSeen = (at) => { const count = (counts.get(at) || 0) + 1; counts.set(at, count); if ((count & (count - 1)) === 0 && left-- > 0)" +
  " try { fs.appendFileSync(__filename + '.told', me + ' ' + at + ' ' + count + '\\n') } catch {} }"
async function measure({ command, env }) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'coverage-'))
  const started = process.hrtime.bigint()
  try {
    const hook = path.join(folder, 'probes.cjs'), given = { ...process.env, ...env }
    fs.writeFileSync(hook, preload)
    const NODE_OPTIONS = [given.NODE_OPTIONS, '--require ' + JSON.stringify(hook)].filter(Boolean).join(' ')
    const { exitCode, text } = await finished(command, { ...given, ...(isProbed ? { NODE_OPTIONS } : { NODE_V8_COVERAGE: folder }) })
    const durationMs = Number(process.hrtime.bigint() - started) / 1e6
    const output = text.length > outputMax ? text.slice(0, outputMax / 2) + '\n' + text.slice(-outputMax / 2) : text
    return { exitCode, durationMs, output, probes: readProbes(hook + '.told'), files: readAll(folder) }
  } finally {
    fs.rmSync(folder, { recursive: true, force: true })
  }
}
function finished(command, env) {
  return new Promise((resolve) => {
    const texts = ['', '']
    const child = spawn(command[0], command.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs, killSignal: 'SIGKILL' })
    const streams = [child.stdout, child.stderr]
    streams.forEach((stream, at) => stream.setEncoding('utf8').on('data', (data) => { if (texts[at].length < 4000000) texts[at] += data }))
    child.on('error', () => resolve({ exitCode: null, text: '' }))
    child.on('close', (exitCode) => resolve({ exitCode, text: texts.join('') }))
  })
}
function readProbes(file) {
  const most = new Map(), sums = new Map()
  let text = ''
  try { text = fs.readFileSync(file, 'utf8') } catch {}
  for (const line of text.split('\n')) {
    const [me, at, count] = line.split(' ')
    if (count) most.set(me + ' ' + at, Number(count))
  }
  for (const [key, count] of most) { const at = Number(key.slice(key.indexOf(' '))); sums.set(at, (sums.get(at) || 0) + count) }
  return [...sums]
}
function readAll(folder) {
  const files = new Map()
  for (const name of fs.readdirSync(folder)) {
    if (!name.startsWith('coverage-')) continue
    let scripts
    try { scripts = JSON.parse(fs.readFileSync(path.join(folder, name), 'utf8')).result } catch { continue }
    for (const script of scripts) {
      const file = placeOf(script.url)
      if (file === undefined || !script.functions.length) continue
      if (!files.has(file)) {
        if (files.size >= filesMax) continue
        let text
        try { text = fs.readFileSync(path.join(root, file), 'utf8') } catch { continue }
        if (text.length > lengthMax) continue
        files.set(file, { length: text.length, counts: new Float64Array(text.length + 1), exact: false, names: undefined })
      }
      add(files.get(file), script.functions)
    }
  }
  const told = {}
  for (const [file, { exact, counts, length, names }] of files) told[file] = exact ? { spans: spansOf(counts, length) } : { functions: names || [] }
  return told
}
function add(file, functions) {
  const end = functions[0].ranges[0].endOffset
  if (end === file.length) {
    file.exact = true
    const counts = new Float64Array(file.length + 1)
    for (const { ranges } of functions) for (const { startOffset, endOffset, count } of ranges) counts.fill(count, startOffset, endOffset)
    for (let at = 0; at < counts.length; at += 1) file.counts[at] += counts[at]
  } else {
    const names = functions.slice(0, 3000).map(({ functionName, ranges }) => [functionName, ranges[0].count])
    if (file.names === undefined || file.names.length !== names.length) file.names = names
    else names.forEach(([, count], at) => { file.names[at][1] += count })
  }
}
function spansOf(counts, length) {
  const spans = []
  for (let at = 0; at < length; at += 1) {
    const last = spans[spans.length - 1]
    if (last !== undefined && last[1] === counts[at]) last[0] = at + 1
    else spans.push([at + 1, counts[at]])
  }
  return spans
}
Promise.resolve(prepare && finished(prepare, process.env)).then(() => Promise.all(runs.map(measure))).then((told) => {
  let text = JSON.stringify(told)
  if (text.length > totalMax) text = JSON.stringify(told.map((run) => ({ ...run, files: {} })))
  process.stdout.write('\n' + mark + text + '\n')
})
`
