import * as z from 'zod'
import { sandboxTiers } from '../../core/sandbox-tier.js'
import { defaultCompliancePolicy } from '../../security/compliance-policy.js'
import { suppressionSchema } from '../../security/suppressions.js'
import { choice, flag, list, presetDefault, presetNames, ratio, records, section, whole } from './policy-field.js'

const dayMs = 86_400_000
const kibibyte = 1_024
const mebibyte = 1_024 * kibibyte
const gibibyte = 1_024 * mebibyte
const tebibyte = 1_024 * gibibyte

const guard = section('Calls under guard. Every layer can be switched off; the result of the call never changes its type.', {
  keysMax: whole([1, 100_000], 1_000, 'Circuits kept, one for each key; the least recently used one goes first.'),
  rate: section('How often a key may be called.', {
    enabled: flag(false, 'Whether calls are counted against the limit.'),
    callsPerMinuteMax: whole([1, 1_000_000], [10, 15, 20], 'Calls that may start in a minute, for each key.'),
  }),
  retry: section('What happens after a failed attempt.', {
    enabled: flag(true, 'Whether a failed call is tried again.'),
    attemptsMax: whole([1, 20], 3, 'Runs of the work for one call, the first one included.'),
    delayMsBase: whole(
      [0, dayMs],
      1_000,
      'Upper end of the random delay after the first failure; it doubles with each further one.',
    ),
    delayMsMax: whole([0, dayMs], 30_000, 'No random delay is longer.'),
    retryAfterMsMax: whole(
      [0, dayMs],
      60_000,
      'Longest delay that a server may ask for; when it asks for more, the call is given up at once.',
    ),
  }),
  retryBudget: section('Retries that a key can afford: successes fill it, so that a dead target soon gets none.', {
    enabled: flag(true, 'Whether retries are counted against it.'),
    retriesMax: whole([1, 1_000_000], 20, 'Retries that it holds at most, and at first.'),
    retriesPerSuccess: ratio(
      [0, 1],
      0.1,
      'Part of a retry that each call adds which succeeds at once; a retry that helps is free.',
    ),
    refillMs: whole([1, dayMs], 10_000, 'Time that adds one, so that little traffic is never without.'),
  }),
  breaker: section('When a key is no longer called, and when it is tried again.', {
    enabled: flag(true, 'Whether a failing key is cut off.'),
    mode: choice(
      ['enforce', 'observe'],
      'enforce',
      'Whether an open circuit refuses calls, or only tells what it would have refused.',
    ),
    trend: section(
      'The detector that learns how often and how slowly a key usually answers, and opens when that has changed for the worse.',
      {
        enabled: flag(true, 'Whether there is one for each key that is used from now on.'),
        openAt: ratio(
          [0.01, 0.99],
          0.2,
          'Share of failures that is bad enough to stop calling; below it a change for the worse is told, and calls go on.',
        ),
        falseTripBudget: whole(
          [1_000, 1_000_000_000],
          100_000,
          'Calls of a healthy key for each time that its circuit opens without cause, at least.',
        ),
      },
    ),
    failureRatioMax: ratio(
      [0.01, 1],
      1,
      'The circuit also opens when more than this part of the calls in the window failed; 1 means never.',
    ),
    callsMin: whole([1, 100_000], 5, 'No judgement of the window before this many calls are in it.'),
    windowMs: whole([100, dayMs], 60_000, 'How long a call counts in the window.'),
    openMs: whole([1, dayMs], 30_000, 'How long the circuit stays open the first time; it doubles each time the probes fail.'),
    openMsMax: whole([1, dayMs], 300_000, 'How long it stays open at most.'),
    rampMs: whole([0, dayMs], 10_000, 'Time in which all calls come back after a recovery; one at a time is always let through.'),
    probesMax: whole([1, 1_000], 1, 'Calls admitted at the same time while it is half open.'),
    probeTimeoutMs: whole(
      [1, dayMs],
      120_000,
      'A probe that takes longer is given up, which opens the circuit again; never before the deadline of its attempt.',
    ),
  }),
  bulkhead: section('How many calls of a key run at the same time.', {
    enabled: flag(false, 'Whether there is a limit.'),
    concurrentMax: whole([1, 100_000], 64, 'Calls that run at the same time.'),
    queueMax: whole([0, 100_000], 256, 'Calls that may wait for a free place; the next one is refused.'),
    queueWaitMsMax: whole([0, dayMs], 10_000, 'A call that has waited longer is refused.'),
  }),
  deadline: section('How long one attempt may take.', {
    enabled: flag(true, 'Whether there is a limit.'),
    timeoutMs: whole([1, dayMs], 120_000, 'After this time the attempt fails and its signal aborts.'),
  }),
})

