import type { World } from '../../core/world.js'

/** How long to leave between two requests. All are milliseconds, at least 0. */
export interface AskPaceOptions {
  /** Always left between two. Default 500. */
  readonly delayMsBase?: number
  /** At most so much more, at random, so that many services do not ask in step. Default 1000. */
  readonly jitterMsMax?: number
}

/**
 * Keeps requests apart, whoever sends them through it: between two there are `delayMsBase` and a random share of
 * `jitterMsMax`, or as long as the model asked to be left alone. The first one goes at once.
 */
export class AskPace {
  readonly #world: World
  readonly #delayMsBase: number
  readonly #jitterMsMax: number
  #nextMs = Number.NEGATIVE_INFINITY

  /** @throws RangeError when a delay is no number from 0 to a day. */
  constructor(world: World, { delayMsBase = 500, jitterMsMax = 1_000 }: AskPaceOptions = {}) {
    this.#world = world
    this.#delayMsBase = checkedMs('delayMsBase', delayMsBase)
    this.#jitterMsMax = checkedMs('jitterMsMax', jitterMsMax)
  }

  /** Nothing goes out for so many milliseconds from now; those who wait already wait as well. */
  postpone(delayMs: number): void {
    this.#nextMs = Math.max(this.#nextMs, this.#world.clock.monoMs() + checkedMs('delayMs', delayMs))
  }

  /**
   * Waits for the next turn, and takes it. Who stops waiting has taken none.
   *
   * @returns Milliseconds waited.
   * @throws `signal.reason` as soon as the signal aborts.
   */
  async turn(signal?: AbortSignal): Promise<number> {
    signal?.throwIfAborted()
    const { clock } = this.#world
    let waitedMs = 0
    for (let leftMs = this.#nextMs - clock.monoMs(); leftMs > 0;) {
      const startedMs = clock.monoMs()
      await clock.sleep(leftMs, signal)
      waitedMs += leftMs
      // A clock that stands still would never let anybody pass: the sleep counts then.
      leftMs = clock.monoMs() > startedMs ? this.#nextMs - clock.monoMs() : 0
    }
    this.#nextMs = clock.monoMs() + this.#delayMsBase + Math.floor(this.#world.random() * this.#jitterMsMax)
    return waitedMs
  }
}

const dayMs = 86_400_000

function checkedMs(name: string, value: number): number {
  if (value >= 0 && value <= dayMs) return value
  throw new RangeError(`Cannot pace requests: ${name} must be from 0 to ${dayMs}, not ${value}`)
}
