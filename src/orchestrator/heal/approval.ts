import { HomeostatError } from '../../core/errors.js'
import { followAbort, untilAborted } from '../abort.js'
import type { Incident } from './incident.js'
import type { Judged } from './judge.js'

/** Asks a person, where one can be asked: silence and a rejection mean no, `undefined` that nobody answered. An abort of the session ends it. */
export async function approval(
  { options, session, signal, found, notes }: Incident,
  judged: Judged,
  reasons: readonly string[],
): Promise<boolean | undefined> {
  const {
    policy,
    ports: { approve },
    world,
  } = options
  if (approve === undefined) return undefined
  const { approvalTimeoutMs } = policy.heal
  const { controller, release } = followAbort(signal)
  const { signal: asking } = controller
  world.clock.sleep(approvalTimeoutMs, asking).then(
    () => controller.abort(new HomeostatError('HS_DEADLINE', { key: 'approval', timeoutMs: approvalTimeoutMs })),
    () => undefined,
  )
  try {
    const request = { sessionId: session.id, ...(found.fault && { fault: found.fault }), ...judged, reasons }
    const answer = await untilAborted(approve(request, { signal: asking }), asking)
    signal.throwIfAborted()
    return answer === true
  } catch (error) {
    signal.throwIfAborted()
    notes.push(
      asking.aborted
        ? `The patch was not approved: nobody answered within ${approvalTimeoutMs} ms`
        : `The patch was not approved: the question failed (${error instanceof Error ? error.message : String(error)})`,
    )
    return asking.aborted ? undefined : false
  } finally {
    release()
    controller.abort()
  }
}
