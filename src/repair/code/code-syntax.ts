import { bracketReport, type BracketReport } from './code-brackets.js'
import { swallowsComment } from './code-comment-edits.js'
import type { CodeGuess } from './code-damage.js'
import { lexicalGuesses } from './code-lexical-edits.js'
import { modelOf, type TokenModel } from './code-model.js'
import { isReadable, parserFor, type CodeParser, type CodeProblem } from './code-parse.js'
import { damagedRegion } from './code-region.js'
import { swallower } from './code-template-edits.js'
import { tokenGuesses } from './code-token-edits.js'
import { tokenize, type CodeTokens } from './code-tokens.js'
import { conflictMarkers, type ConflictSides } from '../conflict-markers.js'
import { applyEdits, describeEdits, lowerFirst, placeOf, type TextEdit } from '../token-edits.js'

/** One way to make a JavaScript or TypeScript text valid. */
export interface CodeCandidate {
  /** The whole text after the repair. It parses without any error. */
  readonly text: string
  /** 0..1: how likely this is what was meant. Parsing proves little: let tests choose between near-equal ones. */
  readonly plausibility: number
  /** What was done, without the place: `Insert the missing ")"`. */
  readonly title: string
  /** Where it was done: `line 10, column 58`. */
  readonly place: string
}

export interface RepairCodeOptions {
  /** Tells the language by its extension. */
  readonly path: string
  /** Sound code of the same project: what is usual there ranks the candidates. */
  readonly samples?: readonly string[]
  readonly candidatesMax: number
  /** How often a text may be parsed; 1 500 unless told. */
  readonly parsesMax?: number
}

/**
 * Ways to repair damaged code by changes of one or two tokens, best first; none when it is valid, or nothing near helps.
 * The parser locates the damage; changes near it, and where brackets disagree with the indentation, are ranked by how usual
 * the tokens then are in the project (a noisy-channel model), and those that parse are kept. Work is bounded, not time:
 * the same text gives the same candidates.
 */
export function repairCode(text: string, options: RepairCodeOptions): readonly CodeCandidate[] {
  if (!isReadable(text) || options.candidatesMax < 1) return []
  const conflict = conflictMarkers(text)
  if (conflict !== undefined) return resolved(conflict, options)
  const parser = parserFor(options.path, text)
  const problem = parser.problem(text)
  return problem === undefined ? [] : new Search(text, parser, problem, options).run()
}

function resolved(conflict: ConflictSides, options: RepairCodeOptions): readonly CodeCandidate[] {
  const place = `line ${conflict.line}`
  const candidates = (['ours', 'theirs'] as const).flatMap((side): readonly CodeCandidate[] => {
    const text = conflict[side]
    const title = `Take the ${side === 'ours' ? 'first' : 'second'} side of the merge conflict`
    if (parserFor(options.path, text).problem(text) === undefined)
      return [{ text, title, place, plausibility: side === 'ours' ? 0.46 : 0.45 }]
    return repairCode(text, { ...options, candidatesMax: 2 }).map((candidate) => ({
      ...candidate,
      title: `${title}; ${lowerFirst(candidate.title)}`,
      plausibility: candidate.plausibility * 0.4,
    }))
  })
  return candidates
    .filter((candidate, index) => candidates.findIndex((other) => other.text === candidate.text) === index)
    .slice(0, options.candidatesMax)
}

/** A part of the text as far as it is repaired. */
interface Node {
  readonly edits: readonly TextEdit[]
  readonly text: string
  readonly score: number
  readonly offset: number
}

interface Found {
  readonly text: string
  readonly title: string
  readonly place: string
  readonly score: number
}

/** Candidates much less likely than the best are not looked for. */
const scoreMargin = 11
const parsesForFirstLevel = 300
const parsesForLaterLevel = 50
/** Characters that may be parsed for one text, so that a long one costs no more than many short ones. */
const charactersParsedMax = 4_000_000
/** Tokens that cannot be read, and brackets without a partner, beyond which nothing is looked for. */
const badMax = 300
const unmatchedMax = 40
/** Making the guesses for a text costs about as much as parsing it so many times. */
const readingsPerNode = 10
const levelsMax = 4
const beamWidth = 5

class Search {
  readonly #text: string
  readonly #parser: CodeParser
  readonly #problem: CodeProblem
  readonly #options: RepairCodeOptions
  readonly #read: CodeTokens
  readonly #brackets: BracketReport
  readonly #model: TokenModel
  readonly #found: Found[] = []
  readonly #seen = new Set<string>()
  #parsesLeft: number
  #charactersLeft = charactersParsedMax

  constructor(text: string, parser: CodeParser, problem: CodeProblem, options: RepairCodeOptions) {
    this.#text = text
    this.#problem = problem
    this.#parser = parser
    this.#options = options
    this.#read = tokenize(text)
    this.#brackets = bracketReport(this.#read.tokens)
    this.#model = modelOf(this.#read.tokens, options.samples ?? none)
    this.#parsesLeft = options.parsesMax ?? 1_500
  }

