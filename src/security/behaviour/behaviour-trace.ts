import * as z from 'zod'

export const behaviourKinds = ['read', 'write', 'process', 'connection', 'environment'] as const
/** `read`, `write`: a file outside the project and the temporary folder. `environment`: a variable is read. */
export type BehaviourKind = (typeof behaviourKinds)[number]

/** One thing that a run did, however often. */
export interface BehaviourEvent {
  readonly kind: BehaviourKind
  /** The absolute path, the name of the program, `host:port`, the name of the variable; `*`: all variables. */
  readonly subject: string
  /**
   * The innermost file of the project on the stack, relative, or `node_modules/<package>`; `(outside)` when only programs from
   * outside the project were on it. Absent: nobody knows.
   */
  readonly from?: string
}

/** What one run of a command did beyond computing, as far as an observer can see. */
export interface BehaviourTrace {
  /** At most {@link eventsMax}, each once. */
  readonly events: readonly BehaviourEvent[]
  /** How many processes were watched; with 0 the trace says nothing. */
  readonly processes: number
  /** `false`: there was more than is kept, or a part could not be read. */
  readonly complete: boolean
  readonly durationMs?: number
  /** The most that one watched process held in memory. */
  readonly memoryBytesMax?: number
}

/** What the same command did before and after a patch. */
export interface BehaviourPair {
  readonly before: BehaviourTrace
  readonly after: BehaviourTrace
}

/** A trace keeps no more events. */
export const eventsMax = 5_000

/** Observes what a command does. A port: the adapter of Node hooks its modules, another one may trace system calls. */
export interface BehaviourObserver {
  /** What it cannot see, for people. */
  readonly blindSpots: readonly string[]
  /**
   * Prepares one run.
   *
   * @param folder - Absolute; exists, writable, and the same path inside and outside of the sandbox; its content is the observer's.
   * @param env - What the command gets besides: read, and answered with what is to be added.
   */
  begin(run: {
    readonly folder: string
    readonly root: string
    readonly env?: Readonly<Record<string, string | undefined>>
  }): Promise<BehaviourRecording>
}

/** One run that is observed. */
export interface BehaviourRecording {
  /** Variables to add to those of the command. */
  readonly env: Readonly<Record<string, string>>
  /** What the run did, once it has ended; removes what was written for it. Never throws for what the run has written. */
  finish(run?: { readonly durationMs?: number }): Promise<BehaviourTrace>
}

const lineSchema = z.union([
  z.strictObject({
    kind: z.enum(behaviourKinds),
    subject: z.string().min(1).max(500),
    from: z.string().min(1).max(500).optional(),
  }),
  z.strictObject({ kind: z.literal('start') }),
  z.strictObject({ kind: z.literal('cut') }),
  z.strictObject({ kind: z.literal('end'), memoryBytes: z.number().min(0).max(1e15) }),
])

/**
 * A trace from JSON lines that watched processes wrote. Whatever the text holds is answered: a line that is none makes the trace
 * incomplete.
 *
 * @param durationMs - Of the whole run, when it was measured.
 */
export function readBehaviourTrace(text: string, durationMs?: number): BehaviourTrace {
  const events = new Map<string, BehaviourEvent>()
  let complete = true
  let processes = 0
  let memoryBytesMax = 0
  for (const line of text.split('\n')) {
    if (line === '') continue
    const entry = lineSchema.safeParse(parse(line))
    if (!entry.success) complete = false
    else if (entry.data.kind === 'start') processes += 1
    else if (entry.data.kind === 'cut') complete = false
    else if (entry.data.kind === 'end') memoryBytesMax = Math.max(memoryBytesMax, entry.data.memoryBytes)
    else if (events.size >= eventsMax) complete = false
    else {
      const { kind, subject, from } = entry.data
      events.set(`${kind}\n${subject}\n${from ?? ''}`, { kind, subject, ...(from !== undefined && { from }) })
    }
  }
  return {
    events: [...events.values()],
    processes,
    complete,
    ...(durationMs !== undefined && Number.isFinite(durationMs) && durationMs >= 0 && { durationMs }),
    ...(memoryBytesMax > 0 && { memoryBytesMax }),
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined // The schema refuses it: the trace is not complete.
  }
}
