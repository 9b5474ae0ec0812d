/*
 * Compares the time of two or more async functions on a machine that is busy with other things: short batches, shorter than a
 * slice of the scheduler, in turn and in alternating order, so that whatever disturbs one side disturbs the others as well.
 * The figures are medians over many rounds; only their ratios mean anything.
 */

const batchMs = 0.25

/**
 * @param {Record<string, () => unknown>} sides - Each is called and awaited many times.
 * @param {{ rounds?: number }} [options]
 * @returns {Promise<Record<string, number>>} The median time of one call, in nanoseconds, by side.
 */
export async function compare(sides, { rounds = 801 } = {}) {
  const runs = []
  for (const [name, call] of Object.entries(sides)) runs.push({ name, call, size: await sizeOf(call), times: [] })
  for (let round = 0; round < rounds; round += 1) {
    const order = round % 2 === 0 ? runs : runs.toReversed()
    for (const run of order) run.times.push(await batch(run.call, run.size))
  }
  return Object.fromEntries(runs.map(({ name, times }) => [name, median(times)]))
}

/** Warms up, and finds how many calls make a batch. */
async function sizeOf(call) {
  await batch(call, 20_000)
  const ns = await batch(call, 2_000)
  return Math.max(1, Math.round((batchMs * 1e6) / ns))
}

/** Nanoseconds of one call. */
async function batch(call, size) {
  const startedMs = performance.now()
  for (let done = 0; done < size; done += 1) await call()
  return ((performance.now() - startedMs) * 1e6) / size
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1]
}
