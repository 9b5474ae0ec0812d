// Streams of outcomes. A stream is `(random) => () => failed`: given a source of chance, it says for one call after the other
// whether it fails. Rates are 0..1, lengths are in calls: nothing here knows the time.

/** Every call fails with the same probability, whatever the others did. */
export const independent = (rate) => (random) => () => random() < rate

/** Failures come in runs of exactly `size`, as a poisoned request that is retried makes them; `rate` of all calls fail. */
export const clusters =
  ({ rate, size }) =>
  (random) => {
    const begins = rate / (rate + size * (1 - rate))
    let left = 0
    return () => {
      if (left === 0 && random() < begins) left = size
      if (left === 0) return false
      left -= 1
      return true
    }
  }

/**
 * A service with two moods (Gilbert 1960, Elliott 1963): calm, and bursts of `burstCalls` in the mean (geometric) in which
 * `burstRate` of the calls fail. Bursts are as frequent as makes the mean failure rate `rate`; `calmRate` fails between them.
 */
export const bursts = ({ rate, burstCalls, burstRate, calmRate = 0 }) => {
  const share = (rate - calmRate) / (burstRate - calmRate)
  return moods({ burstCalls, calmCalls: (burstCalls * (1 - share)) / share, burstRate, calmRate })
}

/** The same with the mean lengths of both moods given. */
export const moods =
  ({ burstCalls, calmCalls, burstRate, calmRate = 0 }) =>
  (random) => {
    let burst = random() < burstCalls / (burstCalls + calmCalls)
    return () => {
      if (random() < 1 / (burst ? burstCalls : calmCalls)) burst = !burst
      return random() < (burst ? burstRate : calmRate)
    }
  }

/** Day and night: the rate swings as a sine between `low` and `high`, once in `periodCalls`, from a random hour on. */
export const swing =
  ({ low, high, periodCalls }) =>
  (random) => {
    let phase = random() * periodCalls
    return () => {
      phase += 1
      return random() < low + ((high - low) * (1 + Math.sin((2 * Math.PI * phase) / periodCalls))) / 2
    }
  }

/** The rate goes in a straight line from `from` to `to` in `calls` calls, and stays there. */
export const ramp =
  ({ from, to, calls }) =>
  (random) => {
    let call = 0
    return () => {
      call += 1
      return random() < from + (to - from) * Math.min(1, call / calls)
    }
  }

/** The next outcomes of a stream that was started: 1 where the call fails. */
export function take(next, calls) {
  const outcomes = new Uint8Array(calls)
  for (let call = 0; call < calls; call += 1) outcomes[call] = next() ? 1 : 0
  return outcomes
}
