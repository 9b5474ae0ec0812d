/** What can be in a {@link LinkedList}; the list alone writes these fields. An entry is in at most one list. */
export interface LinkedEntry {
  previous: LinkedEntry | undefined
  next: LinkedEntry | undefined
}

/**
 * A list in the order of arrival whose entries carry their own links: adding and removing anywhere are a few assignments and
 * allocate nothing. A `Set` does the same at several times the cost, which every guarded call would pay.
 */
export class LinkedList<E extends LinkedEntry> {
  #first: E | undefined
  #last: E | undefined

  get first(): E | undefined {
    return this.#first
  }

  get last(): E | undefined {
    return this.#last
  }

  /** Adds at the end. The entry must be in no list. */
  add(entry: E): void {
    entry.previous = this.#last
    if (this.#last === undefined) this.#first = entry
    else this.#last.next = entry
    this.#last = entry
  }

  /** Takes it out; returns whether it was in. */
  remove(entry: E): boolean {
    if (entry.previous === undefined && this.#first !== entry) return false
    // Only entries of this list's own type are ever linked.
    const previous = entry.previous as E | undefined
    const next = entry.next as E | undefined
    if (previous === undefined) this.#first = next
    else previous.next = next
    if (next === undefined) this.#last = previous
    else next.previous = previous
    entry.previous = undefined
    entry.next = undefined
    return true
  }

  /** Forgets all of them; their links stay as they are, for nobody looks at them again. */
  clear(): void {
    this.#first = undefined
    this.#last = undefined
  }
}
