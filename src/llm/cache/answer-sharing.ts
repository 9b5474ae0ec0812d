import { whole } from '../../core/checked-number.js'
import type { Clock } from '../../core/world.js'
import { againHead, responseOf } from './answer-head.js'
import { KeptAnswers, type KeptAnswer } from './kept-answers.js'
import { requestKey, type ShareableRequest, type ShareWhen } from './request-key.js'
import { SharedCall, type Send } from './shared-call.js'

/** Which answers are shared. */
export interface AnswerSharingOptions {
  /** Whether requests that are equal and under way at the same time share one call. */
  readonly coalesce: boolean
  /** How long a complete answer is kept for later; milliseconds. `undefined`: not at all. */
  readonly ttlMs?: number | undefined
  /** Default `deterministic`. */
  readonly when?: ShareWhen | undefined
  /** Kept answers together. Default 64 MiB. */
  readonly bytesMax?: number | undefined
  /** One that is longer is not kept, and nobody joins it after so much of it has come. Default 1 MiB. */
  readonly answerBytesMax?: number | undefined
}

/** A call that may be shared. */
export interface SharedRequest {
  /** From {@link AnswerSharing.keyOf}; `undefined`: it is not shared. */
  readonly key: string | undefined
  /** The caller's. It ends his waiting and his reading, and nobody else's. */
  readonly signal: AbortSignal | undefined
  /** Called at most once. Its signal aborts when nobody wants the answer any more. */
  readonly send: (signal: AbortSignal | undefined) => Promise<Response>
  /** Asked when the answer is complete: whether it is one to keep. Default: yes. */
  readonly worthKeeping?: (() => boolean) | undefined
}

/** A response, and where it comes from. */
export interface SharedAnswer {
  readonly response: Response
  readonly from: 'origin' | 'in-flight' | 'cache'
}

/** Plain JSON; counts since it was made. */
export interface AnswerSharingSnapshot {
  readonly fromOrigin: number
  readonly fromInFlight: number
  readonly fromCache: number
  readonly inFlight: number
  readonly kept: number
  readonly keptBytes: number
}

/** Beyond so many calls under way the oldest is not joined any more. */
const inFlightMax = 10_000
/** Nobody joins a call that began longer ago: its answer may lie unread for as long as its caller lives. */
const joinMsMax = 60_000

interface UnderWay {
  readonly call: SharedCall
  readonly sinceMs: number
}

/**
 * Answers for several who ask for the same: at the same time, and later. Streams are given as streams. Each gets a response and
 * bytes of his own; his abort ends the call only when he was the last. Nothing that goes wrong in here is felt outside: then the
 * request is simply sent.
 */
export class AnswerSharing {
  readonly #options: AnswerSharingOptions
  readonly #answerBytesMax: number
  readonly #kept: KeptAnswers | undefined
  readonly #clock: Pick<Clock, 'monoMs'>
  /** Oldest first. */
  readonly #underWay = new Map<string, UnderWay>()
  readonly #counts = { origin: 0, 'in-flight': 0, cache: 0 }

  /** @throws RangeError when a number is out of range. */
  constructor(options: AnswerSharingOptions, clock: Pick<Clock, 'monoMs'>) {
    const { ttlMs, bytesMax = 64 * 1_024 * 1_024, answerBytesMax = 1_024 * 1_024 } = options
    this.#options = options
    this.#clock = clock
    this.#answerBytesMax = whole('answerBytesMax', answerBytesMax, 1)
    this.#kept = ttlMs === undefined ? undefined : new KeptAnswers({ ttlMs, bytesMax }, clock)
  }

  /** What a request shares its answer by; `undefined` when it does not. */
  keyOf(request: ShareableRequest): string | undefined {
    if (!this.#options.coalesce && this.#kept === undefined) return undefined
    return requestKey(request, this.#options.when ?? 'deterministic')
  }

  /** The answer: one that is kept, that of an equal call under way, or a new one. @throws the signal's reason; what `send` throws */
  async answer(request: SharedRequest): Promise<SharedAnswer> {
    const { key, signal, send } = request
    signal?.throwIfAborted()
    if (key === undefined) return this.#counted('origin', await send(signal))
    const kept = this.#kept?.get(key)
    if (kept !== undefined) return this.#counted('cache', again(kept))
    const joined = this.#joinable(key)
    if (joined !== undefined) return this.#counted('in-flight', await joined.join(signal))
    return this.#counted('origin', await this.#start(key, request).join(signal))
  }

  snapshot(): AnswerSharingSnapshot {
    const { origin, 'in-flight': inFlight, cache } = this.#counts
    return {
      fromOrigin: origin,
      fromInFlight: inFlight,
      fromCache: cache,
      inFlight: this.#underWay.size,
      kept: this.#kept?.size ?? 0,
      keptBytes: this.#kept?.bytes ?? 0,
    }
  }

  /** Forgets all kept answers. */
  clear(): void {
    this.#kept?.clear()
  }

  #joinable(key: string): SharedCall | undefined {
    const found = this.#underWay.get(key)
    if (found === undefined || this.#clock.monoMs() - found.sinceMs > joinMsMax) return undefined
    return found.call.joinable ? found.call : undefined
  }

  #start(key: string, { send, worthKeeping }: SharedRequest): SharedCall {
    const call: SharedCall = new SharedCall({
      send: send satisfies Send,
      bytesMax: this.#answerBytesMax,
      over: (answer) => {
        // Only its own place: a later call may have taken it.
        if (this.#underWay.get(key)?.call === call) this.#underWay.delete(key)
        if (answer !== undefined && isGood(answer, worthKeeping)) this.#kept?.set(key, answer)
      },
    })
    if (this.#options.coalesce) this.#register(key, call)
    return call
  }

  #register(key: string, call: SharedCall): void {
    this.#underWay.delete(key)
    const [oldest] = this.#underWay.keys()
    if (oldest !== undefined && this.#underWay.size >= inFlightMax) this.#underWay.delete(oldest)
    this.#underWay.set(key, { call, sinceMs: this.#clock.monoMs() })
  }

  #counted(from: SharedAnswer['from'], response: Response): SharedAnswer {
    this.#counts[from] += 1
    return { response, from }
  }
}

function again({ head, chunks }: KeptAnswer): Response {
  let next = 0
  const body = new ReadableStream<Uint8Array>(
    {
      pull: (controller) => {
        const chunk = chunks[next]
        next += 1
        if (chunk === undefined) controller.close()
        else controller.enqueue(new Uint8Array(chunk))
      },
    },
    { highWaterMark: 0 },
  )
  return responseOf(againHead(head), body)
}

/** Streams were judged on their way; what is called JSON is looked at once more, for not all of it is judged. Never throws. */
function isGood({ head, chunks }: KeptAnswer, worthKeeping: (() => boolean) | undefined): boolean {
  if (head.status !== 200) return false
  try {
    if (worthKeeping?.() === false) return false
    const type = head.headers.get('content-type') ?? ''
    if (/^text\/event-stream\b/i.test(type)) return true
    const body: unknown = JSON.parse(Buffer.concat(chunks).toString())
    return typeof body === 'object' && body !== null && !Object.hasOwn(body, 'error')
  } catch {
    return false
  }
}
