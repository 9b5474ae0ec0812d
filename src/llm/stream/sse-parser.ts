/** One server-sent event. */
export interface SseEvent {
  /** `message` when it has no name. */
  readonly event: string
  /** Its data lines, joined by line feeds. */
  readonly data: string
}

/** An event that does not end within this many characters is not one; what follows is passed on unread. */
const eventLengthMax = 8 * 1_024 * 1_024

/**
 * Parses server-sent events piece by piece, as the HTML standard has it (WHATWG, "Server-sent events"): lines end with CR, LF or
 * both, comments and unknown fields are passed over, an event without data is none. Bytes may be cut anywhere.
 */
export class SseParser {
  readonly #decoder = new TextDecoder('utf-8')
  #rest = ''
  /** The last chunk ended in CR: a line feed at the beginning of the next one belongs to it. */
  #afterReturn = false
  #event = ''
  #data: string[] = []
  #length = 0
  #overflowed = false

  /** Whether an event was too long to be read; nothing is read from then on. */
  get overflowed(): boolean {
    return this.#overflowed
  }

  /** The events that this chunk completes. */
  feed(chunk: Uint8Array): readonly SseEvent[] {
    return this.#overflowed ? [] : this.#read(this.#decoder.decode(chunk, { stream: true }))
  }

  /** The events that the end completes: none, unless the last blank line was cut off, which some servers do. */
  end(): readonly SseEvent[] {
    if (this.#overflowed) return []
    const events = this.#read(`${this.#decoder.decode()}\n`)
    const last = this.#dispatch()
    return last === undefined ? events : [...events, last]
  }

  #read(text: string): readonly SseEvent[] {
    const events: SseEvent[] = []
    let start = 0
    if (this.#afterReturn && text.startsWith('\n')) start = 1
    if (text !== '') this.#afterReturn = text.endsWith('\r')
    let from = start
    for (let end = lineEnd(text, from); end !== -1; end = lineEnd(text, from)) {
      const event = this.#line(this.#rest + text.slice(from, end))
      this.#rest = ''
      if (event !== undefined) events.push(event)
      from = end + (text[end] === '\r' && text[end + 1] === '\n' ? 2 : 1)
    }
    this.#rest += text.slice(from)
    this.#overflowed = this.#rest.length + this.#length > eventLengthMax
    return events
  }

  #line(line: string): SseEvent | undefined {
    if (line === '') return this.#dispatch()
    const colon = line.indexOf(':')
    if (colon === 0) return undefined
    const name = colon === -1 ? line : line.slice(0, colon)
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') {
      this.#data.push(value)
      this.#length += value.length
    } else if (name === 'event') this.#event = value
    return undefined
  }

  #dispatch(): SseEvent | undefined {
    const event = this.#data.length === 0 ? undefined : { event: this.#event || 'message', data: this.#data.join('\n') }
    this.#event = ''
    this.#data = []
    this.#length = 0
    return event
  }
}

/** Where the line ends that begins at `from`, or -1. */
function lineEnd(text: string, from: number): number {
  const feed = text.indexOf('\n', from)
  const before = feed === -1 ? text : text.slice(from, feed)
  const back = feed === -1 ? text.indexOf('\r', from) : before.indexOf('\r')
  if (back === -1) return feed
  return feed === -1 ? back : from + back
}
