/** The sound project: paths to texts. `check.js` passes on it, and on little else. */
export const project = {
  'package.json': `{
  "name": "shop",
  "version": "1.0.0",
  "private": true,
  "type": "module"
}
`,
  'data/prices.json': `{
  "currency": "EUR",
  "rates": { "standard": 0.2, "reduced": 0.1 },
  "items": [
    { "name": "tea", "price": 4.5, "tags": ["hot", "leaf"] },
    { "name": "jam", "price": 3, "tags": ["sweet"] },
    { "name": "bread", "price": 2.25, "tags": ["fresh", "grain"] }
  ]
}
`,
  'src/total.js': `export function total(items, rate) {
  let sum = 0
  for (const { price, count } of items) sum += price * count
  return Math.round(sum * (1 + rate) * 100) / 100
}

export function shipping(weight, express) {
  if (weight <= 0) return 0
  const base = 3 + Math.ceil(weight / 2) * 1.5
  return express ? base * 2 : base
}
`,
  'src/label.js': `export function label(item, index) {
  const place = index + 1
  if (item.hidden) return ''
  return place + '. ' + item.name.trim() + ' (' + item.tags.join(', ') + ')'
}

export const upper = (names) => names.map((name) => name.toUpperCase()).filter((name) => name.length > 3)
`,
  'src/stock.js': `import { readFileSync } from 'node:fs'

const text = readFileSync(new URL('../data/prices.json', import.meta.url), 'utf8')
const stock = JSON.parse(text)

export const limits = { low: [0, 10], high: [10, 100] }

export function find(name) {
  const found = stock.items.find((item) => item.name === name)
  return found ?? { name, price: 0, tags: [] }
}

export function levelOf(count) {
  if (count < limits.low[1]) return 'low'
  return count < limits.high[1] ? 'high' : 'full'
}

export const rateOf = (kind) => stock.rates[kind] ?? stock.rates.standard
`,
  'src/order.js': `import { find, rateOf } from './stock.js'
import { shipping, total } from './total.js'

export function order(wishes, { express = false } = {}) {
  const items = wishes.map(({ name, count }) => ({ ...find(name), count }))
  const weight = items.reduce((sum, { count }) => sum + count, 0)
  return { items, sum: total(items, rateOf('reduced')) + shipping(weight, express) }
}
`,
  'check.js': `import assert from 'node:assert/strict'
import { label, upper } from './src/label.js'
import { order } from './src/order.js'
import { find, levelOf, limits, rateOf } from './src/stock.js'
import { shipping, total } from './src/total.js'

assert.equal(total([{ price: 2, count: 3 }, { price: 0.5, count: 2 }], 0.1), 7.7)
assert.equal(total([], 0.2), 0)
assert.equal(shipping(0, true), 0)
assert.equal(shipping(3, false), 6)
assert.equal(shipping(4, true), 12)
assert.equal(label({ name: ' tea ', tags: ['hot', 'leaf'] }, 0), '1. tea (hot, leaf)')
assert.equal(label({ name: 'jam', tags: [], hidden: true }, 1), '')
assert.deepEqual(upper(['tea', 'bread', 'honey']), ['BREAD', 'HONEY'])
assert.deepEqual(find('tea'), { name: 'tea', price: 4.5, tags: ['hot', 'leaf'] })
assert.deepEqual(find('salt'), { name: 'salt', price: 0, tags: [] })
assert.deepEqual(limits, { low: [0, 10], high: [10, 100] })
assert.deepEqual([9, 10, 99, 100].map(levelOf), ['low', 'high', 'high', 'full'])
assert.deepEqual(['reduced', 'none'].map(rateOf), [0.1, 0.2])
assert.equal(order([{ name: 'tea', count: 2 }, { name: 'jam', count: 1 }]).sum, 19.2)
assert.equal(order([{ name: 'bread', count: 2 }], { express: true }).sum, 13.95)
`,
}

/**
 * What goes wrong: in the file at `path` the text `sound`, which stands there once, becomes `broken`. All of it is healed without
 * learning too; with about half, what is tried first is not it.
 */
export const damages = [
  { path: 'src/total.js', sound: '(1 + rate)', broken: '(1 + rate' },
  { path: 'src/total.js', sound: 'rate) * 100', broken: 'rate)  100' },
  { path: 'src/total.js', sound: '/ 2) * 1.5', broken: '/ 2)  1.5' },
  { path: 'src/total.js', sound: '(1 + rate', broken: '(1  rate' },
  { path: 'src/total.js', sound: 'items) sum', broken: 'items sum' },
  { path: 'src/total.js', sound: 'express ?', broken: 'exprss ?' },
  { path: 'src/label.js', sound: "join(', ')", broken: "join(', '" },
  { path: 'src/label.js', sound: 'toUpperCase())', broken: 'toUpperCase))' },
  { path: 'src/label.js', sound: 'toUpperCase())', broken: 'toUpperCase()' },
  { path: 'src/label.js', sound: "return ''", broken: "return '" },
  { path: 'src/label.js', sound: 'name.trim()', broken: 'name.trim(' },
  { path: 'src/label.js', sound: '(names)', broken: 'names)' },
  { path: 'src/label.js', sound: 'item.tags', broken: 'item.tag' },
  { path: 'src/stock.js', sound: "'low'", broken: "low'" },
  { path: 'src/stock.js', sound: 'readFileSync(new', broken: 'readFileSyncnew' },
  { path: 'src/stock.js', sound: 'JSON.parse', broken: 'JSON.pars' },
  { path: 'src/stock.js', sound: 'stock.items', broken: 'stok.items' },
  { path: 'src/stock.js', sound: 'data/prices.json', broken: 'data/price.json' },
  { path: 'src/stock.js', sound: 'node:fs', broken: 'node:fss' },
  { path: 'src/order.js', sound: 'find, rateOf', broken: 'fnd, rateOf' },
  { path: 'src/order.js', sound: './total.js', broken: './totals.js' },
  { path: 'src/order.js', sound: 'items.reduce', broken: 'item.reduce' },
  { path: 'data/prices.json', sound: '"price": 3', broken: '"price: 3' },
  { path: 'data/prices.json', sound: '{ "name": "jam"', broken: '"name": "jam"' },
  { path: 'data/prices.json', sound: '"leaf"]', broken: '"leaf"' },
  { path: 'data/prices.json', sound: '["sweet"] },', broken: '["sweet"] }' },
  { path: 'package.json', sound: '"private": true,', broken: '"private": true' },
  { path: 'package.json', sound: '"module"', broken: '"commonjs"' },
]

/** The text of a damaged file. */
export function damaged({ path, sound, broken }) {
  const text = project[path]
  if (text.split(sound).length !== 2) throw new RangeError(`Cannot damage ${path}: "${sound}" does not stand there once`)
  return text.replace(sound, () => broken)
}
