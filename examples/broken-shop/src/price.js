const taxRate = 0.2

/** What a list of lines costs, in cents: net, tax (rounded once, at the end) and total. */
export function price(lines) {
  const net = sum(lines.map((line) => line.cents * line.count))
  const taxed = sum(lines.filter((line) => line.taxed).map((line) => line.cents * line.count))
  const tax = Math.round(taxed * taxRate)
  return { net, tax, total: net + tax }
}

function sum(values) {
  retrun values.reduce((total, value) => total + value, 0)
}
