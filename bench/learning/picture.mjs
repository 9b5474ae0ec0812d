import { median } from '../compare.mjs'
import { element, line, linear, path, picture, text } from '../simulation/pictures/svg.mjs'

const panels = { left: 62, width: 400, gap: 72, top: 88, height: 240 }
/** Incidents over which an average runs; fewer at the start, where there are not as many. */
const windowSize = 25

/** Attempts and time to heal against the number of incidents lived through: running averages, with and without learning. */
export function learningPicture(sides) {
  const curves = sides.map(({ lives }) => ({
    attempts: running(
      lives.map(({ attempts }) => attempts),
      mean,
    ),
    seconds: running(
      lives.map(({ ms }) => ms / 1_000),
      median,
    ),
  }))
  return picture(
    {
      width: panels.left + 2 * panels.width + panels.gap + 24,
      height: panels.top + panels.height + 92,
      title: 'Healing with and without learning',
      description: describe(curves),
      style:
        '.learning{stroke:#0057b8;stroke-width:3}.without{stroke:#b3261e;stroke-dasharray:9 4}@media(prefers-color-scheme:dark){.learning{stroke:#58a6ff}.without{stroke:#ff8a80}}',
    },
    text(20, 30, `${sides[0].lives.length} incidents, drawn with repetition: what is healed again is healed sooner`, {
      class: 'title',
    }),
    text(20, 54, `Of the latest ${windowSize} incidents each.`, { class: 'small' }),
    panel(
      0,
      'attempts for one incident (mean)',
      curves.map(({ attempts }) => attempts),
    ),
    panel(
      1,
      'seconds to heal one incident (median)',
      curves.map(({ seconds }) => seconds),
    ),
    legend(),
  )
}

const classes = ['curve learning', 'curve without']

function panel(index, name, curves) {
  const left = panels.left + index * (panels.width + panels.gap)
  const right = left + panels.width
  const bottom = panels.top + panels.height
  const count = curves[0].length
  const top = Math.max(...curves.flat())
  const step = stepOf(top)
  const x = linear(1, count, left, right)
  const y = linear(0, top * 1.05, bottom, panels.top)
  const ticksY = Array.from({ length: Math.floor((top * 1.05) / step) + 1 }, (_, at) => at * step)
  const ticksX = [1, ...[1, 2, 3, 4].map((part) => Math.round((part * count) / 4))]
  return element(
    'g',
    {},
    text((left + right) / 2, panels.top - 12, name, { class: 'middle' }),
    ...ticksY.map((at) => line(left, y(at), right, y(at), { class: at === 0 ? 'axis' : 'grid' })),
    ...ticksY.map((at) => text(left - 8, y(at) + 4, Number(at.toFixed(2)), { class: 'small end' })),
    ...ticksX.map((at) => text(x(at), bottom + 18, at, { class: 'small middle' })),
    text((left + right) / 2, bottom + 38, 'incidents so far', { class: 'small middle' }),
    ...curves
      .map((curve, side) =>
        path(
          curve.map((value, at) => [x(at + 1), y(value)]),
          { class: classes[side] },
        ),
      )
      .reverse(),
  )
}

function legend() {
  const y = panels.top + panels.height + 70
  return element(
    'g',
    {},
    ...['learning', 'not learning'].flatMap((name, side) => {
      const left = panels.left + side * 180
      return [line(left, y - 4, left + 34, y - 4, { class: classes[side] }), text(left + 42, y, name)]
    }),
  )
}

/** A round step that gives four to eight lines. */
function stepOf(top) {
  const rough = top / 4
  const unit = 10 ** Math.floor(Math.log10(rough))
  return unit * ([5, 2, 1].find((factor) => factor * unit <= rough) ?? 1)
}

function running(values, average) {
  return values.map((_, at) => average(values.slice(Math.max(0, at + 1 - windowSize), at + 1)))
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length
}

function describe([learning, without]) {
  const last = ({ attempts, seconds }) => `${attempts.at(-1).toFixed(1)} attempts and ${seconds.at(-1).toFixed(1)} seconds`
  return `At the end an incident takes ${last(learning)} with learning, and ${last(without)} without.`
}
