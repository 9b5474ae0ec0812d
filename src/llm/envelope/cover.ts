import { redactedMark, redactSecrets } from '../../repair/model/redact.js'
import { personalKinds, replacePersonal, type PersonalKind } from './personal-data.js'

/**
 * Covers what must not leave the process, and can put back what it may. Secrets become a mark for good. Personal data becomes a
 * numbered placeholder, the same for the same value, so that a reply that speaks of it can be understood here; the values stay
 * in this object.
 */
export interface Cover {
  /** `restore` undoes it, but for secrets. Line breaks stay. */
  cover(text: string): string
  /** Puts back what the placeholders of this cover stand for; any other text stays. */
  restore(text: string): string
  /** Whether a text holds a placeholder that this cover never gave out, or the mark of a secret. */
  foreign(text: string): boolean
  /** How many different values were covered, by kind. */
  counts(): Readonly<Record<PersonalKind, number>>
}

/** @param kinds - What counts as personal data here; all kinds by default. */
export function createCover(kinds: readonly PersonalKind[] = personalKinds): Cover {
  const placeholders = new Map<string, string>()
  const values = new Map<string, string>()
  const numbers = new Map<string, number>()
  const restore = (text: string): string => text.replace(placeholder, (found) => values.get(found) ?? found)
  const placeholderOf = (kind: string, covered: string): string => {
    // The value may hold a placeholder given out a moment ago.
    const value = restore(covered)
    const known = placeholders.get(`${kind} ${value}`)
    if (known !== undefined) return known
    const number = (numbers.get(kind) ?? 0) + 1
    numbers.set(kind, number)
    const fresh = `__HOMEOSTAT_${kind.toUpperCase()}_${number}__`
    placeholders.set(`${kind} ${value}`, fresh)
    values.set(fresh, value)
    return fresh
  }
  return {
    cover(text) {
      // What looks like a placeholder already is covered itself: or else it would be restored to something else.
      const escaped = redactSecrets(text).replace(looksLikeOne, (found) => placeholderOf('text', found))
      return personalKinds
        .filter((kind) => kinds.includes(kind))
        .reduce(
          (left, kind) =>
            replacePersonal(left, kind, (value) => (value.includes(redactedMark) ? value : placeholderOf(kind, value))),
          escaped,
        )
    },
    restore,
    foreign: (text) =>
      text.includes(redactedMark) || Array.from(text.matchAll(placeholder)).some(([found]) => !values.has(found)),
    counts() {
      const count = (kind: PersonalKind): number => numbers.get(kind) ?? 0
      return { email: count('email'), iban: count('iban'), card: count('card'), ip: count('ip'), phone: count('phone') }
    },
  }
}

const placeholder = /__HOMEOSTAT_[A-Z]+_\d+__/g
const looksLikeOne = new RegExp(`__HOMEOSTAT_(?!${redactedMark.slice('__HOMEOSTAT_'.length)})`, 'g')
