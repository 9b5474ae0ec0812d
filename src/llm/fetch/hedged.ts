import type { Clock } from '../../core/world.js'
import type { HedgeTimer } from '../hedge/hedge-timer.js'

/** What a second request beside the first needs. */
export interface HedgedOptions {
  readonly timer: HedgeTimer
  readonly clock: Clock
  /** The caller's. */
  readonly signal: AbortSignal | undefined
  /** Hears that a second request goes out. */
  readonly onHedge: () => void
}

/**
 * Asks, and asks once more when the answer is late and the timer affords it; the first answer counts, and the other request is aborted.
 * A failure before the second request is the failure; after it the other one may still answer.
 *
 * @param ask - Called once or twice, each time with a signal of its own, which also aborts with the caller's for as long as an
 * answer that was given is being read.
 */
export async function hedged<T>(ask: (signal: AbortSignal) => Promise<T>, options: HedgedOptions): Promise<T> {
  const { timer, clock } = options
  timer.began()
  const delayMs = timer.delayMs()
  const first = begin(ask, options)
  if (delayMs === undefined) return (await first.answer).value
  const patience = new AbortController()
  const late = clock.sleep(delayMs, patience.signal).then(
    () => true,
    () => false,
  )
  const isLate = await Promise.race([late, first.answer.then(never, never)])
  patience.abort('it answered')
  if (!isLate || options.signal?.aborted === true || !timer.take()) return (await first.answer).value
  options.onHedge()
  const second = begin(ask, options)
  const winner = await firstToAnswer(first, second)
  const loser = winner === first ? second : first
  loser.abandon()
  return (await winner.answer).value
}

interface Request<T> {
  readonly answer: Promise<{ readonly value: T }>
  readonly abandon: () => void
}

function begin<T>(ask: (signal: AbortSignal) => Promise<T>, { timer, clock, signal }: HedgedOptions): Request<T> {
  const own = new AbortController()
  const startedMs = clock.monoMs()
  const observe = (): void => timer.observe(Math.max(0, clock.monoMs() - startedMs))
  // `any` holds its sources weakly: a caller's signal that lives long collects nothing.
  const answer = ask(signal === undefined ? own.signal : AbortSignal.any([own.signal, signal])).then((value) => {
    observe()
    return { value }
  })
  // It is heard by whoever waits for the winner.
  answer.catch(() => undefined)
  const abandon = (): void => {
    // Without the slow ones the quantile would creep down.
    observe()
    own.abort(new DOMException('Another request answered first', 'AbortError'))
    // A loser that answers after all must not keep its connection.
    answer.then(discard, () => undefined)
  }
  return { answer, abandon }
}

/** The one that answers first; when both fail, the first one. */
async function firstToAnswer<T>(first: Request<T>, second: Request<T>): Promise<Request<T>> {
  const answered = (request: Request<T>): Promise<Request<T>> => request.answer.then(() => request)
  return Promise.any([answered(first), answered(second)]).catch(() => first)
}

function discard({ value }: { readonly value: unknown }): void {
  if (value instanceof Response) value.body?.cancel().catch(() => undefined)
}

function never(): boolean {
  return false
}
