import type { Signals } from './signal-value.js'

const tokensMax = 200_000
const depthMax = 8
const half = Math.log(0.5)

/**
 * Signals from the log probabilities of a response: chat completions (`choices[].logprobs.content`), completions
 * (`choices[].logprobs.token_logprobs`) and responses (`output[].content[].logprobs`) in the shape of OpenAI's API, or a plain list of
 * numbers. Only the first choice counts.
 *
 * @returns `meanLogProbability`, `leastLogProbability`, `unlikelyTokensRatio`; nothing when the response has no log probabilities.
 * @example
 * ```ts
 * const response = { choices: [{ logprobs: { content: [{ token: 'Yes', logprob: -0.1 }, { token: '!', logprob: -0.9 }] } }] }
 * expect(logProbabilitySignals(response)).toEqual({ meanLogProbability: -0.5, leastLogProbability: -0.9, unlikelyTokensRatio: 0.5 })
 * ```
 */
export function logProbabilitySignals(response: unknown): Signals {
  const found: number[] = []
  collect(response, found, depthMax)
  if (found.length === 0) return {}
  // Not Math.min(...found): an answer may have more tokens than a call has arguments.
  const least = found.reduce((a, b) => Math.min(a, b))
  return {
    meanLogProbability: found.reduce((sum, value) => sum + value, 0) / found.length,
    leastLogProbability: least,
    unlikelyTokensRatio: found.filter((value) => value < half).length / found.length,
  }
}

/** Members that lead to log probabilities; `top_logprobs`, the tokens that were not chosen, is not among them. */
const ways = ['choices', 'output', 'message', 'logprobs', 'content', 'token_logprobs']

function collect(value: unknown, found: number[], depth: number): void {
  if (depth === 0 || typeof value !== 'object' || value === null) return
  if (Array.isArray(value)) {
    for (const item of value.slice(0, tokensMax)) take(item, found, depth)
    return
  }
  for (const way of ways) {
    const next: unknown = Object.hasOwn(value, way) ? Reflect.get(value, way) : undefined
    collect(way === 'choices' && Array.isArray(next) ? next[0] : next, found, depth - 1)
  }
}

function take(item: unknown, found: number[], depth: number): void {
  const logprob: unknown = typeof item === 'object' && item !== null && 'logprob' in item ? item.logprob : item
  if (typeof logprob !== 'number') collect(item, found, depth - 1)
  else if (logprob <= 0 && logprob > -Infinity && found.length < tokensMax) found.push(Math.max(logprob, logProbabilityMin))
}

/** Some servers send -9999 for a token they hold impossible; one such token must not decide the mean alone. */
const logProbabilityMin = -50
