import { ours } from '../ours.mjs'
import { degrading, tripped } from '../level.mjs'
import { seeded } from '../random.mjs'
import { peers } from '../rules.mjs'
import { independent, ramp, take } from '../streams.mjs'
import { element, line, linear, path, picture, text } from './svg.mjs'

const callsPerSecond = 100
const warmUpCalls = 10_000
const calmCalls = 200
const rampCalls = 2_000
const rates = { from: 0.01, to: 0.5 }
const openAt = 0.2
const plot = { left: 62, right: 900, top: 80, bottom: 300 }
const band = { top: 322, height: 30 }
const rivals = peers.filter(({ name }) =>
  ['opossum 20 %, volume 20', 'opossum, default', 'cockatiel Consecutive(5)'].includes(name),
)

/** One life of a breaker while a service gets worse: what it saw, what it knew, and what it said at each step. */
export function timelinePicture({ TrendDetector, seed = 'homeostat' }) {
  const outcomes = drawOutcomes(seed)
  const story = live(ours(TrendDetector), outcomes)
  const others = rivals.map((rule) => ({ name: rule.name, atCall: live(rule, outcomes).trippedAt }))
  const lastCall = Math.max(rampCalls, ...others.map(({ atCall }) => atCall ?? 0)) + calmCalls / 2
  const x = linear(-calmCalls, lastCall, plot.left, plot.right)
  return picture(
    {
      width: 940,
      height: 470,
      title: 'A breaker while a service gets worse',
      description: describe(story, others),
      style: timelineStyle,
    },
    text(20, 30, 'A service gets worse: 1 % of the calls fail, then more and more, 50 % after 20 s (100 calls/s)', {
      class: 'title',
    }),
    text(20, 54, 'Line: the failure rate that nobody can see. Marks: failed calls until the circuit opens. One run.', {
      class: 'small',
    }),
    axes(x, lastCall),
    truth(x, lastCall),
    marks(outcomes, story, x),
    states(story, x, lastCall),
    reasons(story),
    ...others.map((other, index) => rival(other, index, x)),
  )
}

function drawOutcomes(seed) {
  const random = seeded(seed, 'timeline')
  const calm = take(independent(rates.from)(random), warmUpCalls)
  return [...calm, ...take(ramp({ ...rates, calls: rampCalls })(random), 8_000)]
}

/** When each level was reached, in calls after the ramp began, and what was said then. */
function live(rule, outcomes) {
  const watcher = rule.create()
  const story = { degradingAt: undefined, trippedAt: undefined, reasons: [] }
  for (let call = 0; call < outcomes.length; call += 1) {
    const atMs = (call * 1_000) / callsPerSecond
    const level = Math.max(watcher.start(call, atMs), watcher.settle(call, outcomes[call], atMs, Number.NaN))
    const since = call - warmUpCalls
    if (since < 0) {
      if (level === tripped) watcher.recovered({ falseTrip: true })
      continue
    }
    if (level === tripped) {
      story.reasons.push(`tripped: ${watcher.reason}`)
      return { ...story, degradingAt: story.degradingAt ?? since, trippedAt: since }
    }
    if (level === degrading && story.degradingAt === undefined) {
      story.degradingAt = since
      story.reasons.push(`degrading: ${watcher.reason}`)
    }
  }
  return story
}

function axes(x, lastCall) {
  const y = rateScale()
  const seconds = [0, 5, 10, 15, 20, 25, 30, 35].filter((second) => second * callsPerSecond <= lastCall)
  return element(
    'g',
    {},
    ...[0, 0.1, 0.2, 0.3, 0.4, 0.5].map((rate) => line(plot.left, y(rate), plot.right, y(rate), { class: 'grid' })),
    ...[0, 0.1, 0.2, 0.3, 0.4, 0.5].map((rate) =>
      text(plot.left - 8, y(rate) + 4, `${Math.round(100 * rate)} %`, { class: 'small end' }),
    ),
    line(plot.left, y(openAt), plot.right, y(openAt), { class: 'open-at' }),
    text(plot.left + 6, y(openAt) - 6, 'openAt', { class: 'small' }),
    ...seconds.map((second) =>
      text(x(second * callsPerSecond), band.top + band.height + 18, `${second} s`, { class: 'small middle' }),
    ),
  )
}

