import { product } from './catalogue.js'

/** A cart holds how many of each product are wanted. */
export class Cart {
  #counts = new Map()

  add(id, count = 1) {
    if (!Number.isInteger(count) || count < 1) throw new RangeError(`Cannot add ${count} of "${id}"`)
    product(id)
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + count)
    return this
  }

  lines() {
    return [...this.#counts].map(([id, count]) => ({ ...product(id), count }))
  }

  get isEmpty() {
    return this.#counts.size === 0
  }
}
