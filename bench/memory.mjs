// The memory buffer beside lru-cache, its footprint, and its search among ten thousand texts.
import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { LRUCache } from 'lru-cache'
import { nodeCompressor } from '../dist/adapters/node.js'
import { ResilientMemoryBuffer } from '../dist/memory/index.js'
import { median } from './compare.mjs'

const entriesMax = 10_000
/** Enough that a side has its own data in the processor's cache for most of a batch, as it has where it is used alone. */
const operations = 10_000

/**
 * Nanoseconds of one operation on small values, half of the keys of which fit: 90 % reads and 10 % writes, and writes only; with a
 * time to live both also read the clock. `theirs` is lru-cache bounded as the buffer is, in entries and in bytes, with the size of each
 * value measured; `bare` is lru-cache bounded in entries alone. All sides run in turn, in alternating order, in a process for each kind
 * of work: what was learnt of one kind by the compiler must not speak for another one. The figures are medians.
 */
export async function bufferNs({ rounds = 401 } = {}) {
  const figures = {}
  // One after the other: they must not take the processor from each other.
  for (const kind of Object.keys(kinds)) figures[kind] = await inProcess(kind, Math.ceil(rounds / 3))
  return figures
}

const kinds = {
  mixed: (rounds) => sides({}, mixed, rounds),
  writes: (rounds) => sides({}, writes, rounds),
  mixedWithTtl: (rounds) => sides({ ttlMs: 60_000 }, mixed, rounds),
}

async function inProcess(kind, rounds) {
  const { stdout } = await promisify(execFile)(process.execPath, [fileURLToPath(import.meta.url), kind, String(rounds)])
  return JSON.parse(stdout)
}

/** Milliseconds of a search among ten thousand texts (median): for one that is nearly there, and for one that is not. */
export function searchMs() {
  const random = generator(7)
  const buffer = new ResilientMemoryBuffer({ bytesMax: 256 * 1024 * 1024 })
  const texts = Array.from({ length: 10_000 }, () => message(random))
  texts.forEach((text, index) => buffer.set(String(index), text))
  const startedMs = performance.now()
  buffer.similar(texts[0], { limit: 1 })
  const firstMs = performance.now() - startedMs
  const time = (queries) => {
    const times = queries.map((query) => {
      const queryMs = performance.now()
      buffer.similar(query, { limit: 5 })
      return performance.now() - queryMs
    })
    return median(times)
  }
  const near = Array.from({ length: 200 }, (_, index) => `${texts[index * 31]} again`)
  const far = Array.from({ length: 200 }, () => message(random))
  time(near)
  return { near: time(near), far: time(far), first: firstMs }
}

/** What envelopes take compressed, as a share of their JSON: in bytes, and of the heap that the objects would take. */
export function footprint() {
  const buffer = new ResilientMemoryBuffer({ compressor: nodeCompressor() })
  const random = generator(3)
  for (let index = 0; index < 200; index += 1) buffer.set(String(index), envelope(random))
  const { compressed, bytes } = buffer.stats
  return { ofJson: compressed.bytes / compressed.plainBytes, allOfJson: bytes / compressed.plainBytes }
}

function sides({ ttlMs }, work, rounds) {
  const bytesMax = 1e9
  const ttl = ttlMs ? { ttl: ttlMs, ttlResolution: 0 } : {}
  const runs = [
    ['ours', new ResilientMemoryBuffer({ entriesMax, bytesMax, ttlMs })],
    ['theirs', new LRUCache({ max: entriesMax, maxSize: bytesMax, sizeCalculation: bytesOf, ...ttl })],
    ['bare', new LRUCache({ max: entriesMax, ...ttl })],
  ].map(([name, cache]) => ({ name, run: work(cache), times: [] }))
  for (const { run } of runs) for (let round = 0; round < 20; round += 1) run()
  for (let round = 0; round < rounds; round += 1)
    for (const { run, times } of round % 2 === 0 ? runs : runs.toReversed()) {
      const startedMs = performance.now()
      run()
      times.push(((performance.now() - startedMs) * 1e6) / operations)
    }
  return Object.fromEntries(runs.map(({ name, times }) => [name, median(times)]))
}

