import assert from 'node:assert/strict'
import test from 'node:test'
import { productIds } from '../src/catalogue.js'
import { price } from '../src/price.js'

test('books are not taxed, tax is rounded once', () => {
  assert.deepEqual(price([{ cents: 1990, count: 1, taxed: false }]), { net: 1990, tax: 0, total: 1990 })
  assert.deepEqual(price([{ cents: 3, count: 1, taxed: true }, { cents: 4, count: 1, taxed: true }]), { net: 7, tax: 1, total: 8 })
})

test('nothing costs nothing', () => {
  assert.deepEqual(price([]), { net: 0, tax: 0, total: 0 })
})

test('the catalogue sells tea, cups and books', () => {
  assert.deepEqual(productIds(), ['tea', 'cup', 'book'])
})
