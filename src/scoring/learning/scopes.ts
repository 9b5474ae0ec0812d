/** The members of a context that are read, in the order of their names; more would make each scope rarer, not better. */
const membersMax = 4
const textLengthMax = 100

/**
 * The scopes of a context, from general to special: one for each of its first members by name, then all of them together.
 * Only text, numbers and booleans make scopes.
 */
export function scopesOf(context: object | undefined): readonly string[] {
  if (context === undefined || context === null) return []
  const members = Object.entries(context)
    .filter(([, value]) => typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .slice(0, membersMax)
    .map(([name, value]) => `${name}=${value}`.slice(0, textLengthMax))
  return members.length < 2 ? members : [...members, members.join(' ')]
}
