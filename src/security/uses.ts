import { LRUCache } from 'lru-cache'
import type { AuditedFile } from './audited-file.js'
import { squeezed, type Fact, type FactKind } from './fact.js'
import { isParsable } from './language.js'
import type { Span } from './masked-text.js'
import { factsOf } from './script-facts.js'
import type { Side } from './side.js'

/** Something that one side of a file does, and where. */
export interface Use {
  /** Equal for what is the same thing on the other side. */
  readonly key: string
  readonly start: number
  readonly end: number
}

/** A thing to look for in a text. */
export interface Pattern {
  /**
   * Where to look. `code`: comments and strings are blank; `plain`: comments are blank, and a match begins in code; `values`:
   * comments are blank, a match may begin in a string; `text`: everything.
   */
  readonly in: 'code' | 'plain' | 'values' | 'text'
  /** With the `g` flag. Every repetition is bounded; `\s*` and `\s+` are, at 200, where the pattern is used. */
  readonly regex: RegExp
  /** Matches that are not meant. */
  readonly unless?: (match: RegExpExecArray, side: Side) => boolean
  /** What makes two matches the same; the matched text when absent. */
  readonly key?: string
}

/** All matches of patterns in a side. */
export function matchesIn(side: Side, patterns: readonly Pattern[]): readonly Use[] {
  const uses: Use[] = []
  let excuses = 0
  for (const pattern of patterns) {
    const text = pattern.in === 'code' ? side.masked.code : pattern.in === 'text' ? side.text : side.masked.plain
    for (const match of matchesOf(linear(pattern.regex), text)) {
      const start = match.index
      if (pattern.in === 'plain' && side.masked.code[start] !== text[start]) continue
      if (excuses < excusesMax && pattern.unless?.(match, side) === true) {
        excuses += 1
        continue
      }
      uses.push({ key: pattern.key ?? squeezed(match[0]), start, end: start + match[0].length })
      if (uses.length >= usesMax) return uses
    }
  }
  return uses
}

/** What the file does after the patch and did not do before, counted: one more of the same is one more. */
export function newUses(file: AuditedFile, find: Find): readonly Use[] {
  return file.after === undefined ? [] : onlyIn(file, [file.after, file.before], find)
}

/** What the file did before the patch and does not do after it. */
export function lostUses(file: AuditedFile, find: Find): readonly Use[] {
  return file.before === undefined ? [] : onlyIn(file, [file.before, file.after], find)
}

/** What the file can do after the patch and could not do at all before it. */
export function newCapability(file: AuditedFile, find: Find): readonly Use[] {
  return file.before !== undefined && find(file.before).length > 0 ? [] : newUses(file, find).slice(0, 1)
}

/** Facts of both sides, from syntax trees; `undefined` when a side there is does not parse. */
export function bothFacts(file: AuditedFile): { readonly before: readonly Fact[]; readonly after: readonly Fact[] } | undefined {
  const before = file.before === undefined ? [] : factsOf(file.before)
  const after = file.after === undefined ? [] : factsOf(file.after)
  return before === undefined || after === undefined ? undefined : { before, after }
}

/**
 * New facts of a kind; where a side does not parse, new matches of the patterns that stand in for it.
 */
export function newFacts(file: AuditedFile, kind: FactKind, otherwise: readonly Pattern[] = []): readonly Use[] {
  const both = bothFacts(file)
  if (both === undefined) return newUses(file, (side) => matchesIn(side, otherwise))
  return newUses(file, (side) => (side === file.after ? both.after : both.before).filter((fact) => fact.kind === kind))
}

/**
 * Facts of a kind that a function had before and has fewer of after, where the function lives on and the file as a whole has
 * fewer of them too. Where a side does not parse: lost matches of the patterns, if there are more lost than new.
 */
export function lostFacts(file: AuditedFile, kind: FactKind, otherwise: readonly Pattern[] = []): readonly Use[] {
  if (file.before === undefined || file.after === undefined) return []
  const both = bothFacts(file)
  if (both === undefined) return netLoss(file, otherwise)
  const before = both.before.filter((fact) => fact.kind === kind)
  const after = both.after.filter((fact) => fact.kind === kind)
  if (after.length >= before.length) return []
  const alive = new Set(both.after.filter((fact) => fact.kind === 'function').map((fact) => fact.scope))
  const lost: Fact[] = []
  for (const [scope, facts] of Map.groupBy(before, (fact) => fact.scope)) {
    const left = after.filter((fact) => fact.scope === scope)
    if (left.length >= facts.length || !(scope === '' || alive.has(scope))) continue
    lost.push(...withoutThose(facts, left))
  }
  return lost.slice(0, before.length - after.length)
}

