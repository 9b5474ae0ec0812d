import * as z from 'zod'
import { verifyEnvelope, type Envelope } from '../index.js'
import { colourDiff, type Transaction } from '../patch/index.js'
import { painter, type Terminal } from './terminal.js'

/** How a transaction came about. */
export interface Story {
  readonly diff: string
  /** What was remembered of it; not checked. */
  readonly experiences: readonly unknown[]
  /** What led to it; absent for a patch that was given. `intact`: no entry was changed, added or removed since it was written. */
  readonly session?: { readonly envelope: Envelope; readonly intact: boolean }
}

const entry = z.object({
  sequence: z.int(),
  epochMs: z.number().min(-8.64e15).max(8.64e15),
  kind: z.string(),
  data: z.record(z.string(), z.unknown()),
  previousHash: z.string(),
  hash: z.string(),
})
const story = z.object({
  version: z.literal(1),
  diff: z.string(),
  experiences: z.array(z.unknown()).max(1_000).default([]),
  envelope: z
    .object({
      version: z.literal(1),
      sessionId: z.string(),
      policyHash: z.string(),
      command: z.array(z.string()),
      entries: z.array(entry),
      hash: z.string(),
    })
    .optional(),
})

/** Reads a story that anyone may have written; `undefined` when it is none. */
export function readStory(text: string | undefined): Story | undefined {
  try {
    const { diff, experiences, envelope } = story.parse(JSON.parse(text ?? ''))
    return { diff, experiences, ...(envelope && { session: { envelope, intact: verifyEnvelope(envelope) } }) }
  } catch {
    return undefined
  }
}

/** Shows a transaction to people: what it is, what led to it, what it changed. */
export function showTransaction(transaction: Transaction, told: Story | undefined, terminal: Terminal): void {
  const paint = painter(terminal.colour)
  const say = (label: string, text: string): void => terminal.out(`${paint('bold', label.padEnd(11))}${text}\n`)
  const { id, state, title, reason, atEpochMs, paths, seal } = transaction
  say('journal', `${id}, ${state}`)
  say('patch', title)
  say('why', reason)
  say('when', new Date(atEpochMs).toISOString())
  say('paths', paths.join(', '))
  if (seal !== undefined) say('seal', `${seal.algorithm} by key ${seal.keyId}`)
  if (told?.session !== undefined) showSession(told.session, say, terminal)
  if (told !== undefined) terminal.out(`${colourDiff(told.diff, terminal.colour)}\n`)
}

function showSession(
  { envelope: { entries, command }, intact }: NonNullable<Story['session']>,
  say: (label: string, text: string) => void,
  terminal: Terminal,
): void {
  const paint = painter(terminal.colour)
  say('session', `${shown(command.join(' '), 200)}${intact ? '' : paint('red', ' (changed since it was written)')}`)
  const startedMs = entries[0]?.epochMs ?? 0
  for (const { kind, epochMs, data } of entries) {
    const time = `+${((epochMs - startedMs) / 1_000).toFixed(1)} s`.padStart(9)
    terminal.out(`  ${paint('dim', time)}  ${shown(kind, 20).padEnd(11)}${wordsFor(data)}\n`)
  }
}

/** What of an entry people want to read, in this order. */
const wanted = [
  'title',
  'repairer',
  'result',
  'reason',
  'transactionId',
  'correct',
  'where',
  'ending',
  'exitCode',
  'verdict',
  'passed',
  'probability',
  'kind',
  'reasons',
]

function wordsFor(data: Readonly<Record<string, unknown>>): string {
  const fault = data['fault']
  const words = [
    ...(typeof fault === 'object' && fault !== null && 'code' in fault && 'message' in fault ? [fault.code, fault.message] : []),
    ...wanted.map((name) => data[name]),
  ]
  return shown(
    words
      .filter((word) => word !== undefined && word !== null)
      .map(wordOf)
      .join(' · '),
    200,
  )
}

function wordOf(value: unknown): string {
  if (typeof value === 'object' && value !== null && 'kind' in value) return wordOf(value.kind)
  if (typeof value === 'boolean') return value ? 'passed' : 'failed'
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(2)
  return Array.isArray(value) ? value.map(String).join(', ') : String(value)
}

/** One line that a terminal may print, whoever wrote it. */
function shown(text: string, charactersMax: number): string {
  return colourDiff(text.replaceAll(/\s+/g, ' '), false).slice(0, charactersMax)
}
