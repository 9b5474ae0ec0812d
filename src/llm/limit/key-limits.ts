import { LinkedList, type LinkedEntry } from '../../core/linked-list.js'
import type { RateReading } from '../failure/rate-headers.js'
import { Pace } from './pace.js'
import { ResourceWindow, type ResourceWindowSnapshot } from './resource-window.js'

/** What a request asks of its provider's limits. */
export interface Demand {
  /** Sent and, at most, received. */
  readonly tokens: number
  readonly inputTokens: number
}

/** What had been sent to a target at one time, counted from its beginning. */
export interface Sent {
  readonly requests: number
  readonly tokens: number
  readonly inputTokens: number
}

/** Why a request has to wait, and for how long. */
export interface Wait {
  /** Milliseconds; 0: not at all. */
  readonly waitMs: number
  readonly resource: RateReading['resource']
}

/** One that waits for its turn. */
export interface Waiter extends LinkedEntry {
  readonly demand: Demand
  /** What had come into the queue before it. */
  readonly before: Sent
  /** Ends its sleep, if it sleeps: something has changed for it. */
  wake: () => void
}

/** A target as it stands; plain JSON. */
export interface KeyLimitsSnapshot {
  /** The provider wants to be left alone for so long, milliseconds. */
  readonly pausedMs: number
  /** After a request to slow down; `undefined`: as many as come. */
  readonly requestsPerSecondMax: number | undefined
  readonly waiting: number
  readonly resources: readonly ResourceWindowSnapshot[]
}

const nothing: Sent = { requests: 0, tokens: 0, inputTokens: 0 }

/** What one target has said about its limits, what was sent to it, and who waits for it. */
export class KeyLimits {
  readonly #windows = new Map<RateReading['resource'], ResourceWindow>()
  readonly #pace = new Pace()
  /** In the order of arrival. */
  readonly #queue = new LinkedList<Waiter>()
  #waiting = 0
  #pausedUntilMs = Number.NEGATIVE_INFINITY
  #sent = nothing
  #learntAt = nothing
  /** All that ever came into the queue, and all that left it: their difference is what waits. */
  #queued = nothing
  #dequeued = nothing

  get sent(): Sent {
    return this.#sent
  }

  get waiting(): number {
    return this.#waiting
  }

  /** Whoever is next. */
  get first(): Waiter | undefined {
    return this.#queue.first
  }

  join(demand: Demand): Waiter {
    const waiter: Waiter = { demand, before: this.#queued, wake: () => undefined, previous: undefined, next: undefined }
    this.#queued = plus(this.#queued, demand)
    this.#queue.add(waiter)
    this.#waiting += 1
    return waiter
  }

  /** It goes out, or gives up; the turn passes on. Called once. */
  leave(waiter: Waiter): void {
    const passesOn = this.first === waiter
    this.#queue.remove(waiter)
    this.#waiting -= 1
    this.#dequeued = plus(this.#dequeued, waiter.demand)
    if (passesOn) this.first?.wake()
  }

  /** How long a waiter has to wait, or someone who comes now. For whoever is not next it is a guess, and never 0. */
  waitOf(demand: Demand, waiter: Waiter | undefined, nowMs: number): Wait {
    const { first } = this
    if (first === undefined || first === waiter) return this.#waitOf(demand, nothing, nowMs)
    const wait = this.#waitOf(demand, minus(waiter?.before ?? this.#queued, this.#dequeued), nowMs)
    return { ...wait, waitMs: Math.max(1, wait.waitMs) }
  }

  /** Counts a request that goes out now. */
  take(demand: Demand, nowMs: number): void {
    this.#sent = plus(this.#sent, demand)
    this.#pace.take(nowMs)
    for (const [resource, window] of this.#windows) window.take(this.#needOf(resource, { requests: 1, ...demand }))
  }

  /** Takes in what an answer said. Answers to earlier requests than the latest that was heard of say nothing new. */
  learn(readings: readonly RateReading[], at: Sent | undefined, nowMs: number): void {
    if (at !== undefined && at.requests < this.#learntAt.requests) return
    // More than was ever sent: this key was forgotten meanwhile, and counts anew.
    this.#learntAt = at === undefined || at.requests > this.#sent.requests ? this.#sent : at
    const since = minus(this.#sent, this.#learntAt)
    for (const reading of readings) {
      const window = this.#windows.get(reading.resource) ?? new ResourceWindow(reading.resource)
      this.#windows.set(reading.resource, window)
      window.learn(reading, this.#needOf(reading.resource, since), nowMs)
    }
    // There may be more left than was thought when it fell asleep.
    this.first?.wake()
  }

  pause(forMs: number, nowMs: number): void {
    this.#pausedUntilMs = Math.max(this.#pausedUntilMs, nowMs + forMs)
    this.#wakeAll()
  }

  slowDown(nowMs: number): void {
    this.#pace.slowDown(nowMs)
    this.#wakeAll()
  }

  snapshot(nowMs: number): KeyLimitsSnapshot {
    const perMs = this.#pace.perMs(nowMs)
    return {
      pausedMs: Math.max(0, this.#pausedUntilMs - nowMs),
      requestsPerSecondMax: Number.isFinite(perMs) ? perMs * 1_000 : undefined,
      waiting: this.#waiting,
      resources: [...this.#windows.values()].map((window) => window.snapshot(nowMs)),
    }
  }

  /** So that those give up at once who now know that they would wait too long. */
  #wakeAll(): void {
    let waiter = this.#queue.first
    while (waiter !== undefined) {
      waiter.wake()
      // The list links its own entries only, and waking one takes nobody out of it before the next turn.
      waiter = waiter.next as Waiter | undefined
    }
  }

  #waitOf(demand: Demand, ahead: Sent, nowMs: number): Wait {
    let longest: Wait = {
      waitMs: Math.max(0, Math.ceil(this.#pausedUntilMs - nowMs), this.#pace.waitMs(ahead.requests, nowMs)),
      resource: 'requests',
    }
    for (const [resource, window] of this.#windows) {
      const need = this.#needOf(resource, { requests: 1, ...demand })
      const waitMs = window.waitMs(resource === 'output-tokens' ? 1 : need, this.#needOf(resource, ahead), nowMs)
      if (waitMs > longest.waitMs) longest = { waitMs, resource }
    }
    return longest
  }

  /**
   * What so much sent takes of a limit. Most providers count what may come back when a request goes out; those that count the two
   * directions apart count it as it comes, so that a request takes none of it beforehand.
   */
  #needOf(resource: RateReading['resource'], { requests, tokens, inputTokens }: Sent): number {
    if (resource === 'requests') return requests
    if (resource === 'output-tokens') return 0
    return resource === 'input-tokens' || this.#windows.has('input-tokens') ? inputTokens : tokens
  }
}

function plus(sent: Sent, { tokens, inputTokens }: Demand): Sent {
  return { requests: sent.requests + 1, tokens: sent.tokens + tokens, inputTokens: sent.inputTokens + inputTokens }
}

function minus(all: Sent, some: Sent): Sent {
  return {
    requests: Math.max(0, all.requests - some.requests),
    tokens: Math.max(0, all.tokens - some.tokens),
    inputTokens: Math.max(0, all.inputTokens - some.inputTokens),
  }
}
