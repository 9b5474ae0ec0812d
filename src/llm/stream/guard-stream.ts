import { HomeostatError } from '../../core/errors.js'
import type { Alarm, World } from '../../core/world.js'
import { classifyBody } from '../failure/classify-response.js'
import type { Dialect, TokenUsage } from './dialect.js'
import { SseParser } from './sse-parser.js'

/** How a stream is watched. Milliseconds; `undefined`: as long as it takes. */
export interface StreamLimits {
  /** Until the first content. */
  readonly firstTokenMs: number | undefined
  /** From content to content. Pings, comments and empty deltas are none. */
  readonly idleMs: number | undefined
  /** The whole stream. */
  readonly totalMs: number | undefined
}

/** A stream to watch. */
export interface StreamOptions extends StreamLimits {
  readonly key: string
  readonly dialect: Dialect
  readonly world: World
  /** Since when it is waited for, on the world's monotonic clock. Default: now. */
  readonly startedMs?: number
  /** Aborts when nobody waits for the first content any more. */
  readonly signal: AbortSignal
  /** Aborts when nobody wants the rest any more; default: `signal`. */
  readonly callerSignal?: AbortSignal | undefined
}

/** What a stream was, once it has ended. */
export interface StreamSummary {
  /** Whether the caller stopped reading, or aborted, before it was complete: then nothing below is complete, and nobody is to blame. */
  readonly aborted: boolean
  /** The provider's word for why it ended. */
  readonly finish: string | undefined
  readonly usage: TokenUsage | undefined
  readonly model: string | undefined
  /** Characters of content in all. */
  readonly contentChars: number
  /** The first of them. */
  readonly partialText: string
}

/** A stream under watch whose first content has come. */
export interface GuardedStream {
  /** The very bytes of the original; it errors when the watch finds fault with it. */
  readonly body: ReadableStream<Uint8Array>
  /** How it ended. Rejects with the error that the body carries, if it did. Never left unheard: it needs no `catch`. */
  readonly done: Promise<StreamSummary>
}

/** What is kept of a text for the error of a stream that broke off. */
const partialCharsMax = 64 * 1_024

/** Bytes before the first content: headers of the stream, pings. More than this is not a stream of answers. */
const prologueBytesMax = 1_024 * 1_024

/**
 * Watches a stream of server-sent events. Resolves as soon as its first content has come, or it ended well without any; until
 * then it rejects when something is wrong, so that another attempt can be made that the caller never hears of. Afterwards the
 * body errors, with an error that is no `AbortError`: the SDKs take that for the caller's own and end the stream as if it were
 * complete.
 *
 * @throws HS_LLM_FIRST_TOKEN, HS_LLM_STALLED, HS_LLM_CUT, HS_LLM_STREAM_ERROR; the signal's reason
 */
export async function guardStream(body: ReadableStream<Uint8Array>, options: StreamOptions): Promise<GuardedStream> {
  const watch = new StreamWatch(body, options)
  await watch.begin()
  return { body: watch.rest(), done: watch.done }
}

