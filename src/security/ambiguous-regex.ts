/**
 * Whether a regular expression repeats, without bound, a group that can itself match one text in several ways: the common
 * cause of exponential time (`(a+)+`, `(\w+\s?)*`, `(.*)*`). A careful guess: a group with one part that must be there and is
 * not repeated counts as harmless.
 */
export function ambiguousRepetition(source: string): boolean {
  const groups: { readonly branches: Atom[][]; readonly start: number; readonly around: Atom[] }[] = []
  let current: Atom[] = []
  let at = 0
  const add = (kind: Atom['kind'], from: number): boolean => {
    const quantifier = /^(?:[*+?]|\{\d{0,5}(?:,\d{0,5})?\})/.exec(source.slice(from, from + 16))?.[0] ?? ''
    at = from + quantifier.length + (quantifier !== '' && source[from + quantifier.length] === '?' ? 1 : 0)
    const unbounded = quantifier === '*' || quantifier === '+' || /^\{\d+,\}$/.test(quantifier)
    current.push({ kind, unbounded, optional: quantifier === '*' || quantifier === '?' || quantifier.startsWith('{0') })
    return unbounded
  }
  while (at < source.length) {
    const char = source[at]
    if (char === '(') {
      const branch: Atom[] = []
      groups.push({ branches: [branch], start: at, around: current })
      current = branch
      at += /^\((?:\?(?:[:=!]|<[=!]|<\w{1,50}>))?/.exec(source.slice(at, at + 60))?.[0].length ?? 1
    } else if (char === ')') {
      const group = groups.pop()
      if (group === undefined) return false
      current = group.around
      const ambiguous = group.branches.some(isAmbiguous)
      const look = /^\(\?<?[=!]/.test(source.slice(group.start, group.start + 4))
      if (add(ambiguous ? 'ambiguous' : 'group', at + 1) && ambiguous && !look) return true
    } else if (char === '|') {
      const group = groups.at(-1)
      current = []
      group?.branches.push(current)
      at += 1
    } else if (char === '[') {
      add('atom', endOfClass(source, at))
    } else if (char === '^' || char === '$') {
      at += 1
    } else {
      add('atom', at + (char === '\\' ? 2 : 1))
    }
  }
  return false
}

interface Atom {
  readonly kind: 'atom' | 'group' | 'ambiguous'
  readonly unbounded: boolean
  readonly optional: boolean
}

/** Nothing in the branch is there exactly once, and something in it repeats. */
function isAmbiguous(branch: readonly Atom[]): boolean {
  const repeats = (atom: Atom): boolean => atom.unbounded || atom.kind === 'ambiguous'
  return branch.some(repeats) && branch.every((atom) => repeats(atom) || atom.optional)
}

function endOfClass(source: string, from: number): number {
  for (let at = from + 1; at < source.length; at += 1) {
    if (source[at] === '\\') at += 1
    else if (source[at] === ']') return at + 1
  }
  return source.length
}
