// How long the audit of a patch takes, against reading the same files with the parser that it uses. `node bench/audit.mjs` prints.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from '@babel/parser'
import { createTwoFilesPatch } from 'diff'
import { RiskyEditObserver } from '../dist/security/index.js'
import { median } from './compare.mjs'

const root = new URL('../src/', import.meta.url)

/**
 * Audits patches of this project's own files: in each, one line in twenty is changed, one in fifty removed, one in thirty added.
 * Best of some rounds: what the code needs, without what the machine adds.
 *
 * @returns Megabytes of diff in a second of processor time, milliseconds of a patch of about 100 lines, and the time of an audit
 *   as a multiple of the time to parse both sides of every file.
 */
export async function auditFigures({ rounds = 5 } = {}) {
  const patches = patchesOf(sources())
  const bytes = patches.reduce((sum, { diff }) => sum + diff.length, 0)
  const observer = new RiskyEditObserver()
  const audit = async () => {
    for (const { diff } of patches) await observer.observe(diff)
  }
  const read = () => {
    for (const { before, after } of patches) for (const text of [before, after]) parse(text, parserOptions)
  }
  await audit()
  read()
  const times = { audit: [], read: [] }
  for (let round = 0; round < rounds; round += 1) {
    times.audit.push(await processorMs(audit))
    times.read.push(await processorMs(read))
  }
  const auditMs = Math.min(...times.audit)
  return {
    megabytesPerSecond: bytes / 1_000 / auditMs,
    ratio: auditMs / Math.min(...times.read),
    patchMs: await patchMs(observer, patches),
  }
}

const parserOptions = { sourceType: 'module', plugins: ['typescript'], attachComment: false }

async function patchMs(observer, patches) {
  const typical = patches.filter(({ lines }) => lines >= 80 && lines <= 130)
  const times = []
  for (const { diff, path, before } of typical) {
    const startedMs = performance.now()
    await observer.observe(diff, { before: (asked) => (asked === path ? before : undefined) })
    times.push(performance.now() - startedMs)
  }
  return median(times)
}

/** Waiting for other programs does not count. */
async function processorMs(work) {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1_000
}

function sources() {
  return readdirSync(root, { recursive: true })
    .filter((path) => path.endsWith('.ts'))
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((path) => ({ path: `src/${path.replaceAll('\\', '/')}`, before: readFileSync(new URL(path, root), 'utf8') }))
}

function patchesOf(files) {
  return files.map(({ path, before }) => {
    const after = changed(before)
    const diff = createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, '', '', { context: 3 })
    const text = diff.slice(diff.indexOf('---'))
    return { path, before, after, diff: text, lines: text.split('\n').length }
  })
}

/** Only lines that hold a statement of their own are touched, so that the file still parses. */
function changed(text) {
  return text
    .split('\n')
    .flatMap((line, index) => {
      const comment = /^\s*(?:\/\/|\*)/.test(line) && !/\*\//.test(line)
      if (comment && index % 50 === 7) return []
      if (/^export |^function |^const /.test(line) && index % 3 === 0)
        return [`const added${index} = Math.max(${index}, 1)`, line]
      return comment && index % 2 === 0 ? [`${line} now`] : [line]
    })
    .join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { megabytesPerSecond, ratio, patchMs: typicalMs } = await auditFigures()
  console.log(
    `audit: ${megabytesPerSecond.toFixed(2)} MB/s of diff, ${ratio.toFixed(1)} times as long as parsing both sides of the files`,
  )
  console.log(`audit: a patch of about 100 lines takes ${typicalMs.toFixed(1)} ms`)
}
