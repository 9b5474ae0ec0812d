// Runs the test files of opossum 10 with TrendAwareCircuitBreaker in place of opossum's class:
//
//   git clone --branch v10.0.0 --depth 1 https://github.com/nodeshift/opossum <checkout>
//   npm install --prefix <checkout> --no-save --ignore-scripts tape@~5.9.0
//   node scripts/opossum-suite.mjs <checkout>          # ours
//   node scripts/opossum-suite.mjs <checkout> --opossum # opossum itself, to see what the suite says of it
//
// Prints passed and failed assertions of each file. Ends with 1 when an assertion fails that is not excepted, when an
// excepted one passes, or when there are not as many assertions as there should be. The checkout is only read.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from 'node:fs'
import { createRequire, registerHooks } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** As many as opossum 10.0.0 passes. */
const assertionsExpected = 547
const fileTimeoutMs = 60_000

/** Assertions that pin a defect of opossum, with its number in docs/opossum.md: ours must fail them. */
const exceptions = JSON.parse(readFileSync(new URL('opossum-exceptions.json', import.meta.url), 'utf8'))

const self = fileURLToPath(import.meta.url)
const project = dirname(dirname(self))

if (process.argv[2] === '--run') runFile(process.argv[3], process.argv[4], process.argv[5])
else process.exitCode = await runSuite(process.argv[2], process.argv.includes('--opossum'))

async function runSuite(checkout, original) {
  if (checkout === undefined || checkout.startsWith('-')) {
    console.error('usage: node scripts/opossum-suite.mjs <checkout of opossum 10> [--opossum]')
    return 2
  }
  const root = realpathSync(checkout)
  const workspace = mkdtempSync(join(tmpdir(), 'opossum-suite-'))
  try {
    const target = original ? join(root, 'index.js') : await bundled(workspace)
    const files = readdirSync(join(root, 'test')).filter((name) => name.endsWith('.js') && name !== 'common.js')
    const results = []
    for (const file of files) results.push(await resultOf(file, { root, target }))
    return report(results, original ? [] : exceptions)
  } finally {
    rmSync(workspace, { recursive: true })
  }
}

/** Our class as one CommonJS file whose export is the class, as opossum's is; `opossum` itself stays outside. */
async function bundled(workspace) {
  const { build } = await import('esbuild')
  const outfile = join(workspace, 'breaker.cjs')
  await build({
    entryPoints: [join(project, 'src/breaker/trend-aware-circuit-breaker.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['opossum'],
    footer: { js: 'module.exports = module.exports.TrendAwareCircuitBreaker' },
    logLevel: 'warning',
  })
  return outfile
}

/** Runs one test file in a process of its own and reads what it says, line by line. */
async function resultOf(file, { root, target }) {
  const child = spawn(process.execPath, [self, '--run', root, target, file], { timeout: fileTimeoutMs })
  let output = ''
  let complaints = ''
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text))
  child.stderr.setEncoding('utf8').on('data', (text) => (complaints += text))
  const [code, signal] = await new Promise((settle) => child.on('close', (...ending) => settle(ending)))
  const assertions = assertionsOf(output, file)
  // tape ends with 1 when an assertion failed; any other failure is one of the file.
  const failed = assertions.some(({ ok }) => !ok)
  const broken =
    signal !== null || (code !== 0 && !failed) ? `ended with ${signal ?? code}: ${complaints.slice(0, 500)}` : undefined
  return { file, assertions, broken }
}

/** Reads the Test Anything Protocol: `# name of the test`, then its `ok` and `not ok` lines. */
function assertionsOf(output, file) {
  const assertions = []
  let test = ''
  for (const line of output.split('\n')) {
    if (line.startsWith('# ')) test = line.slice(2)
    const [, not, assertion] = /^(not )?ok \d+ (.*)$/.exec(line) ?? []
    if (assertion !== undefined) assertions.push({ file, test, assertion, ok: not === undefined })
  }
  return assertions
}

function report(results, excepted) {
  const problems = []
  for (const { file, assertions, broken } of results) {
    const failures = assertions.filter(({ ok }) => !ok)
    const known = failures.filter((assertion) => excepted.some((exception) => isThat(exception, assertion)))
    console.log(
      `${file.padEnd(32)} ${String(assertions.length - failures.length).padStart(4)} passed ${String(known.length).padStart(3)} excepted ${String(failures.length - known.length).padStart(3)} failed`,
    )
    if (broken !== undefined) problems.push(`${file} ${broken}`)
    for (const failure of failures)
      if (!known.includes(failure)) problems.push(`failed: ${failure.file} > ${failure.test} > ${failure.assertion}`)
  }
  const all = results.flatMap(({ assertions }) => assertions)
  for (const exception of excepted) {
    const pinned = all.filter((assertion) => isThat(exception, assertion))
    if (pinned.length === 0) problems.push(`excepted, but not there: ${nameOf(exception)}`)
    if (pinned.some(({ ok }) => ok)) problems.push(`excepted, but it passes: ${nameOf(exception)}`)
  }
  if (all.length !== assertionsExpected) problems.push(`${all.length} assertions, not ${assertionsExpected}`)
  const passed = all.filter(({ ok }) => ok).length
  console.log(`${'total'.padEnd(32)} ${String(passed).padStart(4)} passed of ${all.length}`)
  for (const { defect, why, ...exception } of excepted) console.log(`excepted (defect ${defect}): ${nameOf(exception)}: ${why}`)
  for (const problem of problems) console.error(problem)
  return problems.length === 0 ? 0 : 1
}

function isThat(exception, { file, test, assertion }) {
  return exception.file === file && exception.test === test && exception.assertion === assertion
}

function nameOf({ file, test, assertion }) {
  return `${file} > ${test} > ${assertion}`
}

/** In the child process: `..` of a test file is the class under test, and `opossum` is the checkout. */
function runFile(root, target, file) {
  const tests = pathToFileURL(join(root, 'test/')).href
  const at = (path) => ({ url: pathToFileURL(path).href, format: 'commonjs', shortCircuit: true })
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'opossum') return at(join(root, 'index.js'))
      if (/^\.\.\/?$/.test(specifier) && context.parentURL?.startsWith(tests)) return at(target)
      return next(specifier, context)
    },
  })
  process.chdir(root)
  createRequire(join(root, 'test', file))(join(root, 'test', file))
}
