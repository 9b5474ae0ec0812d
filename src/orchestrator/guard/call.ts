/** One attempt at guarded work. Each attempt gets its own, frozen. */
export interface Call {
  /** The same for all attempts of one guarded call. */
  readonly id: string
  readonly key: string
  /** Counts from 1. */
  readonly attempt: number
  /** Aborts when this attempt is not waited for any more: its deadline passed, the caller aborted, or the orchestrator closed. */
  readonly signal: AbortSignal
}

/** Work under guard. */
export type Work<T> = (call: Call) => T | PromiseLike<T>

/** What the layers of one guarded call write down for the outermost one. */
export interface Tally {
  /** Runs of the work. */
  attempts: number
  fellBack: boolean
}

/** The call as the layers see it. */
export interface LayerCall extends Call {
  readonly tally: Tally
  /** Told of each run of the work as it starts; the promise settles when the work really ends, waited for or not. */
  readonly started: (work: Promise<unknown>) => void
}

/** What the user's functions get to see: a fresh copy that nobody can change. */
export function callOf({ id, key, attempt, signal }: LayerCall): Call {
  return Object.freeze({ id, key, attempt, signal })
}
