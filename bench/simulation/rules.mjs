import { consecutive, sampling } from './peers/cockatiel.mjs'
import { opossum } from './peers/opossum.mjs'
import { polly } from './peers/polly.mjs'
import { resilience4j } from './peers/resilience4j.mjs'

/** The peers, at their defaults and at the settings that people choose when the default is too slow. */
export const peers = [
  opossum('opossum, default'),
  opossum('opossum 20 %, volume 20', { threshold: 0.2, volume: 20 }),
  consecutive('cockatiel Consecutive(5)', 5),
  sampling('cockatiel Sampling(20 %, 10 s)', { threshold: 0.2, durationMs: 10_000 }),
  resilience4j('resilience4j, default (50 % of 100)'),
  resilience4j('resilience4j 50 % of 20, at least 10', { calls: 20, callsMin: 10 }),
  polly('Polly 8, default (10 % in 30 s)'),
]

/** For calls that are few: one that differs from a peer above only then. */
export const thinTrafficPeer = sampling('cockatiel Sampling(20 %, 10 s, 1 call/s)', {
  threshold: 0.2,
  durationMs: 10_000,
  callsPerSecondMin: 1,
})

/** For calls that take time: resilience4j told beforehand what slow means, which ours must find out. */
export const slowCallPeer = resilience4j('resilience4j, slow > 2 s, 50 % of 100', { slowMs: 2_000, slowThreshold: 0.5 })
