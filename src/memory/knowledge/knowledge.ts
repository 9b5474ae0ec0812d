import { whole, within } from '../../core/checked-number.js'
import type { Experience } from '../../core/experience.js'
import { callListener, warnOfListener } from '../../core/listeners.js'
import type { World } from '../../core/world.js'
import { analysisOf, type KnowledgeAnalysis } from './analysis.js'
import { classIdOf, faultClassOf, shapeSimilarity, type Classed } from './fault-class.js'
import { readExperience } from './knowledge-shapes.js'
import { experiencesMaxUsual, type KnowledgeStore, type StoreTotals } from './knowledge-store.js'
import { keyText, logged, patternOf, type LoggedExperience, type Pattern } from './pattern.js'
import { posteriorOf } from './posterior.js'
import { byWorth, contextOf, predictionOf, signalsOf, type Prediction, type PredictionScorer } from './prediction.js'
import { prune, type PruneOptions, type PruneReport } from './prune.js'
import { searchIn, type SearchHit } from './search.js'
import { exportLines, importLines, type ImportReport } from './transfer.js'

export interface KnowledgeOptions {
  readonly store: KnowledgeStore
  readonly world: World
  /** Calibrates predictions, and learns from how they turn out. One of its own: not the one that judges patches. */
  readonly scorer?: PredictionScorer
  /** Patterns that keep their detail, 1..1 000 000. Default 1 000. */
  readonly patternsMax?: number
  /** How alike two classes of faults must be to learn from each other, 0..1. Default 0.7. */
  readonly similarityMin?: number
  /** Default of {@link Knowledge.prune}, and the age by which a pattern is worth half when room is made. Default 30 days. */
  readonly ageMsMax?: number
  /** Hears what went wrong in `record` and `predict`, which never fail their caller. Default: a process warning. */
  readonly onError?: (error: unknown) => void
}

/** How knowledge is doing. */
export interface KnowledgeMetrics extends StoreTotals {
  /** Share of all attempts ever that worked, 0..1; `undefined` before the first. */
  readonly successRatio: number | undefined
  /** Since this object was made. */
  readonly predictions: number
  /** Predictions that had something to say. */
  readonly predictionsFound: number
  readonly errors: number
  readonly lastError?: string
}

/** Of a class of faults: how a strategy did at it, whatever its recipe. */
export interface StrategyRecord {
  readonly strategy: string
  readonly worked: number
  readonly failed: number
  readonly probability: number
  readonly lowerBound: number
  readonly upperBound: number
  readonly costMsMean: number
}

/** Patterns looked at for one prediction. */
const rowsMax = 200
const candidatesMax = 100

/**
 * What attempts at healing taught: which strategy, done how, works for which class of faults. Failures are kept like successes.
 * Predictions are ranked by a lower bound of the rate of success, so that one lucky attempt never outdoes a long record.
 */
export class Knowledge {
  readonly #store: KnowledgeStore
  readonly #world: World
  readonly #scorer: PredictionScorer | undefined
  readonly #patternsMax: number
  readonly #similarityMin: number
  readonly #ageMsMax: number
  readonly #onError: (error: unknown) => void
  #counts = { predictions: 0, predictionsFound: 0, errors: 0 }
  #lastError: string | undefined
  /** Details in the store, as far as this object knows; `undefined`: it has to look. */
  #details: number | undefined
  #detailsAddedSinceLooking = 0

  /** @throws RangeError when an option is out of its range. */
  constructor({
    store,
    world,
    scorer,
    patternsMax = 1_000,
    similarityMin = 0.7,
    ageMsMax = 30 * dayMs,
    onError = warnOfListener,
  }: KnowledgeOptions) {
    this.#patternsMax = whole('patternsMax', patternsMax, 1, 1_000_000)
    this.#similarityMin = within('similarityMin', similarityMin, 0, 1)
    this.#ageMsMax = within('ageMsMax', ageMsMax, 1)
    this.#store = store
    this.#world = world
    this.#scorer = scorer
    this.#onError = onError
  }

