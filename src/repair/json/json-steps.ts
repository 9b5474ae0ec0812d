import { closerPlace, openerPlace } from './json-places.js'
import { closerOf, firstOf, nextOf, takesValue, type Expect, type Frame, type State } from './json-state.js'
import type { Trivia } from './json-trivia.js'
import type { JsonView } from './json-view.js'
import type { TextEdit } from '../token-edits.js'

/** A state, and what its next token is asked. */
export interface Step {
  readonly view: JsonView
  readonly state: State
  /** What stands before the next token. */
  readonly trivia: Trivia
  /** Takes a state that may follow. */
  readonly add: (next: State) => void
  /** Whether steps that cost {@link farCost} or more may be left out: they are asked for later, if at all. */
  readonly nearOnly: boolean
}

/** From this on a step is far, in hundredths of one edit; what a sound text needs is near. */
export const farCost = 30

const indentationPenalty = 35

/** All that may be read or changed at the next token, priced in hundredths of one edit. */
export function stepOver(step: Step): void {
  const character = step.view.text[step.trivia.end] ?? ''
  if ('{[('.includes(character)) openers(step, character)
  else if ('}])'.includes(character)) closers(step, character)
  else if (character === ',') comma(step)
  else if (character === ':' || character === '=') colon(step)
  else if (character === ';') semicolon(step)
  else scalar(step)
  if (step.nearOnly) return
  if (character === ',') close(step, false)
  else if (!':;='.includes(character)) missing(step, character)
}

/** What may still be missing where the text ends. */
export function stepAtEnd(step: Step): void {
  close(step, true)
}

/** Both brackets of a value, made up where the value itself was lost. */
export function inventsValue(edits: readonly TextEdit[]): boolean {
  return (
    edits.some((edit) => edit.what === hollow) && edits.some((edit) => edit.start === edit.end && /^\s*[}\]]$/.test(edit.text))
  )
}

const hollow = 'Insert the missing opening bracket of an empty value'
const missingAtEnd = 'Insert the missing closing brackets at the end'

interface Move {
  readonly offset: number
  readonly expect: Expect
  readonly frame?: Frame | undefined
  readonly cost: number
  readonly edits?: readonly TextEdit[]
  /** Whether the move ends after a token of the text; so it does unless told. */
  readonly token?: boolean
}

function go({ state, add, nearOnly }: Step, move: Move): void {
  if (nearOnly && move.cost >= farCost) return
  add({
    offset: move.offset,
    expect: move.expect,
    frame: 'frame' in move ? move.frame : state.frame,
    cost: state.cost + move.cost,
    edits: move.edits ?? [],
    // States that change nothing need not be remembered.
    previous: state.edits.length === 0 ? state.previous : state,
    tokenEnd: move.token === false ? state.tokenEnd : move.offset,
  })
}

/** Deletes what stands at the next token. */
function drop(step: Step, width: number, cost: number, what: string): void {
  const { state, trivia } = step
  const start = trivia.end
  go(step, {
    offset: start + width,
    expect: state.expect,
    cost: trivia.cost + cost,
    edits: [...trivia.edits, { start, end: start + width, text: '', what }],
    token: false,
  })
}

/** The edits that put `text` in place of the next token. */
function swapped({ view, trivia }: Step, width: number, text: string): readonly TextEdit[] {
  const start = trivia.end
  const old = view.text.slice(start, start + width)
  return [...trivia.edits, { start, end: start + width, text, what: `Replace "${old}" by "${text}"` }]
}

function scalar(step: Step): void {
  const { view, state, trivia } = step
  const { expect } = state
  const cost = trivia.cost + misplaced(step)
  if (expect === 'key' || expect === 'first-key') {
    for (const reading of view.readingsAt(trivia.end, step.nearOnly)) {
      if (reading.kind === 'string')
        go(step, {
          offset: reading.end,
          expect: 'colon',
          cost: cost + Math.min(reading.cost, reading.edits[0]?.what === 'Insert the missing quotes' ? 5 : reading.cost),
          edits: [...trivia.edits, ...reading.edits],
        })
      else
        go(step, {
          offset: reading.end,
          expect: 'colon',
          cost: cost + 30,
          edits: [
            ...trivia.edits,
            {
              start: trivia.end,
              end: reading.end,
              text: JSON.stringify(view.text.slice(trivia.end, reading.end)),
              what: 'Insert the missing quotes',
            },
          ],
        })
    }
  } else if (takesValue(expect)) {
    // A document that is one bare word is prose, a page or a log, not JSON that lost its quotes.
    const readings = view
      .readingsAt(trivia.end, step.nearOnly)
      .filter((reading) => expect !== 'document' || reading.edits.every((edit) => !edit.what.startsWith('Insert')))
    for (const reading of readings)
      go(step, { offset: reading.end, expect: 'after', cost: cost + reading.cost, edits: [...trivia.edits, ...reading.edits] })
  }
  junk(step)
}

