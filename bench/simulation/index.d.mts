// Types of the simulation, for the tests that drive it with the detector of `src`.

/** Numbers in [0, 1). */
export type Random = () => number
/** Says for one call after the other whether it fails. */
export type Stream = (random: Random) => () => boolean
/** 0 steady, 1 degrading, 2 tripped. */
export type Level = 0 | 1 | 2

/** A rule that watches one stream of calls. */
export interface Watcher {
  start(call: number, atMs: number): Level
  settle(call: number, failed: 0 | 1, atMs: number, latencyMs: number): Level
  recovered(options?: { readonly falseTrip?: boolean }): void
}
export interface Rule {
  readonly name: string
  readonly learns?: boolean
  create(): Watcher
}

/** What of our detector the simulation uses. */
export interface Detector {
  look(atMs: number): string
  callStarted(atMs: number): number
  callEnded(ticket: number, ok: boolean): void
  step(ok: boolean, latencyMs: number, atMs: number): string
  reset(options?: { readonly falseTrip?: boolean }): void
  readonly verdict: { readonly reason: string }
}
export type DetectorClass = new (options?: { readonly falseTripBudget?: number; readonly openAt?: number }) => Detector

export interface Figure {
  readonly value: number
  readonly missed: number
  readonly text: string
}
export interface Section {
  readonly id: string
  readonly title: string
  readonly about: string
  readonly unit: string
  readonly columns: readonly { readonly id: string; readonly name: string }[]
  readonly rows: readonly {
    readonly name: string
    readonly ours: boolean
    readonly line: string
    readonly figures: Readonly<Record<string, Figure>>
  }[]
}
export interface Judgement {
  readonly section: string
  readonly row: string
  readonly cell: string
  readonly figure: string
  readonly max?: number
  readonly min?: number
  readonly why: string
  readonly passed: boolean
}

export const steady: 0
export const degrading: 1
export const tripped: 2

export function ours(detector: DetectorClass, name?: string, options?: { falseTripBudget?: number; openAt?: number }): Rule
export function variants(detector: DetectorClass): Rule[]
export function opossum(
  name: string,
  options?: { threshold?: number; volume?: number; windowMs?: number; buckets?: number },
): Rule
export function consecutive(name: string, count: number): Rule
export function sampling(name: string, options: { threshold: number; durationMs: number; callsPerSecondMin?: number }): Rule
export function polly(name: string, options?: { threshold?: number; callsMin?: number; windowMs?: number }): Rule
export function resilience4j(
  name: string,
  options?: { calls?: number; callsMin?: number; threshold?: number; slowMs?: number; slowThreshold?: number },
): Rule

export function seeded(...words: readonly (string | number)[]): Random
export function independent(rate: number): Stream
export function clusters(options: { rate: number; size: number }): Stream
export function bursts(options: { rate: number; burstCalls: number; burstRate: number; calmRate?: number }): Stream
export function moods(options: { burstCalls: number; calmCalls: number; burstRate: number; calmRate?: number }): Stream
export function swing(options: { low: number; high: number; periodCalls: number }): Stream
export function ramp(options: { from: number; to: number; calls: number }): Stream
export function take(next: () => boolean, calls: number): Uint8Array

/** A service that answers: how long it takes, and whether it fails. */
export interface Service {
  draw(random: Random): { readonly latencyMs: number; readonly failed: 0 | 1 }
}
export interface TrafficEvent {
  readonly call: number
  readonly atMs: number
  /** Undefined: the call starts; else it settles. */
  readonly latencyMs: number | undefined
  readonly failed: 0 | 1
}
export const hung: Service
export function modelLike(options?: {
  medianMs?: number
  sigma?: number
  errorRate?: number
  slowRate?: number
  slowFactor?: number
}): Service
export function slowed(service: Service, factor: number): Service
export function story(
  options: {
    before: Service
    after?: Service
    callsBefore: number
    callsAfter?: number
    callsPerSecond: number
    timeoutMs: number
  },
  random: Random,
): TrafficEvent[]

export function simulate(options: {
  rule: Rule
  variants?: readonly Rule[]
  quick?: boolean
  alone?: boolean
  seed?: string
  only?: readonly string[]
}): Section[]
export const bars: readonly {
  readonly section: string
  readonly line: string
  readonly cells: readonly string[]
  readonly max?: number
  readonly min?: number
  readonly why: string
}[]
export function sections(quick: boolean): readonly {
  readonly id: string
  readonly cells: readonly { readonly id: string }[]
  readonly lines: readonly { readonly id: string }[]
}[]
export function judge(sections: readonly Section[], options?: { byChance?: boolean }): Judgement[]
export function moreThanChance(figure: { count: number; calls: number }, callsEachMin: number): boolean
export function markdown(sections: readonly Section[]): string
export function barLines(judgements: readonly Judgement[]): string[]
export function validatePeers(options?: {
  streams?: number
  seed?: string | number
}): Promise<{ streams: number; trips: number; differences: number }>
export function incidentPicture(options: { rule: Rule; runs?: number; seed?: string }): string
export function timelinePicture(options: { TrendDetector: DetectorClass; seed?: string }): string
