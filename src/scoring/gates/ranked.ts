/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import type { GateEvidence } from './gate.js'

/** Rows that share one probability, from the surest down. */
export interface Step {
  readonly probability: number
  readonly rows: readonly number[]
}

/** Rows by falling probability; equal ones together, because a threshold takes all of them or none. */
export function ranked({ probability }: Pick<GateEvidence, 'probability'>): readonly Step[] {
  const order = [...probability.keys()].sort((a, b) => (probability[b] as number) - (probability[a] as number))
  const steps: { probability: number; rows: number[] }[] = []
  for (const row of order) {
    const last = steps.at(-1)
    const value = probability[row] as number
    if (last !== undefined && last.probability === value) last.rows.push(row)
    else steps.push({ probability: value, rows: [row] })
  }
  return steps
}

/** How many of `rows` each task has. */
export function sizesOf({ task, tasks }: Pick<GateEvidence, 'task' | 'tasks'>, has: (row: number) => boolean): Float64Array {
  const sizes = new Float64Array(tasks)
  task.forEach((of, row) => {
    if (has(row)) sizes[of] = (sizes[of] as number) + 1
  })
  return sizes
}
