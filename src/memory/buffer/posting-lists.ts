import { sampleMax } from './shingles.js'

/** Slots for which there is room at first. */
const roomMin = 32
/** Place `p` of slot `s` is node `s * sampleMax + p`. */
const slotShift = Math.log2(sampleMax)
/** A node is three numbers in a row, since they are read together: its hash, and the next and the previous node of its list plus 1. */
const [hashAt, nextAt, previousAt, nodeLength] = [0, 1, 2, 3]

/**
 * Which slots have a hash, for many small sets of hashes: doubly linked lists in flat arrays, 2 KB a slot whatever is in it, so that a
 * hundred thousand sets are no work for the garbage collector, and one goes away without a search.
 */
export class PostingLists {
  #room = 0
  #nodes = new Int32Array(0)
  #lengths = new Uint8Array(0)
  /** The first node of a list plus 1, by the low bits of the hash; a list is shared by the hashes that have these in common. */
  #heads = new Int32Array(0)
  #sizes = new Int32Array(0)
  #free: number[] = []
  #slots = 0

  /** How many slots were ever used: each is below this. */
  get slots(): number {
    return this.#slots
  }

  /** Puts a set into a slot of its own. @param hashes - Each once, at most `sampleMax`. */
  add(hashes: Uint32Array): number {
    const slot = this.#free.pop() ?? this.#slots++
    if (slot >= this.#room) this.#allocate(Math.max(roomMin, this.#room * 2))
    this.#lengths[slot] = hashes.length
    const start = slot << slotShift
    for (let place = 0; place < hashes.length; place += 1) {
      this.#nodes[(start + place) * nodeLength + hashAt] = hashes[place] ?? 0
      this.#link(start + place)
    }
    return slot
  }

  /** Frees a slot that {@link add} gave. */
  remove(slot: number): void {
    const [start, nodes] = [slot << slotShift, this.#nodes]
    for (let node = start; node < start + this.#lengthOf(slot); node += 1) {
      const at = node * nodeLength
      const list = this.#listOf(nodes[at + hashAt] ?? 0)
      const [next, previous] = [nodes[at + nextAt] ?? 0, nodes[at + previousAt] ?? 0]
      if (previous === 0) this.#heads[list] = next
      else nodes[(previous - 1) * nodeLength + nextAt] = next
      if (next !== 0) nodes[(next - 1) * nodeLength + previousAt] = previous
      this.#sizes[list] = (this.#sizes[list] ?? 0) - 1
    }
    this.#lengths[slot] = 0
    this.#free.push(slot)
  }

  lengthOf(slot: number): number {
    return this.#lengthOf(slot)
  }

  /** At least as many as there are slots with this hash. */
  sizeOf(hash: number): number {
    return this.#sizes[this.#listOf(hash)] ?? 0
  }

  /** Counts one more for each slot that has this hash, and puts those into `met` that had none. */
  count(hash: number, counts: Uint8Array, met: number[]): void {
    const [nodes, wanted] = [this.#nodes, hash | 0]
    for (let node = this.#heads[this.#listOf(hash)] ?? 0; node !== 0;) {
      const at = (node - 1) * nodeLength
      if (nodes[at + hashAt] === wanted) {
        const slot = (node - 1) >> slotShift
        const before = counts[slot] ?? 0
        if (before === 0) met.push(slot)
        counts[slot] = before + 1
      }
      node = nodes[at + nextAt] ?? 0
    }
  }

  clear(): void {
    this.#slots = 0
    this.#free = []
    this.#nodes = new Int32Array(0)
    this.#lengths = new Uint8Array(0)
    this.#heads = new Int32Array(0)
    this.#sizes = new Int32Array(0)
    this.#room = 0
  }

  #lengthOf(slot: number): number {
    return this.#lengths[slot] ?? 0
  }

  #listOf(hash: number): number {
    return hash & (this.#heads.length - 1)
  }

  #allocate(room: number): void {
    const [nodes, lengths] = [this.#nodes, this.#lengths]
    this.#nodes = new Int32Array((room << slotShift) * nodeLength)
    this.#nodes.set(nodes)
    this.#lengths = new Uint8Array(room)
    this.#lengths.set(lengths)
    this.#heads = new Int32Array((room << slotShift) >> 1)
    this.#sizes = new Int32Array(this.#heads.length)
    // With more lists each hash is in another one.
    for (let slot = 0; slot < this.#room; slot += 1)
      for (let place = 0; place < this.#lengthOf(slot); place += 1) this.#link((slot << slotShift) + place)
    this.#room = room
  }

  #link(node: number): void {
    const [nodes, at] = [this.#nodes, node * nodeLength]
    const list = this.#listOf(nodes[at + hashAt] ?? 0)
    const head = this.#heads[list] ?? 0
    nodes[at + nextAt] = head
    nodes[at + previousAt] = 0
    if (head !== 0) nodes[(head - 1) * nodeLength + previousAt] = node + 1
    this.#heads[list] = node + 1
    this.#sizes[list] = (this.#sizes[list] ?? 0) + 1
  }
}
