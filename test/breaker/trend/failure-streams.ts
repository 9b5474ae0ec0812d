import { createTestWorld } from '../../../src/testing/test-world.js'

/** Says of one call after the other whether it failed. */
export type FailureStream = () => boolean

/** Every call fails with the same chance. */
export function independent(ratio: number, seed: number): FailureStream {
  const { random } = createTestWorld(seed)
  return () => random() < ratio
}

/** Failures come in runs of `size`, as when a poisoned request is tried again. */
export function clustered(ratio: number, size: number, seed: number): FailureStream {
  const { random } = createTestWorld(seed)
  const start = ratio / size / (1 - (ratio * (size - 1)) / size)
  let left = 0
  return () => {
    if (left === 0 && random() < start) left = size
    if (left === 0) return false
    left -= 1
    return true
  }
}

/** Gilbert (1960) and Elliott (1963): calls fail only in bursts, `calls` long on average, in which `burstRatio` of them fail. */
export function bursty(ratio: number, burst: { readonly ratio: number; readonly calls: number }, seed: number): FailureStream {
  const { random } = createTestWorld(seed)
  const share = ratio / burst.ratio
  const leave = 1 / burst.calls
  const enter = (leave * share) / (1 - share)
  let bad = false
  return () => {
    bad = bad ? random() >= leave : random() < enter
    return bad && random() < burst.ratio
  }
}

/** The rate swings between two values, as between day and night. */
export function swinging(low: number, high: number, periodCalls: number, seed: number): FailureStream {
  const { random } = createTestWorld(seed)
  let call = 0
  return () => {
    const swing = (1 - Math.cos((2 * Math.PI * call) / periodCalls)) / 2
    call += 1
    return random() < low + (high - low) * swing
  }
}

/** The rate rises evenly and stays. */
export function rising(from: number, to: number, calls: number, seed: number): FailureStream {
  const { random } = createTestWorld(seed)
  let call = 0
  return () => {
    const ratio = from + (to - from) * Math.min(1, call / calls)
    call += 1
    return random() < ratio
  }
}
