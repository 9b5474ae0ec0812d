// What the sections share: how runs begin, how rates and numbers are written, and streams of healthy services.
import { bursts, clusters, independent, moods, swing } from '../streams.mjs'

/** Calls that a rule has seen before something is asked of it. */
export const warmUpCalls = 10_000

export const percent = (rate) => `${100 * rate} %`
export const grouped = (calls) => calls.toLocaleString('en').replaceAll(',', ' ')

/** 100 calls/s unless said otherwise, at any phase of other people's windows. */
export const timesOf = (random, spacingMs = 10) => ({ startMs: 10_000 * random(), spacingMs })

/** Nothing is wrong with these, whatever they look like. */
export const healthy = [
  ...[0.001, 0.01, 0.05, 0.1, 0.2].map((rate) => ({ id: `independent ${percent(rate)}`, stream: independent(rate) })),
  ...[0.01, 0.05].map((rate) => ({ id: `clusters of 4, ${percent(rate)}`, stream: clusters({ rate, size: 4 }) })),
  { id: 'bursty 1 %', stream: bursts({ rate: 0.01, burstCalls: 10, burstRate: 0.5 }) },
  { id: 'bursty 5 %', stream: bursts({ rate: 0.05, burstCalls: 20, burstRate: 0.6 }) },
  { id: 'day and night, 0.5 to 10 %', stream: swing({ low: 0.005, high: 0.1, periodCalls: 50_000 }) },
  {
    id: 'bursts of 100 calls at 20 %',
    stream: moods({ burstCalls: 100, calmCalls: 5_000, burstRate: 0.2, calmRate: 0.001 }),
  },
].map((cell) => ({ ...cell, name: cell.id }))

export const healthyOnes = (ids) => healthy.filter(({ id }) => ids.includes(id))
