// Measures the built package against its peers, in one run, and fails when a limit is passed. `--json` prints the figures only.
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import CircuitBreaker from 'opossum'
import pRetry from 'p-retry'
import { Bench } from 'tinybench'
import { SelfHealingOrchestrator } from '../dist/index.js'
import { classify } from '../dist/faults/index.js'

const limits = JSON.parse(readFileSync(new URL('limits.json', import.meta.url), 'utf8'))
const attemptsMax = 3

const results = []
for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
  results.splice(0, results.length, await guard(), slowestClassify())
  // A busy machine may spoil one measurement; it cannot hide a real change three times.
  if (results.every(({ passed }) => passed)) break
}

if (process.argv.includes('--json')) console.log(JSON.stringify(results, undefined, 2))
else {
  console.log(`node ${process.version}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`)
  for (const { name, figure, limit, passed } of results)
    console.log(`${passed ? '✓' : '✗'} ${name}: ${figure} (at most ${limit})`)
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1

/** The whole stack round an async function that returns at once, as a ratio to the peers that people combine by hand. */
async function guard() {
  const work = async () => 1
  const healer = new SelfHealingOrchestrator()
  const breaker = new CircuitBreaker(work, { timeout: 10_000 })
  const bench = new Bench({ time: 400, warmupTime: 100 })
  bench.add('homeostat', () => healer.run('bench', work))
  bench.add('p-retry + opossum', () => pRetry(() => breaker.fire(), { retries: 2 }))
  await bench.run()
  breaker.shutdown()
  await healer.close()
  const [ours, peer] = bench.tasks.map(({ result }) => result.latency.p50)
  const ratio = ours / peer
  return {
    name: `guarded call, ratio to p-retry + opossum (${(ours * 1_000).toFixed(1)} against ${(peer * 1_000).toFixed(1)} µs)`,
    figure: ratio.toFixed(2),
    limit: limits.guard.ratioMax,
    passed: ratio <= limits.guard.ratioMax,
  }
}

/** Best of five for each kind of output: what the code needs, without what the machine adds. */
function slowestClassify() {
  const times = Object.entries(outputs()).map(([kind, output]) => {
    const runs = Array.from({ length: 5 }, () => {
      const startedMs = performance.now()
      classify({ output, exitCode: 1, command: 'npm test' })
      return performance.now() - startedMs
    })
    return { kind, ms: Math.min(...runs) }
  })
  const slowest = times.reduce((a, b) => (a.ms > b.ms ? a : b))
  return {
    name: `classify 64 KB (${slowest.kind})`,
    figure: `${slowest.ms.toFixed(1)} ms`,
    limit: `${limits.classify.msMax} ms`,
    passed: slowest.ms <= limits.classify.msMax,
  }
}

function outputs() {
  const size = 65_536
  const fill = (line) => line.repeat(Math.ceil(size / line.length)).slice(0, size)
  return {
    'a test run': fill(
      "not ok 7 - adds up\n  ---\n  error: 'Expected values to be strictly equal: 1 !== 2'\n  code: 'ERR_ASSERTION'\n  at TestContext.<anonymous> (/app/test/a.test.js:5:10)\n",
    ),
    'compiler errors': fill("src/a.ts(12,7): error TS2322: Type 'string' is not assignable to type 'number'.\n"),
    'one long line': fill('x'),
  }
}
