import { randomUUID } from 'node:crypto'

/** What time it is, how long it has been, and "wake me later": the verbs of time. */
export interface Clock {
  /** Milliseconds since 1970, for storing and showing. It may jump; never subtract two of them. */
  epochMs(): number
  /** Milliseconds since an arbitrary start, never going back: for measuring. Meaningless to anyone else. */
  monoMs(): number
  /**
   * Resolves after `delayMs` milliseconds; at once, though never synchronously, when it is 0 or less.
   * Rejects with `signal.reason` as soon as the signal aborts, also when it already has.
   * With `background` the wait alone does not keep the process alive.
   */
  sleep(delayMs: number, signal?: AbortSignal, options?: { readonly background?: boolean }): Promise<void>
  /**
   * An alarm that calls `ring`, and can be set again and again: for code that watches many times at once and sleeps for the
   * earliest only (`DeadlineQueue`). It is new: not set, and not holding the process. `ring` must not throw.
   */
  alarm(ring: () => void): Alarm
}

/** One timer, for as long as its owner lives. */
export interface Alarm {
  /** Rings once, `delayMs` milliseconds from now, never synchronously; takes the place of an earlier setting. */
  set(delayMs: number): void
  /** Whether a set alarm keeps the process alive. Cheap. Default: no. */
  hold(held: boolean): void
  /** Not set any more. */
  clear(): void
}

/** The only source of time and chance. Tests pass one that they control (`createTestWorld` of `homeostat/testing`). */
export interface World {
  readonly clock: Clock
  /** A number in [0, 1). */
  random(): number
  /** A new id, unique in this world. */
  id(): string
}

/** The longest delay a Node timer can hold; longer sleeps are made of several. */
const timerDelayMsMax = 2_147_483_647

/** The real world: system clock, system randomness, UUIDs. */
export function createWorld(): World {
  return {
    clock: { epochMs: () => Date.now(), monoMs: () => performance.now(), sleep, alarm },
    random: () => Math.random(),
    id: () => randomUUID(),
  }
}

let turning = 0

/** Whether some work has only let others go first, and goes on by itself: a clock of a test does not move meanwhile. */
export function isTurning(): boolean {
  return turning > 0
}

/**
 * Lets timers, I/O and other people's work have their turn between two pieces of long work; without it nobody could abort it.
 * Rejects with `signal.reason` when the signal has aborted before or during the turn.
 */
export async function turn(signal: AbortSignal): Promise<void> {
  signal.throwIfAborted()
  turning += 1
  await new Promise((resolve) => {
    setImmediate(resolve)
  })
  turning -= 1
  signal.throwIfAborted()
}

function sleep(
  delayMs: number,
  signal?: AbortSignal,
  { background = false }: { readonly background?: boolean } = {},
): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(reasonOf(signal))
      return
    }
    let leftMs = Math.max(0, delayMs)
    let timer: NodeJS.Timeout
    const onAbort = (): void => {
      clearTimeout(timer)
      if (signal !== undefined) reject(reasonOf(signal))
    }
    const wait = (): void => {
      const stepMs = Math.min(leftMs, timerDelayMsMax)
      leftMs -= stepMs
      timer = setTimeout(() => {
        if (leftMs > 0) return wait()
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }, stepMs)
      if (background) timer.unref()
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    wait()
  })
}

function alarm(ring: () => void): Alarm {
  let timer: NodeJS.Timeout | undefined
  let held = false
  const wait = (leftMs: number): void => {
    const stepMs = Math.min(leftMs, timerDelayMsMax)
    timer = setTimeout(() => {
      timer = undefined
      if (leftMs > stepMs) wait(leftMs - stepMs)
      else ring()
    }, stepMs)
    if (!held) timer.unref()
  }
  const clear = (): void => {
    clearTimeout(timer)
    timer = undefined
  }
  return {
    set(delayMs) {
      clear()
      wait(Math.max(0, delayMs))
    },
    hold(wanted) {
      if (wanted === held) return
      held = wanted
      if (held) timer?.ref()
      else timer?.unref()
    },
    clear,
  }
}

/** An abort reason may be any value; callers are owed exactly that value. */
function reasonOf(signal: AbortSignal): Error {
  return signal.reason as Error
}