const rateScale = () => linear(0, 0.55, plot.bottom, plot.top)

function truth(x, lastCall) {
  const y = rateScale()
  const points = [
    [-calmCalls, rates.from],
    [0, rates.from],
    [rampCalls, rates.to],
    [lastCall, rates.to],
  ]
  return path(
    points.map(([call, rate]) => [x(call), y(rate)]),
    { class: 'curve truth' },
  )
}

function marks(outcomes, { trippedAt }, x) {
  const end = trippedAt ?? rampCalls
  const failures = outcomes
    .map((failed, call) => (failed === 1 ? call - warmUpCalls : undefined))
    .filter((since) => since !== undefined && since >= -calmCalls && since <= end)
  return element('g', { class: 'mark' }, ...failures.map((since) => line(x(since), plot.bottom - 12, x(since), plot.bottom)))
}

function states({ degradingAt, trippedAt }, x, lastCall) {
  const open = trippedAt ?? lastCall
  const alarm = degradingAt ?? open
  const parts = [
    ['steady', -calmCalls, alarm],
    ['degrading', alarm, open],
    ['tripped', open, lastCall],
  ]
  return element(
    'g',
    {},
    ...parts
      .filter(([, from, to]) => to > from)
      .flatMap(([name, from, to]) => [
        element('rect', {
          x: Math.round(x(from)),
          y: band.top,
          width: Math.round(x(to) - x(from)),
          height: band.height,
          class: name,
        }),
        text((x(from) + x(to)) / 2, band.top + 20, x(to) - x(from) > 60 ? name : '', { class: 'middle state' }),
      ]),
  )
}

/** The sentences of the verdicts, as the breaker gives them, cut where a line ends. */
function reasons(story) {
  const lines = story.reasons.flatMap((reason) => wrap(reason, 128))
  return element('g', {}, ...lines.map((words, index) => text(20, band.top + band.height + 50 + index * 19, words)))
}

function rival({ name, atCall }, index, x) {
  if (atCall === undefined) return ''
  const y = plot.top + 14 + index * 18
  return element(
    'g',
    {},
    line(x(atCall), y - 14, x(atCall), plot.bottom, { class: 'rival' }),
    text(x(atCall) - 6, y - 2, `${name} opens`, { class: 'small end' }),
  )
}

function wrap(sentence, lengthMax) {
  const lines = ['']
  for (const word of sentence.split(' ')) {
    if (lines.at(-1).length + word.length >= lengthMax) lines.push('')
    lines.push(`${lines.pop()} ${word}`.trimStart())
  }
  return lines
}

function describe({ degradingAt, trippedAt, reasons: said }, others) {
  const at = (call) => (call === undefined ? 'never' : `${(call / callsPerSecond).toFixed(1)} s`)
  const rest = others.map(({ name, atCall }) => `${name} opens after ${at(atCall)}`).join(', ')
  return `Degrading after ${at(degradingAt)}, tripped after ${at(trippedAt)}; ${rest}. ${said.join(' ')}`
}

const timelineStyle = `
.truth{stroke:#57606a;stroke-dasharray:6 4}.mark line{stroke:#b3261e;stroke-width:1.5}.open-at{stroke:#8a5a00;stroke-width:1.5;stroke-dasharray:2 3}
.rival{stroke:#7b3fa0;stroke-width:1.5;stroke-dasharray:9 4}.steady{fill:#c5e8cf}.degrading{fill:#ffe3a3}.tripped{fill:#ffc9c2}.state{fill:#24292f}
@media(prefers-color-scheme:dark){.truth{stroke:#9da7b3}.mark line{stroke:#ff8a80}.open-at{stroke:#e3b341}.rival{stroke:#c79bf2}.steady{fill:#8fd3a3}.degrading{fill:#e8c268}.tripped{fill:#f2a099}}`
