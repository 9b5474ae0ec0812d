import { readingsAt, type Reading } from './json-readings.js'
import { lineStartBefore, triviaAt, type Trivia } from './json-trivia.js'
import type { TextEdit } from './token-edits.js'

/** A set of edits that makes a JSON text valid, and what speaks against it in hundredths of one edit. */
export interface JsonRepair {
  readonly edits: readonly TextEdit[]
  readonly cost: number
}

export interface JsonSearchOptions {
  readonly commentsAllowed: boolean
  /** How many repairs are wanted. */
  readonly repairsMax: number
  /** How many states may be looked at. */
  readonly statesMax: number
  /** States that lie further than this behind the furthest one are given up. */
  readonly lookBackMax: number
}

/**
 * The cheapest edits that make `text` one JSON document, best first: a uniform-cost search (Dijkstra 1959) over the states
 * of a JSON automaton with its stack, in which each edit has a price and brackets that disagree with the indentation have
 * a small one. Equal states are merged. Only punctuation and quotes are ever inserted, never a key or a value.
 */
export function searchJsonRepairs(text: string, options: JsonSearchOptions): readonly JsonRepair[] {
  return isTooDeep(text) ? [] : new Search(text, options).run()
}

/** What may come next. `first-*`: the container was just opened, so it may close. `member`: the value after a colon. */
type Expect = 'document' | 'first-key' | 'key' | 'colon' | 'member' | 'first-item' | 'item' | 'after'
const expectIds: Readonly<Record<Expect, number>> = { document: 0, 'first-key': 1, key: 2, colon: 3, member: 4, 'first-item': 5, item: 6, after: 7 }

/** An open bracket. */
interface Frame {
  readonly id: number
  readonly kind: '{' | '['
  readonly parent: Frame | undefined
  /** Whether we opened it: then a bracket of the text must close it. */
  readonly inserted: boolean
  /** The indentation of the line it was opened on. */
  readonly lineIndentation: number
  /** The indentation of its members, when the first one starts a line. */
  readonly memberIndentation: number | undefined
}

interface State {
  readonly offset: number
  readonly expect: Expect
  readonly frame: Frame | undefined
  readonly cost: number
  readonly edits: readonly TextEdit[]
  readonly previous: State | undefined
  /** End of the last token. */
  readonly tokenEnd: number
}

/** Paths kept for each state: more than one, so that the second-best repair is found too. */
const visitsMax = 3
const costMax = 3_000
/** Scalars that may be read in several ways: a text with more is no damaged JSON. */
const doubtsMax = 500
/** Brackets within brackets; nobody means more. */
const depthMax = 500
const indentationPenalty = 35
/** Later repairs that cost this much more than the best are of no use. */
const costMarginMax = 50

class Search {
  readonly #text: string
  readonly #options: JsonSearchOptions
  readonly #queue: State[][] = []
  readonly #visits = new Map<number, number>()
  readonly #frames = new Map<string, Frame>()
  readonly #trivia = new Map<number, Trivia>()
  readonly #readings = new Map<number, readonly Reading[]>()
  #doubtsLeft = doubtsMax

  constructor(text: string, options: JsonSearchOptions) {
    this.#text = text
    this.#options = options
  }

