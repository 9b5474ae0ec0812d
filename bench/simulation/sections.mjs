import { coldStart, falseTrips, learning, longLives, optionFalseTrips } from './sections/false-alarms.mjs'
import { afterBursts, downFromTheStart, optionSteps, pace, ramps, steps } from './sections/failure-rate.mjs'
import { doomed, falseTraffic, slower } from './sections/slowness.mjs'

/**
 * What is measured, a section for each table: its cells, how a run is drawn (once for all rules), what a rule makes of it, and the
 * figures of that. With `quick` only what a bar hangs on, and shorter.
 */
export function sections(quick) {
  return [
    steps(quick),
    ramps(quick),
    pace(quick),
    longLives(quick),
    coldStart(),
    ...(quick ? [] : [falseTrips(), learning(), downFromTheStart(), afterBursts()]),
    doomed(quick),
    slower(quick),
    falseTraffic(quick),
    ...(quick ? [] : [optionSteps(), optionFalseTrips()]),
  ]
}
