import { noRow } from './entry.js'
import { GroupList } from './group-list.js'

/** A frequency stops counting here, so that no past makes an entry immortal. */
export const frequencyMax = 65_535

/**
 * Says who goes first when room is needed: GreedyDual-Size-Frequency (Cherkasova, "Improving WWW Proxies Performance with
 * Greedy-Dual-Size-Frequency Caching Policy", HP Labs HPL-98-69, 1998). A row's priority is `clock + gain`, set anew at each use, where
 * the gain is `frequency × density`; the clock is the priority of the last one that went, so that whoever is not used falls behind in
 * time, however dear. Among equal priorities the least recently used one goes.
 *
 * Gains are rounded down to four significant bits, which is finer than worth and cost are guessed. Rows of one gain form a group, and
 * since the clock never goes back a group in order of rank is in order of priority too: who goes first is the first of some group. There
 * are seldom more than a hundred groups to choose from, where a heap of all rows is deep and cold.
 *
 * Few rows are ranked anew at each use. Of many, a use is only written down, and the row is ranked anew when its turn to go comes (second
 * chance: Corbató, "A Paging Experiment with the Multics System", 1969): the rows beside it in its group would lie anywhere in memory,
 * which is what most of the time of a `get` would be spent on.
 */
// Numbers lie in a table and indices are written out, for speed: every `get` and `set` comes through here.
export class EvictionQueue {
  readonly #fewMax: number
  /** Rows that were ever ranked are below this. */
  #rows = 0
  /** Of these, those that nobody has. */
  readonly #free: number[] = []
  // One table in three views, so that all that is known of a row lies in one line of the processor's cache. By row, 32 bytes:
  /** 0: priority; 1: when it was last used. */
  #float64 = new Float64Array(4 * 64)
  /** 6: density. */
  #float32 = new Float32Array(this.#float64.buffer)
  /** 4 and 5: the one before and the one after it in its group; 7: frequency, group and {@link usedSince}, or 0: nobody has it. */
  #int32 = new Int32Array(this.#float64.buffer)
  /** By group. */
  readonly #firsts = new Int32Array(groupsMax).fill(noRow)
  readonly #lasts = new Int32Array(groupsMax).fill(noRow)
  readonly #groups = new GroupList(groupsMax)
  #clock = 0
  #uses = 0

  /** @param fewMax - So many rows are few. */
  constructor(fewMax = 1_000) {
    this.#fewMax = fewMax
  }

  /** How many are ranked. */
  get size(): number {
    return this.#rows - this.#free.length
  }

