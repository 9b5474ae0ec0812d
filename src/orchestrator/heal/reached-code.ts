import type { Patch } from '../../core/patch.js'
import type { BehaviourEvent, BehaviourKind, BehaviourPair, BehaviourTrace } from '../../security/behaviour/behaviour-trace.js'

/** More new things are not looked for in the code that was there: they stay what they are, new. */
const eventsMax = 500

/**
 * What a run newly does although it stands in the code that the patch found: a program that failed early, at a file that is
 * repaired now, gets further in that file. Something else is what the patch does without saying so.
 */
export function reachedNow({ before, after }: BehaviourPair, { edits }: Patch): readonly BehaviourEvent[] {
  const known = new Set(before.events.map(sameness))
  const texts = new Map(edits.flatMap(({ path, before: text }) => (text === null ? [] : [[path, text] as const])))
  const found = after.events.filter((event) => !known.has(sameness(event))).slice(0, eventsMax)
  const named = found.filter((event) =>
    event.from === undefined
      ? [...texts.values()].some((text) => isNamed(event, text))
      : isNamed(event, texts.get(event.from) ?? ''),
  )
  // Whoever lists all variables reads each of them.
  const listing = listersIn(named)
  return found.filter((event) => named.includes(event) || (event.kind === 'environment' && listing.has(event.from)))
}

/** A trace without the ports of this machine's own connections: tests take any that is free. */
export function withoutPorts(trace: BehaviourTrace): BehaviourTrace {
  const events = new Map<string, BehaviourEvent>()
  for (const event of trace.events) {
    const own = event.kind === 'connection' ? ownHost.exec(event.subject)?.[1] : undefined
    const plain = own === undefined ? event : { ...event, subject: own }
    events.set(`${sameness(plain)}\n${plain.from ?? ''}`, plain)
  }
  return { ...trace, events: [...events.values()] }
}

/** What was done, for people. */
export function phrasesOf(events: readonly BehaviourEvent[]): string {
  const listing = listersIn(events)
  return events
    .filter(({ kind, subject, from }) => kind !== 'environment' || subject === '*' || !listing.has(from))
    .map(({ kind, subject, from }) => {
      const what = kind !== 'environment' ? subject : subject === '*' ? 'all variables' : `the variable ${subject}`
      return `${from === undefined ? '' : `${from} `}${verbs[kind]} ${what}`
    })
    .join(', ')
}

const verbs: Readonly<Record<BehaviourKind, string>> = {
  read: 'reads',
  write: 'writes',
  process: 'starts',
  connection: 'connects to',
  environment: 'reads',
}

const ownHost = /^(localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[?::1\]?|0\.0\.0\.0|\[?::\]?):\d{1,5}$/

/** The files that list all variables. */
function listersIn(events: readonly BehaviourEvent[]): ReadonlySet<string | undefined> {
  return new Set(events.filter(({ kind, subject }) => kind === 'environment' && subject === '*').map(({ from }) => from))
}

function sameness({ kind, subject }: BehaviourEvent): string {
  return `${kind}\n${subject}`
}

function isNamed({ kind, subject }: BehaviourEvent, text: string): boolean {
  if (kind === 'environment' && subject === '*') return /\bprocess\.env(?!\s{0,40}[.[\w])/.test(text)
  if (kind === 'process') return /child_process|\bexec|\bspawn|\bfork/.test(text) && holdsWord(text, subject)
  return holdsWord(text, kind === 'connection' ? subject.replace(/:\d{1,5}$/, '') : lastSegment(subject))
}

/** Whether the text holds the word, not as a part of a longer one. */
function holdsWord(text: string, word: string): boolean {
  if (word.length < 2) return false
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1))
    if (!isWordAt(text, at - 1) && !isWordAt(text, at + word.length)) return true
  return false
}

function isWordAt(text: string, at: number): boolean {
  return /[\w$]/.test(text.charAt(at))
}

function lastSegment(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
