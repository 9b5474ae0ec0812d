/**
 * How likely a random order of values has at most so many inversions (pairs in which the earlier value is the larger one):
 * Kendall's null distribution, exact, ties included. For values in groups of equals the number of inversions has the
 * q-multinomial coefficient as its generating function (MacMahon 1915), here the product of one Mann-Whitney distribution for
 * each group. Every step adds numbers that are not negative, so nothing cancels.
 *
 * @param groupSizes - How many values are equal to each other, one whole number of at least 1 for each distinct value.
 * @returns The cumulative probability of 0, 1, 2, … inversions; the last is 1.
 */
export function inversionChances(groupSizes: readonly number[]): readonly number[] {
  let chances: readonly number[] = [1]
  let placed = 0
  for (const size of groupSizes) {
    chances = convolved(chances, betweenGroups(placed, size))
    placed += size
  }
  let total = 0
  return chances.map((chance) => (total = Math.min(1, total + chance)))
}

/** Chances of 0, 1, 2, … pairs in which one of `first` values stands behind one of `second` values, all orders equally likely. */
function betweenGroups(first: number, second: number): readonly number[] {
  // One row for each number of first values, one cell for each number of second ones; condition on who stands last.
  let row: readonly (readonly number[])[] = Array.from({ length: second + 1 }, () => [1])
  for (let a = 1; a <= first; a += 1) {
    const next: (readonly number[])[] = [[1]]
    for (let b = 1; b <= second; b += 1) next.push(mixed(shifted(row[b] ?? [], b), a / (a + b), next[b - 1] ?? [], b / (a + b)))
    row = next
  }
  return row[second] ?? [1]
}

function convolved(left: readonly number[], right: readonly number[]): readonly number[] {
  const sum = Array.from({ length: left.length + right.length - 1 }, () => 0)
  for (const [i, a] of left.entries()) for (const [j, b] of right.entries()) sum[i + j] = (sum[i + j] ?? 0) + a * b
  return sum
}

function shifted(chances: readonly number[], by: number): readonly number[] {
  return [...Array.from({ length: by }, () => 0), ...chances]
}

/** The longer one first: a value that stands last adds inversions, so its row is never the shorter one. */
function mixed(longer: readonly number[], weight: number, shorter: readonly number[], otherWeight: number): readonly number[] {
  return longer.map((chance, index) => chance * weight + (shorter[index] ?? 0) * otherWeight)
}
