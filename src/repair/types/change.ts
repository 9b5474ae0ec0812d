/** A piece of text in the place of another. */
export interface Change {
  /** As the compiler names the file. */
  readonly file: string
  readonly start: number
  readonly end: number
  readonly text: string
}
