import { isTurning, type Alarm, type Clock, type World } from '../core/world.js'

/** A clock that stands still until a test moves it. */
export interface TestClock extends Clock {
  /** Sleeps that have not ended, and alarms that are set and held. */
  readonly sleeping: number
  /**
   * Moves time on by `ms` milliseconds, waking sleepers in the order of their wake-up times; between two of them the work
   * they woke runs as far as it can without real I/O.
   */
  advance(ms: number): Promise<void>
  /** Moves time on to the next sleeper again and again until `work` settles, and returns or throws what it did. */
  until<T>(work: Promise<T>): Promise<T>
}

/** A world in which nothing happens by chance: same seed, same story. */
export interface TestWorld extends World {
  readonly clock: TestClock
}

interface Sleeper {
  readonly atMs: number
  readonly order: number
  readonly wake: () => void
  /** An alarm that is not held waits without anyone waiting for it. */
  readonly idle: () => boolean
}

/**
 * A world under the control of a test: time moves only when told to, randomness comes from `seed`, ids count up.
 *
 * @param seed - Any integer; the same one gives the same random numbers.
 * @param options - `epochMs`: wall-clock time at the start, milliseconds since 1970.
 * @example
 * ```ts
 * const world = createTestWorld(1)
 * let awake = false
 * void world.clock.sleep(1_000).then(() => { awake = true })
 * await world.clock.advance(1_000)
 * expect(awake).toBe(true)
 * ```
 */
export function createTestWorld(seed = 1, { epochMs = 1_700_000_000_000 }: { readonly epochMs?: number } = {}): TestWorld {
  let nextId = 0
  return { clock: createTestClock(epochMs), random: seededRandom(seed), id: () => `id-${(nextId += 1)}` }
}

function createTestClock(epochStartMs: number): TestClock {
  let nowMs = 0
  let order = 0
  const sleepers = new Set<Sleeper>()

  const next = (idleToo: boolean): Sleeper | undefined => {
    let first: Sleeper | undefined
    for (const sleeper of sleepers) {
      if (!idleToo && sleeper.idle()) continue
      if (first === undefined || sleeper.atMs < first.atMs || (sleeper.atMs === first.atMs && sleeper.order < first.order))
        first = sleeper
    }
    return first
  }
  const wake = async (sleeper: Sleeper): Promise<void> => {
    nowMs = Math.max(nowMs, sleeper.atMs)
    sleepers.delete(sleeper)
    sleeper.wake()
    await settled()
  }

  return {
    epochMs: () => epochStartMs + nowMs,
    monoMs: () => nowMs,
    get sleeping() {
      return [...sleepers].filter((sleeper) => !sleeper.idle()).length
    },
    sleep: (delayMs, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason as Error)
          return
        }
        const onAbort = (): void => {
          sleepers.delete(sleeper)
          reject(signal?.reason as Error)
        }
        const sleeper: Sleeper = {
          atMs: nowMs + Math.max(0, delayMs),
          order: (order += 1),
          wake: () => {
            signal?.removeEventListener('abort', onAbort)
            resolve()
          },
          idle: () => false,
        }
        signal?.addEventListener('abort', onAbort, { once: true })
        sleepers.add(sleeper)
      }),
    alarm: (ring) => testAlarm(ring, { sleepers, atMs: (delayMs) => nowMs + Math.max(0, delayMs), order: () => (order += 1) }),
    async advance(ms) {
      const endMs = nowMs + ms
      await settled()
      for (let sleeper = next(true); sleeper !== undefined && sleeper.atMs <= endMs; sleeper = next(true)) await wake(sleeper)
      nowMs = Math.max(nowMs, endMs)
    },
    async until(work) {
      let done = false
      const finish = (): void => {
        done = true
      }
      work.then(finish, finish)
      await settled()
      while (!done) {
        const sleeper = next(false)
        await (sleeper === undefined ? settled() : wake(sleeper))
      }
      return work
    },
  }
}

function testAlarm(
  ring: () => void,
  { sleepers, atMs, order }: { sleepers: Set<Sleeper>; atMs: (delayMs: number) => number; order: () => number },
): Alarm {
  let held = false
  let sleeper: Sleeper | undefined
  const clear = (): void => {
    if (sleeper !== undefined) sleepers.delete(sleeper)
  }
  return {
    set(delayMs) {
      clear()
      sleeper = { atMs: atMs(delayMs), order: order(), wake: ring, idle: () => !held }
      sleepers.add(sleeper)
    },
    hold(wanted) {
      held = wanted
    },
    clear,
  }
}

/** Lets everything that can run without time run: a turn of the event loop drains all promise jobs. */
async function settled(): Promise<void> {
  do {
    await new Promise((resolve) => {
      setImmediate(resolve)
    })
  } while (isTurning())
}

/** Mulberry32 (Tommy Ettinger, 2017, public domain algorithm): 32 bits of state, enough for tests. */
function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