const heal = section('How much is tried to heal one fault.', {
  attemptsMax: whole([1, 200], [20, 30, 40], 'Proposals made real in one session, over all its faults.'),
  rehearsalsMax: whole(
    [0, 5_000],
    300,
    'Runs in a sandbox copy by which repairers may measure or sort their candidates, in one session.',
  ),
  parallelMax: whole([1, 16], 2, 'Candidates that run at the same time, each in a sandbox copy of its own.'),
  proposalsMax: whole([1, 50], 5, 'Proposals taken from one repairer for one fault.'),
  graceAttempts: whole([0, 20], 2, 'The first attempts at a fault, which neither a failure streak nor an error budget may stop.'),
  failureStreakMax: whole([1, 100], 5, 'Attempts in a row without any advance after which the session stops.'),
  cascadeDepthMax: whole([1, 50], 5, 'Repairs in a row that each led to another fault in a file they had changed.'),
  syntaxAttemptsMax: whole([1, 20], [3, 5, 7], 'Proposals made real for one syntax fault.'),
  // Not below 3: the first two attempts are in grace, so a smaller number would judge nothing.
  logicAttemptsMax: whole([3, 20], [5, 7, 10], 'Proposals made real for one fault of any other kind.'),
  syntaxErrorBudget: ratio(
    [0.01, 0.5],
    [0.05, 0.1, 0.2],
    'Part of the lines of a file that may hold syntax errors, where there are several: a file that is worse is for a person.',
  ),
  logicErrorBudget: ratio([0.05, 0.5], [0.1, 0.2, 0.3], 'The same for errors of any other kind.'),
  sessionTimeoutMs: whole([1_000, dayMs], 900_000, 'After this time a session ends with what it has.'),
  approvalTimeoutMs: whole([1_000, dayMs], 600_000, 'How long a person is waited for; silence means no.'),
  watch: section('How long the running service is looked at after a patch was applied, where the port "telemetry" is given.', {
    durationMs: whole([0, dayMs], 60_000, 'How long; 0: not at all.'),
    intervalMs: whole([10, dayMs], 5_000, 'How long from one look to the next.'),
  }),
  network: section('How a command is run again after a transient fault.', {
    attemptsMax: whole([0, 20], 3, 'Times the command is run again.'),
    delayMsBase: whole(
      [0, dayMs],
      1_000,
      'Upper end of the random delay after the first failure; it doubles with each further one.',
    ),
    delayMsMax: whole([0, dayMs], 30_000, 'No random delay is longer.'),
  }),
})

/*
 * Floors and promotion answer two questions. A floor asks "is this patch worth a person's attention?", where a wrong yes costs
 * minutes. `promoteMin` asks "may this stay without a person?", where a wrong yes costs a broken tree: for `mid-tier` at most
 * one wrong promotion in five. It rises with the model, because a strong one soon offers a better patch, and waiting for it is
 * cheap; a small local model rarely earns more than 0.75, and its patches are validated all the same. All four are
 * calibrated probabilities.
 */
