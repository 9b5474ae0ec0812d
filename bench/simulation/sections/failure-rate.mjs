// A change of the failure rate: how many failed calls does a rule let through until it says so?
import { meanUntil } from '../figures.mjs'
import { delays } from '../measure.mjs'
import { thinTrafficPeer } from '../rules.mjs'
import { independent, ramp, take } from '../streams.mjs'
import { grouped, healthyOnes, percent, timesOf, warmUpCalls } from './drawing.mjs'

const callsAfterStep = (quick) => (quick ? 4_000 : 10_000)

export function steps(quick) {
  const step = (from, to) => ({
    id: `${percent(from)} to ${percent(to)}`,
    name: `${percent(from)} → ${percent(to)}`,
    from: independent(from),
    to: independent(to),
  })
  const cells = [step(0.01, 0.1), step(0.01, 0.3), step(0.01, 0.5), step(0.01, 1), step(0.05, 0.5)]
  const more = [step(0.001, 0.3), step(0.05, 0.1), step(0.05, 0.3), step(0.05, 1), step(0.2, 0.5)]
  return changes({
    id: 'step',
    title: 'Failed calls admitted after a step in the failure rate (100 calls/s)',
    about: `Independent failures; 10 000 calls before the step; up to ${grouped(callsAfterStep(quick))} calls after it.`,
    cells: quick ? cells : [...cells, ...more],
    callsAfter: callsAfterStep(quick),
  })
}

export function ramps(quick) {
  const cells = (quick ? [2_000] : [2_000, 20_000, 200_000]).map((calls) => ({
    id: `${calls} calls`,
    name: `in ${grouped(calls)} calls`,
    from: independent(0.01),
    to: ramp({ from: 0.01, to: 0.5, calls }),
    calls: calls + 5_000,
    runs: calls > 100_000 ? 40 : 200,
  }))
  return changes({
    id: 'ramp',
    title: 'Failed calls admitted while the failure rate creeps from 1 % to 50 % (100 calls/s)',
    about: 'A straight line over the calls named, then 50 % for 5 000 calls. 200 runs, 40 of the slowest ramp.',
    cells,
    rivals: 'when-not-quick',
  })
}

export function pace(quick) {
  const cells = (quick ? [0.1] : [0.1, 1]).flatMap((callsPerSecond) =>
    [0.3, 0.5, 1].map((rate) => ({
      id: `${percent(rate)} at ${callsPerSecond}/s`,
      name: `→ ${percent(rate)}, ${callsPerSecond}/s`,
      // The streams of the first section, so that a figure that differs from its figure there depends on the pace.
      seed: `step/1 % to ${percent(rate)}`,
      from: independent(0.01),
      to: independent(rate),
      spacingMs: 1_000 / callsPerSecond,
    })),
  )
  return changes({
    id: 'pace',
    title: 'The same from 1 % at the pace of calls to language models',
    about: 'The streams of the first table, calls further apart. Windows of seconds see few calls, or none.',
    cells,
    callsAfter: callsAfterStep(quick),
    rivals: 'when-not-quick',
    more: [thinTrafficPeer],
  })
}

/** Nothing is known, and nothing works. */
export function downFromTheStart() {
  const cells = [0.3, 0.5, 1].map((rate) => ({
    id: percent(rate),
    name: `${percent(rate)} fail`,
    cold: true,
    from: independent(rate),
    to: independent(rate),
  }))
  return changes({
    id: 'down',
    title: 'Failed calls admitted when a service is down from the first call on (100 calls/s)',
    about: 'Nothing was learnt before; up to 5 000 calls.',
    cells,
    callsAfter: 5_000,
  })
}

/** What safety against bursts costs: the service was never quiet before it broke. */
export function afterBursts() {
  const cells = healthyOnes(['bursty 1 %', 'bursty 5 %', 'clusters of 4, 5 %', 'day and night, 0.5 to 10 %']).flatMap(
    ({ id, stream }) =>
      [0.5, 1].map((rate) => ({
        id: `${id} to ${percent(rate)}`,
        name: `${id} → ${percent(rate)}`,
        from: stream,
        to: independent(rate),
      })),
  )
  return changes({
    id: 'bursty',
    title: 'Failed calls admitted when a service with bursts breaks (100 calls/s)',
    about: 'What safety against bursts costs. 10 000 calls before the step, up to 5 000 after it.',
    cells,
    callsAfter: 5_000,
  })
}

/** What the two options do: the same streams for ours with other options. */
export function optionSteps() {
  const { cells, ...section } = steps(true)
  return {
    ...section,
    id: 'options',
    title: 'What falseTripBudget and openAt do to failed calls admitted (100 calls/s)',
    about: 'The streams of the first table; up to 4 000 calls after the step.',
    cells: cells.map((cell) => ({ ...cell, seed: `step/${cell.id}` })),
    aboutOptions: true,
  }
}

/** `from` and `to` of a cell are the streams before and after the change. */
function changes({ id, title, about, cells, callsAfter, ...choices }) {
  return {
    id,
    title,
    about,
    unit: 'failed calls',
    cells,
    runs: 200,
    draw: (cell, random) => ({
      before: take(cell.from(random), cell.cold ? 0 : warmUpCalls),
      after: take(cell.to(random), cell.calls ?? callsAfter),
      ...timesOf(random, cell.spacingMs),
    }),
    measure: delays,
    lines: ['degrading', 'tripped'].map((line) => ({ id: line, figure: (results) => meanUntil(results, line, 'failures') })),
    ...choices,
  }
}
