/** Which group has the least first row: groups are few, and the numbers of all of them lie in a row, so that looking at all is quick. */
export class GroupList {
  /** The groups that have a first row, and some that have none any more. */
  readonly #groups: Int32Array
  #size = 0
  /** As in {@link #groups}: the priority of its first row (`Infinity`: there is none), and when that was last used. */
  readonly #priorities: Float64Array
  readonly #usedAts: Float64Array
  /** By group: where it is in the others + 1; 0: nowhere. */
  readonly #places: Int32Array

  /** @param groupsMax - Groups are numbers below this. */
  constructor(groupsMax: number) {
    this.#groups = new Int32Array(groupsMax)
    this.#priorities = new Float64Array(groupsMax)
    this.#usedAts = new Float64Array(groupsMax)
    this.#places = new Int32Array(groupsMax)
  }

  /** Tells what the first row of a group is like. `Infinity`: there is none. */
  set(group: number, priority: number, usedAt: number): void {
    let place = (this.#places[group] ?? 0) - 1
    if (place < 0) {
      place = this.#size++
      this.#groups[place] = group
      this.#places[group] = place + 1
    }
    this.#priorities[place] = priority
    this.#usedAts[place] = usedAt
  }

  /** The group whose first row has the least priority, and among equals was used longest ago; -1: there is no row. */
  least(): number {
    const [priorities, usedAts] = [this.#priorities, this.#usedAts]
    let [best, least] = [-1, Infinity]
    for (let place = this.#size - 1; place >= 0; place -= 1) {
      const priority = priorities[place] ?? 0
      if (priority < least || (priority === least && best >= 0 && (usedAts[place] ?? 0) < (usedAts[best] ?? 0))) {
        best = place
        least = priority
      } else if (priority === Infinity) {
        // The last one takes its place: it has been looked at already.
        const last = (this.#size -= 1)
        if (best === last) best = place
        this.#move(last, place)
      }
    }
    return best < 0 ? -1 : (this.#groups[best] ?? -1)
  }

  clear(): void {
    this.#size = 0
    this.#places.fill(0)
  }

  #move(from: number, to: number): void {
    this.#places[this.#groups[to] ?? 0] = 0
    if (from === to) return
    const group = this.#groups[from] ?? 0
    this.#groups[to] = group
    this.#places[group] = to + 1
    this.#priorities[to] = this.#priorities[from] ?? 0
    this.#usedAts[to] = this.#usedAts[from] ?? 0
  }
}
