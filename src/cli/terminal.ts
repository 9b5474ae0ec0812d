import { styleText } from 'node:util'

/** What a command may use of the outside: streams, environment, the person. Tests pass their own. */
export interface Terminal {
  /** One result, for people or (with `--json`) machines. */
  out(text: string): void
  /** Progress and explanations, for people. */
  err(text: string): void
  /** All of standard input; at most `bytesMax` bytes. */
  readInput(bytesMax: number): Promise<string>
  /** Whether a person can be asked. */
  readonly interactive: boolean
  /** Whether colours help; never when output goes to a pipe or `NO_COLOR` is set. */
  readonly colour: boolean
  /** Asks a yes-or-no question; anything but yes means no. */
  confirm(question: string, signal: AbortSignal): Promise<boolean>
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Aborts on Ctrl-C and when the process is asked to end. */
  readonly signal: AbortSignal
}

export type Style = Parameters<typeof styleText>[0]

/** Paints text if colours help, otherwise leaves it as it is. */
export function painter(colour: boolean): (style: Style, text: string) => string {
  return colour ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text
}

/** A duration for people: `0.4 s`, `12 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.round(ms / 1_000)
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}
