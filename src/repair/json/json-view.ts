import { lineIndentation } from './json-places.js'
import { readingsAt } from './json-readings.js'
import type { Container, Frame, State } from './json-state.js'
import { soundReading, type Reading } from './json-strings.js'
import { triviaAt, type Trivia } from './json-trivia.js'

/** A JSON text and what was found out about its places, so that nothing is read twice. */
export class JsonView {
  readonly text: string
  readonly commentsAllowed: boolean
  /** The line break that the text uses. */
  readonly eol: string
  readonly #frames = new Map<number, Frame>()
  /** By offset; arrays, for a long text has many. */
  readonly #trivia: (Trivia | undefined)[] = []
  readonly #readings: (readonly Reading[] | undefined)[] = []
  #doubts = 0

  constructor(text: string, commentsAllowed: boolean) {
    this.text = text
    this.commentsAllowed = commentsAllowed
    this.eol = text.includes('\r\n') ? '\r\n' : '\n'
  }

  /** How many scalars may be read in several ways. */
  get doubts(): number {
    return this.#doubts
  }

  /** What stands between `offset` and the next token. */
  triviaAt(offset: number): Trivia {
    const known = this.#trivia[offset]
    if (known !== undefined) return known
    const trivia = triviaAt(this.text, offset, this.commentsAllowed)
    this.#trivia[offset] = trivia
    return trivia
  }

  /** The ways to read the scalar at `offset`; with `nearOnly` the far-fetched ones may be left out. */
  readingsAt(offset: number, nearOnly: boolean): readonly Reading[] {
    const sound = nearOnly ? soundReading(this.text, offset) : undefined
    if (sound !== undefined) return [sound]
    const known = this.#readings[offset]
    if (known !== undefined) return known
    const readings = readingsAt(this.text, offset)
    if (readings.length > 2) this.#doubts += 1
    this.#readings[offset] = readings
    return readings
  }

  /** The frame of a bracket at `opener`, or of one that is `inserted` there; equal ones are the same object. */
  frame({ frame: parent, tokenEnd }: State, opener: number, kind: Container, inserted: boolean): Frame {
    const key = ((parent?.id ?? 0) * (this.text.length + 1) + opener) * 4 + (kind === '{' ? 2 : 0) + (inserted ? 1 : 0)
    const known = this.#frames.get(key)
    if (known !== undefined) return known
    const frame: Frame = {
      id: this.#frames.size + 1,
      kind,
      parent,
      inserted,
      lineIndentation: lineIndentation(this.text, inserted ? tokenEnd : opener),
      memberIndentation: this.triviaAt(inserted ? tokenEnd : opener + 1).indentation,
    }
    this.#frames.set(key, frame)
    return frame
  }
}
