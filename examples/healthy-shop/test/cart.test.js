import assert from 'node:assert/strict'
import test from 'node:test'
import { Cart } from '../src/cart.js'

test('a cart adds up what is put into it', () => {
  const cart = new Cart().add('tea').add('cup', 2).add('tea')
  assert.deepEqual(cart.lines().map(({ id, count }) => [id, count]), [['tea', 2], ['cup', 2]])
})

test('a new cart is empty, a used one is not', () => {
  assert.equal(new Cart().isEmpty, true)
  assert.equal(new Cart().add('book').isEmpty, false)
})

test('a cart refuses what is not for sale and what cannot be counted', () => {
  assert.throws(() => new Cart().add('coffee'), /no product "coffee"/)
  assert.throws(() => new Cart().add('tea', 0), RangeError)
  assert.throws(() => new Cart().add('tea', 1.5), RangeError)
})
