import type { World } from '../../src/core/world.js'
import { createTestWorld } from '../../src/testing/test-world.js'

/** A world whose clock a test sets by hand, for code that only reads it: nobody sleeps in it. */
export interface HandWorld extends World {
  nowMs: number
}

/** A world at 0 ms; chance is that of the test world with this seed. */
export function createHandWorld(seed = 1, random?: () => number): HandWorld {
  const world = createTestWorld(seed)
  const hand: HandWorld = {
    nowMs: 0,
    clock: { ...world.clock, monoMs: () => hand.nowMs, epochMs: () => 1_700_000_000_000 + hand.nowMs },
    random: random ?? (() => world.random()),
    id: () => world.id(),
  }
  return hand
}
