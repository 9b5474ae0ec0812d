import type { Terminal } from '../../src/cli/terminal.js'

export interface FakeTerminal extends Terminal {
  readonly printed: () => string
  readonly told: () => string
  readonly interrupt: () => void
}

/** A terminal that keeps what is written to it and answers as told. */
export function fakeTerminal({
  cwd,
  input = '',
  interactive = false,
  colour = false,
  environment = {},
  answer = false,
}: {
  readonly cwd: string
  readonly input?: string
  readonly interactive?: boolean
  readonly colour?: boolean
  readonly environment?: Record<string, string>
  readonly answer?: boolean
}): FakeTerminal {
  const controller = new AbortController()
  let out = ''
  let err = ''
  return {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    readInput: () => Promise.resolve(input),
    interactive,
    colour,
    confirm: () => Promise.resolve(answer),
    environment: { PATH: process.env['PATH'], HOME: process.env['HOME'], ...environment },
    cwd,
    signal: controller.signal,
    printed: () => out,
    told: () => err,
    interrupt: () => controller.abort(new Error('interrupted')),
  }
}