  run(): readonly CodeCandidate[] {
    if (this.#isHopeless()) return []
    for (const region of this.#regions()) {
      this.#searchRegion(region.start, region.end)
      if (this.#found.length > 0) break
    }
    return this.#ranked()
  }

  /** More is wrong than one or two slips of a hand: a text of another kind, or one made to exhaust its reader. */
  #isHopeless(): boolean {
    return this.#problem.exhausted || this.#read.bad > badMax || this.#brackets.unmatched > unmatchedMax
  }

  #regions(): readonly { readonly start: number; readonly end: number }[] {
    const { tokens, comments } = this.#read
    const { offset } = this.#problem
    const { suspect } = this.#brackets
    const swallowing = [
      comments.find((comment) => comment.open || swallowsComment(this.#text, comment))?.start,
      swallower(tokens)?.start,
    ].filter((start) => start !== undefined)
    const offsets =
      suspect === -1
        ? [...swallowing, offset]
        : [...swallowing, offset, tokens[suspect]?.start ?? this.#text.length, tokens[suspect - 1]?.start ?? 0]
    const region = damagedRegion(this.#text, this.#parser, offsets)
    const whole = { start: 0, end: this.#text.length }
    return region.end - region.start === this.#text.length ? [whole] : [region, whole]
  }

  #searchRegion(start: number, end: number): void {
    const text = this.#text.slice(start, end)
    const problem = this.#parser.partProblem(text)
    let beam: readonly Node[] = [{ edits: [], text, score: 0, offset: problem?.offset ?? text.length }]
    for (let level = 0; level < levelsMax && beam.length > 0 && this.#found.length === 0; level += 1) {
      const next: Node[] = []
      for (const node of beam)
        if (this.#charactersLeft > 0)
          next.push(...this.#expand(node, start, end, level === 0 ? parsesForFirstLevel : parsesForLaterLevel))
      beam = next.sort((a, b) => b.score - a.score).slice(0, beamWidth)
    }
  }

  /** Tries changes of one node, keeps those that are valid, and returns the most promising others. */
  #expand(node: Node, start: number, end: number, parsesMax: number): readonly Node[] {
    const failed: Node[] = []
    let best = Number.NEGATIVE_INFINITY
    let parses = 0
    let valid = 0
    this.#charactersLeft -= node.text.length * readingsPerNode
    for (const guess of guessesFor(node, this.#model)) {
      if (parses >= parsesMax || this.#parsesLeft <= 0 || this.#charactersLeft <= 0) break
      const score = node.score + guess.score
      if (valid > 0 && (score < best - scoreMargin || valid >= this.#options.candidatesMax + 2)) break
      const text = applyEdits(node.text, guess.edits)
      if (this.#seen.has(text)) continue
      this.#seen.add(text)
      parses += 1
      this.#parsesLeft -= 1
      this.#charactersLeft -= text.length
      const problem = this.#parser.partProblem(text)
      if (problem?.exhausted === true) this.#charactersLeft = 0
      const child = { text, score, edits: [...node.edits, ...guess.edits], offset: problem?.offset ?? text.length }
      if (problem !== undefined) failed.push({ ...child, score: score - 6 + progress(problem.offset - node.offset) })
      else if (this.#accept(child, start, end)) {
        valid += 1
        best = Math.max(best, score)
      }
    }
    return valid > 0 ? [] : failed
  }

  #accept({ text, score, edits }: Node, start: number, end: number): boolean {
    const whole = this.#text.slice(0, start) + text + this.#text.slice(end)
    this.#parsesLeft -= 1
    this.#charactersLeft -= whole.length
    if (this.#parser.problem(whole) !== undefined) return false
    this.#found.push({
      text: whole,
      title: describeEdits(edits),
      place: placeOf(
        this.#text,
        edits.map((edit) => ({ ...edit, start: edit.start + start })),
      ),
      score,
    })
    return true
  }

  #ranked(): readonly CodeCandidate[] {
    const ordered = distinct(this.#found.sort((a, b) => b.score - a.score)).slice(0, this.#options.candidatesMax)
    const best = ordered[0]?.score ?? 0
    const total = ordered.reduce((sum, found) => sum + Math.exp((found.score - best) / 2.5), 0)
    return ordered.map(({ text, title, place, score }) => ({
      text,
      title,
      place,
      plausibility: (0.95 * Math.exp((score - best) / 2.5)) / total,
    }))
  }
}

const none: readonly string[] = []

function guessesFor(node: Node, model: TokenModel): readonly CodeGuess[] {
  const damage = { ...tokenize(node.text), text: node.text, model, offset: node.offset }
  return [...tokenGuesses(damage), ...lexicalGuesses(damage)].sort((a, b) => b.score - a.score)
}

/** The parser got further: worth more than a likelier change that leaves it where it was. */
function progress(characters: number): number {
  return characters <= 0 ? -8 : Math.min(12, characters / 8)
}

/** Candidates that differ in white space only are one. */
function distinct(found: readonly Found[]): readonly Found[] {
  const kept = new Map<string, Found>()
  for (const candidate of found) {
    const key = tokenize(candidate.text)
      .tokens.map((token) => token.text)
      .join('\u0001')
    if (!kept.has(key)) kept.set(key, candidate)
  }
  return [...kept.values()]
}
