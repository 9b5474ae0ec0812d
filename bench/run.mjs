// Measures the built package against its peers, in one run, and fails when a limit is passed. `--json` prints the figures only.
import { readFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { auditFigures } from './audit.mjs'
import { slowestClassify } from './classify.mjs'
import { failingCallNs } from './failing-call.mjs'
import { guardRatios } from './guard.mjs'
import { llmNs } from './llm.mjs'
import { bufferNs } from './memory.mjs'

const limits = JSON.parse(readFileSync(new URL('limits.json', import.meta.url), 'utf8'))
const attemptsMax = 3
const benches = [guards, failingCall, languageModels, classifying, buffering, auditing]
const results = []
for (const bench of benches) results.push(...(await measured(bench)))

if (process.argv.includes('--json')) console.log(JSON.stringify(results, undefined, 2))
else {
  console.log(`node ${process.version}, ${cpus().length} cores, load ${loadavg()[0].toFixed(1)}`)
  for (const { name, figure, limit, passed } of results)
    console.log(`${passed ? '✓' : '✗'} ${name}: ${figure} (at most ${limit})`)
}
process.exitCode = results.every(({ passed }) => passed) ? 0 : 1

/** A busy machine may spoil one measurement; it cannot hide a real change three times. */
async function measured(bench) {
  let rows = []
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    rows = await bench()
    if (rows.every(({ passed }) => passed)) break
  }
  return rows
}

async function guards() {
  const { run, guard, opossum, cockatiel } = await guardRatios()
  return [
    ratio('run() with its whole stack, to opossum in p-retry', run, opossum, limits.run),
    ratio('run() with its whole stack, to a wrap of four by cockatiel', run, cockatiel, limits.cockatiel),
    ratio('a function that guard() made, to opossum in p-retry', guard, opossum, limits.guard),
  ]
}

async function failingCall() {
  const { ours, opossum } = await failingCallNs()
  return [ratio('a failing call with 100 000 in the window, to opossum', ours, opossum, limits.failingCall)]
}

async function languageModels() {
  const { call, chunk } = await llmNs()
  return [
    ratio('a call of a language model under guard, to the bare SDK on loopback', call.guarded, call.bare, limits.llmCall),
    ratio('a chunk of a stream under guard, to the bare SDK', chunk.guarded, chunk.bare, limits.llmChunk),
  ]
}

function classifying() {
  const { kind, ms } = slowestClassify()
  const { msMax } = limits.classify
  return [{ name: `classify 64 KB (${kind})`, figure: `${ms.toFixed(1)} ms`, limit: `${msMax} ms`, passed: ms <= msMax }]
}

async function buffering() {
  const { mixed, writes, mixedWithTtl } = await bufferNs({ rounds: 601 })
  return [
    ratio('the memory buffer, nine reads to a write, to lru-cache', mixed.ours, mixed.theirs, limits.bufferMixed),
    ratio('the memory buffer, writes only, to lru-cache', writes.ours, writes.theirs, limits.bufferWrites),
    ratio('the memory buffer with a time to live, to lru-cache', mixedWithTtl.ours, mixedWithTtl.theirs, limits.bufferWithTtl),
  ]
}

async function auditing() {
  const { ratio: value } = await auditFigures({ rounds: 2 })
  const { ratioMax } = limits.audit
  const name = 'the audit of patches, to parsing both sides of the files'
  return [{ name, figure: value.toPrecision(2), limit: ratioMax, passed: value <= ratioMax }]
}

function ratio(name, oursNs, peerNs, { ratioMax }) {
  const value = oursNs / peerNs
  const figure = `${value.toPrecision(2)} (${micro(oursNs)} against ${micro(peerNs)} µs)`
  return { name, figure, limit: ratioMax, passed: value <= ratioMax }
}

function micro(ns) {
  return (ns / 1_000).toPrecision(3)
}