  /**
   * Ranks a new row, and gives its number: one that is free again, else the next.
   *
   * @param density - What it is worth per byte: value × cost to make it again ÷ size; finite, at least 0.
   * @param frequency - How often it has been used, 1 to {@link frequencyMax}.
   */
  add(density: number, frequency: number): number {
    const row = this.#free.pop() ?? this.#rows++
    if (4 * row >= this.#float64.length) this.#grow()
    this.#float32[8 * row + 6] = density
    this.#float64[4 * row + 1] = this.#uses += 1
    this.#append(row, frequency)
    return row
  }

  /** The row was used. */
  use(row: number): void {
    const [int32, at] = [this.#int32, 8 * row + 7]
    const word = int32[at] ?? 0
    int32[at] = ((word & frequencyMax) < frequencyMax ? word + 1 : word) | usedSince
    this.#float64[4 * row + 1] = this.#uses += 1
    if (this.#rows <= this.#fewMax) this.#rankAgain(row)
  }

  /** The row was changed, which is a use: from now on it is worth as much per byte. */
  change(row: number, density: number): void {
    this.#float32[8 * row + 6] = density
    this.use(row)
  }

  /** How often the row has been used. */
  frequencyOf(row: number): number {
    return (this.#int32[8 * row + 7] ?? 0) & frequencyMax
  }

  /** The rows, the most recently used first. */
  newestFirst(): readonly number[] {
    const usedAt = (row: number): number => this.#float64[4 * row + 1] ?? 0
    const rows: number[] = []
    for (let row = 0; row < this.#rows; row += 1) if (this.frequencyOf(row) > 0) rows.push(row)
    return rows.sort((a, b) => usedAt(b) - usedAt(a))
  }

  /** The row is not ranked any more. */
  remove(row: number): void {
    this.#unlink(row)
    this.#int32[8 * row + 7] = 0
    this.#free.push(row)
  }

  /** Takes away who goes first, and moves the clock on to it. {@link noRow}: nobody is there. */
  evict(): number {
    let row = this.#first()
    for (let chances = 0; chances < chancesMax && row !== noRow && this.#wasUsed(row); chances += 1) {
      this.#rankAgain(row)
      row = this.#first()
    }
    if (row === noRow) return noRow
    this.#clock = this.#float64[4 * row] ?? 0
    this.remove(row)
    return row
  }

  clear(): void {
    this.#rows = this.#free.length = 0
    this.#firsts.fill(noRow)
    this.#lasts.fill(noRow)
    this.#groups.clear()
  }

  #grow(): void {
    const old = this.#float64
    this.#float64 = new Float64Array(old.length * 2)
    this.#float64.set(old)
    this.#float32 = new Float32Array(this.#float64.buffer)
    this.#int32 = new Int32Array(this.#float64.buffer)
  }

  #first(): number {
    const group = this.#groups.least()
    return group < 0 ? noRow : (this.#firsts[group] ?? noRow)
  }

  /** Whether it was used since it was ranked. */
  #wasUsed(row: number): boolean {
    return ((this.#int32[8 * row + 7] ?? 0) & usedSince) !== 0
  }

  #rankAgain(row: number): void {
    this.#unlink(row)
    this.#append(row, this.frequencyOf(row))
  }

  /** Sets the priority, and puts the row at the end of its group. */
  #append(row: number, frequency: number): void {
    const int32 = this.#int32
    gainAsFloat[0] = (this.#float32[8 * row + 6] ?? 0) * frequency
    const group = (gainAsBits[0] ?? 0) >>> roundedBits
    gainAsBits[0] = group << roundedBits
    this.#float64[4 * row] = this.#clock + (gainAsFloat[0] ?? 0)

    const last = this.#lasts[group] ?? noRow
    this.#lasts[group] = row
    int32[8 * row + 4] = last
    int32[8 * row + 5] = noRow
    int32[8 * row + 7] = (group << frequencyBits) | frequency
    if (last === noRow) this.#lead(group, row)
    else int32[8 * last + 5] = row
  }

  #unlink(row: number): void {
    const int32 = this.#int32
    const [before, after] = [int32[8 * row + 4] ?? noRow, int32[8 * row + 5] ?? noRow]
    const group = ((int32[8 * row + 7] ?? 0) & ~usedSince) >>> frequencyBits
    if (before === noRow) this.#lead(group, after)
    else int32[8 * before + 5] = after
    if (after === noRow) this.#lasts[group] = before
    else int32[8 * after + 4] = before
  }

  /** The row is the first of the group from now on. */
  #lead(group: number, row: number): void {
    this.#firsts[group] = row
    if (row === noRow) this.#groups.set(group, Infinity, 0)
    else this.#groups.set(group, this.#float64[4 * row] ?? 0, this.#float64[4 * row + 1] ?? 0)
  }
}

/** At one eviction no more rows are ranked anew, so that it takes no longer however many were used. */
const chancesMax = 256
/** The last number of a row has its frequency in the low bits, then its group, and whether it was used since it was ranked. */
const frequencyBits = 16
const usedSince = 1 << 30
/** Of the 23 bits after the first one of a 32-bit float, three stay: with the sign, which is 0, and the exponent they are the group. */
const roundedBits = 20
const groupsMax = 2 ** (31 - roundedBits)
// One number, read in two ways. A gain below 1e-38 counts as 0, and none is above 1e20.
const gainAsFloat = new Float32Array(1)
const gainAsBits = new Int32Array(gainAsFloat.buffer)
