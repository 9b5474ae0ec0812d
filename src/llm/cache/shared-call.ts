import { untilAborted } from '../../orchestrator/abort.js'
import { headOf, responseOf, type AnswerHead } from './answer-head.js'
import { SharedBody } from './shared-body.js'

/** Work that gives a response, and can be told that nobody wants it any more. */
export type Send = (signal: AbortSignal) => Promise<Response>

/** What a call is shared with. */
export interface SharedCallOptions {
  readonly send: Send
  /** See {@link SharedBody}. */
  readonly bytesMax: number
  /** Once, when it is over: with the complete answer, or `undefined` when there is none. */
  readonly over: (answer: { readonly head: AnswerHead; readonly chunks: readonly Uint8Array[] } | undefined) => void
}

/** One call under way, for all who ask for the same. It goes on while one of them is left. */
export class SharedCall {
  readonly #controller = new AbortController()
  readonly #options: SharedCallOptions
  readonly #answer: Promise<Answer>
  #body: SharedBody | undefined
  /** Who waits for the answer, or reads it. */
  #waiting = 0
  #isOver = false

  constructor(options: SharedCallOptions) {
    this.#options = options
    this.#answer = this.#begin()
    // Each who waits hears of it by himself.
    this.#answer.catch(() => undefined)
  }

  /** Whether one who joins now gets the whole answer. */
  get joinable(): boolean {
    return !this.#isOver && (this.#body?.whole ?? true)
  }

  /** Waits for the answer: a response of one's own. @throws the signal's reason; what the work throws */
  async join(signal: AbortSignal | undefined): Promise<Response> {
    this.#waiting += 1
    let answer: Answer
    try {
      answer = await (signal === undefined ? this.#answer : untilAborted(this.#answer, signal))
    } catch (error) {
      this.#leave(error)
      throw error
    }
    const { head, body } = answer
    if (body === undefined) {
      this.#leave(undefined)
      return responseOf(head, null)
    }
    return responseOf(
      head,
      body.reader(signal, (reason) => this.#leave(reason)),
    )
  }

  async #begin(): Promise<Answer> {
    try {
      const response = await this.#send()
      const head = headOf(response)
      if (response.body === null) {
        this.#over({ head, chunks: [] })
        return { head, body: undefined }
      }
      const ended = (chunks: readonly Uint8Array[] | undefined): void => this.#over(chunks && { head, chunks })
      const body: SharedBody = new SharedBody(response.body, {
        bytesMax: this.#options.bytesMax,
        coming: () => this.#waiting > body.readers,
        ended,
      })
      this.#body = body
      // Everyone may have left in the meantime.
      if (this.#isOver) body.cancel(this.#controller.signal.reason)
      return { head, body }
    } catch (error) {
      this.#over(undefined)
      throw error
    }
  }

  /** Async, so that what it throws at once is heard as late as what it throws later. */
  async #send(): Promise<Response> {
    return this.#options.send(this.#controller.signal)
  }

  #leave(reason: unknown): void {
    this.#waiting -= 1
    if (this.#waiting > 0 || this.#isOver) return
    // It may turn out to be complete all the same; else it is over without an answer.
    this.#body?.cancel(reason)
    this.#over(undefined)
    this.#controller.abort(reason)
  }

  #over(answer: Parameters<SharedCallOptions['over']>[0]): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#options.over(answer)
  }
}

interface Answer {
  readonly head: AnswerHead
  readonly body: SharedBody | undefined
}