  run(): readonly JsonRepair[] {
    const found: JsonRepair[] = []
    let states = 0
    let furthest = 0
    // A short text that needs many changes is something else.
    let limit = Math.min(costMax, 180 + Math.floor(this.#text.length / 2))
    this.#push({ offset: 0, expect: 'document', frame: undefined, cost: 0, edits: [], previous: undefined, tokenEnd: 0 })
    for (let cost = 0; cost <= limit; cost += 1) {
      // The bucket grows while it is emptied: steps of no cost land in it. Depth first, for the text's end is the goal.
      for (let state = this.#queue[cost]?.pop(); state !== undefined; state = this.#queue[cost]?.pop()) {
        if (state.offset < furthest - this.#options.lookBackMax || !this.#enter(state)) continue
        states += 1
        if (states > this.#options.statesMax || this.#doubtsLeft < 0) return found
        if (state.offset > furthest) furthest = state.offset
        const trivia = this.#triviaAt(state.offset)
        if (trivia.end < this.#text.length) {
          this.#step(state, trivia)
          continue
        }
        if (state.expect === 'after' && state.frame === undefined) {
          const edits = [...editsOf(state), ...trivia.edits]
          if (invents(edits)) continue
          found.push({ cost: state.cost + trivia.cost, edits })
          limit = Math.min(limit, state.cost + costMarginMax)
          if (found.length >= this.#options.repairsMax) return found
        } else this.#close(state, trivia, true)
      }
    }
    return found
  }

  #enter(state: State): boolean {
    const key = ((state.frame?.id ?? 0) * (this.#text.length + 1) + state.offset) * 8 + expectIds[state.expect]
    const visits = this.#visits.get(key) ?? 0
    this.#visits.set(key, visits + 1)
    return visits < visitsMax
  }

  #push(state: State): void {
    if (state.cost > costMax) return
    const bucket = this.#queue[state.cost]
    if (bucket === undefined) this.#queue[state.cost] = [state]
    else bucket.push(state)
  }

  #go(from: State, to: { readonly offset: number; readonly expect: Expect; readonly frame?: Frame | undefined; readonly cost: number; readonly edits?: readonly TextEdit[]; readonly token?: boolean }): void {
    this.#push({
      offset: to.offset,
      expect: to.expect,
      frame: 'frame' in to ? to.frame : from.frame,
      cost: from.cost + to.cost,
      edits: to.edits ?? [],
      previous: from,
      tokenEnd: to.token === false ? from.tokenEnd : to.offset,
    })
  }

  #triviaAt(offset: number): Trivia {
    const known = this.#trivia.get(offset)
    if (known !== undefined) return known
    const trivia = triviaAt(this.#text, offset, this.#options.commentsAllowed)
    this.#trivia.set(offset, trivia)
    return trivia
  }

  #readingsAt(offset: number): readonly Reading[] {
    const known = this.#readings.get(offset)
    if (known !== undefined) return known
    const readings = readingsAt(this.#text, offset)
    if (readings.length > 2) this.#doubtsLeft -= 1
    this.#readings.set(offset, readings)
    return readings
  }

  #step(state: State, trivia: Trivia): void {
    const at = trivia.end
    const character = this.#text[at] ?? ''
    if ('{[('.includes(character)) this.#openers(state, trivia, character)
    else if ('}])'.includes(character)) this.#closers(state, trivia, character)
    else if (character === ',') this.#comma(state, trivia)
    else if (character === ':' || character === '=') this.#colon(state, trivia)
    else if (character === ';') this.#semicolon(state, trivia)
    else this.#scalar(state, trivia)
    if (character === ',') this.#close(state, trivia, false)
    else if (!':;='.includes(character)) this.#missing(state, trivia, character)
  }

  /** Deletes what stands at the next token. */
  #drop(state: State, trivia: Trivia, width: number, cost: number, what: string): void {
    const start = trivia.end
    this.#go(state, { offset: start + width, expect: state.expect, cost: trivia.cost + cost, edits: [...trivia.edits, { start, end: start + width, text: '', what }], token: false })
  }

