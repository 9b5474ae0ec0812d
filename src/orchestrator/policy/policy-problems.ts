import { similarNames } from '../../core/similar-name.js'
import { oneLine } from '../../core/text.js'
import { itemsMax, type FieldRange } from './policy-field.js'
import { join, policyFields, policySections } from './policy-paths.js'

/** At most this many problems are spelt out; the rest are counted. */
const spelledMax = 20
const nameLengthMax = 60

/** Collects what is wrong with a policy, in words, without keeping more than it will say. */
export interface Problems {
  /** Texts are made only when they will be said. */
  add(say: () => string): void
  readonly count: number
  /** All in one line, parted by semicolons. */
  text(): string
}

/** An empty collection of {@link Problems}. */
export function createProblems(): Problems {
  const texts: string[] = []
  let count = 0
  return {
    add(say) {
      count += 1
      if (texts.length < spelledMax) texts.push(say())
    },
    get count() {
      return count
    },
    text: () => [...texts, ...(count > texts.length ? [`and ${count - texts.length} more`] : [])].join('; '),
  }
}

/** A known field with a value that it does not take. `label` is how the person wrote the field, where that is not the path. */
export function misfit(path: string, value: unknown, label = path): string {
  const range = policyFields.get(path)?.note.range
  if (range === undefined) return notASection(path, value)
  if ((range.kind === 'list' || range.kind === 'records') && Array.isArray(value)) return misfitList(path, value, label)
  return `${label} is ${show(value)}, allowed: ${describeRange(path, range)}${suggestion(nearestOption(range, value))}`
}

function misfitList(path: string, items: readonly unknown[], label: string): string {
  const field = policyFields.get(path)
  const wrong = items.findIndex((item) => field?.accepts([item]) === false)
  const what = wrong < 0 ? `${label} is ${show(items)}` : `${label}[${wrong}] is ${show(items[wrong])}`
  return `${what}, allowed: ${field === undefined ? 'nothing' : describeRange(path, field.note.range)}`
}

/** A section (or the whole policy) that is not a plain object. */
export function notASection(path: string, value: unknown): string {
  return `${path === '' ? 'the policy' : path} is ${show(value)}, allowed: a plain object with ${namesIn(path)}`
}

/** A part whose reading threw. */
export function unreadable(path: string): string {
  return `${path === '' ? 'the policy' : path} cannot be read: its getter or proxy threw`
}

/** A name that a section does not have. */
export function unknownName(section: string, name: string | symbol, value: unknown): string {
  const near = typeof name === 'string' ? nearestPaths(section, name) : []
  const path = join(section, oneLine(String(name), nameLengthMax))
  return `${path} (${show(value)}) is not a field of the policy${near.length > 0 ? suggestion(near) : `, known here: ${namesIn(section)}`}`
}

/** What a field takes, in words. */
export function describeRange(path: string, range: FieldRange): string {
  switch (range.kind) {
    case 'number':
      return `a ${range.whole ? 'whole ' : ''}number${unitOf(path)} from ${range.min} to ${range.max}`
    case 'flag':
      return 'true or false'
    case 'choice':
      return range.options.map((option) => `"${option}"`).join(', ')
    case 'list':
      return `a list of at most ${range.itemsMax} texts, each of 1 to ${range.lengthMax} printable characters without commas or outer spaces`
    case 'records':
      return `a list of at most ${range.itemsMax} objects, each ${range.item}`
  }
}

/** `, did you mean …?`, or nothing. */
export function suggestion(names: readonly string[]): string {
  return names.length === 0 ? '' : `, did you mean ${names.join(' or ')}?`
}

/**
 * Known paths that a wrong name may stand for: misspelt here, at home in another section, misspelt there. Words in another
 * order or another case are the same name: `max_attempts` is `attemptsMax`.
 */
function nearestPaths(section: string, name: string): readonly string[] {
  if (name.length > nameLengthMax) return []
  if (policyFields.has(name) || policySections.has(name)) return [name]
  const here = (policySections.get(section)?.names ?? []).map((known) => join(section, known))
  const all = [...policySections.keys(), ...policyFields.keys()]
  const nearHere = nearest(name, here)
  return nearHere.length > 0 ? nearHere : nearest(name, all)
}

/** Any value in a few printable characters. Never throws, whatever the value is. */
export function show(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `"${oneLine(value, nameLengthMax)}"`
    case 'number':
      return Object.is(value, -0) ? '-0' : String(value)
    case 'boolean':
    case 'undefined':
      return String(value)
    case 'bigint':
      return 'a bigint' // its digits may be a million
    case 'symbol':
    case 'function':
      return `a ${typeof value}`
    case 'object':
      return value === null ? 'null' : showObject(value)
  }
}

function showObject(value: object): string {
  try {
    if (!Array.isArray(value)) return 'an object'
    return value.length > itemsMax ? `a list of more than ${itemsMax}` : `a list of ${value.length}`
  } catch {
    return 'an object' // a revoked proxy throws at anything
  }
}

function nearest(name: string, paths: readonly string[]): readonly string[] {
  const wordsByPath = new Map(paths.map((path) => [path, wordsOf(path.slice(path.lastIndexOf('.') + 1))]))
  const [best] = similarNames(wordsOf(name), new Set(wordsByPath.values()), 1)
  return paths.filter((path) => wordsByPath.get(path) === best).slice(0, 3)
}

/** The words of a name, sorted: equal for names that differ in case, separators or the order of words. */
function wordsOf(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '')
    .sort()
    .join(' ')
}

function nearestOption(range: FieldRange, value: unknown): readonly string[] {
  if (range.kind !== 'choice' || typeof value !== 'string' || value.length > nameLengthMax) return []
  return similarNames(value, range.options, 1).map((option) => `"${option}"`)
}

function namesIn(section: string): string {
  return (policySections.get(section)?.names ?? []).join(', ')
}

function unitOf(path: string): string {
  if (/Ms(?![a-z])/.test(path)) return ' of milliseconds'
  return /Bytes(?![a-z])/.test(path) ? ' of bytes' : ''
}
