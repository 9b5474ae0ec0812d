/** Writes an amount of cents as money: 1234 becomes "12.34 EUR". */
export function money(cents, currency = 'EUR') {
  const sign = cents < 0 ? '-' : ''
  const digits = String(Math.abs(cents)).padStart(3, '0')
  return `${sign}${digits.slice(0, -2)}.${digits.slice(-2)} ${currency}`
}
