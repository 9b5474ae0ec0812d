import * as z from 'zod'

/** Bins in an octave: neighbours differ by 14 to 25 %. */
const binsPerOctave = 4
/** From 1/16 ms to 9.3 hours; what is beyond counts as the nearest. */
const octaves = 29
const bins = octaves * binsPerOctave
/** Latencies are binned as whole multiples of 1/64 ms, which leaves two bits below the leading one from 1/16 ms on. */
const ticksPerMs = 64
const ticksMin = 4
const ticksMax = 2 ** 31 - 1
/** Standard deviations by which a learnt share is mistrusted. */
const marginSigmas = 2

/** What ranks are multiples of, so that they fit 16 bits; a power of two, because it is divided by on every call. */
const rankUnit = 65_536
const wordMax = 65_535

/** The longest memory of {@link LatencyQuantiles}: two full ones, added together, still fit a count of 16 bits. */
export const latencyMemoryCallsMax = 16_000

const wordsSchema = z.array(z.int().min(0).max(wordMax)).length(bins)

/** The shape of {@link LatencyQuantilesState}. */
export const latencyQuantilesSchema = z.strictObject({ calls: wordsSchema, ranks: wordsSchema })

/** {@link LatencyQuantiles} as plain JSON: for each bin its calls, and its rank as a multiple of 1/65 536. */
export type LatencyQuantilesState = z.infer<typeof latencyQuantilesSchema>

/**
 * The bin of a latency: the place of its leading bit and the two bits below it, as in an HDR histogram. Whole-number
 * arithmetic, because it runs on every call.
 *
 * @param latencyMs - At least 0; not NaN.
 */
export function latencyBinOf(latencyMs: number): number {
  const scaled = latencyMs * ticksPerMs
  const ticks = scaled < ticksMin ? ticksMin : scaled > ticksMax ? ticksMax : scaled | 0
  const octave = 31 - Math.clz32(ticks)
  return (octave - 2) * binsPerOctave + ((ticks >> (octave - 2)) & 3)
}

/** The latency at the lower edge of a bin, milliseconds; between two edges for a fraction. */
export function latencyOfBin(bin: number): number {
  const octave = Math.floor(bin / binsPerOctave)
  return (2 ** octave * (ticksMin + (bin - octave * binsPerOctave))) / ticksPerMs
}

/**
 * How latencies are usually spread: a histogram on a logarithmic scale that forgets. Nothing is assumed of their
 * distribution: a latency is judged by its rank among the earlier ones, which heavy tails and several humps do not disturb.
 *
 * Ranks are read from a table that {@link LatencyQuantiles.review} makes: adding them up on every call would cost six times
 * as much, most of it in branches that no processor can foresee.
 */
export class LatencyQuantiles {
  readonly #memoryCalls: number
  /** The calls in each bin, then the rank of each bin as a multiple of 1/65 536; made at the first call. */
  #table: Uint16Array | undefined
  #calls = 0
  /** Sum of the bins of all calls, for their geometric mean. */
  #binSum = 0

  /** @param memoryCalls - Half is forgotten whenever there are twice as many; taken as {@link latencyMemoryCallsMax} when above. */
  constructor(memoryCalls: number) {
    this.#memoryCalls = Math.min(memoryCalls, latencyMemoryCallsMax)
  }

  /** Calls that are remembered. */
  get calls(): number {
    return this.#calls
  }

  /** The geometric mean, milliseconds; NaN when there is nothing. */
  get typicalMs(): number {
    return typicalLatencyOf(this.#binSum, this.#calls)
  }

  /** Takes in calls by the bin of their latency. */
  add(bin: number, calls = 1): void {
    const table = (this.#table ??= new Uint16Array(2 * bins))
    table[bin] = (table[bin] ?? 0) + calls
    this.#calls += calls
    this.#binSum += bin * calls
    if (this.#calls >= 2 * this.#memoryCalls) this.#halve(table)
  }

  /** Takes in all that another one remembers. */
  addAll(other: LatencyQuantiles): void {
    for (const [bin, calls] of other.toJSON().calls.entries()) this.add(bin, calls)
  }

  /**
   * The share of calls that were faster than one in `bin`, 0..1, as of the last review: at least so much with 98 % certainty,
   * and as if the call had been half a bin faster, so that being a few percent slower is nothing.
   */
  rank(bin: number): number {
    return (this.#table?.[bins + bin] ?? 0) / rankUnit
  }

  /** Works out the ranks anew; costs about a microsecond. */
  review(): void {
    const table = this.#table
    if (table === undefined) return
    let below = 0
    let before = 0
    for (let bin = 0; bin < bins; bin += 1) {
      const here = table[bin] ?? 0
      // Half way between the middle of this bin and the middle of the one below.
      const share = (below + (here - before) / 4) / this.#calls
      const sure = share - marginSigmas * Math.sqrt((share * (1 - share)) / this.#calls)
      table[bins + bin] = Math.min(wordMax, Math.max(0, sure) * rankUnit)
      below += here
      before = here
    }
  }

  /** The latency, in milliseconds, that no more than `callsMax` of the remembered calls exceeded. */
  exceededBy(callsMax: number): number {
    let above = 0
    for (let bin = bins - 1; bin > 0; bin -= 1) {
      const here = this.#table?.[bin] ?? 0
      // Within the bin, as if its calls were spread evenly.
      if (above + here > callsMax) return latencyOfBin(bin + 1 - (callsMax - above) / here)
      above += here
    }
    return latencyOfBin(1)
  }

  toJSON(): LatencyQuantilesState {
    const table = this.#table ?? new Uint16Array(2 * bins)
    return { calls: [...table.subarray(0, bins)], ranks: [...table.subarray(bins)] }
  }

  /** Goes on where another one stood; if it remembered more calls than this one is to, they fade. */
  static from({ calls, ranks }: LatencyQuantilesState, memoryCalls: number): LatencyQuantiles {
    const quantiles = new LatencyQuantiles(memoryCalls)
    const table = Uint16Array.from([...calls, ...ranks])
    quantiles.#table = table
    quantiles.#sum(table)
    while (quantiles.#calls >= 2 * quantiles.#memoryCalls) quantiles.#halve(table)
    return quantiles
  }

  #halve(table: Uint16Array): void {
    // Rounded up, so that what is rare is not the first to be forgotten.
    table.set(table.subarray(0, bins).map((here) => (here + 1) >> 1))
    this.#sum(table)
  }

  #sum(table: Uint16Array): void {
    this.#calls = this.#binSum = 0
    for (const [bin, here] of table.subarray(0, bins).entries()) {
      this.#calls += here
      this.#binSum += bin * here
    }
  }
}

/** The geometric mean of latencies, milliseconds, from the sum of their bins. */
export function typicalLatencyOf(binSum: number, calls: number): number {
  return latencyOfBin(binSum / calls + 0.5)
}