  /**
   * Keeps one experience, and makes room when there are too many patterns.
   *
   * @throws HS_INPUT_INVALID when it is none, before anything changes; what the store throws.
   */
  async store(experience: Experience): Promise<void> {
    const read = readExperience(experience)
    const pattern = patternOf(read)
    await this.#teach(pattern, read)
    const { detailIsNew } = await this.#store.add(pattern, logged(read))
    if (detailIsNew) await this.#makeRoom()
  }

  /** {@link store} for a host that must not fail: never rejects. Answers whether it was kept; a failure goes to `onError`. */
  async record(experience: Experience): Promise<boolean> {
    return this.#survive(false, async () => {
      await this.store(experience)
      return true
    })
  }

  /**
   * What is likely to heal a fault, best first: from its class, and where nothing worked there from similar ones. Never
   * rejects: without a store that works nothing is known.
   *
   * @param options - `limit`: at most so many, 1..200; default 5. Any other is a RangeError.
   */
  async predict(fault: Classed, { limit = 5 }: { readonly limit?: number } = {}): Promise<readonly Prediction[]> {
    whole('limit', limit, 1, rowsMax)
    const predictions = await this.#survive([], () => this.#predictions(fault))
    this.#counts.predictions += 1
    if (predictions.length > 0) this.#counts.predictionsFound += 1
    return predictions.slice(0, limit)
  }

  /** How each strategy did at the class of a fault, the most successful first. Never rejects. */
  async strategies(fault: Classed): Promise<readonly StrategyRecord[]> {
    return this.#survive([], async () => {
      const rows = await this.#store.ofClass(classIdOf(faultClassOf(fault)), rowsMax)
      return Object.values(Object.groupBy(rows, ({ strategy }) => strategy))
        .map((group = []) => recordOf(group))
        .sort((a, b) => b.lowerBound - a.lowerBound || a.costMsMean - b.costMsMean)
    })
  }

  /**
   * Patterns that are about the words of a query: code, message, tool, strategy, package. An empty query finds all.
   *
   * @param options - `limit`: at most so many, 1..1 000; default 20.
   */
  async search(query: string, { limit = 20 }: { readonly limit?: number } = {}): Promise<readonly SearchHit[]> {
    whole('limit', limit, 1, 1_000)
    return searchIn(this.#store, query, { limit, ageMsMax: this.#ageMsMax, nowEpochMs: this.#world.clock.epochMs() })
  }

  /** Totals, records of categories and strategies, what recurs, whether it gets better, and advice. */
  async analyze(): Promise<KnowledgeAnalysis> {
    return analysisOf(this.#store, { patternsMax: this.#patternsMax, logMax: experiencesMaxUsual })
  }

  /** How much is known, and how this object is doing. */
  async metrics(): Promise<KnowledgeMetrics> {
    const totals = await this.#store.totals()
    const attempts = totals.worked + totals.failed
    return {
      ...totals,
      successRatio: attempts === 0 ? undefined : totals.worked / attempts,
      ...this.#counts,
      ...(this.#lastError !== undefined && { lastError: this.#lastError }),
    }
  }

  /** The log of attempts, oldest first. */
  async history({ limit = 1_000 }: { readonly limit?: number } = {}): Promise<readonly LoggedExperience[]> {
    return this.#store.recent(whole('limit', limit, 0, 1_000_000))
  }

  /**
   * Gives up details that are old or unlikely, and lines of the log that are old. Counts stay, so that no failure is forgotten
   * and every rate is what it was.
   *
   * @throws RangeError when an option is out of its range.
   */
  async prune({
    ageMsMax = this.#ageMsMax,
    confidenceMin = 0.3,
    keepMin = 100,
  }: Partial<Omit<PruneOptions, 'patternsMax'>> = {}): Promise<PruneReport> {
    const options = {
      ageMsMax: within('ageMsMax', ageMsMax, 0),
      confidenceMin: within('confidenceMin', confidenceMin, 0, 1),
      keepMin: whole('keepMin', keepMin, 0),
      patternsMax: this.#patternsMax,
    }
    this.#details = undefined
    return prune(this.#store, options, this.#world.clock.epochMs())
  }

  /** Everything that was learnt as JSON lines, for another machine. The log stays here. */
  export(): AsyncGenerator<string, void> {
    return exportLines(this.#store)
  }

  /**
   * Adds the counts of what another knowledge base exported. Importing the same lines twice counts them twice.
   *
   * @param options - `recipes: false` takes what works and leaves how it is done: for lines whose origin you do not trust.
   * @throws HS_INPUT_INVALID for a line that is wrong; nothing has changed then.
   */
  async import(
    lines: AsyncIterable<string> | Iterable<string>,
    { recipes = true, signal }: { readonly recipes?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<ImportReport> {
    const report = await importLines(this.#store, lines, { recipes, signal })
    this.#details = undefined
    await this.#makeRoom()
    return report
  }

  /** Closes the store. */
  async close(): Promise<void> {
    await this.#store.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #predictions(fault: Classed): Promise<readonly Prediction[]> {
    const faultClass = faultClassOf(fault)
    const classId = classIdOf(faultClass)
    const own = await this.#store.ofClass(classId, rowsMax)
    const found = own.map((pattern) => predictionOf(pattern, 1, this.#scorer))
    if (own.some(({ worked }) => worked > 0)) return found.sort(byWorth)
    for (const pattern of await this.#store.ofKind(faultClass, candidatesMax)) {
      if (pattern.classId === classId || pattern.detail === undefined || pattern.worked === 0) continue
      const similarity = shapeSimilarity(pattern.detail.shape, faultClass.shape)
      // The same words under another tool are alike, and not the same.
      if (similarity >= this.#similarityMin) found.push(predictionOf(pattern, Math.min(similarity, 0.99), this.#scorer))
    }
    return found.sort(byWorth)
  }

  /** The scorer is shown what was known before the attempt, and then how it went. */
  async #teach(pattern: Pattern, { fingerprint }: Experience): Promise<void> {
    const scorer = this.#scorer
    if (scorer === undefined) return
    const rows = await this.#store.ofClass(pattern.classId, rowsMax)
    const before = rows.find((row) => keyText(row) === keyText(pattern))
    if (before === undefined) return
    const outcome = { correct: pattern.worked > 0, group: fingerprint, context: contextOf(before) }
    await this.#survive(undefined, () =>
      Promise.resolve(scorer.learn({ signals: signalsOf(before, posteriorOf(before)), ...outcome })),
    )
  }

  /** Keeps the number of details within its limit; a tenth of it goes at once, so that this is seldom. */
  async #makeRoom(): Promise<void> {
    this.#detailsAddedSinceLooking += 1
    this.#details = this.#details === undefined || this.#detailsAddedSinceLooking > 250 ? await this.#look() : this.#details + 1
    if (this.#details <= this.#patternsMax) return
    this.#details = undefined
    const patternsMax = Math.max(1, Math.floor(this.#patternsMax * 0.9))
    const all = { ageMsMax: this.#ageMsMax, confidenceMin: 0, keepMin: patternsMax, patternsMax }
    await prune(this.#store, all, this.#world.clock.epochMs())
  }

  /** Other processes may have added to the store. */
  async #look(): Promise<number> {
    this.#detailsAddedSinceLooking = 0
    return (await this.#store.totals()).patterns
  }

  async #survive<T>(otherwise: T, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      this.#counts.errors += 1
      this.#lastError = error instanceof Error ? error.message : String(error)
      callListener(() => this.#onError(error), warnOfListener)
      return otherwise
    }
  }
}

const dayMs = 24 * 60 * 60 * 1_000

function recordOf(group: readonly Pattern[]): StrategyRecord {
  const total = (read: (pattern: Pattern) => number): number => group.reduce((sum, pattern) => sum + read(pattern), 0)
  const counts = {
    worked: total(({ worked }) => worked),
    failed: total(({ failed }) => failed),
    plausibilitySum: total(({ plausibilitySum }) => plausibilitySum),
  }
  return {
    strategy: group[0]?.strategy ?? '',
    worked: counts.worked,
    failed: counts.failed,
    ...posteriorOf(counts),
    costMsMean: total(({ costMs }) => costMs) / Math.max(1, counts.worked + counts.failed),
  }
}
