/** A signal whose meaning is known before any label has been seen. */
export interface KnownSignal {
  readonly name: string
  /** Whether a greater value speaks for the answer or against it. */
  readonly direction: 'for' | 'against'
  /** What counts as a value, both bounds included; anything else counts as missing. */
  readonly range: readonly [number, number]
  /** What the value adds to the log odds that the answer is right; monotone in the direction. */
  readonly logOdds: (value: number) => number
  /** How much knowing the value narrows the estimate: the precision it adds, in log odds to the power of -2. */
  readonly precision: number
  /** What it says, in one sentence. */
  readonly meaning: string
}

/**
 * Signals of a repair, each with what it is worth before labels can tell. The weights are informed guesses, kept below what the
 * likelihood ratios alone would give, because the signals depend on one another: a command that passes also makes the fault go
 * away. They are tied to these cases, from which one can argue:
 *
 * - one changed line by a rule, plausible, everything passes: right in more than nine of ten;
 * - the same beside a rival that passes too: the checks cannot tell the two apart, so little better than a coin;
 * - 40 lines by a model of which only the failing command is known to pass: about two of three, and three of four if it is small;
 * - the command still fails: hardly ever right, whatever else is said.
 */
export const knownSignals: readonly KnownSignal[] = [
  {
    // A right repair makes its command pass, unless something else is broken too, which would have shown as another fault: 1 in 150.
    // A wrong one that got this far passes about one time in five.
    ...ratio('commandPasses', -5, 1.4),
    precision: 0.6,
    meaning: 'The command that failed passes with the patch: 1, or 0',
  },
  {
    // Checks that passed before and fail now are damage that was done, and there are few checks, so each weighs much; that all pass
    // says little more than that the command does.
    ...ratio('checksPassedRatio', -6, 0.4),
    precision: 0.3,
    meaning: 'Share of the executed checks that pass, the failing command included',
  },
  {
    ...belief('candidatePlausibility', 0.45),
    precision: 0.2,
    meaning: 'How likely its own repairer thinks it is',
  },
  {
    ...belief('strategyTrust', 0.25),
    precision: 0.2,
    meaning: 'How far this kind of repairer is trusted: rules more than tools, tools more than free text',
  },
  {
    // The first rival shows that the checks do not decide; it is not worth a full half, because the better ranked one leads and
    // two texts may mean the same. Each further one shares the odds with those before.
    ...count('rivalsPassing', (rivals) => -2.2 * Math.min(1, rivals) - Math.log(Math.max(1, rivals))),
    precision: 0.25,
    meaning: 'Other candidates for the same fault that pass too and differ',
  },
  {
    ...ratio('faultGone', -1.5, 0.3),
    precision: 0.1,
    meaning: 'The fault that was to be healed no longer occurs: 1, or 0',
  },
  {
    ...count('newFaults', (faults) => -0.8 * Math.log1p(faults)),
    precision: 0.1,
    meaning: 'Faults that occur with the patch and did not before',
  },
  {
    ...count('linesChanged', (lines) => -0.2 * Math.log1p(lines)),
    precision: 0.1,
    meaning: 'Lines added and removed by hand',
  },
  {
    ...count('filesChanged', (files) => -0.3 * Math.log(Math.max(1, files))),
    precision: 0.05,
    meaning: 'Files touched by hand',
  },
  {
    // Risk is the gate's business, not probability's; still, what alarms an audit is seldom the plain repair.
    ...count('auditFindings', (findings) => -0.25 * Math.log1p(findings)),
    precision: 0.05,
    meaning: 'Findings of the security audit',
  },
  {
    ...ratio('auditReview', 0, -0.8),
    precision: 0.05,
    meaning: 'The audit wants a person to look: 1, or 0',
  },
  {
    ...count('attemptNumber', (attempt) => -0.15 * Math.log(Math.max(1, attempt))),
    precision: 0.05,
    meaning: 'Which attempt at this fault it is, counted from 1: later ones are picked by luck more often',
  },
]

export type Shape = Pick<KnownSignal, 'name' | 'direction' | 'range' | 'logOdds'>

/** A share, or a claim with 0 for no and 1 for yes: linear between what no and yes are worth. */
export function ratio(name: string, atZero: number, atOne: number): Shape {
  return {
    name,
    direction: atZero < atOne ? 'for' : 'against',
    range: [0, 1],
    logOdds: (value) => atZero * (1 - value) + atOne * value,
  }
}

/** Someone's belief in 0..1, weighed in log odds: one half says nothing, and no one is believed to be certain. */
export function belief(name: string, weight: number): Shape {
  return {
    name,
    direction: 'for',
    range: [0, 1],
    logOdds: (value) => {
      const held = Math.min(0.98, Math.max(0.02, value))
      return weight * Math.log(held / (1 - held))
    },
  }
}

/** A number of things that speak against; the first ones say most. */
export function count(name: string, logOdds: (value: number) => number): Shape {
  return { name, direction: 'against', range: [0, Number.MAX_VALUE], logOdds }
}
