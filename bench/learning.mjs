// Does learning help? Two hundred incidents, drawn with repetition, each healed twice: by an orchestrator that learns and by one that
// does not, side by side, so that a busy machine slows both alike. `npm run build` first; a run takes minutes.
//   --write            renews docs/learning.svg and the table of docs/knowledge.md
//   --json             one JSON document on standard output
//   --incidents=N      how many; default 200
//   --seed=TEXT        another sequence
// Ends with 1 when learning does not help.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { parseArgs } from 'node:util'
import { SelfHealingOrchestrator } from '../dist/index.js'
import { damaged, damages, project } from './learning/damages.mjs'
import { learningPicture } from './learning/picture.mjs'
import { learningHelps, learningReport } from './learning/report.mjs'
import { seeded } from './simulation/index.mjs'

const { values: flags } = parseArgs({
  options: {
    write: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    incidents: { type: 'string', default: '200' },
    seed: { type: 'string', default: 'homeostat' },
  },
})
const incidents = Number(flags.incidents)
if (!Number.isInteger(incidents) || incidents < 4)
  throw new RangeError('Cannot measure: --incidents must be a whole number of 4 and more')
const command = ['node', 'check.js']

const sides = [side('learning', true), side('not learning', false)]
try {
  for (const [index, damage] of sequence(incidents, seeded(flags.seed, 'learning')).entries()) {
    const lives = await Promise.all(sides.map((one) => live(one, damage)))
    for (const [at, life] of lives.entries()) sides[at].lives.push(life)
    if ((index + 1) % 10 === 0) console.error(`${index + 1} of ${incidents}`)
  }
} finally {
  for (const { healer, folder } of sides) {
    await healer.close()
    rmSync(folder, { recursive: true, force: true })
  }
}
const report = learningReport(sides)
if (flags.json)
  console.log(JSON.stringify({ seed: flags.seed, incidents, sides: sides.map(({ name, lives }) => ({ name, lives })) }))
else console.log(report)
if (flags.write) write()
process.exitCode = learningHelps(sides) ? 0 : 1

/** An orchestrator with a folder of its own. It may apply what its checks allow; whoever is asked says yes. */
function side(name, learns) {
  const folder = mkdtempSync(join(tmpdir(), 'homeostat-learning-'))
  const policy = { autonomy: 'apply', learning: { enabled: learns }, security: { dynamic: 'off' } }
  return { name, folder, lives: [], healer: new SelfHealingOrchestrator(policy, { approve: () => Promise.resolve(true) }) }
}

/** Damages drawn with repetition: the second is half as frequent as the first, the third a third (Zipf's law). Which is which is drawn too. */
function sequence(count, random) {
  const ranked = damages
    .map((damage) => ({ damage, place: random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ damage }, rank) => ({ damage, weight: 1 / (rank + 1) }))
  const all = ranked.reduce((sum, { weight }) => sum + weight, 0)
  return Array.from({ length: count }, () => {
    let left = random() * all
    return (ranked.find(({ weight }) => (left -= weight) < 0) ?? ranked[0]).damage
  })
}

/** One incident: a fresh project is damaged and healed. */
async function live({ healer, folder }, damage) {
  putProject(folder)
  const file = join(folder, damage.path)
  writeFileSync(file, damaged(damage))
  const startedMs = performance.now()
  const { outcome, envelope } = await healer.healCode({ command, cwd: folder })
  const ms = performance.now() - startedMs
  const tried = envelope.entries.filter(({ kind, data }) => kind === 'attempt' && data.result !== 'blocked')
  return {
    damage: damages.indexOf(damage),
    outcome,
    isExact: readFileSync(file, 'utf8') === project[damage.path],
    attempts: tried.length,
    isRepeated: tried.at(-1)?.data.repairer === 'learnt',
    ms,
  }
}

/** A repair may touch any file, and make some. */
function putProject(folder) {
  rmSync(folder, { recursive: true, force: true })
  for (const [path, text] of Object.entries(project)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), text)
  }
}

function write() {
  const docs = new URL('../docs/', import.meta.url)
  const page = new URL('knowledge.md', docs)
  const text = readFileSync(page, 'utf8')
  const [open, close] = ['<!-- learning -->', '<!-- /learning -->']
  const [from, to] = [text.indexOf(open), text.indexOf(close)]
  if (from < 0 || to < from) throw new Error(`Cannot write the table: docs/knowledge.md lacks ${open} … ${close}`)
  writeFileSync(page, `${text.slice(0, from + open.length)}\n\n${report}\n\n${text.slice(to)}`)
  writeFileSync(new URL('learning.svg', docs), learningPicture(sides))
}
