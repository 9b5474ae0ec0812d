import type { AuditedPatch } from '../audited-file.js'
import type { BehaviourEvent, BehaviourKind, BehaviourPair, BehaviourTrace } from '../behaviour/behaviour-trace.js'
import { incomparable, newBehaviour, newCost, type NewBehaviour } from '../behaviour/new-behaviour.js'
import type { Rule, Sample, Sighting } from '../rule.js'

export const behaviourRules: readonly Rule[] = [
  rule({
    id: 'BEHAVIOUR-PROCESS',
    cwe: 78,
    kinds: ['process'],
    title: 'The patched code starts a program that it did not start before',
    rationale: 'A repair that starts programs which its text does not name hides what it does.',
    subject: 'curl',
  }),
  rule({
    id: 'BEHAVIOUR-NETWORK',
    cwe: 200,
    kinds: ['connection'],
    title: 'The patched code connects to a host that it did not connect to before',
    rationale:
      'Data leaves by connections. One that the text of the patch does not name was put together so that nobody reads it.',
    subject: 'collect.example.net:443',
  }),
  rule({
    id: 'BEHAVIOUR-FILES',
    cwe: 552,
    kinds: ['read', 'write'],
    title: 'The patched code touches files outside the project that it did not touch before',
    rationale:
      'Keys and settings of people lie outside of projects; a repair has no reason to read them, still less to write there.',
    subject: '/home/ann/.ssh/id_ed25519',
  }),
  rule({
    id: 'BEHAVIOUR-ENVIRONMENT',
    cwe: 526,
    kinds: ['environment'],
    title: 'The patched code reads variables that it did not read before',
    rationale:
      'Tokens stand in the environment. A variable whose name the text of the patch does not hold was not read by chance.',
    subject: 'NPM_TOKEN',
  }),
  {
    id: 'BEHAVIOUR-ELSEWHERE',
    cwe: 691,
    tier: 'medium',
    stage: 'dynamic',
    title: 'Code that the patch does not touch does something that it did not do before',
    rationale:
      'Often the program only gets further than before its repair; sometimes the patch sends other code where it should not go. Worth knowing, and no more.',
    example: sample([{ kind: 'process', subject: 'git', from: 'src/release.js' }]),
    nearMiss: sample([]),
    inspect: (patch) =>
      behaviourOf(patch)
        .filter(({ by }) => by === 'elsewhere')
        .map((one) => sightingOf(one)),
  },
  {
    id: 'BEHAVIOUR-COST',
    cwe: 400,
    tier: 'medium',
    stage: 'dynamic',
    title: 'The command takes far longer, or far more memory, than before the patch',
    rationale: 'A loop that hardly ends, and a limit that no longer limits, show in what a run costs.',
    example: sample([], { durationMs: 60_000 }),
    nearMiss: sample([], { durationMs: 1_500 }),
    inspect: ({ behaviour }) => {
      const cost = behaviour === undefined || incomparable(behaviour) !== undefined ? undefined : newCost(behaviour)
      return cost === undefined ? [] : [{ path: '', evidence: cost, message: cost }]
    },
  },
]

function rule(
  given: Pick<Rule, 'id' | 'cwe' | 'title' | 'rationale'> & {
    readonly kinds: readonly BehaviourKind[]
    readonly subject: string
  },
): Rule {
  const { kinds, subject, ...rest } = given
  const [kind = 'read'] = kinds
  const event: BehaviourEvent = { kind, subject, from: 'src/cart.js' }
  return {
    ...rest,
    tier: 'high',
    stage: 'dynamic',
    example: sample([event]),
    nearMiss: sample([event], {}, [event]),
    inspect: (patch) =>
      behaviourOf(patch)
        .filter((one) => kinds.includes(one.kind) && one.by === 'patch')
        .map((one) => ({ ...sightingOf(one), ...(isCommon(one) && { tier: 'medium' as const }) })),
  }
}

/** A patch of `src/cart.js`, and what runs before and after it did. */
function sample(
  events: readonly BehaviourEvent[],
  more: Partial<BehaviourTrace> = {},
  before: readonly BehaviourEvent[] = [],
): Sample {
  const ran: BehaviourTrace = { events: before, processes: 1, complete: true, durationMs: 1_000 }
  const behaviour: BehaviourPair = { before: ran, after: { ...ran, events, ...more } }
  return { path: 'src/cart.js', before: 'total()\n', after: 'total(1)\n', given: { behaviour } }
}

function behaviourOf({ behaviour, files }: AuditedPatch): readonly NewBehaviour[] {
  return behaviour === undefined || incomparable(behaviour) !== undefined ? [] : newBehaviour(behaviour, files)
}

/** What nearly every program does: it counts only beside something else. */
function isCommon({ kind, subject }: NewBehaviour): boolean {
  if (kind === 'connection')
    return /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|\[::1\]|0\.0\.0\.0)(?::\d{1,5})?$/.test(subject)
  if (kind === 'environment')
    return subject !== '*' && !/TOKEN|SECRET|PASS|KEY|CREDENTIAL|AUTH|COOKIE|SESSION|DSN|DATABASE_URL/i.test(subject)
  if (kind === 'read')
    return /^\/(?:usr|lib|lib64|proc|sys|dev|etc\/(?:ssl|localtime|os-release|resolv\.conf|hosts|nsswitch\.conf))(?:\/|$)/.test(
      subject,
    )
  return false
}

const verbs: Readonly<Record<BehaviourKind, string>> = {
  read: 'reads',
  write: 'writes',
  process: 'starts',
  connection: 'connects to',
  environment: 'reads the variable',
}

function sightingOf({ kind, subject, from }: NewBehaviour): Sighting {
  return {
    path: from ?? '',
    evidence: subject,
    message: `${from === undefined ? 'The command' : `"${from}"`} now ${verbs[kind]} ${subject === '*' ? 'list (all of them)' : subject}`,
  }
}
