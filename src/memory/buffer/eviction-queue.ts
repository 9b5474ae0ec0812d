/** An item that can stand in an {@link EvictionQueue}. Only the queue writes this. */
export interface Ranked {
  /** Which row of the queue's tables is the item's; {@link notRanked}: none. */
  rank: number
}

/** The item is in no queue: it never was, or it has gone. */
export const notRanked = -1

/** A frequency stops counting here, so that no past makes an item immortal. */
export const frequencyMax = 65_535

/**
 * Says who goes first when room is needed: GreedyDual-Size-Frequency (Cherkasova, "Improving WWW Proxies Performance with
 * Greedy-Dual-Size-Frequency Caching Policy", HP Labs HPL-98-69, 1998). An item's priority is `clock + gain`, set anew at each use, where
 * the gain is `frequency × density`; the clock is the priority of the last one that went, so that whoever is not used falls behind in
 * time, however dear. Among equal priorities the least recently used one goes.
 *
 * Gains are rounded down to four significant bits, which is finer than worth and cost are guessed. Items of one gain form a group, and
 * since the clock never goes back a group in order of use is in order of priority too: who goes first is the first of some group. A use
 * takes constant time, and there are seldom more than a hundred groups to look at, where a heap of all items is deep and cold.
 */
// Numbers lie in typed arrays and indices are written out, for speed: every `get` and `set` comes through here.
export class EvictionQueue<T extends Ranked> {
  /** By rank. */
  readonly #items: (T | undefined)[] = []
  /** Ranks that nobody has. */
  readonly #free: number[] = []
  /** By rank, a row of four: priority, when it was last used, density, frequency. */
  #numbers = new Float64Array(4 * 64)
  /** By rank, a row of three: the one before and the one after it in its group, and the group. */
  #links = new Int32Array(3 * 64)
  /** By group. */
  readonly #firsts = new Int32Array(groupsMax).fill(nobody)
  readonly #lasts = new Int32Array(groupsMax).fill(nobody)
  /** The groups to look at: all that are not empty, and some that have become so. */
  readonly #groups: number[] = []
  readonly #isListed = new Uint8Array(groupsMax)
  #clock = 0
  #uses = 0

  /** How many are ranked. */
  get size(): number {
    return this.#items.length - this.#free.length
  }

