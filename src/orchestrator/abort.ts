/** A controller that aborts with others, until it is let go. */
export interface FollowingController {
  readonly controller: AbortController
  /** Stops following: no listener of ours stays behind. */
  readonly release: () => void
}

/** An `AbortController` that aborts as soon as `leader` does, with the same reason. */
export function followAbort(leader: AbortSignal | undefined): FollowingController {
  const controller = new AbortController()
  if (leader === undefined) return { controller, release: () => undefined }
  const follow = (): void => controller.abort(leader.reason)
  if (leader.aborted) follow()
  else leader.addEventListener('abort', follow, { once: true })
  return { controller, release: () => leader.removeEventListener('abort', follow) }
}

/**
 * Waits for `work` no longer than until `signal` aborts; then rejects with its reason at once. What the work does later is
 * dropped, a rejection included.
 */
export function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    // An abort reason may be any value; callers are owed exactly that value.
    const onAbort = (): void => reject(signal.reason as Error)
    const settled = (): void => signal.removeEventListener('abort', onAbort)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort, { once: true })
    work.then(resolve, reject).finally(settled)
  })
}