class StreamWatch {
  readonly done: Promise<StreamSummary>
  readonly #options: StreamOptions
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>
  readonly #parser = new SseParser()
  readonly #alarm: Alarm
  readonly #startedMs: number
  readonly #totalEndMs: number
  /** Read before the first content, not given out yet. */
  #prologue: Uint8Array[] = []
  #hasContent = false
  /** Since when the provider is waited for; `undefined` while it is the caller who takes his time. */
  #waitingSinceMs: number | undefined
  /** Waited for since the last content, before {@link #waitingSinceMs}. */
  #waitedMs = 0
  #ringAtMs = Number.POSITIVE_INFINITY
  #ended = false
  /** Why it is about to be complete. */
  #reason: string | undefined
  #fault: Error | undefined
  #summary = {
    finish: undefined as string | undefined,
    usage: undefined as TokenUsage | undefined,
    model: undefined as string | undefined,
    contentChars: 0,
    partialText: '',
  }
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined
  #beginning: PromiseWithResolvers<void> | undefined
  /** Whose abort ends it: at first the attempt's, then the caller's. */
  #leader: AbortSignal | undefined
  readonly #finished = Promise.withResolvers<StreamSummary>()

  constructor(body: ReadableStream<Uint8Array>, options: StreamOptions) {
    this.#options = options
    this.#reader = body.getReader()
    this.#startedMs = options.startedMs ?? options.world.clock.monoMs()
    this.#totalEndMs = this.#startedMs + (options.totalMs ?? Number.POSITIVE_INFINITY)
    this.#alarm = options.world.clock.alarm(() => this.#rung())
    this.#alarm.hold(true)
    this.done = this.#finished.promise
    this.done.catch(() => undefined)
  }

  /** Reads up to the first content. */
  async begin(): Promise<void> {
    const { signal, callerSignal = signal } = this.#options
    this.#beginning = Promise.withResolvers<void>()
    this.#follow(signal)
    void this.#readPrologue()
    await this.#beginning.promise
    if (!this.#ended) this.#follow(callerSignal)
  }

  /** The whole body: what was read, then the rest as it is asked for. */
  rest(): ReadableStream<Uint8Array> {
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller
          for (const chunk of this.#prologue) controller.enqueue(chunk)
          this.#prologue = []
          if (this.#fault !== undefined) controller.error(this.#fault)
          else if (this.#ended) controller.close()
        },
        pull: () => this.#pull(),
        cancel: (reason) => this.#leave(reason),
      },
      // Nothing is read ahead: whoever reads slowly slows the provider down.
      { highWaterMark: 0 },
    )
  }

  #follow(signal: AbortSignal): void {
    this.#leader?.removeEventListener('abort', this.#aborted)
    this.#leader = signal
    signal.addEventListener('abort', this.#aborted, { once: true })
    if (signal.aborted) this.#aborted()
  }

  async #readPrologue(): Promise<void> {
    let bytes = 0
    while (!this.#ended && !this.#hasContent) {
      const chunk = await this.#next()
      if (chunk === undefined) break
      bytes += chunk.length
      this.#prologue.push(chunk)
      if (bytes > prologueBytesMax && !this.#hasContent) this.#break(this.#streamError('it never came to its content'))
    }
    if (this.#fault === undefined) this.#beginning?.resolve()
  }

  async #pull(): Promise<void> {
    const chunk = await this.#next()
    if (chunk !== undefined) this.#controller?.enqueue(chunk)
    else if (this.#fault === undefined) this.#controller?.close()
  }

  /** The next chunk, after it was looked at; `undefined` when the stream has ended one way or the other. */
  async #next(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined
    try {
      this.#waits()
      const { done, value } = await this.#reader.read()
      if (this.#ended) return undefined
      this.#waited()
      if (done) {
        this.#look(this.#parser.end())
        if (!this.#ended) this.#complete()
        return undefined
      }
      this.#look(this.#parser.feed(value))
      return this.#ended && this.#fault !== undefined ? undefined : value
    } catch (error) {
      this.#break(this.#cut(error))
      return undefined
    }
  }

  #look(events: readonly { readonly event: string; readonly data: string }[]): void {
    for (const { event, data } of events) {
      const { content, finish, reason, error, usage, model } = this.#options.dialect.readEvent(event, data)
      const summary = this.#summary
      if (model !== undefined) summary.model = model
      if (usage !== undefined) summary.usage = { ...summary.usage, ...definedOf(usage) }
      this.#reason = reason ?? this.#reason
      if (finish !== undefined && (summary.finish === undefined || finish !== 'done'))
        summary.finish = finish === 'done' ? (this.#reason ?? finish) : finish
      if (content !== undefined) this.#content(content)
      if (error !== undefined) return this.#break(this.#inBand(error))
    }
  }

  #content(text: string): void {
    const summary = this.#summary
    summary.contentChars += text.length
    if (summary.partialText.length < partialCharsMax)
      summary.partialText += text.slice(0, partialCharsMax - summary.partialText.length)
    this.#hasContent = true
    this.#waitedMs = 0
  }

  #waits(): void {
    this.#waitingSinceMs = this.#options.world.clock.monoMs()
    const dueMs = Math.min(this.#patienceEndMs(), this.#totalEndMs)
    // An alarm that is set for an earlier time looks again when it rings; that is cheaper than setting it for every chunk.
    if (dueMs < this.#ringAtMs) this.#setAlarm(dueMs)
  }

  #waited(): void {
    this.#waitedMs += this.#options.world.clock.monoMs() - (this.#waitingSinceMs ?? 0)
    this.#waitingSinceMs = undefined
  }

  /** The body has ended: well, if the stream had said that it was complete. */
  #complete(): void {
    const { dialect } = this.#options
    if (this.#summary.finish === undefined && dialect.name !== 'unknown' && !this.#parser.overflowed)
      return this.#break(this.#cut())
    this.#end()
    this.#finished.resolve({ aborted: false, ...this.#summary })
  }

  #break(error: Error): void {
    if (this.#ended) return
    this.#fault = error
    this.#end()
    this.#cancel(error)
    this.#finished.reject(error)
    if (this.#controller === undefined) this.#beginning?.reject(error)
    else this.#controller.error(error)
  }

  /** Nobody reads any more. */
  async #leave(reason: unknown): Promise<void> {
    if (this.#ended) return
    this.#end()
    this.#left()
    await this.#reader.cancel(reason)
  }

  /** Some SDKs read no further than to the word that it is complete, and let go of the rest: then nothing is missing. */
  #left(): void {
    this.#finished.resolve({ aborted: this.#summary.finish === undefined, ...this.#summary })
  }

  readonly #aborted = (): void => {
    if (this.#ended) return
    const reason: unknown = this.#leader?.reason
    // An abort reason may be any value; callers are owed exactly that value.
    this.#fault = reason as Error
    this.#end()
    this.#left()
    this.#cancel(reason)
    if (this.#controller === undefined) this.#beginning?.reject(reason)
    else this.#controller.error(reason)
  }

  #cancel(reason: unknown): void {
    // The connection is gone or goes now; what it says to that is of no use to anyone.
    this.#reader.cancel(reason).catch(() => undefined)
  }

  #end(): void {
    this.#ended = true
    this.#alarm.hold(false)
    this.#alarm.clear()
    this.#leader?.removeEventListener('abort', this.#aborted)
  }

  /** When patience with the provider ends, as things stand. Time in which nobody reads is not held against him. */
  #patienceEndMs(): number {
    const { firstTokenMs, idleMs } = this.#options
    if (this.#waitingSinceMs === undefined) return Number.POSITIVE_INFINITY
    return this.#hasContent
      ? this.#waitingSinceMs + (idleMs ?? Number.POSITIVE_INFINITY) - this.#waitedMs
      : this.#startedMs + (firstTokenMs ?? Number.POSITIVE_INFINITY)
  }

  #setAlarm(atMs: number): void {
    this.#ringAtMs = atMs
    this.#alarm.set(Math.max(0, Math.ceil(atMs - this.#options.world.clock.monoMs())))
  }

  #rung(): void {
    this.#ringAtMs = Number.POSITIVE_INFINITY
    if (this.#ended) return
    const nowMs = this.#options.world.clock.monoMs()
    const patienceEndMs = this.#patienceEndMs()
    if (patienceEndMs <= nowMs && patienceEndMs <= this.#totalEndMs)
      this.#break(this.#hasContent ? this.#stalled() : this.#late())
    else if (this.#totalEndMs <= nowMs) this.#break(this.#tooLong())
    else if (Math.min(patienceEndMs, this.#totalEndMs) < Number.POSITIVE_INFINITY)
      this.#setAlarm(Math.min(patienceEndMs, this.#totalEndMs))
  }

  #late(): Error {
    const { firstTokenMs = 0 } = this.#options
    return new HomeostatError('HS_LLM_FIRST_TOKEN', { key: this.#options.key, firstTokenMs })
  }

  #stalled(): Error {
    const { idleMs = 0 } = this.#options
    return new HomeostatError('HS_LLM_STALLED', { key: this.#options.key, idleMs, ...this.#partial() })
  }

  #tooLong(): Error {
    const { totalMs = 0 } = this.#options
    return new HomeostatError('HS_LLM_TOTAL', { key: this.#options.key, totalMs, ...this.#partial() })
  }

  #cut(cause?: unknown): Error {
    return new HomeostatError(
      'HS_LLM_CUT',
      { key: this.#options.key, ...this.#partial() },
      cause === undefined ? undefined : { cause },
    )
  }

  #inBand(body: unknown): Error {
    const failure = classifyBody(body)
    const error = this.#streamError(failure.code ?? failure.kind, body)
    return Object.assign(error, { failure })
  }

  #streamError(reason: string, cause?: unknown): Error {
    return new HomeostatError('HS_LLM_STREAM_ERROR', { key: this.#options.key, reason, ...this.#partial() }, { cause })
  }

  #partial(): { readonly contentChars: number; readonly partialText: string } {
    const { contentChars, partialText } = this.#summary
    return { contentChars, partialText }
  }
}

function definedOf(usage: TokenUsage): TokenUsage {
  // The provider counts up: a later event that leaves a number out does not take it back.
  return Object.fromEntries(Object.entries(usage).filter(([, value]) => value !== undefined)) as unknown as TokenUsage
}
