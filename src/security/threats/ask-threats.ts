import { isHomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import type { AuditedPatch } from '../audited-file.js'
import type { ThreatFindings, ThreatGap } from './threat-findings.js'
import { threatAnswerSchema, type ThreatAnswer, type ThreatIntelligence } from './threat-intelligence.js'
import { idOf, queryOf } from './threat-query.js'

export interface AskOptions {
  readonly port: ThreatIntelligence
  readonly world: Pick<World, 'clock'>
  readonly timeoutMs: number
  /** The caller's: rejects with its reason. */
  readonly signal?: AbortSignal
}

/** Asks a port about what a patch brings from outside. A patch that brings nothing is not asked about. */
export async function askThreats(patch: Pick<AuditedPatch, 'files' | 'actions'>, options: AskOptions): Promise<ThreatFindings> {
  options.signal?.throwIfAborted()
  const { query, places, complete } = queryOf(patch)
  const gaps: ThreatGap[] = complete
    ? []
    : [{ code: 'HS_THREAT_PARTIAL', reason: 'The patch names more packages or addresses than are looked up' }]
  if (query.packages.length === 0 && query.urls.length === 0) return { threats: [], gaps }
  const asked = await inTime((signal) => options.port.lookup(query, signal), options)
  if ('code' in asked) return { threats: [], gaps: [...gaps, asked] }
  const answer = threatAnswerSchema.safeParse(asked.answer)
  if (!answer.success)
    return { threats: [], gaps: [...gaps, { code: 'HS_THREAT_FAILED', reason: 'The answer has not the form of one' }] }
  const { threats, source, date, stale } = answer.data
  const byName = new Map(query.packages.map((named) => [named.name, places.get(idOf(named))]))
  return {
    threats: threats.map(({ kind, subject, version, reason, verdict }) => ({
      kind,
      subject,
      reason,
      verdict,
      ...(version !== undefined && { version }),
      place: places.get(idOf({ name: subject, ...(version !== undefined && { version }) })) ??
        places.get(subject) ??
        byName.get(subject) ?? { path: '' },
    })),
    gaps,
    source: { source, ...(date !== undefined && { date }), ...(stale !== undefined && { stale }) },
  }
}

/** The answer, or why there is none. Rejects only when the caller's signal aborts. */
async function inTime(
  ask: (signal: AbortSignal) => Promise<ThreatAnswer>,
  { world, timeoutMs, signal }: AskOptions,
): Promise<{ readonly answer: unknown } | ThreatGap> {
  const stop = new AbortController()
  const onAbort = (): void => stop.abort(signal?.reason)
  signal?.addEventListener('abort', onAbort, { once: true })
  const late = world.clock.sleep(timeoutMs, stop.signal, { background: true }).then(
    (): ThreatGap => ({ code: 'HS_THREAT_TIMEOUT', reason: `No answer within ${timeoutMs} ms` }),
    // It was stopped: by the caller, who is told below, or because the answer came first.
    (): ThreatGap => ({ code: 'HS_THREAT_FAILED', reason: 'The lookup was stopped' }),
  )
  try {
    // The port is a stranger's: what it throws at once counts like a rejection.
    const answered = Promise.resolve(stop.signal)
      .then(ask)
      .then(
        (answer: unknown) => ({ answer }),
        (error: unknown): ThreatGap => ({ code: 'HS_THREAT_FAILED', reason: reasonOf(error) }),
      )
    const first = await Promise.race([answered, late])
    signal?.throwIfAborted()
    return first
  } finally {
    signal?.removeEventListener('abort', onAbort)
    stop.abort()
  }
}

function reasonOf(error: unknown): string {
  if (isHomeostatError(error)) return `${error.code}: ${error.message}`
  return error instanceof Error ? error.message : 'It failed without a reason'
}