/** Those of `some` that have no equal of their own among `others`. */
export function withoutThose<T extends { readonly key: string }>(
  some: readonly T[],
  others: readonly { readonly key: string }[],
): readonly T[] {
  const counts = countsOf(others)
  return some.filter(({ key }) => !consume(counts, key))
}

const usesMax = 5_000
/** Matches that are looked at twice; further ones count without, so that nothing can hide behind a crowd. */
const excusesMax = 2_000

/** Like `matchAll`, without its copy of the pattern for every text: there are many patterns, and most texts are short. */
function* matchesOf(regex: RegExp, text: string): Iterable<RegExpExecArray> {
  regex.lastIndex = 0
  for (let match = regex.exec(text); match !== null; match = regex.exec(text)) {
    const next = match[0] === '' ? regex.lastIndex + 1 : regex.lastIndex
    yield match
    regex.lastIndex = next // Whoever looked at the match may have used the pattern.
  }
}

const bounded = new WeakMap<RegExp, RegExp>()
/** By source: a pattern that stands inside a function is a new object each time, and would be compiled each time. */
const compiled = new LRUCache<string, RegExp>({ max: 1_000 })

/**
 * The pattern with its white space bounded. A long comment is a long run of blanks in a masked text, and two repetitions of
 * blanks next to each other would take the square of its length.
 */
function linear(regex: RegExp): RegExp {
  const known = bounded.get(regex)
  if (known !== undefined) return known
  const source = regex.source.replaceAll('\\s*', '\\s{0,200}').replaceAll('\\s+', '\\s{1,200}')
  const key = `${regex.flags} ${source}`
  const made = compiled.get(key) ?? new RegExp(source, regex.flags)
  if (!compiled.has(key)) compiled.set(key, made)
  bounded.set(regex, made)
  return made
}

function netLoss(file: AuditedFile, patterns: readonly Pattern[]): readonly Use[] {
  const find = (side: Side): readonly Use[] => matchesIn(side, patterns)
  const lost = lostUses(file, find)
  return lost.slice(0, Math.max(0, lost.length - newUses(file, find).length))
}

/**
 * Whether views of both sides can be trusted outside of changed lines. A text that does not parse may be read wrongly from its
 * damage on, and then a repair would make all the rest look new.
 */
function isExact(file: AuditedFile): boolean {
  const sides = [file.before, file.after].filter((side) => side !== undefined)
  return isParsable(file.path) && sides.every((side) => side.whole && side.trees !== undefined)
}

/** What stands between the first and the last character that differ, where a repair of a damaged script is to be told from the rest. */
function damageWindow({ path, before, after }: AuditedFile, side: Side): Span {
  const all = { start: 0, end: side.text.length }
  if (before === undefined || after === undefined || !isParsable(path) || !before.whole || before.trees !== undefined) return all
  const lengthMin = Math.min(before.text.length, after.text.length)
  let head = 0
  while (head < lengthMin && before.text[head] === after.text[head]) head += 1
  let tail = 0
  while (tail < lengthMin - head && before.text.at(-1 - tail) === after.text.at(-1 - tail)) tail += 1
  // A little wider, for the removal of a mark that made a comment or a string of what follows.
  return { start: head - windowMargin, end: side.text.length - tail + windowMargin }
}

const windowMargin = 3

type Find = (side: Side) => readonly Use[]

function onlyIn(file: AuditedFile, [side, other]: readonly [Side, Side | undefined], find: Find): readonly Use[] {
  const here = find(side)
  if (here.length === 0) return []
  const exact = isExact(file)
  const window = damageWindow(file, side)
  const counts = countsOf(other === undefined ? [] : find(other))
  const uses = here.map((use) => ({
    use,
    touched: side.touches(use.start, use.end) && use.start < window.end && use.end > window.start,
  }))
  // Those on unchanged lines are the old ones, so they use up the counts first.
  const only = new Set<Use>()
  for (const touched of [false, true]) {
    for (const entry of uses)
      if (entry.touched === touched && !consume(counts, entry.use.key) && (touched || exact)) only.add(entry.use)
  }
  return uses.filter((entry) => only.has(entry.use)).map((entry) => entry.use)
}

function countsOf(some: readonly { readonly key: string }[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const { key } of some) counts.set(key, (counts.get(key) ?? 0) + 1)
  return counts
}

function consume(counts: Map<string, number>, key: string): boolean {
  const count = counts.get(key) ?? 0
  if (count > 0) counts.set(key, count - 1)
  return count > 0
}
