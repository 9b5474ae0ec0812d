import * as z from 'zod'
import { verdicts } from '../../core/finding.js'

/** A package as a patch names it. */
export interface NamedPackage {
  readonly name: string
  /** A version or a range; absent: any. */
  readonly version?: string
}

/** What a patch brings from outside. At most {@link packagesAskedMax} packages and {@link urlsAskedMax} addresses, each once. */
export interface ThreatQuery {
  readonly packages: readonly NamedPackage[]
  readonly urls: readonly string[]
}

export const threatKinds = ['malicious-package', 'malicious-url', 'install-script', 'imitation', 'vulnerable'] as const
/** `install-script`: the package runs a program when it is installed. `imitation`: its name passes for another. */
export type ThreatKind = (typeof threatKinds)[number]

/** What is known against one package or address of a query. */
export interface Threat {
  readonly kind: ThreatKind
  /** The name of the package, or the address, exactly as in the query. */
  readonly subject: string
  /** Where only one version is meant. */
  readonly version?: string
  /** What is known, for a person: at most 500 characters. */
  readonly reason: string
  /** What it asks for. `allow`: worth knowing. */
  readonly verdict: (typeof verdicts)[number]
}

/** What a lookup found, and how current that is. */
export interface ThreatAnswer {
  /** At most 1 000. */
  readonly threats: readonly Threat[]
  /** Who answers: the name of a list or a service, at most 100 characters. */
  readonly source: string
  /** The day of the list (`2026-11-20`), where there is one. */
  readonly date?: string
  /** The list is older than it should be: what it does not name may still be bad. */
  readonly stale?: boolean
}

/**
 * A port: who knows bad packages and addresses. An answer that is late, or no answer, asks for a person's look: nothing is
 * allowed by failure.
 */
export interface ThreatIntelligence {
  /** @param signal - Aborts when nobody waits any more. */
  lookup(query: ThreatQuery, signal: AbortSignal): Promise<ThreatAnswer>
}

/** More packages of one patch are not looked up, which is a finding. */
export const packagesAskedMax = 5_000
/** More addresses of one patch are not looked up, which is a finding. */
export const urlsAskedMax = 1_000

/** An answer of a stranger's port: bounded, so that it cannot flood an audit. */
export const threatAnswerSchema = z.object({
  threats: z
    .array(
      z.object({
        kind: z.enum(threatKinds),
        subject: z.string().max(2_000),
        version: z.string().max(200).optional(),
        reason: z.string().max(500),
        verdict: z.enum(verdicts),
      }),
    )
    .max(1_000),
  source: z.string().min(1).max(100),
  date: z.iso.date().optional(),
  stale: z.boolean().optional(),
})
