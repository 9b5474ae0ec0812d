// A chat service whose provider falls ill in every way there is, and what its visitors notice of it. `--seconds 30`
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { startProvider } from './provider.mjs'
import { guarded, startService } from './service.mjs'
import { createView } from './view.mjs'

/** What the first provider goes through, each for a share of the time. */
const course = [
  'well',
  'overloaded',
  'well',
  'stalling',
  'well',
  'rate limited',
  'well',
  'behind a broken proxy',
  'well',
  'hanging',
  'well',
  'cutting',
  'well',
  'out of money',
]
const visitorsPerSecond = 20

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '30' } } })
const seconds = Number(values.seconds)
if (!(seconds > 0 && seconds <= 3_600)) {
  console.error('Cannot run: --seconds must be a number above 0, and at most 3600')
  process.exit(2)
}

const first = await startProvider('first')
const second = await startProvider('second')
const { healer, client } = guarded(first, second)
const service = await startService(client)
const visitors = { asked: 0, answered: 0, refused: 0, broken: 0 }
const view = createView({ healer, providers: [first, second], visitors })

const drawing = setInterval(view.draw, 100)
const visits = []
const endMs = performance.now() + seconds * 1_000
const stageMs = (seconds * 1_000) / course.length
const startedMs = performance.now()
while (performance.now() < endMs) {
  const health = course[Math.min(course.length - 1, Math.floor((performance.now() - startedMs) / stageMs))]
  if (health !== first.health) view.say(`the first provider is ${health}`)
  first.health = health
  visits.push(visit())
  await sleep(1_000 / visitorsPerSecond)
}
await Promise.all(visits)
clearInterval(drawing)
view.end()
await service.close()
await healer.close()
await first.close()
await second.close()

/** One visitor asks, and reads the answer to its end. */
async function visit() {
  visitors.asked += 1
  try {
    const response = await fetch(service.url, { method: 'POST', body: `hello, I am visitor ${visitors.asked}` })
    await response.text()
    visitors[response.ok ? 'answered' : 'refused'] += 1
  } catch {
    visitors.broken += 1
  }
}