/** As a user of lru-cache would write it: two bytes a character, eight a number, and something for each member. */
function bytesOf(value, key) {
  let bytes = 100 + 2 * key.length
  for (const name in value) bytes += 16 + (typeof value[name] === 'string' ? 2 * value[name].length : 8)
  return bytes
}

function mixed(cache) {
  const [random, keys] = [generator(1), keysOf(entriesMax * 2)]
  const order = Uint32Array.from({ length: 2 ** 16 }, () => Math.floor(random() ** 2 * keys.length))
  for (const key of keys) cache.set(key, small(key))
  return batch(order, (index, count) => {
    const key = keys[index]
    if (count % 10 === 0) cache.set(key, small(key))
    else cache.get(key)
  })
}

function writes(cache) {
  const [random, keys] = [generator(1), keysOf(entriesMax * 2)]
  const order = Uint32Array.from({ length: 2 ** 16 }, () => Math.floor(random() * keys.length))
  for (const key of keys) cache.set(key, small(key))
  return batch(order, (index) => cache.set(keys[index], small(keys[index])))
}

/** Goes on each time where it stopped. */
function batch(order, operation) {
  let next = 0
  return () => {
    for (let count = 0; count < operations; count += 1) {
      operation(order[next], count)
      next = (next + 1) % order.length
    }
  }
}

function keysOf(count) {
  return Array.from({ length: count }, (_, index) => `incident-${index}`)
}

function small(key) {
  return { code: key, outcome: 'worked', costMs: 12 }
}

function message(random) {
  const word = () => words[Math.floor(random() ** 2 * words.length)]
  const kinds = [
    () => `Error: Cannot find module '${word()}-${word()}' imported from /app/src/${word()}/index.js`,
    () => `src/${word()}/${word()}.ts(12,7): error TS2322: Type '${word()}' is not assignable to type '${word()}'.`,
    () => `TypeError: Cannot read properties of undefined (reading '${word()}') at ${word()} (/app/lib/${word()}.js:10:5)`,
    () => `npm error ERESOLVE could not resolve ${word()}@1.2.3, found ${word()}-${word()}@4.5.6`,
    () => `AssertionError: expected ${word()} ${word()} to equal ${word()} ${word()}`,
    () => `connect ECONNREFUSED 127.0.0.1:5432 at ${word()} while ${word()} ${word()}`,
  ]
  return kinds[Math.floor(random() * kinds.length)]()
}

/** A session's envelope as healing writes it: few long entries, every one with two hashes. */
function envelope(random) {
  const hash = () => Array.from({ length: 64 }, () => Math.floor(random() * 16).toString(16)).join('')
  const kinds = ['run', 'fault', 'attempt', 'audit', 'validation', 'decision', 'seal', 'apply', 'run', 'decision']
  const entries = kinds.map((kind, sequence) => ({
    sequence,
    epochMs: 1_700_000_000_000 + Math.floor(random() * 1e9),
    kind,
    data: { repairer: 'dependency', exitCode: 1, output: `${message(random)}\n${message(random)}\n    at ${message(random)}` },
    previousHash: hash(),
    hash: hash(),
  }))
  return { version: 1, sessionId: hash().slice(0, 32), policyHash: hash(), command: ['npm', 'test'], entries, hash: hash() }
}

/** Mulberry32 (Tommy Ettinger, 2017, public domain algorithm). */
function generator(seed) {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const syllables = [
  'ba',
  'cor',
  'del',
  'es',
  'fin',
  'gra',
  'ho',
  'in',
  'jo',
  'ka',
  'lo',
  'mer',
  'no',
  'or',
  'pa',
  'qui',
  'ras',
  'sto',
]
const words = syllables.flatMap((a) => syllables.flatMap((b) => syllables.slice(0, 6).map((c) => a + b + c)))

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [kind, rounds] = process.argv.slice(2)
  if (kind !== undefined) console.log(JSON.stringify(kinds[kind](Number(rounds))))
  else {
    const shown = (value) =>
      JSON.stringify(value, (_, member) => (typeof member === 'number' ? Number(member.toPrecision(3)) : member))
    console.log(shown(footprint()))
    console.log(shown(searchMs()))
    for (const [name, { ours, theirs, bare }] of Object.entries(await bufferNs()))
      console.log(shown({ name, ours, toLruCache: ours / theirs, toBare: ours / bare }))
  }
}
