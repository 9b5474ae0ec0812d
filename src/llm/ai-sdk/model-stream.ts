import { HomeostatError, isHomeostatError } from '../../core/errors.js'
import type { World } from '../../core/world.js'
import { fieldOf } from '../../orchestrator/guard/error-shape.js'
import { classifyThrown, plain } from '../failure/classify-thrown.js'
import type { StreamSummary } from '../stream/guard-stream.js'
import { contentOf, finishOf, usageOf } from './answer-reading.js'
import type { StreamPart, StreamResult } from './language-model.js'
import { Patience, type PatienceEnd, type PatienceLimits } from './patience.js'

/** How a model's stream is watched. */
export interface ModelStreamOptions {
  readonly key: string
  readonly limits: PatienceLimits
  readonly world: World
  /** Aborts when nobody waits for the first content any more. */
  readonly signal: AbortSignal
  /** The caller's; it ends a stream that he is reading. */
  readonly callerSignal: AbortSignal | undefined
}

/** What is kept of a text for the error of a stream that broke off. */
const partialCharsMax = 64 * 1_024

/** Parts before the first content; more than this is no stream of an answer. */
const prologuePartsMax = 10_000

/**
 * The stream of one attempt, read up to its first content, so that what fails before that can be tried again unseen. It breaks
 * with a coded error when content stays away, when the whole takes too long, when an error comes in it, and when it ends without
 * saying that it is complete: an error part alone would let whoever reads only the text take the beginning for the whole.
 */
export async function openModelStream<R extends StreamResult>(
  open: (signal: AbortSignal) => PromiseLike<R>,
  options: ModelStreamOptions,
): Promise<{ readonly result: R; readonly done: Promise<StreamSummary> }> {
  const stream = new ModelStream(options)
  const result = await stream.begin(open)
  // Nothing but the stream is exchanged, by one of the same parts.
  return { result: { ...result, stream: stream.rest() } as R, done: stream.done }
}