const confidence = section('How sure homeostat must be: calibrated probabilities.', {
  syntaxFloor: ratio([0.1, 0.99], [0.6, 0.3, 0.2], 'A patch for a syntax fault below this is not even proposed.'),
  logicFloor: ratio([0.1, 0.9], [0.5, 0.25, 0.15], 'A patch for any other fault below this is not even proposed.'),
  // Not below one half: such a patch is more likely wrong than right.
  promoteMin: ratio([0.5, 1], [0.85, 0.8, 0.75], 'A validated patch below this waits for a person, whatever the autonomy.'),
})

const repair = section('What repairers may do.', {
  installs: choice(
    ['never', 'declared', 'any'],
    'declared',
    'Which packages may be installed: none, those that a manifest or lockfile names, or any that no check doubts.',
  ),
  linesChangedMax: whole([1, 100_000], 50, 'Lines a patch adds and removes, counted together; a larger one waits for a person.'),
  filesChangedMax: whole([1, 1_000], 10, 'Files a patch touches; one that touches more waits for a person.'),
  model: section('The language model as a repairer, where one is plugged in.', {
    enabled: flag(true, 'Whether a model that is plugged in may be asked.'),
    timeoutMs: whole([1_000, dayMs], 120_000, 'How long an answer may take.'),
    // The presets follow the context windows of their class of model, at about four bytes for each token.
    promptBytesMax: whole(
      [4 * kibibyte, 8 * mebibyte],
      [128 * kibibyte, 64 * kibibyte, 16 * kibibyte],
      'Text sent to the model, at most.',
    ),
    replyBytesMax: whole([4 * kibibyte, 8 * mebibyte], 256 * kibibyte, 'Text taken from the model; a longer reply is refused.'),
  }),
})

const sandbox = section(
  'The copy in which commands run: its walls and its limits. What each tier stops: docs/security-model.md.',
  {
    tierMin: choice(
      sandboxTiers,
      'process',
      'The walls round commands in the copy; where the machine cannot give them, nothing is run there and nothing is applied.',
    ),
    timeoutMs: whole([100, dayMs], 120_000, 'A command that takes longer is stopped, with everything it started.'),
    outputBytesMax: whole(
      [4 * kibibyte, 64 * mebibyte],
      mebibyte,
      'Output kept of a command; the middle of a longer one is dropped.',
    ),
    memoryBytesMax: whole([64 * mebibyte, tebibyte], gibibyte, 'Heap of each Node process in the sandbox.'),
    fileBytesMax: whole(
      [mebibyte, tebibyte],
      gibibyte,
      'Size of each file that a command writes, where the machine can limit it.',
    ),
    // Threads count, and each Node process has about a dozen: the default is room for some 300 of them.
    processesMax: whole(
      [64, 1_000_000],
      4_096,
      'Processes and threads that a command may add to those of the user, where the machine can limit it.',
    ),
    filesMax: whole([1, 10_000_000], 100_000, 'Files copied; a larger project is not copied at all.'),
    copyBytesMax: whole([mebibyte, tebibyte], gibibyte, 'Bytes copied; a larger project is not copied at all.'),
    environment: list(
      [],
      'Names of environment variables that commands in the copy may see, beside a minimal set; a secret among them reaches patched code.',
    ),
  },
)

const security = section(
  'What a person must see before it is applied. A blocked patch is never applied, whatever else is set here.',
  {
    requireHumanOnRisky: flag(true, 'Whether a patch that the audit wants reviewed waits for a person.'),
    riskyKeywords: list(defaultCompliancePolicy.riskyKeywords, 'Words in added code that send a patch to a person.'),
    protectedPaths: list(
      defaultCompliancePolicy.protectedPaths,
      'Files that no patch touches without a person: `*` stands for anything in a name, `**` for any folders.',
    ),
    dynamic: choice(
      ['off', 'on'],
      'on',
      'Whether the command also runs under watch, before and after a patch, so that the audit sees what the patched code newly does.',
    ),
    suppressions: records(
      suppressionSchema,
      {
        item: 'with rule (an id of docs/rules), path (a path or glob), reason (10 to 500 characters) and until (the last day, as 2030-12-31)',
        example: {
          rule: 'SEC-VENDOR',
          path: 'test/fixtures/**',
          reason: 'Made-up keys of the scanner tests',
          until: '2030-12-31',
        },
      },
      'Findings that are known and borne until a day; one that blocks only by its exact path. They stay in the audit, marked.',
    ),
  },
)

