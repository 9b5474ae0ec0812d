/**
 * How strong the walls round a command are, weakest first. `process`: a child with limits, on a copy. `namespace`: that, and the
 * operating system shows it the copy and a read-only system, no network and no other process.
 */
export const sandboxTiers = ['process', 'namespace'] as const
/** One of {@link sandboxTiers}. */
export type SandboxTier = (typeof sandboxTiers)[number]

/** Whether a sandbox that says `tier` of itself will do where `least` is asked for; a name that we do not know is the weakest. */
export function reachesTier(tier: string, least: SandboxTier): boolean {
  return sandboxTiers.findIndex((name) => name === tier) >= sandboxTiers.indexOf(least) || least === sandboxTiers[0]
}
