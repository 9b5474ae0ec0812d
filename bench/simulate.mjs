// The detector against the peers' rules, in virtual time, and the bars it must clear: `node bench/simulate.mjs`.
//   --quick   only what a bar hangs on, in a few seconds: the gate of CI
//   --json    one JSON document on standard output
//   --write   renews the tables of docs/detection.md and the pictures beside it
//   --only=step,false,…   some sections only
//   --seed=TEXT           other streams
// Ends with 1 when a bar is missed. What is measured and how to read it: docs/detection.md.
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { TrendDetector } from '../dist/breaker/index.js'
import {
  barLines,
  incidentPicture,
  judge,
  markdown,
  ours,
  simulate,
  timelinePicture,
  validatePeers,
  variants,
} from './simulation/index.mjs'

const { values: flags } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    only: { type: 'string' },
    seed: { type: 'string', default: 'homeostat' },
  },
})
const { quick, seed } = flags
if (flags.write && (quick || flags.only !== undefined)) throw new RangeError('Cannot write the docs: --write needs a whole run')

const rule = ours(TrendDetector)
const peers = await validatePeers({ streams: quick ? 100 : 400 })
const sections = simulate({ rule, variants: variants(TrendDetector), quick, seed, only: flags.only?.split(',') })
const judgements = judge(sections, { byChance: quick })
const passed = peers.differences === 0 && judgements.every((judgement) => judgement.passed)

if (flags.json) console.log(JSON.stringify({ seed, quick, passed, peers, bars: judgements, sections }, undefined, 2))
else {
  console.log(markdown(sections))
  console.log(`\n${barLines(judgements).join('\n')}`)
  console.log(`${peers.differences === 0 ? '✓' : '✗'} ${peersLine(peers)}`)
}
if (flags.write) write()
process.exitCode = passed ? 0 : 1

function peersLine({ streams, trips, differences }) {
  return `opossum and cockatiel themselves against our copies of their rules: ${streams} streams, ${trips} trips, ${differences} differences`
}

function write() {
  const docs = new URL('../docs/', import.meta.url)
  const page = new URL('detection.md', docs)
  const tables = `${markdown(sections)}\n\nThe real ${peersLine(peers)}.`
  writeFileSync(page, replaceBetween(readFileSync(page, 'utf8'), '<!-- tables -->', '<!-- /tables -->', tables))
  writeFileSync(new URL('detection-incident.svg', docs), incidentPicture({ rule, seed }))
  writeFileSync(new URL('detection-timeline.svg', docs), timelinePicture({ TrendDetector, seed }))
}

function replaceBetween(text, open, close, content) {
  const from = text.indexOf(open)
  const to = text.indexOf(close)
  if (from < 0 || to < from) throw new Error(`Cannot write the tables: docs/detection.md lacks ${open} … ${close}`)
  return `${text.slice(0, from + open.length)}\n\n${content}\n\n${text.slice(to)}`
}
