import { tripped } from '../level.mjs'
import { seeded } from '../random.mjs'
import { peers } from '../rules.mjs'
import { independent, take } from '../streams.mjs'
import { element, line, logarithmic, path, picture, text } from './svg.mjs'

const callsPerSecond = 100
const warmUpCalls = 10_000
const seconds = { from: 0.01, to: 60 }
const failures = { from: 1, to: 3_000 }
const panels = { width: 272, height: 300, gap: 42, left: 62, top: 92 }
const rates = [0.3, 0.5, 1]

/** Failed calls that each rule lets through, against the time since an incident began. */
export function incidentPicture({ rule, runs = 200, seed = 'homeostat' }) {
  const rules = [rule, ...peers]
  const curves = rates.map((rate) => admitted({ rules, rate, runs, seed }))
  const width = panels.left + rates.length * (panels.width + panels.gap)
  return picture(
    {
      width,
      height: panels.top + panels.height + 130,
      title: 'Failed calls admitted during an incident',
      description: describe(rules, curves),
      style: ruleStyle(),
    },
    text(20, 30, 'Failed calls admitted during an incident: 1 % failures, then suddenly more, at 100 calls/s', {
      class: 'title',
    }),
    text(20, 54, `Mean of ${runs} runs. A line goes flat where the circuit is open. Both scales are logarithmic.`, {
      class: 'small',
    }),
    ...rates.map((rate, index) => panel(rate, index, curves[index])),
    legend(rules),
  )
}

/** For each rule the mean number of failed calls admitted up to each call of the incident. */
function admitted({ rules, rate, runs, seed }) {
  const calls = seconds.to * callsPerSecond
  const sums = rules.map(() => new Float64Array(calls))
  for (let run = 0; run < runs; run += 1) {
    const random = seeded(seed, `incident/${rate}`, run)
    const outcomes = [...take(independent(0.01)(random), warmUpCalls), ...take(independent(rate)(random), calls)]
    const startMs = 10_000 * random()
    for (const [index, rule] of rules.entries()) addRun(sums[index], rule.create(), outcomes, startMs)
  }
  return sums.map((sum) => sum.map((count) => count / runs))
}

function addRun(sum, watcher, outcomes, startMs) {
  let count = 0
  let open = false
  for (let call = 0; call < outcomes.length; call += 1) {
    const calm = call < warmUpCalls
    if (!open) {
      const atMs = startMs + (call * 1_000) / callsPerSecond
      const early = watcher.start(call, atMs)
      const level = Math.max(early, watcher.settle(call, outcomes[call], atMs, Number.NaN))
      if (calm && level === tripped) watcher.recovered({ falseTrip: true })
      if (!calm) count += outcomes[call]
      open = !calm && level === tripped
    }
    if (!calm) sum[call - warmUpCalls] += count
  }
}

function panel(rate, index, curves) {
  const left = panels.left + index * (panels.width + panels.gap)
  const bottom = panels.top + panels.height
  const x = logarithmic(seconds.from, seconds.to, left, left + panels.width)
  const y = logarithmic(failures.from, failures.to, bottom, panels.top)
  const ticksX = [0.01, 0.1, 1, 10, 60]
  const ticksY = [1, 10, 100, 1_000]
  return element(
    'g',
    {},
    text(left + panels.width / 2, panels.top - 12, `${100 * rate} % of the calls fail`, { class: 'middle' }),
    ...ticksX.map((at) => line(x(at), panels.top, x(at), bottom, { class: 'grid' })),
    ...ticksX.map((at) => text(x(at), bottom + 18, at, { class: 'small middle' })),
    ...ticksY.map((at) => line(left, y(at), left + panels.width, y(at), { class: 'grid' })),
    ...(index === 0 ? ticksY.map((at) => text(left - 8, y(at) + 4, at.toLocaleString('en'), { class: 'small end' })) : []),
    text(left + panels.width / 2, bottom + 36, 'seconds since the incident began', { class: 'small middle' }),
    ...curves.map((curve, rule) => path(points(curve, x, y), { class: `curve rule${rule}` })).reverse(),
  )
}

/** As many points as the eye can tell apart: a hundred, evenly spread over the logarithmic scale. */
function points(curve, x, y) {
  const count = 100
  const all = Array.from({ length: count + 1 }, (_, step) => {
    const second = seconds.from * (seconds.to / seconds.from) ** (step / count)
    const call = Math.min(curve.length, Math.max(1, Math.floor(second * callsPerSecond)))
    return [x(second), y(Math.max(failures.from, curve[call - 1]))]
  })
  return all.filter(([, place], step) => step === 0 || step === count || place !== all[step - 1][1] || place !== all[step + 1][1])
}

function legend(rules) {
  const top = panels.top + panels.height + 64
  return element(
    'g',
    {},
    ...rules.flatMap(({ name }, rule) => {
      const left = panels.left + (rule % 3) * 300
      const y = top + Math.floor(rule / 3) * 22
      return [line(left, y - 4, left + 34, y - 4, { class: `curve rule${rule}` }), text(left + 42, y, name)]
    }),
  )
}

function describe(rules, curves) {
  const parts = rates.map((rate, panelIndex) => {
    const counts = rules.map(({ name }, rule) => `${name} ${Math.round(curves[panelIndex][rule].at(-1))}`)
    return `At ${100 * rate} % failures, failed calls admitted in ${seconds.to} seconds: ${counts.join(', ')}.`
  })
  return parts.join(' ')
}

/** Colours that differ in lightness too, and dashes, so that nobody needs to tell colours apart. */
function ruleStyle() {
  const light = ['#0057b8', '#b3261e', '#8a5a00', '#00695c', '#5b8c00', '#7b3fa0', '#ad1457', '#5f6b76']
  const dark = ['#58a6ff', '#ff8a80', '#e3b341', '#4dd0b5', '#a5d65a', '#c79bf2', '#f48fb1', '#aab4be']
  const dashes = ['', '', '9 4', '2 4', '12 3 2 3', '5 5', '1 3', '14 5']
  const rules = (colours) => colours.map((colour, rule) => `.rule${rule}{stroke:${colour}}`).join('')
  const dashed = dashes.map((dash, rule) => (dash === '' ? '' : `.rule${rule}{stroke-dasharray:${dash}}`)).join('')
  return `${rules(light)}${dashed}.rule0{stroke-width:4}@media(prefers-color-scheme:dark){${rules(dark)}}`
}
