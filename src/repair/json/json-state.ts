import type { TextEdit } from '../token-edits.js'

/** What may come next. `first-*`: the container was just opened, so it may close. `member`: the value after a colon. */
export type Expect = 'document' | 'first-key' | 'key' | 'colon' | 'member' | 'first-item' | 'item' | 'after'

export type Container = '{' | '['

/** An open bracket. */
export interface Frame {
  readonly id: number
  readonly kind: Container
  readonly parent: Frame | undefined
  /** Whether we opened it: then a bracket of the text must close it. */
  readonly inserted: boolean
  /** The indentation of the line it was opened on. */
  readonly lineIndentation: number
  /** The indentation of its members, when the first one starts a line. */
  readonly memberIndentation: number | undefined
}

/** How far a text is read, and what was changed on the way there. */
export interface State {
  readonly offset: number
  readonly expect: Expect
  readonly frame: Frame | undefined
  /** In hundredths of one edit. */
  readonly cost: number
  /** Of the last step alone. */
  readonly edits: readonly TextEdit[]
  /** The last state before it that changed something. */
  readonly previous: State | undefined
  /** End of the last token. */
  readonly tokenEnd: number
}

export const startState: State = {
  offset: 0,
  expect: 'document',
  frame: undefined,
  cost: 0,
  edits: [],
  previous: undefined,
  tokenEnd: 0,
}

/** All edits from the start up to `state`, in order. */
export function editsOf(state: State): readonly TextEdit[] {
  const parts: (readonly TextEdit[])[] = []
  for (let at: State | undefined = state; at !== undefined; at = at.previous) parts.push(at.edits)
  return parts.reverse().flat()
}

/** What may come right after a container was opened. */
export function firstOf(kind: Container): Expect {
  return kind === '{' ? 'first-key' : 'first-item'
}

/** What may come after a comma in a container. */
export function nextOf({ kind }: Frame): Expect {
  return kind === '{' ? 'key' : 'item'
}

export function closerOf({ kind }: Frame): '}' | ']' {
  return kind === '{' ? '}' : ']'
}

/** Whether a value may start here; `first-item` and `item` included. */
export function takesValue(expect: Expect): boolean {
  return expect === 'document' || expect === 'member' || expect === 'first-item' || expect === 'item'
}
