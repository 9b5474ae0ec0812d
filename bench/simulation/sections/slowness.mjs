// Calls that take time: a service that stops answering, one that slows down, and one that is slow by habit.
import { meanUntil } from '../figures.mjs'
import { slowCallPeer, thinTrafficPeer } from '../rules.mjs'
import { admittedUntil, falseAlarmsIn, hung, modelLike, slowed, story } from '../traffic.mjs'
import { alarmLines } from './false-alarms.mjs'
import { grouped } from './drawing.mjs'

const service = modelLike()
const timeoutMs = 60_000
const callsBefore = 4_000

export function doomed(quick) {
  const cells = (quick ? [10] : [10, 1, 0.1]).map((callsPerSecond) => ({
    id: `${callsPerSecond}/s`,
    name: `${callsPerSecond} calls/s`,
    after: hung,
    callsAfter: callsPerSecond === 10 ? 1_000 : 400,
    callsPerSecond,
  }))
  return changes({
    id: 'hang',
    title: 'Doomed calls admitted when a service stops answering (timeout 60 s)',
    about:
      'Latency lognormal, median 1 s, sigma 0.5; 0.5 % errors; 4 000 calls before; calls that started before the hang are still answered.',
    cells,
  })
}

export function slower(quick) {
  const cells = (quick ? [2] : [1.5, 2, 4]).map((factor) => ({
    id: `x${factor}`,
    name: `× ${factor}`,
    after: slowed(service, factor),
    callsAfter: 1_000,
    callsPerSecond: 10,
  }))
  return changes({
    id: 'latency',
    title: 'Calls started before a slower service is noticed (10 calls/s, no more errors than before)',
    about:
      'The same service, every call slower by the factor; up to 1 000 calls after. Ours says degrading; the peers can only open.',
    cells,
  })
}

export function falseTraffic(quick) {
  const [lives, calls] = quick ? [20, 20_000] : [20, 50_000]
  return {
    id: 'false-latency',
    title: 'Calls for each false alarm of a healthy but slow service (10 calls/s)',
    about: `${lives} lives of ${grouped(calls)} calls, after their first 4 000. Heavy tail: 3 % of the calls take 4 times as long.`,
    unit: 'calls per false alarm or trip',
    cells: [
      { id: 'lognormal', name: 'lognormal', service },
      { id: 'heavy tail', name: 'heavy tail', service: modelLike({ slowRate: 0.03 }) },
    ],
    runs: lives,
    rivals: 'when-not-quick',
    more: [thinTrafficPeer, slowCallPeer],
    draw: (cell, random) =>
      story({ before: cell.service, callsBefore: callsBefore + calls, callsPerSecond: 10, timeoutMs }, random),
    measure: (rule, events) => falseAlarmsIn(rule, events, { callsBefore }),
    lines: alarmLines(calls),
  }
}

/** Calls start at a fixed pace, and something happens to the service: `after` answers from then on. */
function changes(section) {
  return {
    ...section,
    unit: 'calls',
    runs: 200,
    rivals: 'when-not-quick',
    more: [thinTrafficPeer, slowCallPeer],
    draw: (cell, random) => ({
      ...cell,
      callsBefore,
      events: story({ before: service, callsBefore, timeoutMs, ...cell }, random),
    }),
    measure: (rule, run) => admittedUntil(rule, run.events, run),
    lines: ['degrading', 'tripped'].map((line) => ({ id: line, figure: (results) => meanUntil(results, line, 'calls') })),
  }
}
