const width = 32

/** A text on the left, another on the right. */
export function column(left, right) {
  return left + ' '.repeat(Math.max(1, width - left.length - right.length)) + right
}
