import * as z from 'zod'
import { AlarmLevel, alarmLevelSchema, fallMin, ratioMax } from './alarm-level.js'
import { CallsInFlight } from './calls-in-flight.js'
import { wilsonInterval } from './wilson.js'

/** How the calls in flight stand: as usual, more of them overdue than usual, or so many lost that one should stop calling. */
export type OverdueState = 'steady' | 'degrading' | 'tripped'

/** What speaks for calls that do not come back. */
export interface OverdueEvidence {
  /** The usual share of calls that become overdue, 0..1. */
  readonly baselineRatio: number
  /** Calls since the most likely change that came back or became overdue, the older ones faded; 0 while there is none. */
  readonly sinceCalls: number
  /** How many of them became overdue. */
  readonly overdue: number
  /** How many of those have not come back. */
  readonly missing: number
  /** The share of calls that are lost is at least this, 0..1. */
  readonly low: number
  /** Log likelihood ratio of "calls become overdue" against "it is as usual", nats. */
  readonly statistic: number
  /** What it must reach, nats. */
  readonly threshold: number
}

/** How {@link OverdueTrend} judges. */
export interface OverdueOptions {
  /** Calls per false alarm that one can live with; at least 100. */
  readonly falseTripBudget: number
  /** Share of lost calls, above 0 and below 1, past which one should stop calling. */
  readonly openAt: number
  /** Calls after which something learnt has faded; at least 100. Default 10 000. */
  readonly memoryCalls?: number | undefined
  /** Calls in flight that are tracked at most, the others being nobody's business; whole, 1 to 65 536. Default 1 024. */
  readonly trackedMax?: number | undefined
}

/** What is believed of the share of overdue calls before the first one: that they are rare. */
const prior = { overdue: 1, calls: 100 } as const
/** Standard deviations by which the usual share may be above what was learnt; and the most that it is taken for. */
const marginSigmas = 2
const usualRatioMax = 0.25
/** The share of overdue calls that the test is best at. It finds a complete standstill one call later than one made for that. */
const suspectRatio = 0.3
/** Calls since a change after which the older ones count half. */
const sinceCallsMax = 128
/**
 * Standard deviations of the bound that trips. That much, because an overdue call is not a failed one: a service that became
 * four times slower looks half lost at first. Measured on 400 changes of a language model at 10 calls/s: four times slower trips
 * in 18 %, six times in 92 %, three times in 1 %. It costs a standstill, where every call is missing, one call more.
 */
const lowSigmas = 4

const stateSchema = z.strictObject({
  version: z.literal(1),
  falseTripBudget: z.number().min(100),
  openAt: z.number().gt(0).lt(1),
  memoryCalls: z.number().min(100),
  trackedMax: z.int().min(1).max(65_536),
  calls: z.number().nonnegative(),
  overdue: z.number().nonnegative(),
  alarm: alarmLevelSchema,
})

/** What {@link OverdueTrend} has learnt, as plain JSON; calls in flight are not in it, and neither is what they are evidence of. */
export type OverdueTrendState = z.infer<typeof stateSchema>

/**
 * Sees a hang before the first timeout: calls whose age passes the limit of healthy ones are evidence at once. No timers; it
 * learns by being looked at, at the next start or end of a call.
 *
 * Every call that is accounted for, in the order of starts, is one that was overdue or not: Page's CUSUM for a share of 30 %
 * against the learnt one says `degrading`. An overdue call that comes back was slow and not lost. `tripped` needs a lower
 * bound of the share of lost calls above `openAt`, where of the calls that are missing as many are taken to come back as of
 * those that were overdue before.
 */
export class OverdueTrend {
  readonly #options: Pick<OverdueTrendState, 'falseTripBudget' | 'openAt' | 'memoryCalls' | 'trackedMax'>
  readonly #flight: CallsInFlight
  readonly #alarm: AlarmLevel
  // Learnt: calls accounted for, and how many of them were overdue.
  #calls = 0
  #overdue = 0
  /** Likelihood ratios of one call. */
  #ratioOverdue = 1
  #ratioInTime = 1
  // Since the most likely change.
  #evidence = 1
  #peak = 1
  #sinceTicket = 0
  #sinceCalls = 0
  #sinceOverdue = 0
  #sinceBack = 0
  #degrading = false

  /** @throws RangeError when an option is out of its range. */
  constructor({ falseTripBudget, openAt, memoryCalls = 10_000, trackedMax = 1_024 }: OverdueOptions) {
    if (!(falseTripBudget >= 100 && falseTripBudget < ratioMax))
      throw outOfRange('falseTripBudget', falseTripBudget, 'at least 100 and finite')
    if (!(openAt > 0 && openAt < 1)) throw outOfRange('openAt', openAt, 'above 0 and below 1')
    if (!(memoryCalls >= 100 && memoryCalls < Number.POSITIVE_INFINITY))
      throw outOfRange('memoryCalls', memoryCalls, 'at least 100 and finite')
    if (!(Number.isInteger(trackedMax) && trackedMax >= 1 && trackedMax <= 65_536))
      throw outOfRange('trackedMax', trackedMax, 'a whole number from 1 to 65 536')
    this.#options = { falseTripBudget, openAt, memoryCalls, trackedMax }
    this.#flight = new CallsInFlight(trackedMax)
    this.#alarm = new AlarmLevel(falseTripBudget)
    this.#learn()
  }

