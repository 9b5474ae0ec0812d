// Nothing is wrong: how often does a rule say that something is?
import { callsEach, meanOf, shareOf } from '../figures.mjs'
import { falseAlarms } from '../measure.mjs'
import { independent, take } from '../streams.mjs'
import { grouped, healthy, healthyOnes, percent, timesOf, warmUpCalls } from './drawing.mjs'

const bursty = 'Bursty: in 10 calls in the mean half fail (1 %), in 20 calls 60 % fail (5 %).'

/** Young detectors: after the warm-up that every section has, bursts are not all learnt. It is shown and has no bars. */
export function falseTrips() {
  const calls = 10_000
  return alarms({
    id: 'false',
    title: 'Calls for each false trip of a healthy service, early in its life (100 calls/s)',
    about: `200 runs of ${grouped(calls)} calls each, after 10 000 calls. ${bursty}`,
    cells: healthy,
    runs: 200,
    callsBefore: warmUpCalls,
    calls,
    rivals: 'when-not-quick',
  })
}

/** What was learnt must hold: this is what the budget promises. */
export function longLives(quick) {
  const runs = quick ? 20 : 200
  return alarms({
    id: 'long',
    title: 'Calls for each false trip of a healthy service, once it is known (100 calls/s)',
    about: `${runs} lives of 50 000 calls each, after their first 50 000. ${bursty}`,
    cells: healthy,
    runs,
    callsBefore: 50_000,
    calls: 50_000,
    rivals: 'never',
  })
}

/** How often a service is wronged at first. */
export function learning() {
  return {
    ...alarms({ cells: healthy, callsBefore: 0, calls: warmUpCalls, rivals: 'never' }),
    id: 'learning',
    title: 'False trips of a healthy service in its first 10 000 calls',
    about: `200 starts; nothing was learnt before. ${bursty}`,
    unit: 'false alarms or trips per start',
    runs: 200,
    lines: [
      { id: 'degrading', figure: (results) => meanOf(results, 'alarms') },
      { id: 'tripped', figure: (results) => meanOf(results, 'trips') },
    ],
  }
}

export function coldStart() {
  return {
    ...alarms({
      id: 'cold',
      title: 'False trips of a healthy service within the first 200 calls after the start',
      about: '2 000 starts; nothing was learnt before.',
      cells: [0.01, 0.05, 0.1, 0.2].map((rate) => ({
        id: percent(rate),
        name: `${percent(rate)} fail`,
        stream: independent(rate),
      })),
      runs: 2_000,
      callsBefore: 0,
      calls: 200,
      rivals: 'when-not-quick',
    }),
    unit: 'share of starts',
    lines: [
      { id: 'degrading', figure: (results) => shareOf(results, 'alarms') },
      { id: 'tripped', figure: (results) => shareOf(results, 'trips') },
    ],
  }
}

/** What the two options do: the same streams for ours with other options. */
export function optionFalseTrips() {
  const cells = healthyOnes(['independent 1 %', 'independent 5 %', 'independent 20 %', 'clusters of 4, 1 %', 'bursty 1 %'])
  return alarms({
    id: 'options-false',
    title: 'What falseTripBudget and openAt do to calls for each false trip (100 calls/s)',
    about: '4 lives of 250 000 calls each, after their first 10 000.',
    cells,
    runs: 4,
    callsBefore: warmUpCalls,
    calls: 250_000,
    aboutOptions: true,
  })
}

/** A row of calls for each false alarm and each false trip. */
export const alarmLines = (callsEachRun) => [
  { id: 'degrading', figure: (results) => callsEach(results, 'alarms', callsEachRun) },
  { id: 'tripped', figure: (results) => callsEach(results, 'trips', callsEachRun) },
]

function alarms({ callsBefore, calls, ...section }) {
  return {
    unit: 'calls per false alarm or trip',
    draw: ({ stream }, random) => {
      const next = stream(random)
      return { before: take(next, callsBefore), after: take(next, calls), ...timesOf(random) }
    },
    measure: falseAlarms,
    lines: alarmLines(calls),
    ...section,
  }
}
