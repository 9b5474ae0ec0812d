import { fencesOf } from '../../patch/formats/fences.js'

/** The JSON values in a text. */
export interface JsonReading {
  /** The likeliest first; at most {@link valuesMax}. */
  readonly values: readonly unknown[]
  /** Why there is none, for the model that wrote the text. */
  readonly problem: string
}

const textLengthMax = 1_000_000
const valuesMax = 8
/** Characters that are read in search of values in prose: each bracket that is not closed is followed to the end of the text. */
const scannedMax = 2 * textLengthMax
/** Brackets in brackets; no schema that a model could follow goes deeper. */
const depthMax = 200

/**
 * Finds JSON in what a model wrote: the whole text; else fenced blocks, the last one first; else objects and lists that stand in
 * the prose, the longest first. Part of a value that is cut off or broken is none. A text with a member `__proto__` has none at all:
 * whoever copies such a value changes more than he thinks. Never throws.
 */
export function readJson(text: string): JsonReading {
  const trimmed = text.trim()
  if (trimmed === '') return { values: [], problem: 'the answer is empty' }
  if (trimmed.length > textLengthMax) return { values: [], problem: `the answer is longer than ${textLengthMax} characters` }
  try {
    return readText(trimmed)
  } catch (error) {
    if (error instanceof PrototypeMember) return { values: [], problem: error.message }
    throw error
  }
}

/** @throws PrototypeMember */
function readText(trimmed: string): JsonReading {
  const whole = parse(trimmed)
  if (whole.ok) return { values: [whole.value], problem: '' }
  const fenced = valuesOf(
    fencesOf(trimmed.split('\n'))
      .map(({ lines }) => lines.join('\n'))
      .reverse(),
  )
  const values = fenced.length > 0 ? fenced : valuesInProse(trimmed)
  return { values, problem: values.length > 0 ? '' : `it is not JSON: ${whole.problem}` }
}

function valuesOf(texts: readonly string[]): readonly unknown[] {
  const values: unknown[] = []
  for (const text of texts.slice(0, valuesMax)) {
    const parsed = parse(text)
    if (parsed.ok) values.push(parsed.value)
  }
  return values
}

type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string }

/** @throws PrototypeMember */
function parse(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text, withoutPrototype) as unknown }
  } catch (error) {
    if (error instanceof PrototypeMember) throw error
    // A syntax error, or a nesting too deep for the stack.
    return { ok: false, problem: error instanceof Error ? error.message : 'it cannot be read' }
  }
}

function withoutPrototype(name: string, value: unknown): unknown {
  if (name === '__proto__') throw new PrototypeMember('it has a member "__proto__"')
  return value
}

class PrototypeMember extends Error {}

/** Objects and lists in a text, none inside another. */
function valuesInProse(text: string): readonly unknown[] {
  const found: { readonly length: number; readonly value: unknown }[] = []
  const opening = /[{[]/g
  for (let left = scannedMax; left > 0;) {
    const at = opening.exec(text)?.index
    if (at === undefined) break
    const { end, closed } = followBrackets(text, at)
    left -= end - at
    const meant = beginning.test(text.slice(at, at + beginningLengthMax))
    // What is inside a value that was cut off is not what was asked for.
    if (!closed && meant) break
    if (!closed) continue
    const parsed = parse(text.slice(at, end))
    if (parsed.ok) found.push({ length: end - at, value: parsed.value })
    if (parsed.ok || meant) opening.lastIndex = end
  }
  return found
    .sort((a, b) => b.length - a.length)
    .slice(0, valuesMax)
    .map(({ value }) => value)
}

/** How JSON begins and prose does not: `{"`, `["`, `[{`, `[[`. */
const beginning = /^(?:\{\s*"|\[\s*["{[])/
const beginningLengthMax = 100

/** Follows the bracket at `start` to where it is closed, or cannot be any more. Brackets in strings do not count. */
function followBrackets(text: string, start: number): { readonly end: number; readonly closed: boolean } {
  const closers: string[] = []
  let at = start
  for (; at < text.length && closers.length <= depthMax; at += 1) {
    const character = text[at]
    if (character === '"') at = endOfString(text, at)
    else if (character === '{') closers.push('}')
    else if (character === '[') closers.push(']')
    else if (character === '}' || character === ']') {
      if (closers.pop() !== character) break
      if (closers.length === 0) return { end: at + 1, closed: true }
    }
  }
  return { end: at, closed: false }
}

/** The index of the quote that ends the string at `start`, or the end of the text. */
function endOfString(text: string, start: number): number {
  let at = start + 1
  while (at < text.length && text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at
}
