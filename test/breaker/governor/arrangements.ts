/** Every order of the values, once for each way to choose it: equal values are told apart, so each order is equally likely. */
export function arrangements<T>(values: readonly T[]): readonly (readonly T[])[] {
  if (values.length === 0) return [[]]
  return values.flatMap((value, index) => arrangements(values.toSpliced(index, 1)).map((rest) => [value, ...rest]))
}

/** The share of them for which `holds` is true. */
export function shareOf<T>(orders: readonly (readonly T[])[], holds: (order: readonly T[]) => boolean): number {
  return orders.filter(holds).length / orders.length
}
