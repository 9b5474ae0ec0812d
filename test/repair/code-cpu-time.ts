import { expect } from 'vitest'

/** Does `work` and expects that it took at most so much time of the processor: what others do on the machine does not count. */
export function atMost<T>(cpuMsMax: number, work: () => T): T {
  const before = process.cpuUsage()
  const result = work()
  const { user, system } = process.cpuUsage(before)
  expect((user + system) / 1_000).toBeLessThan(cpuMsMax)
  return result
}