  #swap(trivia: Trivia, width: number, text: string): readonly TextEdit[] {
    const start = trivia.end
    const old = this.#text.slice(start, start + width)
    return [...trivia.edits, { start, end: start + width, text, what: `Replace "${old}" by "${text}"` }]
  }

  #scalar(state: State, trivia: Trivia): void {
    const { expect } = state
    const isKey = expect === 'key' || expect === 'first-key'
    const cost = trivia.cost + this.#misplaced(state, trivia)
    if (isKey) {
      for (const reading of this.#readingsAt(trivia.end)) {
        if (reading.kind === 'string') this.#go(state, { offset: reading.end, expect: 'colon', cost: cost + Math.min(reading.cost, reading.edits[0]?.what === 'Insert the missing quotes' ? 5 : reading.cost), edits: [...trivia.edits, ...reading.edits] })
        else this.#go(state, { offset: reading.end, expect: 'colon', cost: cost + 30, edits: [...trivia.edits, { start: trivia.end, end: reading.end, text: JSON.stringify(this.#text.slice(trivia.end, reading.end)), what: 'Insert the missing quotes' }] })
      }
    } else if (expect !== 'colon' && expect !== 'after') {
      // A document that is one bare word is prose, a page or a log, not JSON that lost its quotes.
      const readings = this.#readingsAt(trivia.end).filter((reading) => expect !== 'document' || reading.edits.every((edit) => !edit.what.startsWith('Insert')))
      for (const reading of readings) this.#go(state, { offset: reading.end, expect: 'after', cost: cost + reading.cost, edits: [...trivia.edits, ...reading.edits] })
    }
    this.#junk(state, trivia)
  }

  /** Something that is no part of any value: `module.exports =`, `export default`, a stray backslash. */
  #junk(state: State, trivia: Trivia): void {
    const at = trivia.end
    const run = /^[^\s,:;={}[\]()"'`\w-]{1,4}/.exec(this.#text.slice(at, at + 8))?.[0]
    if (run !== undefined) this.#drop(state, trivia, run.length, 60, `Remove the stray "${run}"`)
    if (state.expect !== 'document') return
    const word = /^(?:module\.exports|export|default|const|let|var|return|\w+)(?=\s)/.exec(this.#text.slice(at, at + 80))?.[0]
    if (word !== undefined) this.#drop(state, trivia, word.length, 50, `Remove the stray "${word}"`)
  }

  #openers(state: State, trivia: Trivia, character: string): void {
    const { expect } = state
    if (expect === 'document' || expect === 'member' || expect === 'first-item' || expect === 'item') {
      const cost = trivia.cost + this.#misplaced(state, trivia)
      for (const kind of ['{', '['] as const) {
        const wrong = kind !== character
        const frame = this.#frame(state, trivia.end, kind, false)
        this.#go(state, { offset: trivia.end + 1, expect: firstOf(kind), frame, cost: cost + (wrong ? 100 : 0), edits: wrong ? this.#swap(trivia, 1, kind) : trivia.edits })
      }
    }
    const twin = this.#text[state.tokenEnd - 1] === character
    this.#drop(state, trivia, 1, twin ? 85 : 110, `Remove the stray "${character}"`)
  }

  #closers(state: State, trivia: Trivia, character: string): void {
    const { expect, frame } = state
    const mayClose = expect === 'after' || expect === 'first-key' || expect === 'first-item' || (this.#options.commentsAllowed && (expect === 'key' || expect === 'item'))
    if (mayClose && frame !== undefined) {
      const closer = closerOf(frame.kind)
      const wrong = closer !== character
      const cost = trivia.cost + closingPenalty(frame, trivia) + (wrong ? 92 : 0)
      this.#go(state, { offset: trivia.end + 1, expect: 'after', frame: frame.parent, cost, edits: wrong ? this.#swap(trivia, 1, closer) : trivia.edits })
    }
    const twin = this.#text[state.tokenEnd - 1] === character
    this.#drop(state, trivia, 1, twin ? 92 : 96, `Remove the stray "${character}"`)
  }

  #comma(state: State, trivia: Trivia): void {
    const { expect, frame } = state
    const at = trivia.end
    const next = this.#text[this.#triviaAt(at + 1).end]
    if (expect === 'after') {
      if (frame !== undefined) this.#go(state, { offset: at + 1, expect: frame.kind === '{' ? 'key' : 'item', cost: trivia.cost, edits: trivia.edits })
      // A comma at the very end says that something was lost after it.
      if (frame !== undefined && next !== undefined && '}])'.includes(next)) this.#drop(state, trivia, 1, 5, 'Remove the trailing comma')
      else if (frame === undefined && '}]'.includes(this.#text[state.tokenEnd - 1] ?? ' ') && (next === undefined || '}])'.includes(next))) this.#drop(state, trivia, 1, 30, 'Remove the stray comma')
      else if (next !== undefined && ':='.includes(next)) this.#drop(state, trivia, 1, 100, 'Remove the stray comma')
    } else if (expect === 'colon') {
      this.#go(state, { offset: at + 1, expect: 'member', cost: trivia.cost + 90, edits: this.#swap(trivia, 1, ':') })
      this.#drop(state, trivia, 1, 100, 'Remove the stray comma')
    } else if (expect === 'member') this.#drop(state, trivia, 1, 100, 'Remove the stray comma')
    else this.#drop(state, trivia, 1, 10, 'Remove the duplicated comma')
  }

  #colon(state: State, trivia: Trivia): void {
    const at = trivia.end
    const width = /^(?:=>|:=|={1,3}|:)/.exec(this.#text.slice(at, at + 3))?.[0].length ?? 1
    const plain = width === 1 && this.#text[at] === ':'
    if (state.expect === 'colon') this.#go(state, { offset: at + width, expect: 'member', cost: trivia.cost + (plain ? 0 : 20), edits: plain ? trivia.edits : this.#swap(trivia, width, ':') })
    else if (state.expect === 'member') this.#drop(state, trivia, width, 30, 'Remove the duplicated colon')
    else if (state.expect === 'after' && state.frame !== undefined) this.#go(state, { offset: at + width, expect: state.frame.kind === '{' ? 'key' : 'item', cost: trivia.cost + 100, edits: this.#swap(trivia, width, ',') })
    else this.#drop(state, trivia, width, state.expect === 'document' && !plain ? 50 : state.frame === undefined ? 200 : 100, `Remove the stray "${this.#text.slice(at, at + width)}"`)
  }

  #semicolon(state: State, trivia: Trivia): void {
    if (state.expect === 'after' && state.frame !== undefined) this.#go(state, { offset: trivia.end + 1, expect: state.frame.kind === '{' ? 'key' : 'item', cost: trivia.cost + 40, edits: this.#swap(trivia, 1, ',') })
    if (state.expect === 'colon') this.#go(state, { offset: trivia.end + 1, expect: 'member', cost: trivia.cost + 80, edits: this.#swap(trivia, 1, ':') })
    this.#drop(state, trivia, 1, 45, 'Remove the stray ";"')
  }

  /** Punctuation that may be missing before the next token. */
  #missing(state: State, trivia: Trivia, character: string): void {
    const { expect, frame } = state
    const closes = '}])'.includes(character)
    const insert = (text: string, at: number, cost: number, to: { readonly expect: Expect; readonly frame?: Frame | undefined }): void =>
      this.#go(state, { ...to, offset: state.offset, cost, edits: [{ start: at, end: at, text, what: `Insert the missing "${text.trim()}"` }], token: false })
    if (expect === 'after' && !closes && frame !== undefined) {
      const cost = (trivia.indentation === undefined ? 90 : 75) + (state.tokenEnd === trivia.end ? 15 : 0)
      insert(',', state.tokenEnd, cost, { expect: frame.kind === '{' ? 'key' : 'item' })
    }
    if (expect === 'colon' && !closes) insert(':', state.tokenEnd, 90, { expect: 'member' })
    if ((expect === 'document' || expect === 'member' || expect === 'first-item' || expect === 'item') && !closes) {
      for (const kind of ['{', '['] as const) {
        const at = openerPlace(this.#text, state.tokenEnd, trivia.end)
        const space = this.#text[at - 1] === ':' && at < trivia.end ? ' ' : ''
        insert(space + kind, at, 100, { expect: firstOf(kind), frame: this.#frame(state, trivia.end, kind, true) })
      }
    }
    // `"scripts": }` where `{}` was: an empty container that lost its opening bracket.
    if (expect === 'member' && closes) {
      const kind = character === '}' ? '{' : '['
      const edit = { start: trivia.end, end: trivia.end, text: kind, what: hollow }
      this.#go(state, { offset: state.offset, expect: firstOf(kind), frame: this.#frame(state, trivia.end, kind, true), cost: 100, edits: [edit], token: false })
    }
    this.#close(state, trivia, false)
  }

  /** Inserts the closing bracket of the innermost container. */
  #close(state: State, trivia: Trivia, atEnd: boolean): void {
    const { expect, frame } = state
    if (frame === undefined || frame.inserted) return
    if (expect !== 'after' && expect !== 'first-key' && expect !== 'first-item') return
    if (atEnd && expect !== 'after') return
    const closer = closerOf(frame.kind)
    const again = atEnd && state.edits[0]?.what === missingAtEnd
    const { at, text } = closerPlace(this.#text, state.tokenEnd, trivia, frame, closer, atEnd)
    // A bracket left out where the indentation steps back to its opener's is what was lost.
    const agrees = trivia.indentation !== undefined && frame.memberIndentation !== undefined && trivia.indentation <= frame.lineIndentation
    const cost = (again ? 30 : atEnd ? 100 : agrees ? 90 : 102) + (expect === 'after' ? 0 : 15)
    const edit = { start: at, end: at, text, what: atEnd ? missingAtEnd : `Insert the missing "${closer}"` }
    this.#push({ offset: state.offset, expect: 'after', frame: frame.parent, cost: state.cost + cost, edits: [edit], previous: state, tokenEnd: state.tokenEnd })
  }

  #frame(state: State, opener: number, kind: '{' | '[', inserted: boolean): Frame {
    const parent = state.frame
    const key = `${parent?.id ?? 0}:${opener}:${kind}${inserted ? '+' : ''}`
    const known = this.#frames.get(key)
    if (known !== undefined) return known
    const line = inserted ? state.tokenEnd : opener
    const member = this.#triviaAt(inserted ? state.tokenEnd : opener + 1)
    const frame: Frame = { id: this.#frames.size + 1, kind, parent, inserted, lineIndentation: lineIndentation(this.#text, line), memberIndentation: member.indentation }
    this.#frames.set(key, frame)
    return frame
  }

  /** What the indentation of a key or item says against its place. */
  #misplaced({ expect, frame }: State, { indentation }: Trivia): number {
    if (expect === 'member') return indentation === undefined ? 0 : 20
    if (frame === undefined) return 0
    if (frame.memberIndentation === undefined) return indentation === undefined ? 0 : 15
    return indentation === undefined || indentation === frame.memberIndentation ? 0 : indentationPenalty
  }
}

