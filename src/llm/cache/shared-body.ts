import { HomeostatError } from '../../core/errors.js'

/** What a body is shared with. */
export interface SharedBodyOptions {
  /** So much is kept for readers who come later, and so far a reader may fall behind. */
  readonly bytesMax: number
  /** Whether someone is about to ask for a {@link SharedBody.reader}. */
  readonly coming: () => boolean
  /** Once, when the body has ended: all of it, or `undefined` when it broke, was cancelled, or was too long to keep. */
  readonly ended: (chunks: readonly Uint8Array[] | undefined) => void
}

interface Reader {
  /** The number of the next chunk, counted from the beginning of the body. */
  next: number
  readonly controller: ReadableStreamDefaultController<Uint8Array>
  readonly leave: () => void
}

/**
 * One body for many readers, each of which gets all of it, in its own copies and at its own pace. It is read only as fast as the
 * fastest reader asks. While it is short a reader may come late; later, what everyone has read is dropped, and a reader who is too
 * far behind is told so: the others do not wait for him, for he may be waiting for them.
 */
export class SharedBody {
  readonly #source: ReadableStreamDefaultReader<Uint8Array>
  readonly #options: SharedBodyOptions
  readonly #readers = new Set<Reader>()
  /** Those still needed. */
  #chunks: Uint8Array[] = []
  /** Chunks that were dropped before the first of them. */
  #dropped = 0
  #keptBytes = 0
  #totalBytes = 0
  #end: { readonly error?: unknown } | undefined
  #reading: Promise<void> | undefined

  constructor(source: ReadableStream<Uint8Array>, options: SharedBodyOptions) {
    this.#source = source.getReader()
    this.#options = options
  }

  /** Whether a new reader would get all of it. */
  get whole(): boolean {
    return this.#totalBytes <= this.#options.bytesMax && !this.#broken
  }

  /** How many read. */
  get readers(): number {
    return this.#readers.size
  }

  /**
   * The body for one more reader, who was {@link SharedBodyOptions.coming} since it was {@link whole}.
   *
   * @param left - Called once, when this reader wants no more: it has all, cancelled, or aborted.
   */
  reader(signal: AbortSignal | undefined, left: (reason: unknown) => void): ReadableStream<Uint8Array> {
    let reader: Reader | undefined
    const leave = (reason?: unknown): void => {
      if (reader === undefined || !this.#readers.delete(reader)) return
      signal?.removeEventListener('abort', onAbort)
      left(reason)
    }
    const onAbort = (): void => {
      leave(signal?.reason)
      reader?.controller.error(signal?.reason)
    }
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          reader = { next: 0, controller, leave }
          this.#readers.add(reader)
          if (signal?.aborted === true) onAbort()
          else signal?.addEventListener('abort', onAbort, { once: true })
        },
        pull: () => (reader === undefined ? undefined : this.#give(reader)),
        cancel: leave,
      },
      // Nothing is read ahead: whoever reads slowly slows the provider down.
      { highWaterMark: 0 },
    )
  }

  /** Nobody reads any more: the rest is not wanted. */
  cancel(reason: unknown): void {
    if (this.#end !== undefined) return
    // The SDK of OpenAI reads to the mark of the end, not to the end.
    this.#ended(endsWithMark(this.#chunks) ? {} : { error: reason })
    // The connection is gone or goes now; what it says to that is of no use to anyone.
    this.#source.cancel(reason).catch(() => undefined)
  }

  get #broken(): boolean {
    return this.#end !== undefined && 'error' in this.#end
  }

  async #give(reader: Reader): Promise<void> {
    while (this.#readers.has(reader)) {
      const chunk = this.#chunks[reader.next - this.#dropped]
      if (chunk !== undefined) {
        reader.next += 1
        reader.controller.enqueue(new Uint8Array(chunk))
        return this.#trim()
      }
      if (this.#end !== undefined) return this.#finish(reader, this.#end)
      await (this.#reading ??= this.#read())
    }
  }

  #finish(reader: Reader, end: { readonly error?: unknown }): void {
    reader.leave()
    if ('error' in end) reader.controller.error(end.error)
    else reader.controller.close()
  }

  /** Never rejects. */
  async #read(): Promise<void> {
    try {
      const { done, value } = await this.#source.read()
      if (this.#end !== undefined) return
      if (done) this.#ended({})
      else this.#take(value)
    } catch (error) {
      if (this.#end !== undefined) return
      this.#ended({ error })
      // It has broken by itself, or holds what cannot be given on.
      this.#source.cancel(error).catch(() => undefined)
    } finally {
      this.#reading = undefined
    }
  }

  #ended(end: { readonly error?: unknown }): void {
    this.#end = end
    this.#options.ended('error' in end || !this.whole ? undefined : this.#chunks)
  }

  #take(chunk: unknown): void {
    if (!(chunk instanceof Uint8Array)) throw new TypeError('Cannot share a body: it has a chunk that is not bytes')
    if (chunk.length === 0) return
    // A copy: a small chunk is often a view of a large buffer, which would stay as long as it does.
    this.#chunks.push(new Uint8Array(chunk))
    this.#keptBytes += chunk.length
    this.#totalBytes += chunk.length
    this.#trim()
  }

  /** Drops what everyone has read, once nobody can come any more; and, when that is not enough, those who are too far behind. */
  #trim(): void {
    if (this.#totalBytes <= this.#options.bytesMax || this.#options.coming()) return
    const slowest = Math.min(...[...this.#readers].map(({ next }) => next))
    while (this.#dropped < slowest && this.#chunks.length > 0) this.#drop()
    // The last chunk stays whatever its size: someone has just asked for it.
    while (this.#keptBytes > this.#options.bytesMax && this.#chunks.length > 1) this.#drop()
    for (const reader of this.#readers) {
      if (reader.next >= this.#dropped) continue
      reader.leave()
      reader.controller.error(new HomeostatError('HS_LLM_LAGGED', { bytesMax: this.#options.bytesMax }))
    }
  }

  #drop(): void {
    this.#keptBytes -= this.#chunks.shift()?.length ?? 0
    this.#dropped += 1
  }
}

/** Whether the last thing is the event by which a stream of OpenAI's kind says that it is complete. */
function endsWithMark(chunks: readonly Uint8Array[]): boolean {
  const tail = Buffer.concat(chunks.slice(-marksLengthMax)).subarray(-marksLengthMax).toString()
  return /(?:^|\n)data: ?\[DONE\]\s*$/.test(tail)
}

/** Bytes, and so chunks, that the mark and the line ends around it can take. */
const marksLengthMax = 24
