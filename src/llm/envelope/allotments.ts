/** What a part of a text would like to have. */
export interface Want {
  readonly bytes: number
  /** The share of the whole, 0..1, that it may have before the less valuable parts had their turn. */
  readonly share: number
}

/**
 * Divides `bytesMax` among parts, the most valuable first. Each gets what it wants up to its share as long as there is any;
 * then what is left goes round in the same order. So a part has less than its share only when those behind it have nothing.
 */
export function allotments(wants: readonly Want[], bytesMax: number): readonly number[] {
  let left = Math.max(0, Math.floor(bytesMax))
  const give = (wanted: number): number => {
    const given = Math.min(wanted, left)
    left -= given
    return given
  }
  const first = wants.map(({ bytes, share }) => give(Math.min(bytes, Math.floor(bytesMax * share))))
  return wants.map(({ bytes }, index) => {
    const had = first[index] ?? 0
    return had + give(bytes - had)
  })
}
