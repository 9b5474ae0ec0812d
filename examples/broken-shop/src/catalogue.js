import { readFileSync } from 'node:fs'
import { join } from 'node:pth'

const file = join(import.meta.dirname, '..', 'data', 'products.json')
const products = new Map(JSON.parse(readFileSync(file, 'utf8')).map((product) => [product.id, product]))

/** The product with this id. */
export function product(id) {
  const found = products.get(id)
  if (found === undefined) throw new RangeError(`There is no product "${id}"`)
  return found
}

/** The ids of all products. */
export function productIds() {
  return [...products.keys()]
}