/** Something that is no part of any value: `module.exports =`, `export default`, a stray backslash. */
function junk(step: Step): void {
  const { view, state, trivia } = step
  if (step.nearOnly) return
  const at = trivia.end
  const run = /^[^\s,:;={}[\]()"'`\w-]{1,4}/.exec(view.text.slice(at, at + 8))?.[0]
  if (run !== undefined) drop(step, run.length, 60, `Remove the stray "${run}"`)
  if (state.expect !== 'document') return
  const word = /^(?:module\.exports|\w+)(?=\s)/.exec(view.text.slice(at, at + 80))?.[0]
  if (word !== undefined) drop(step, word.length, 50, `Remove the stray "${word}"`)
}

function openers(step: Step, character: string): void {
  const { view, state, trivia } = step
  if (takesValue(state.expect)) {
    const cost = trivia.cost + misplaced(step)
    for (const kind of ['{', '['] as const) {
      const wrong = kind !== character
      const frame = view.frame(state, trivia.end, kind, false)
      go(step, {
        offset: trivia.end + 1,
        expect: firstOf(kind),
        frame,
        cost: cost + (wrong ? 100 : 0),
        edits: wrong ? swapped(step, 1, kind) : trivia.edits,
      })
    }
  }
  const twin = view.text[state.tokenEnd - 1] === character
  drop(step, 1, twin ? 85 : 110, `Remove the stray "${character}"`)
}

function closers(step: Step, character: string): void {
  const { view, state, trivia } = step
  const { expect, frame } = state
  const mayClose =
    expect === 'after' ||
    expect === 'first-key' ||
    expect === 'first-item' ||
    (view.commentsAllowed && (expect === 'key' || expect === 'item'))
  if (mayClose && frame !== undefined) {
    const closer = closerOf(frame)
    const wrong = closer !== character
    const cost = trivia.cost + closingPenalty(frame, trivia) + (wrong ? 92 : 0)
    go(step, {
      offset: trivia.end + 1,
      expect: 'after',
      frame: frame.parent,
      cost,
      edits: wrong ? swapped(step, 1, closer) : trivia.edits,
    })
  }
  const twin = view.text[state.tokenEnd - 1] === character
  drop(step, 1, twin ? 92 : 96, `Remove the stray "${character}"`)
}

function comma(step: Step): void {
  const { state, trivia } = step
  const { expect } = state
  const at = trivia.end
  if (expect === 'after') commaAfterValue(step)
  else if (expect === 'colon') {
    go(step, { offset: at + 1, expect: 'member', cost: trivia.cost + 90, edits: swapped(step, 1, ':') })
    drop(step, 1, 100, 'Remove the stray comma')
  } else if (expect === 'member') drop(step, 1, 100, 'Remove the stray comma')
  else drop(step, 1, 10, 'Remove the duplicated comma')
}

function commaAfterValue(step: Step): void {
  const { view, state, trivia } = step
  const { frame } = state
  const at = trivia.end
  const next = view.text[view.triviaAt(at + 1).end]
  const closes = next !== undefined && '}])'.includes(next)
  if (frame !== undefined) go(step, { offset: at + 1, expect: nextOf(frame), cost: trivia.cost, edits: trivia.edits })
  // A comma at the very end says that something was lost after it.
  if (frame !== undefined && closes) drop(step, 1, 5, 'Remove the trailing comma')
  else if (frame === undefined && '}]'.includes(view.text[state.tokenEnd - 1] ?? ' ') && (next === undefined || closes))
    drop(step, 1, 30, 'Remove the stray comma')
  else if (next !== undefined && ':='.includes(next)) drop(step, 1, 100, 'Remove the stray comma')
}

function colon(step: Step): void {
  const { view, state, trivia } = step
  const { expect, frame } = state
  const at = trivia.end
  const width = /^(?:=>|:=|={1,3}|:)/.exec(view.text.slice(at, at + 3))?.[0].length ?? 1
  const plain = width === 1 && view.text[at] === ':'
  if (expect === 'colon')
    go(step, {
      offset: at + width,
      expect: 'member',
      cost: trivia.cost + (plain ? 0 : 20),
      edits: plain ? trivia.edits : swapped(step, width, ':'),
    })
  else if (expect === 'member') drop(step, width, 30, 'Remove the duplicated colon')
  else if (expect === 'after' && frame !== undefined)
    go(step, { offset: at + width, expect: nextOf(frame), cost: trivia.cost + 100, edits: swapped(step, width, ',') })
  else
    drop(
      step,
      width,
      expect === 'document' && !plain ? 50 : frame === undefined ? 200 : 100,
      `Remove the stray "${view.text.slice(at, at + width)}"`,
    )
}

function semicolon(step: Step): void {
  const { state, trivia } = step
  const { expect, frame } = state
  if (expect === 'after' && frame !== undefined)
    go(step, { offset: trivia.end + 1, expect: nextOf(frame), cost: trivia.cost + 40, edits: swapped(step, 1, ',') })
  if (expect === 'colon')
    go(step, { offset: trivia.end + 1, expect: 'member', cost: trivia.cost + 80, edits: swapped(step, 1, ':') })
  drop(step, 1, 45, 'Remove the stray ";"')
}

/** Punctuation that may be missing before the next token. */
function missing(step: Step, character: string): void {
  const { view, state, trivia } = step
  const { expect, frame } = state
  const insert = (
    text: string,
    at: number,
    cost: number,
    to: Pick<Move, 'expect' | 'frame'>,
    what = `Insert the missing "${text.trim()}"`,
  ): void => go(step, { ...to, offset: state.offset, cost, edits: [{ start: at, end: at, text, what }], token: false })
  if ('}])'.includes(character)) {
    // `"scripts": }` where `{}` was: an empty container that lost its opening bracket.
    const kind = character === '}' ? '{' : '['
    if (expect === 'member')
      insert(kind, trivia.end, 100, { expect: firstOf(kind), frame: view.frame(state, trivia.end, kind, true) }, hollow)
  } else {
    if (expect === 'after' && frame !== undefined)
      insert(',', state.tokenEnd, (trivia.indentation === undefined ? 90 : 75) + (state.tokenEnd === trivia.end ? 15 : 0), {
        expect: nextOf(frame),
      })
    if (expect === 'colon') insert(':', state.tokenEnd, 90, { expect: 'member' })
    if (takesValue(expect))
      for (const kind of ['{', '['] as const) {
        const at = openerPlace(view.text, state.tokenEnd, trivia.end)
        const space = view.text[at - 1] === ':' && at < trivia.end ? ' ' : ''
        insert(space + kind, at, 100, { expect: firstOf(kind), frame: view.frame(state, trivia.end, kind, true) })
      }
  }
  close(step, false)
}

/** Inserts the closing bracket of the innermost container. */
function close(step: Step, atEnd: boolean): void {
  const { view, state, trivia } = step
  const { expect, frame, tokenEnd } = state
  if (frame === undefined || frame.inserted) return
  const isEmpty = expect === 'first-key' || expect === 'first-item'
  if (expect !== 'after' && (atEnd || !isEmpty)) return
  const again = atEnd && state.edits[0]?.what === missingAtEnd
  // A bracket left out where the indentation steps back to its opener's is what was lost.
  const agrees =
    trivia.indentation !== undefined && frame.memberIndentation !== undefined && trivia.indentation <= frame.lineIndentation
  const cost = (again ? 30 : atEnd ? 100 : agrees ? 90 : 102) + (isEmpty ? 15 : 0)
  const { at, text } = closerPlace({ text: view.text, eol: view.eol, tokenEnd, trivia, frame, atEnd })
  const edit = { start: at, end: at, text, what: atEnd ? missingAtEnd : `Insert the missing "${closerOf(frame)}"` }
  go(step, { offset: state.offset, expect: 'after', frame: frame.parent, cost, edits: [edit], token: false })
}

/** What the indentation of a key or item says against its place. */
function misplaced({ state: { expect, frame }, trivia: { indentation } }: Step): number {
  if (expect === 'member') return indentation === undefined ? 0 : 20
  if (frame === undefined) return 0
  if (frame.memberIndentation === undefined) return indentation === undefined ? 0 : 15
  return indentation === undefined || indentation === frame.memberIndentation ? 0 : indentationPenalty
}

function closingPenalty(frame: Frame, { indentation }: Trivia): number {
  if (indentation !== undefined) return indentation === frame.lineIndentation ? 0 : indentationPenalty
  return frame.memberIndentation === undefined ? 0 : 20
}