/** Brackets within brackets without end: no damaged JSON, but a text made to exhaust its reader. */
function isTooDeep(text: string): boolean {
  let depth = 0
  for (const match of text.matchAll(/[[\]{}]/g)) {
    depth += match[0] === '[' || match[0] === '{' ? 1 : -1
    if (depth > depthMax) return true
  }
  return false
}

const hollow = 'Insert the missing opening bracket of an empty value'
const missingAtEnd = 'Insert the missing closing brackets at the end'

/** Both brackets of a value, made up where the value itself was lost. */
function invents(edits: readonly TextEdit[]): boolean {
  return edits.some((edit) => edit.what === hollow) && edits.some((edit) => edit.start === edit.end && /^\s*[}\]]$/.test(edit.text))
}

function editsOf(state: State): readonly TextEdit[] {
  const parts: (readonly TextEdit[])[] = []
  for (let at: State | undefined = state; at !== undefined; at = at.previous) parts.push(at.edits)
  return parts.reverse().flat()
}

function firstOf(kind: '{' | '['): Expect {
  return kind === '{' ? 'first-key' : 'first-item'
}

function closerOf(kind: '{' | '['): '}' | ']' {
  return kind === '{' ? '}' : ']'
}

function closingPenalty(frame: Frame, { indentation }: Trivia): number {
  if (indentation !== undefined) return indentation === frame.lineIndentation ? 0 : indentationPenalty
  return frame.memberIndentation === undefined ? 0 : 20
}