  get state(): OverdueState {
    if (!this.#degrading) return 'steady'
    return this.#low() > this.#options.openAt ? 'tripped' : 'degrading'
  }

  get evidence(): OverdueEvidence {
    return {
      baselineRatio: this.#usualRatio(),
      sinceCalls: this.#sinceCalls,
      overdue: this.#sinceOverdue,
      missing: this.#missing(),
      low: this.#low(),
      statistic: Math.log(this.#evidence),
      threshold: this.#alarm.nats,
    }
  }

  /**
   * A call starts.
   *
   * @param atMs - Time on any clock; it may jump, go back or stand still.
   * @returns A ticket for {@link ended}; −1 when the call is not tracked.
   */
  started(atMs: number): number {
    return this.#flight.start(atMs)
  }

  /** The call with this ticket ended, in time or not. Does nothing for −1, and the second time for the same ticket. */
  ended(ticket: number, ok: boolean): void {
    if (this.#flight.end(ticket, ok) && ok && ticket >= this.#sinceTicket && this.#evidence > 1) this.#sinceBack += 1
  }

  /**
   * Looks at the calls in flight.
   *
   * @param atMs - The time, as for {@link started}.
   * @param overdueAfterMs - Age at which a call is overdue; nothing is judged while it is `Infinity`, or no such age.
   */
  look(atMs: number, overdueAfterMs: number): OverdueState {
    this.#flight.watch(atMs)
    const known = overdueAfterMs > 0 && overdueAfterMs < Number.POSITIVE_INFINITY
    const limitMs = known ? overdueAfterMs : Number.POSITIVE_INFINITY
    for (let due = this.#flight.takeDue(limitMs); due !== 'pending'; due = this.#flight.takeDue(limitMs)) {
      // A call that failed is evidence of another kind, and others weigh it.
      if (known && due !== 'failed') this.#weigh(due === 'overdue')
    }
    return this.state
  }

  /**
   * Drops the evidence, and all calls in flight with it; keeps what was learnt.
   *
   * @param options - `falseTrip`: nothing was wrong, so this much evidence is usual.
   */
  reset({ falseTrip = false }: { readonly falseTrip?: boolean | undefined } = {}): void {
    if (falseTrip) this.#subside()
    else this.#clear()
    this.#flight.forget()
  }

  toJSON(): OverdueTrendState {
    return {
      version: 1,
      ...this.#options,
      calls: this.#calls,
      overdue: this.#overdue,
      alarm: this.#alarm.toJSON(),
    }
  }

  /**
   * Knows what another one, perhaps of another process, had learnt.
   *
   * @throws TypeError when `json` is not what `toJSON` gave.
   */
  static from(json: unknown): OverdueTrend {
    const parsed = stateSchema.safeParse(json)
    if (!parsed.success)
      throw new TypeError(`Cannot restore overdue evidence: ${z.prettifyError(parsed.error)}`, { cause: parsed.error })
    const state = parsed.data
    const trend = new OverdueTrend(state)
    trend.#calls = state.calls
    trend.#overdue = Math.min(state.overdue, state.calls)
    trend.#alarm.restore(state.alarm)
    trend.#learn()
    return trend
  }

  /** Written plainly: it runs on every call. */
  #weigh(overdue: boolean): void {
    this.#alarm.count()
    if (this.#evidence <= 1) {
      if (!overdue) {
        this.#calls += 1
        return
      }
      this.#sinceTicket = this.#flight.oldest - 1
    }
    this.#sinceCalls += 1
    if (overdue) this.#sinceOverdue += 1
    const evidence = this.#evidence * (overdue ? this.#ratioOverdue : this.#ratioInTime)
    this.#evidence = Math.min(ratioMax, evidence)
    if (evidence > this.#peak) this.#peak = this.#evidence
    if (evidence >= this.#alarm.ratio) this.#degrading = true
    if (evidence <= 1 || evidence < this.#peak * fallMin) this.#subside()
    else if (this.#sinceCalls >= sinceCallsMax) this.#fade()
  }

  /** Of calls that were overdue and came back after the count was halved, there can be more than are left. */
  #missing(): number {
    return Math.max(0, this.#sinceOverdue - this.#sinceBack)
  }

  /** Lower bound of the share of lost calls: of those missing, as many are taken to come back as of those overdue before. */
  #low(): number {
    if (this.#sinceOverdue === 0) return 0
    const missing = this.#missing()
    return wilsonInterval((missing * missing) / this.#sinceOverdue, this.#sinceCalls, lowSigmas).low
  }

  /** The older half of what is known since the change is forgotten, so that slow calls of an hour ago hide no hang of now. */
  #fade(): void {
    this.#sinceCalls /= 2
    this.#sinceOverdue /= 2
    this.#sinceBack /= 2
  }

  /** The evidence went as it had come: it is remembered, and the calls count as usual. */
  #subside(): void {
    this.#alarm.learn(this.#peak)
    this.#calls += this.#sinceCalls
    this.#overdue += this.#sinceOverdue
    if (this.#calls >= 2 * this.#options.memoryCalls) {
      this.#calls /= 2
      this.#overdue /= 2
    }
    this.#learn()
    this.#clear()
  }

  #clear(): void {
    this.#evidence = this.#peak = 1
    this.#sinceCalls = this.#sinceOverdue = this.#sinceBack = 0
    this.#degrading = false
  }

  #usualRatio(): number {
    return (this.#overdue + prior.overdue) / (this.#calls + prior.calls)
  }

  #learn(): void {
    const ratio = this.#usualRatio()
    const sigma = Math.sqrt((ratio * (1 - ratio)) / (this.#calls + prior.calls))
    const usual = Math.min(usualRatioMax, ratio + marginSigmas * sigma)
    this.#ratioOverdue = suspectRatio / usual
    this.#ratioInTime = (1 - suspectRatio) / (1 - usual)
  }
}

function outOfRange(name: string, value: number, range: string): RangeError {
  return new RangeError(`Cannot watch calls in flight: ${name} is ${value}, and must be ${range}`)
}
