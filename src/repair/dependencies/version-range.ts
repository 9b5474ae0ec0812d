/** Major, minor and patch. */
type Numbers = readonly [number, number, number]
type Bound = (version: Numbers) => boolean

/** Whether `text` is a full version without a pre-release: `1.2.3`. */
export function isRelease(text: string): boolean {
  return /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:\+[\w.-]{1,100})?$/.test(text)
}

/** The first number of a version; `undefined` when it is none. */
export function majorOf(version: string): number | undefined {
  return numbersOf(version)?.[0]
}

/** Negative when `a` is older than `b`, positive when it is newer. A pre-release counts as its release; what is no version is oldest. */
export function compareVersions(a: string, b: string): number {
  return compare(numbersOf(a) ?? oldest, numbersOf(b) ?? oldest)
}

/**
 * Whether a version lies in a range, as npm reads them: `^1.2`, `~1.2.3`, `>=1 <3`, `1.x`, `1 - 2`, alternatives by `||`.
 * Pre-releases only fit the range that is exactly themselves. `undefined` when either cannot be read, as tags and addresses.
 */
export function satisfies(version: string, range: string): boolean | undefined {
  if (version === range) return true
  const numbers = numbersOf(version)
  if (numbers === undefined || range.length > rangeLengthMax) return undefined
  const alternatives = range.split('||').map((text) => boundsOf(text.trim()))
  const readable = alternatives.filter((bounds) => bounds !== undefined)
  if (readable.length < alternatives.length) return undefined
  return isRelease(version) && readable.some((bounds) => bounds.every((holds) => holds(numbers)))
}

const rangeLengthMax = 500
const oldest: Numbers = [-1, 0, 0]

function numbersOf(text: string): Numbers | undefined {
  const match = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+][\w.+-]{1,200})?$/.exec(text)
  return match === null ? undefined : [Number(match[1]), Number(match[2]), Number(match[3])]
}

function compare(a: Numbers, b: Numbers): number {
  return a[0] - b[0] || a[1] - b[1] || a[2] - b[2]
}

/** All have to hold. */
function boundsOf(text: string): readonly Bound[] | undefined {
  const span = /^(\S{1,60}) - (\S{1,60})$/.exec(text)
  const words =
    span === null ? text.replace(/([<>=^~])\s{1,20}/g, '$1').split(/\s+/) : [`>=${span[1] ?? ''}`, `<=${span[2] ?? ''}`]
  const bounds = words.map((word) => boundOf(word))
  const readable = bounds.filter((bound) => bound !== undefined)
  return readable.length === bounds.length ? readable : undefined
}

const comparator = /^(\^|~>?|>=|<=|>|<|=)?v?(\d{1,9}|[xX*])?(?:\.(\d{1,9}|[xX*]))?(?:\.(\d{1,9}|[xX*]))?(?:[-+][\w.+-]{1,100})?$/

function boundOf(word: string): Bound | undefined {
  const match = comparator.exec(word)
  if (match === null) return undefined
  const [major, minor, patch] = [match[2], match[3], match[4]].map((part) => (/^\d/.test(part ?? '') ? Number(part) : undefined))
  if (major === undefined) return () => true
  const from: Numbers = [major, minor ?? 0, patch ?? 0]
  /** The first version beyond everything that the text may stand for. */
  const beyond: Numbers =
    minor === undefined ? [major + 1, 0, 0] : patch === undefined ? [major, minor + 1, 0] : [major, minor, patch + 1]
  switch (match[1] ?? '=') {
    case '>=':
      return (version) => compare(version, from) >= 0
    case '>':
      return (version) => compare(version, beyond) >= 0
    case '<':
      return (version) => compare(version, from) < 0
    case '<=':
      return (version) => compare(version, beyond) < 0
    case '^':
      return between(from, caretEnd(from, minor, patch))
    case '~':
    case '~>':
      return between(from, minor === undefined ? beyond : [major, minor + 1, 0])
    default:
      return between(from, beyond)
  }
}

/** A caret lets everything vary behind the first number that is not zero. */
function caretEnd([major, minor, patch]: Numbers, minorGiven: number | undefined, patchGiven: number | undefined): Numbers {
  if (major > 0 || minorGiven === undefined) return [major + 1, 0, 0]
  if (minor > 0 || patchGiven === undefined) return [0, minor + 1, 0]
  return [0, 0, patch + 1]
}

function between(from: Numbers, end: Numbers): Bound {
  return (version) => compare(version, from) >= 0 && compare(version, end) < 0
}
