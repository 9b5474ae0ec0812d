/** What a command wrote, kept in bounded memory: the beginning and the end. */
export interface BoundedOutput {
  /** Bytes added in all, dropped ones included. */
  readonly bytes: number
  /** Whether the middle was dropped. */
  readonly truncated: boolean
  add(chunk: Uint8Array): void
  /** All that was kept; where the middle is missing a line says how much. Bytes that are not UTF-8 read as `�`. */
  text(): string
}

/**
 * Keeps the first and the last half of what it is given: the beginning names what ran, the end says how it failed.
 *
 * @param bytesMax - Bytes kept in all; 0 keeps nothing and only counts.
 */
export function createBoundedOutput(bytesMax: number): BoundedOutput {
  if (!Number.isSafeInteger(bytesMax) || bytesMax < 0)
    throw new RangeError(`bytesMax must be a whole number of at least 0, not ${bytesMax}`)
  const headBytesMax = Math.floor(bytesMax / 2)
  const head = createRing(headBytesMax)
  const tail = createRing(bytesMax - headBytesMax)
  let bytes = 0

  return {
    get bytes() {
      return bytes
    },
    get truncated() {
      return bytes > bytesMax
    },
    add(chunk) {
      const toHead = chunk.subarray(0, Math.max(0, headBytesMax - bytes))
      head.add(toHead)
      tail.add(chunk.subarray(toHead.length))
      bytes += chunk.length
    },
    text() {
      if (bytes <= bytesMax) return Buffer.concat([head.content(), tail.content()]).toString('utf8')
      const first = head.content()
      const last = tail.content()
      const whole = first.subarray(0, first.length - unfinishedBytes(first))
      const rest = last.subarray(continuationBytes(last))
      return `${whole.toString('utf8')}\n… ${bytes - whole.length - rest.length} bytes dropped …\n${rest.toString('utf8')}`
    },
  }
}

/**
 * Hands on chunks that end where a character ends, so that chunks of two streams can be mixed, and decoded one by one,
 * without tearing a character. Bytes that are not UTF-8 pass unchanged.
 */
export function createCharacterAligner(): { push(chunk: Buffer): Buffer; rest(): Buffer } {
  let waiting: Buffer = Buffer.alloc(0)
  return {
    push(chunk) {
      const all = waiting.length === 0 ? chunk : Buffer.concat([waiting, chunk])
      const cut = all.length - unfinishedBytes(all)
      // A copy: three waiting bytes must not hold on to the whole chunk they came in.
      waiting = Buffer.from(all.subarray(cut))
      return all.subarray(0, cut)
    },
    rest() {
      const rest = waiting
      waiting = Buffer.alloc(0)
      return rest
    },
  }
}

/** The last `bytesMax` bytes of what is added. Grows as it fills, so that a quiet command costs little. */
function createRing(bytesMax: number): { add(chunk: Uint8Array): void; content(): Buffer } {
  let store = Buffer.alloc(Math.min(bytesMax, 4_096))
  let end = 0
  let wrapped = false
  const grow = (bytesNeeded: number): void => {
    const larger = Buffer.alloc(Math.min(bytesMax, Math.max(bytesNeeded, store.length * 2)))
    store.copy(larger, 0, 0, end)
    store = larger
  }
  return {
    add(chunk) {
      const kept = chunk.subarray(Math.max(0, chunk.length - bytesMax))
      if (kept.length === 0) return
      if (!wrapped && end + kept.length > store.length && store.length < bytesMax) grow(end + kept.length)
      const room = store.length - end
      store.set(kept.subarray(0, room), end)
      store.set(kept.subarray(room), 0)
      wrapped ||= end + kept.length > store.length
      end = kept.length > room ? kept.length - room : end + kept.length
    },
    content: () => (wrapped ? Buffer.concat([store.subarray(end), store.subarray(0, end)]) : Buffer.from(store.subarray(0, end))),
  }
}

/** Bytes at the end that begin a character without finishing it: 0 to 3. */
function unfinishedBytes(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] ?? 0
    if (isContinuation(byte)) continue
    const length = byte >= 0xf0 && byte < 0xf8 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 1
    return byte < 0xf8 && length > back ? back : 0
  }
  return 0
}

/** Bytes at the beginning that continue a character whose beginning is missing: 0 to 3. */
function continuationBytes(bytes: Uint8Array): number {
  let count = 0
  while (count < 3 && isContinuation(bytes[count] ?? 0)) count += 1
  return count
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80
}
