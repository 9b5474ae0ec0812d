import { money } from 'shop-currency'
import { column } from './layout.js'
import { price } from './price.js'

/** A receipt as text: one line for each product, then the totals. */
export function receipt(cart) {
  const lines = cart.lines()
  const { net, tax, total } = price(lines)
  return [
    ...lines.map((line) => column(`${line.count} x ${line.name}`, money(line.cents * line.count))),
    column('Net', money(net)),
    column('Tax', money(tax)),
    column('Total', money(total)),
  ].join('\n')
}
