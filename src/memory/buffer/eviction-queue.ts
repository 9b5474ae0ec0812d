/** An item and where it stands. But for the density, only the queue writes these. */
export interface Ranked {
  /** What it is worth per byte: value × cost to make it again ÷ size. */
  density: number
  frequency: number
  priority: number
  /** Counts every use of any item: the order among equals. */
  usedAt: number
  /** It is not ranked. */
  gone: boolean
}

/** A frequency stops counting here, so that no past makes an item immortal. */
export const frequencyMax = 65_535

/**
 * Says who goes first when room is needed: GreedyDual-Size-Frequency (Cherkasova, "Improving WWW Proxies Performance with
 * Greedy-Dual-Size-Frequency Caching Policy", HP Labs HPL-98-69, 1998). An item's priority is `clock + frequency × density`, set anew at
 * each use; the clock is the priority of the last one that went, so that whoever is not used falls behind in time, however dear.
 * Among equal priorities the least recently used one goes.
 *
 * A use only writes the item (priorities never fall); the heap learns of it when the item comes to its top.
 */
export class EvictionQueue<T extends Ranked> {
  /** A heap with four branches, in three arrays: to compare is to read numbers that lie side by side. */
  #items: T[] = []
  /** As they were when the heap saw the item last: never larger than they are. */
  #priorities = new Float64Array(64)
  #usedAts = new Float64Array(64)
  #clock = 0
  #uses = 0
  #gone = 0

  /** How many are ranked. */
  get size(): number {
    return this.#items.length - this.#gone
  }

  /** Ranks a new item, by its density and frequency. */
  add(item: T): void {
    item.priority = this.#clock + item.frequency * item.density
    item.usedAt = this.#uses += 1
    item.gone = false
    const place = this.#items.push(item) - 1
    if (place >= this.#priorities.length) this.#grow()
    this.#rise(place, item)
  }

  /** The item was used. */
  use(item: T): void {
    if (item.frequency < frequencyMax) item.frequency += 1
    const priority = this.#clock + item.frequency * item.density
    // One whose density has fallen keeps its place until the clock has passed it.
    if (priority > item.priority) item.priority = priority
    item.usedAt = this.#uses += 1
  }

  /** The item is not ranked any more. Constant time, on average. */
  remove(item: T): void {
    if (item.gone) return
    item.gone = true
    this.#gone += 1
    if (this.#gone > 64 && this.#gone * 2 > this.#items.length) this.#clean()
  }

  /** Takes away who goes first, and moves the clock on to it. `undefined`: nobody is there. */
  evict(): T | undefined {
    for (;;) {
      const top = this.#items[0]
      if (top === undefined) return undefined
      if (top.gone) {
        this.#gone -= 1
        this.#dropTop()
      } else if (this.#usedAts[0] === top.usedAt) {
        this.#clock = top.priority
        top.gone = true
        this.#dropTop()
        return top
      } else this.#sink(0, top)
    }
  }

  clear(): void {
    this.#items = []
    this.#gone = 0
  }

  #grow(): void {
    const [priorities, usedAts] = [this.#priorities, this.#usedAts]
    this.#priorities = new Float64Array(priorities.length * 2)
    this.#priorities.set(priorities)
    this.#usedAts = new Float64Array(usedAts.length * 2)
    this.#usedAts.set(usedAts)
  }

  #dropTop(): void {
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) this.#sink(0, last)
  }

  #clean(): void {
    const items = this.#items.filter(({ gone }) => !gone)
    this.#items = []
    this.#gone = 0
    for (const item of items) this.#rise(this.#items.push(item) - 1, item)
  }

  /** Finds the place of an item at or above an empty one. */
  #rise(from: number, item: T): void {
    const { priority, usedAt } = item
    let place = from
    while (place > 0) {
      const up = (place - 1) >> 2
      if (!this.#goesAfter(up, priority, usedAt)) break
      this.#move(up, place)
      place = up
    }
    this.#put(place, item)
  }

  /** Finds the place of an item at or below an empty one. */
  #sink(from: number, item: T): void {
    const { priority, usedAt } = item
    const count = this.#items.length
    let place = from
    for (let first = 4 * place + 1; first < count; first = 4 * place + 1) {
      let least = first
      for (let other = first + 1; other < Math.min(first + 4, count); other += 1)
        if (this.#goesAfter(least, this.#priorities[other] ?? 0, this.#usedAts[other] ?? 0)) least = other
      if (this.#goesAfter(least, priority, usedAt)) break
      this.#move(least, place)
      place = least
    }
    this.#put(place, item)
  }

  #goesAfter(place: number, priority: number, usedAt: number): boolean {
    const own = this.#priorities[place] ?? 0
    return own > priority || (own === priority && (this.#usedAts[place] ?? 0) > usedAt)
  }

  #move(from: number, to: number): void {
    const item = this.#items[from]
    if (item === undefined) return
    this.#items[to] = item
    this.#priorities[to] = this.#priorities[from] ?? 0
    this.#usedAts[to] = this.#usedAts[from] ?? 0
  }

  #put(place: number, item: T): void {
    this.#items[place] = item
    this.#priorities[place] = item.priority
    this.#usedAts[place] = item.usedAt
  }
}