class ModelStream {
  /** How it ended. Needs no `catch`. */
  readonly done: Promise<StreamSummary>
  readonly #options: ModelStreamOptions
  readonly #patience: Patience
  readonly #abortion = new AbortController()
  readonly #finished = Promise.withResolvers<StreamSummary>()
  /** Rejects when it breaks before its first content. */
  readonly #beginning = Promise.withResolvers<never>()
  #reader: ReadableStreamDefaultReader<StreamPart> | undefined
  #controller: ReadableStreamDefaultController<StreamPart> | undefined
  #leader: AbortSignal | undefined
  #prologue: StreamPart[] = []
  #hasContent = false
  #ended = false
  #fault: { readonly error: unknown } | undefined
  #summary: Omit<StreamSummary, 'aborted'> = {
    finish: undefined,
    usage: undefined,
    model: undefined,
    contentChars: 0,
    partialText: '',
  }

  constructor(options: ModelStreamOptions) {
    this.#options = options
    this.#patience = new Patience(options.limits, options.world.clock, (which) => this.#break(this.#late(which)))
    this.done = this.#finished.promise
    this.done.catch(() => undefined)
    this.#beginning.promise.catch(() => undefined)
  }

  /** Opens it, and reads up to its first content. */
  async begin<R extends StreamResult>(open: (signal: AbortSignal) => PromiseLike<R>): Promise<R> {
    this.#follow(this.#options.signal)
    const opening = this.#open(open)
    const result = await Promise.race([opening, this.#beginning.promise])
    if (!this.#ended) this.#follow(this.#options.callerSignal)
    return result
  }

  /** All of it: what was read, then the rest as it is asked for. */
  rest(): ReadableStream<StreamPart> {
    return new ReadableStream<StreamPart>(
      {
        start: (controller) => {
          this.#controller = controller
          for (const part of this.#prologue) controller.enqueue(part)
          this.#prologue = []
          if (this.#fault !== undefined) controller.error(this.#fault.error)
          else if (this.#ended) controller.close()
        },
        pull: () => this.#pull(),
        cancel: (reason) => this.#leave(reason),
      },
      // Nothing is read ahead: whoever reads slowly slows the provider down.
      { highWaterMark: 0 },
    )
  }

  async #open<R extends StreamResult>(open: (signal: AbortSignal) => PromiseLike<R>): Promise<R> {
    let result: R
    try {
      result = await open(this.#abortion.signal)
    } catch (error) {
      this.#break(error)
      throw error
    }
    // It was given up in the meantime.
    if (this.#ended) void result.stream.cancel(this.#fault?.error).catch(() => undefined)
    else {
      this.#reader = result.stream.getReader()
      while (!this.#ended && !this.#hasContent) await this.#readPrologue()
    }
    if (this.#fault !== undefined) throw this.#fault.error
    return result
  }

  async #readPrologue(): Promise<void> {
    const part = await this.#next()
    if (part === undefined) return
    this.#prologue.push(part)
    if (this.#prologue.length > prologuePartsMax && !this.#hasContent)
      this.#break(this.#streamError('it never came to its content'))
  }

  async #pull(): Promise<void> {
    const part = await this.#next()
    if (part !== undefined) this.#controller?.enqueue(part)
    else if (this.#fault === undefined) this.#controller?.close()
  }

  /** The next part, after it was looked at; `undefined` when the stream has ended one way or the other. */
  async #next(): Promise<StreamPart | undefined> {
    if (this.#ended || this.#reader === undefined) return undefined
    try {
      this.#patience.waits()
      const { done, value } = await this.#reader.read()
      if (this.#ended) return undefined
      this.#patience.came()
      if (done) this.#complete()
      else this.#look(value)
      return this.#fault === undefined ? value : undefined
    } catch (error) {
      this.#break(this.#hasContent && !isOurs(error) ? this.#cut(error) : error)
      return undefined
    }
  }

  #look(part: StreamPart): void {
    if (part.type === 'error') return this.#break(this.#inBand(fieldOf(part, 'error')))
    if (part.type === 'finish') return this.#finish(finishOf(part) ?? 'done', part)
    const content = contentOf(part)
    if (content === undefined) return
    this.#hasContent = true
    this.#patience.content()
    const { contentChars, partialText } = this.#summary
    // What is said counts as partial text; reasoning and the arguments of tools only as having come.
    const said = part.type === 'text-delta' ? content.slice(0, partialCharsMax - partialText.length) : ''
    this.#summary = { ...this.#summary, contentChars: contentChars + content.length, partialText: partialText + said }
  }

  #finish(finish: string, part: StreamPart): void {
    if (finish === 'interrupted') return this.#break(this.#cut())
    if (finish === 'error') return this.#break(this.#streamError('it ended in an error'))
    this.#summary = { ...this.#summary, finish, usage: usageOf(part) }
  }

  /** It has ended: well, if it had said that it was complete. */
  #complete(): void {
    if (this.#summary.finish === undefined) return this.#break(this.#cut())
    this.#end()
    this.#finished.resolve({ aborted: false, ...this.#summary })
  }

  #break(error: unknown): void {
    if (this.#ended) return
    this.#fault = { error }
    this.#end()
    this.#finished.reject(error)
    this.#give(error)
  }

  readonly #aborted = (): void => {
    if (this.#ended) return
    const reason: unknown = this.#leader?.reason
    this.#fault = { error: reason }
    this.#end()
    this.#finished.resolve({ aborted: true, ...this.#summary })
    this.#give(reason)
  }

  /** Nobody reads any more. */
  async #leave(reason: unknown): Promise<void> {
    if (this.#ended) return
    this.#end()
    this.#finished.resolve({ aborted: this.#summary.finish === undefined, ...this.#summary })
    this.#abortion.abort(reason)
    await this.#reader?.cancel(reason)
  }

  /** Tells the reader, or whoever waits for the beginning; and the provider, whose answer to that is of no use to anyone. */
  #give(error: unknown): void {
    if (this.#controller === undefined) this.#beginning.reject(error)
    else this.#controller.error(error)
    this.#abortion.abort(error)
    this.#reader?.cancel(error).catch(() => undefined)
  }

  #end(): void {
    this.#ended = true
    this.#patience.end()
    this.#leader?.removeEventListener('abort', this.#aborted)
  }

  #follow(signal: AbortSignal | undefined): void {
    this.#leader?.removeEventListener('abort', this.#aborted)
    this.#leader = signal
    signal?.addEventListener('abort', this.#aborted, { once: true })
    if (signal?.aborted === true) this.#aborted()
  }

  #late(which: PatienceEnd): HomeostatError {
    const { key, limits } = this.#options
    const { firstTokenMs, idleMs, totalMs } = limits
    if (which === 'first') return new HomeostatError('HS_LLM_FIRST_TOKEN', { key, firstTokenMs })
    if (which === 'idle') return new HomeostatError('HS_LLM_STALLED', { key, idleMs, ...this.#partial() })
    return new HomeostatError('HS_LLM_TOTAL', { key, totalMs, ...this.#partial() })
  }

  #cut(cause?: unknown): HomeostatError {
    return new HomeostatError(
      'HS_LLM_CUT',
      { key: this.#options.key, ...this.#partial() },
      cause === undefined ? undefined : { cause },
    )
  }

  /** An error that came as a part. Before the first content it is the attempt's failure as it is. */
  #inBand(error: unknown): unknown {
    if (!this.#hasContent || isOurs(error)) return error
    const failure = classifyThrown(error, { epochMs: this.#options.world.clock.epochMs() })
    const reason = failure.code ?? failure.kind
    return Object.assign(this.#streamError(reason, error), { failure })
  }

  #streamError(reason: string, cause?: unknown): HomeostatError {
    const error = new HomeostatError('HS_LLM_STREAM_ERROR', { key: this.#options.key, reason, ...this.#partial() }, { cause })
    return Object.assign(error, { failure: plain('server-error') })
  }

  #partial(): { readonly contentChars: number; readonly partialText: string } {
    const { contentChars, partialText } = this.#summary
    return { contentChars, partialText }
  }
}

/** Whether it is an error of ours, or was made of one: it says all that is to be said. */
function isOurs(error: unknown): boolean {
  let current = error
  for (let depth = 0; depth < causesMax && current !== undefined; depth += 1) {
    if (isHomeostatError(current)) return true
    current = fieldOf(current, 'cause')
  }
  return false
}

const causesMax = 4
