import { belief, count, ratio, type KnownSignal } from '../known-signals.js'

/**
 * Signals of any answer of a model, each with what it is worth before labels can tell: informed guesses, kept small because they
 * depend on one another. The helpers of this room make them from real things.
 */
export const answerSignals: readonly KnownSignal[] = [
  {
    ...logProbability('meanLogProbability', 0.9, -0.35),
    precision: 0.2,
    meaning: 'Mean natural-logarithmic probability of the tokens of the answer, at most 0',
  },
  {
    ...logProbability('leastLogProbability', 0.15, -3),
    precision: 0.1,
    meaning: 'Natural-logarithmic probability of the least likely token, at most 0',
  },
  {
    ...ratio('unlikelyTokensRatio', 0.2, -2),
    precision: 0.1,
    meaning: 'Share of the tokens with a probability below one half',
  },
  {
    ...ratio('agreementExact', -0.6, 1),
    precision: 0.2,
    meaning: 'Share of the other samples that are the same text',
  },
  {
    ...ratio('agreementNormalised', -0.9, 1.2),
    precision: 0.3,
    meaning: 'Share of the other samples that are the same but for case, spacing and punctuation',
  },
  {
    ...ratio('agreementByEdit', -0.7, 0.7),
    precision: 0.15,
    meaning: 'Mean likeness of the other samples by edit distance: 1 for the same text, 0 for nothing in common',
  },
  {
    ...ratio('agreementOfModels', -0.9, 1.2),
    precision: 0.3,
    meaning: 'Share of other models that give the same answer',
  },
  {
    ...ratio('ownTestsPassedRatio', -2, 1),
    precision: 0.3,
    meaning: 'Share of the tests that the model wrote for its own answer and that the answer passes',
  },
  {
    ...ratio('schemaValid', -3, 0.1),
    precision: 0.1,
    meaning: 'The answer fits the schema it was asked for: 1, or 0',
  },
  {
    ...ratio('lintClean', -0.4, 0.1),
    precision: 0.05,
    meaning: 'The linter has no complaint that is new: 1, or 0',
  },
  {
    ...ratio('typesValid', -2, 0.3),
    precision: 0.15,
    meaning: 'The answer passes the type checker: 1, or 0',
  },
  {
    ...ratio('verifiedAfterLastEdit', -0.4, 0.5),
    precision: 0.1,
    meaning: 'The agent ran a check after its last edit: 1, or 0',
  },
  {
    ...count('failedOperations', (failed) => -0.2 * Math.log1p(failed)),
    precision: 0.05,
    meaning: "Steps of the agent's trajectory that failed",
  },
  {
    // Models that are asked say "95 %" of nearly everything: half of what it would be worth.
    ...belief('verbalisedConfidence', 0.4),
    precision: 0.1,
    meaning: 'How sure the model says it is, 0..1',
  },
  {
    ...belief('pastSuccess', 0.8),
    precision: 0.25,
    meaning: 'Share of earlier answers of this kind, by this strategy or model, that were right',
  },
]

/** A log probability: worth nothing at `neutral`, and at most as much as a certain token above it. */
function logProbability(
  name: string,
  weight: number,
  neutral: number,
): Pick<KnownSignal, 'name' | 'direction' | 'range' | 'logOdds'> {
  return {
    name,
    direction: 'for',
    range: [-1e6, 0],
    logOdds: (value) => (weight * (Math.max(value, 8 * neutral) - neutral)) / Math.max(0.3, -neutral),
  }
}
