import type { AuditedFile } from '../audited-file.js'
import { eventsMax, type BehaviourEvent, type BehaviourKind, type BehaviourPair } from './behaviour-trace.js'

/** Something that a run did after the patch and not before. */
export interface NewBehaviour extends BehaviourEvent {
  /**
   * `patch`: code that the patch touches did it, or nobody knows who, and the patch does not say so. `explained`: the added
   * text names it, so rules for text have judged it. `elsewhere`: code that the patch does not touch did it; a program that
   * failed early before does more afterwards.
   */
  readonly by: 'patch' | 'explained' | 'elsewhere'
}

/** Compares two runs of one command. Pure, and mild with what a repaired program does only because it gets further now. */
export function newBehaviour({ before, after }: BehaviourPair, files: readonly AuditedFile[]): readonly NewBehaviour[] {
  const known = new Set(before.events.map(sameness))
  const touched = new Set(files.flatMap(({ path, oldPath }) => (oldPath === undefined ? [path] : [path, oldPath])))
  const added = files.flatMap((file) => file.added.map(({ text }) => text)).join('\n')
  const seen = new Set<string>()
  const found: NewBehaviour[] = []
  for (const event of after.events.slice(0, eventsMax)) {
    const id = `${sameness(event)}\n${event.from ?? ''}`
    if (known.has(sameness(event)) || seen.has(id)) continue
    seen.add(id)
    const elsewhere = event.from !== undefined && !touched.has(event.from)
    if (elsewhere && isByTools(event)) continue
    found.push({ ...event, by: elsewhere ? 'elsewhere' : isNamed(event, added) ? 'explained' : 'patch' })
  }
  return found
}

/** Why traces cannot be compared; `undefined` when they can. */
export function incomparable({ before, after }: BehaviourPair): string | undefined {
  if (before.processes === 0) return 'No process of the run before the patch was watched'
  if (after.processes === 0) return 'No process of the run after the patch was watched'
  return undefined
}

/** How much more a run costs, in words; `undefined` when it is within what runs vary by. */
export function newCost({ before, after }: BehaviourPair): string | undefined {
  if (isFar(before.durationMs, after.durationMs, { factor: 5, atLeast: 10_000 }))
    return `The command took ${Math.round((after.durationMs ?? 0) / 1_000)} s instead of ${Math.round((before.durationMs ?? 0) / 1_000)} s`
  if (isFar(before.memoryBytesMax, after.memoryBytesMax, { factor: 3, atLeast: 256 * mebibyte }))
    return `The command held ${Math.round((after.memoryBytesMax ?? 0) / mebibyte)} MiB instead of ${Math.round((before.memoryBytesMax ?? 0) / mebibyte)} MiB`
  return undefined
}

const mebibyte = 1_048_576

function isFar(
  before: number | undefined,
  after: number | undefined,
  { factor, atLeast }: { readonly factor: number; readonly atLeast: number },
): boolean {
  return before !== undefined && after !== undefined && after > before * factor && after - before > atLeast
}

function sameness({ kind, subject }: BehaviourEvent): string {
  return `${kind}\n${subject}`
}

/** Tools look into settings and write logs whose names never repeat; what they start and whom they ask is worth knowing. */
function isByTools({ kind, from = '' }: BehaviourEvent): boolean {
  return (from.startsWith('node_modules/') || from === '(outside)') && kind !== 'process' && kind !== 'connection'
}

/** Whether the added text names what was done: then it is not hidden. */
function isNamed({ kind, subject }: BehaviourEvent, added: string): boolean {
  const name = nameOf[kind](subject)
  return name.length >= 2 && added.includes(name)
}

const nameOf: Readonly<Record<BehaviourKind, (subject: string) => string>> = {
  read: lastSegment,
  write: lastSegment,
  process: (subject) => subject,
  connection: (subject) => subject.replace(/:\d{1,5}$/, ''),
  environment: (subject) => (subject === '*' ? 'process.env' : subject),
}

function lastSegment(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}