const learning = section('What is remembered of attempts at healing, so that the next one is quicker.', {
  enabled: flag(true, 'Whether anything is.'),
  patternsMax: whole([1, 1_000_000], 1_000, 'Patterns that keep their detail; of others the counts remain.'),
  similarityMin: ratio([0.1, 1], 0.7, 'How alike two kinds of fault must be to learn from each other.'),
  ageMsMax: whole([dayMs, 3_650 * dayMs], 30 * dayMs, 'The age by which a pattern is worth half when room is made.'),
})

const journal = section('What is kept so that patches can be undone.', {
  transactionsKeptMax: whole([1, 10_000], 50, 'Applied patches that can be rolled back; the oldest goes first.'),
  keptBytesMax: whole(
    [mebibyte, tebibyte],
    gibibyte,
    'Bytes kept for rollbacks; the oldest transactions go first, never the newest.',
  ),
})

/** What must not exceed what: the value at the first path is at most the value at the second. Each pair shares one unit. */
export const orderings = [
  ['guard.retry.delayMsBase', 'guard.retry.delayMsMax'],
  ['guard.breaker.openMs', 'guard.breaker.openMsMax'],
  ['heal.network.delayMsBase', 'heal.network.delayMsMax'],
  ['confidence.syntaxFloor', 'confidence.promoteMin'],
  ['confidence.logicFloor', 'confidence.promoteMin'],
  ['heal.approvalTimeoutMs', 'heal.sessionTimeoutMs'],
  ['repair.model.timeoutMs', 'heal.sessionTimeoutMs'],
  ['sandbox.timeoutMs', 'heal.sessionTimeoutMs'],
] as const

/**
 * The whole policy, strict at every level. It describes a policy in which every field has a value; `parsePolicy` fills in the
 * defaults of the preset before it asks this schema.
 */
export const policySchema = z
  .strictObject({
    preset: choice(presetNames, presetDefault, 'For which class of model the defaults are made.'),
    autonomy: choice(
      ['observe', 'propose', 'apply'],
      'propose',
      'Whether homeostat only watches, prepares patches for a person, or applies them.',
    ),
    guard,
    heal,
    confidence,
    repair,
    sandbox,
    security,
    learning,
    journal,
  })
  .superRefine((policy, context) => {
    for (const [lower, upper] of orderings) {
      const [low, high] = [valueAt(policy, lower), valueAt(policy, upper)]
      if (typeof low === 'number' && typeof high === 'number' && low > high) {
        context.addIssue({ code: 'custom', path: lower.split('.'), params: { atMost: upper } })
      }
    }
  })

/** What a person decides: every field has a value, and none can be changed. Made by `parsePolicy` alone. */
export type Policy = Frozen<z.output<typeof policySchema>>

/** What a person writes: any part of a policy. A field that is absent or `undefined` has the default of the preset. */
export type PolicyInput = Partly<z.output<typeof policySchema>>

/** Gives a configuration file the types of the policy; returns what it is given. */
export function definePolicy(input: PolicyInput): PolicyInput {
  return input
}

/** The value at a dotted path of plain nested objects; `undefined` where there is none. */
export function valueAt(tree: unknown, path: string): unknown {
  let value = tree
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined
    value = Reflect.get(value, name)
  }
  return value
}

type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Item[]
  : T extends object
    ? { readonly [K in keyof T]: Frozen<T[K]> }
    : T

type Partly<T> = T extends readonly (infer Item)[]
  ? readonly Item[]
  : T extends object
    ? { readonly [K in keyof T]?: Partly<T[K]> | undefined }
    : T
