import { classify } from '../../faults/classify.js'
import { runInPlace, type Incident } from './incident.js'
import { retryDelayMs } from '../guard/retry-delay.js'
import { faultsOf, passes, type Faults } from './progress.js'

/** The faults of the command, from what the caller knows or by running it; `undefined` when it passes. */
export async function detect(incident: Incident): Promise<Faults | undefined> {
  const { command, output, exitCode = 1, error, stackTrace } = incident.context
  const told = [output, stackTrace, error === undefined ? undefined : stackOf(error)].filter((text) => text !== undefined)
  if (told.length === 0) {
    const run = await runInPlace(incident)
    return passes(run) ? undefined : detected(incident, faultsOf(run, command))
  }
  incident.session.record('run', { where: 'caller', exitCode })
  const [root, ...others] = classify({ output: told.join('\n'), exitCode, command: command.join(' ') })
  return root === undefined ? undefined : detected(incident, [root, ...others])
}

/** Runs a transient failure again, with growing jittered pauses. `undefined` when it passes; else what fails in the end. */
export async function retryTransient(incident: Incident, first: Faults): Promise<Faults | undefined> {
  const {
    options: { policy, world, emit },
    session,
    context,
    signal,
  } = incident
  const { attemptsMax, delayMsBase, delayMsMax } = policy.heal.network
  let faults = first
  for (let attempt = 1; attempt <= attemptsMax && faults[0].transient; attempt += 1) {
    const asked = faults[0].details['retryAfterMs']
    const jittered = retryDelayMs(attempt, { delayMsBase, delayMsMax }, world.random())
    const delayMs = Math.min(delayMsMax, Math.max(jittered, typeof asked === 'number' ? asked : 0))
    emit('attempt.delayed', { sessionId: session.id, attempt, delayMs })
    session.record('attempt', { strategy: 'retry', attempt, delayMs })
    await world.clock.sleep(delayMs, signal)
    const run = await runInPlace(incident)
    if (passes(run)) return undefined
    faults = faultsOf(run, context.command)
  }
  return faults[0].fingerprint === first[0].fingerprint ? first : detected(incident, faults)
}

function detected({ options: { emit }, session, found }: Incident, faults: Faults): Faults {
  const [fault, ...others] = faults
  found.fault = fault
  session.record('fault', { fault, others: others.length })
  emit('fault.detected', { sessionId: session.id, fault, others: others.length })
  return faults
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error)
}