/** The indentation of the line that holds `offset`. */
function lineIndentation(text: string, offset: number): number {
  const start = lineStartBefore(text, offset)
  if (start === undefined) return 0
  let at = start
  while ((text[at] === ' ' || text[at] === '\t' || text[at] === '\ufeff') && at - start < 1_000) at += 1
  return at - start
}

/** After the blank that follows the last token on its line, or right before the next token when that is on the same line. */
function openerPlace(text: string, tokenEnd: number, next: number): number {
  if (!text.slice(tokenEnd, Math.min(next, tokenEnd + 4_096)).includes('\n')) return next
  return text[tokenEnd] === ' ' ? tokenEnd + 1 : tokenEnd
}

/** Where a closing bracket reads best: on the line it seems to have been taken from, else on one of its own. */
function closerPlace(text: string, tokenEnd: number, trivia: Trivia, frame: Frame, closer: string, atEnd: boolean): { readonly at: number; readonly text: string } {
  if (frame.memberIndentation === undefined) return { at: tokenEnd, text: closer }
  if (trivia.indentation === frame.lineIndentation && text[trivia.end] === ',') return { at: trivia.end, text: closer }
  const gap = text.slice(tokenEnd, Math.min(trivia.end, tokenEnd + 4_096))
  const margin = indentationText(text, frame.lineIndentation, tokenEnd)
  for (let at = gap.indexOf('\n'); at !== -1; at = gap.indexOf('\n', at + 1)) {
    const blank = /^[ \t]*/.exec(gap.slice(at + 1))?.[0] ?? ''
    const ends = tokenEnd + at + 1 + blank.length
    const next = text[ends]
    if (blank === margin && (next === '\n' || next === '\r') && (blank !== '' || atEnd || text[ends + 1] !== undefined)) return { at: ends, text: closer }
  }
  const eol = text.includes('\r\n') ? '\r\n' : '\n'
  return { at: tokenEnd, text: `${eol}${margin}${closer}` }
}

/** White space of the given width, in the characters that lines nearby use. */
function indentationText(text: string, width: number, near: number): string {
  const start = lineStartBefore(text, near) ?? 0
  return (text[start] === '\t' ? '\t' : ' ').repeat(width)
}
