import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import test from 'node:test'
import { Cart } from '../src/cart.js'
import { receipt } from '../src/receipt.js'

const expected = [
  '2 x Green tea           9.00 EUR',
  '1 x The art of tea     19.90 EUR',
  'Net                    28.90 EUR',
  'Tax                     1.80 EUR',
  'Total                  30.70 EUR',
].join('\n')

test('a receipt lists lines and totals', () => {
  assert.equal(receipt(new Cart().add('tea', 2).add('book')), expected)
})

test('the receipt command prints the same', () => {
  const root = join(import.meta.dirname, '..')
  assert.equal(execFileSync(join(root, 'bin', 'receipt'), ['tea', 'tea', 'book'], { encoding: 'utf8' }), `${expected}\n`)
})
