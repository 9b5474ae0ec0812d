import { policyFromEnvironment } from '../orchestrator/policy/policy-environment.js'
import type { Policy } from '../orchestrator/policy/policy-schema.js'
import { mergePolicy, parsePolicy } from '../orchestrator/policy/policy.js'
import { findConfig } from './config-place.js'

/** Where a policy comes from. */
export interface LoadPolicyOptions {
  /** Where to look; absolute, or relative to the folder of the process. */
  readonly cwd: string
  /** Usually `process.env`; only `HOMEOSTAT_*` is looked at. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** This file and no other; absolute, or relative to `cwd`. */
  readonly file?: string
  /** Ends the wait for a configuration file that waits for something itself. */
  readonly signal?: AbortSignal
}

/** A policy, and where it came from. */
export interface LoadedPolicy {
  readonly policy: Policy
  /** What set any field: the absolute path of a file, `the environment`. Weakest first; empty: all is by default. */
  readonly sources: readonly string[]
  /** What was passed over, and why: sentences for people. */
  readonly notes: readonly string[]
}

/**
 * The policy of a project: the defaults of the preset, then the configuration file, then the environment; the later wins.
 *
 * The file is `homeostat.config` with the ending `.ts`, `.mts`, `.js`, `.mjs`, `.cjs` or `.json`, or `homeostat` in
 * package.json; in `cwd`, or else in the nearest folder above it that has one, up to the root of the package. A script is
 * run, with everything it imports: only load the policy of a project whose code you would run.
 *
 * @throws HS_CONFIG_UNREADABLE when one folder has two of them, or the one cannot be read, run or understood.
 * @throws HS_POLICY_INVALID when a source sets what no policy can have; names the source.
 * @throws HS_FOLDER_MISSING when `cwd` is not a folder. Rejects with `signal.reason` when the signal aborts.
 */
export async function loadPolicy({ cwd, environment, file, signal }: LoadPolicyOptions): Promise<LoadedPolicy> {
  signal?.throwIfAborted()
  const { place, notes } = await findConfig(cwd, file)
  const ofFile = place === undefined ? parsePolicy() : parsePolicy(await unlessAborted(place.read(), signal), place.name)
  const ofEnvironment = policyFromEnvironment(environment)
  const sources = place === undefined ? [] : [place.name]
  if (Object.keys(ofEnvironment).length > 0) sources.push('the environment')
  return { policy: mergePolicy(ofFile, ofEnvironment, 'the environment').policy, sources, notes }
}

/** A module that is being evaluated cannot be stopped; but nobody has to wait for it. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise((resolve, reject) => {
    // A reason may be any value; the caller is owed exactly that value.
    const onAbort = (): void => reject(signal?.reason as Error)
    if (signal?.aborted) onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    void work.then(resolve, reject).finally(() => signal?.removeEventListener('abort', onAbort))
  })
}
