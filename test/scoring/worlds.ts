import type { Outcome } from '../../src/scoring/learning/outcome.js'
import { createTestWorld } from '../../src/testing/test-world.js'

/** An answer whose chance of being right is known. */
export interface Answer {
  readonly signals: Record<string, number>
  readonly chance: number
  readonly group?: string
}

/** Chance that is the same in each run. */
export function chanceOf(seed: number): () => number {
  return createTestWorld(seed).random
}

export function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** Answers with two signals that matter and one that does not. */
export function answers(count: number, random: () => number): readonly Answer[] {
  return Array.from({ length: count }, () => {
    const [a, b, noise] = [random() * 6 - 3, normal(random), normal(random)]
    return { signals: { a, b, noise }, chance: 1 / (1 + Math.exp(-(0.5 + 1.2 * a + 0.6 * b))) }
  })
}

/** The same, `each` of them for one task, which makes all its answers easier or harder. */
export function tasks(count: number, each: number, random: () => number): readonly Answer[] {
  return Array.from({ length: count }, (_, task) => {
    const ease = 1.5 * normal(random)
    return Array.from({ length: each }, () => {
      const a = random() * 6 - 3
      const signals = { a, hint: ease + 2 * normal(random) }
      return { signals, chance: 1 / (1 + Math.exp(-(0.5 + a + ease))), group: `task ${task} ${ease}` }
    })
  }).flat()
}

/** Lets the truth fall. */
export function labelled(all: readonly Answer[], random: () => number): readonly Outcome[] {
  return all.map(({ signals, chance, group }) => ({ signals, correct: random() < chance, group }))
}
