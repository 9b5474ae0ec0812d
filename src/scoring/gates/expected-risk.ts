/* Indexes are within their arrays by construction, which the compiler cannot follow: `as number` says so without a branch. */

import type { Certificate, GateEvidence } from './gate.js'
import { ranked, sizesOf } from './ranked.js'

/**
 * The lowest threshold whose expected share of wrong accepts in a new task stays within `risk`: conformal risk control
 * (Angelopoulos, Bates, Fisch, Lei and Schuster 2022). The loss of a task is the mean of its answers', so tasks with many answers
 * count no more than others; one further task with the worst loss, 1, is reckoned in.
 */
export function certifyJoint(evidence: GateEvidence, risk: number): Certificate {
  return control(evidence, risk, () => true)
}

/**
 * The lowest threshold that accepts a wrong answer with probability at most `risk`: the same over the wrong answers only. Without
 * tasks it is split conformal prediction on the wrong ones.
 */
export function certifyPerWrong(evidence: GateEvidence, risk: number): Certificate {
  return control(evidence, risk, (row) => evidence.correct[row] === 0)
}

function control(evidence: GateEvidence, risk: number, counts: (row: number) => boolean): Certificate {
  const sizes = sizesOf(evidence, counts)
  const tasks = sizes.filter((size) => size > 0).length
  // Rounding must not refuse what is exactly allowed: 1 / (19 + 1) against 0.05.
  const allowed = risk * (tasks + 1) - 1 + 1e-9
  if (allowed < 0) {
    const tasksMissing = Math.ceil(1 / risk - 1 - 1e-9) - tasks
    return { threshold: null, tasksMissing, because: `${tasks} tasks are too few to promise ${risk}` }
  }
  let loss = 0
  let threshold: number | null = null
  for (const { probability, rows } of ranked(evidence)) {
    for (const row of rows) if (evidence.correct[row] === 0) loss += 1 / (sizes[evidence.task[row] as number] ?? 1)
    if (loss > allowed) break
    threshold = probability
  }
  if (threshold !== null) return { threshold, tasksMissing: 0 }
  return { threshold: null, tasksMissing: null, because: 'the answers with the highest probability are wrong too often' }
}
