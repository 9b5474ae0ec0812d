// From the results of many runs to one figure: `{ value, missed, text }`. `missed` counts runs that never got there; a bar on a
// figure with misses is not met.

/** Mean of what was counted until a level was reached; runs that had reached it before the change are left out, and counted. */
export function meanUntil(results, level, unit) {
  const open = level === 'degrading' ? results.filter(({ alarmedBefore }) => !alarmedBefore) : results
  const reached = open.map((result) => result[level]?.[unit]).filter((count) => count !== undefined)
  const missed = open.length - reached.length
  if (reached.length === 0) return { value: Infinity, missed, text: 'never' }
  const value = reached.reduce((sum, count) => sum + count, 0) / reached.length
  const share = missed === 0 ? '' : ` (${Math.min(99, Math.round((100 * missed) / open.length))} % never)`
  return {
    value,
    missed,
    excluded: results.length - open.length,
    error: standardError(reached, value),
    text: short(value) + share,
  }
}

/** Calls for each false alarm, and how many there were; Infinity where there was none. */
export function callsEach(results, kind, callsEachRun) {
  const calls = results.length * callsEachRun
  const count = results.reduce((sum, result) => sum + result[kind], 0)
  const text = count === 0 ? `> ${power(calls)}` : power(calls / count)
  return { value: count === 0 ? Infinity : calls / count, missed: 0, calls, count, text }
}

/** Share of runs with at least one alarm. */
export function shareOf(results, kind) {
  const value = results.filter((result) => result[kind] > 0).length / results.length
  return { value, missed: 0, text: `${(100 * value).toFixed(value > 0 && value < 0.0095 ? 2 : 1)} %` }
}

/** How many false alarms a run has in the mean. */
export function meanOf(results, kind) {
  const value = results.reduce((sum, result) => sum + result[kind], 0) / results.length
  return { value, missed: 0, text: value.toFixed(2) }
}

/** Is `count` in `calls` calls more than chance allows when there is one in `callsEachMin`? (Poisson tail below 1 %.) */
export function moreThanChance({ count, calls }, callsEachMin) {
  const mean = calls / callsEachMin
  let below = 0
  let term = Math.exp(-mean)
  for (let k = 0; k < count; k += 1) {
    below += term
    term *= mean / (k + 1)
  }
  return 1 - below < 0.01
}

function standardError(values, mean) {
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0)
  return Math.sqrt(squares / Math.max(1, values.length - 1) / values.length)
}

const short = (value) => (value < 100 ? value.toFixed(1) : Math.round(value).toString())
const power = (value) => value.toExponential(1).replace('e+', 'e')
