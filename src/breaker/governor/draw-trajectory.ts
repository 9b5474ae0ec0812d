import type { GovernorOptions } from './governor-limits.js'
import type { HealingAttempt } from './healing-attempt.js'
import { judgeAttempts, type AttemptVerdict } from './judge-attempts.js'

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']
const drawnMax = 60

/**
 * The course of some attempts in one line for people: a bar for each count of errors (`·` for none), the newest 60 at most, and
 * the verdict with its reasons.
 *
 * @throws RangeError when a number is out of range; TypeError when something is of the wrong type.
 * @example
 * ```ts
 * expect(drawTrajectory([{ errors: 8 }, { errors: 4 }, { errors: 0 }])).toBe('8 █▄· 0  unknown, 4 fewer per attempt: promote (errors.none)')
 * ```
 */
export function drawTrajectory(history: readonly HealingAttempt[], options?: GovernorOptions): string {
  const verdict = judgeAttempts(history, options)
  const drawn = history.slice(-drawnMax).map(({ errors }) => errors)
  const highest = Math.max(...drawn, Number.MIN_VALUE)
  const line = drawn.map((errors) => barOf(errors / highest)).join('')
  const ends = drawn.length === 0 ? 'no attempts' : `${shown(drawn[0] ?? 0)} ${line} ${shown(drawn.at(-1) ?? 0)}`
  return `${ends}  ${trendWords(verdict)}${verdict.kind} (${verdict.reasons.join(', ')})`
}

function barOf(share: number): string {
  return share === 0 ? '·' : (bars[Math.ceil(share * bars.length) - 1] ?? '·')
}

function trendWords({ evidence: { errors } }: AttemptVerdict): string {
  if (errors?.delta === undefined) return ''
  const { direction, velocity } = errors
  const pace = shown(Math.abs(velocity))
  return pace === '0' ? `${direction}: ` : `${direction}, ${pace} ${velocity < 0 ? 'more' : 'fewer'} per attempt: `
}

/** At most one decimal: people compare these, they do not compute with them. */
function shown(value: number): string {
  return String(Math.round(value * 10) / 10)
}