  /**
   * Ranks a new item.
   *
   * @param density - What it is worth per byte: value × cost to make it again ÷ size; finite, at least 0.
   * @param frequency - How often it has been used, 1 to {@link frequencyMax}.
   */
  add(item: T, density: number, frequency: number): void {
    const rank = this.#free.pop() ?? this.#items.length
    if (4 * rank >= this.#numbers.length) this.#grow()
    this.#items[rank] = item
    item.rank = rank
    this.#numbers[4 * rank + 2] = density
    this.#numbers[4 * rank + 3] = frequency
    this.#append(rank)
  }

  /** The item was used. */
  use({ rank }: T): void {
    const frequency = at(this.#numbers, 4 * rank + 3)
    if (frequency < frequencyMax) this.#numbers[4 * rank + 3] = frequency + 1
    this.#unlink(rank)
    this.#append(rank)
  }

  /** The item was changed, which is a use: from now on it is worth as much per byte. */
  change(item: T, density: number): void {
    this.#numbers[4 * item.rank + 2] = density
    this.use(item)
  }

  /** How often the item has been used. */
  frequencyOf({ rank }: T): number {
    return at(this.#numbers, 4 * rank + 3)
  }

  /** The items, the most recently used first. */
  newestFirst(): readonly T[] {
    const usedAt = ({ rank }: T): number => at(this.#numbers, 4 * rank + 1)
    return this.#items.filter((item) => item !== undefined).sort((a, b) => usedAt(b) - usedAt(a))
  }

  /** The item is not ranked any more. */
  remove(item: T): void {
    const { rank } = item
    if (rank === notRanked) return
    this.#unlink(rank)
    this.#items[rank] = undefined
    this.#free.push(rank)
    item.rank = notRanked
  }

  /** Takes away who goes first, and moves the clock on to it. `undefined`: nobody is there. */
  evict(): T | undefined {
    const rank = this.#first()
    const item = this.#items[rank]
    if (item === undefined) return undefined
    this.#clock = at(this.#numbers, 4 * rank)
    this.remove(item)
    return item
  }

  clear(): void {
    for (const item of this.#items) if (item !== undefined) item.rank = notRanked
    this.#items.length = this.#free.length = 0
    this.#firsts.fill(nobody)
    this.#lasts.fill(nobody)
  }

  #grow(): void {
    const [numbers, links] = [this.#numbers, this.#links]
    this.#numbers = new Float64Array(numbers.length * 2)
    this.#numbers.set(numbers)
    this.#links = new Int32Array(links.length * 2)
    this.#links.set(links)
  }

  #first(): number {
    const [groups, firsts, numbers] = [this.#groups, this.#firsts, this.#numbers]
    let best = nobody
    let bestPriority = Infinity
    for (let index = groups.length - 1; index >= 0; index -= 1) {
      const group = groups[index] ?? 0
      const rank = rankAt(firsts, group)
      if (rank === nobody) {
        this.#unlist(index)
        continue
      }
      const priority = at(numbers, 4 * rank)
      if (priority > bestPriority) continue
      if (priority === bestPriority && at(numbers, 4 * rank + 1) > at(numbers, 4 * best + 1)) continue
      best = rank
      bestPriority = priority
    }
    return best
  }

  /** The last of the list takes its place: it has been looked at already. */
  #unlist(index: number): void {
    this.#isListed[this.#groups[index] ?? 0] = 0
    const last = this.#groups.pop() ?? 0
    if (index < this.#groups.length) this.#groups[index] = last
  }

  /** Sets the priority, and puts it at the end of its group. */
  #append(rank: number): void {
    const numbers = this.#numbers
    gainAsFloat[0] = at(numbers, 4 * rank + 2) * at(numbers, 4 * rank + 3)
    const group = (gainAsBits[0] ?? 0) >>> roundedBits
    gainAsBits[0] = group << roundedBits
    numbers[4 * rank] = this.#clock + (gainAsFloat[0] ?? 0)
    numbers[4 * rank + 1] = this.#uses += 1

    const links = this.#links
    const last = rankAt(this.#lasts, group)
    this.#lasts[group] = rank
    links[3 * rank] = last
    links[3 * rank + 1] = nobody
    links[3 * rank + 2] = group
    if (last !== nobody) links[3 * last + 1] = rank
    else {
      this.#firsts[group] = rank
      if (this.#isListed[group] === 0) {
        this.#isListed[group] = 1
        this.#groups.push(group)
      }
    }
  }

  #unlink(rank: number): void {
    const links = this.#links
    const before = rankAt(links, 3 * rank)
    const after = rankAt(links, 3 * rank + 1)
    const group = rankAt(links, 3 * rank + 2)
    if (before === nobody) this.#firsts[group] = after
    else links[3 * before + 1] = after
    if (after === nobody) this.#lasts[group] = before
    else links[3 * after] = before
  }
}

// Always within the array. Two of them, since one that reads both kinds of array is slower.
function at(numbers: Float64Array, index: number): number {
  return numbers[index] ?? 0
}

function rankAt(ranks: Int32Array, index: number): number {
  return ranks[index] ?? nobody
}

const nobody = -1
/** Of the 23 bits after the first one of a 32-bit float, three stay: with the exponent they are the number of the group. */
const roundedBits = 20
const groupsMax = 2 ** (31 - roundedBits)
// One number, read in two ways. A gain below 1e-38 counts as 0, and none is above 1e20.
const gainAsFloat = new Float32Array(1)
const gainAsBits = new Int32Array(gainAsFloat.buffer)
