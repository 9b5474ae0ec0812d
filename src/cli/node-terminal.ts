import { createInterface } from 'node:readline/promises'
import { HomeostatError } from '../index.js'
import type { Terminal } from './terminal.js'

/** The terminal of this process. Ctrl-C and a request to end abort its signal; a second one ends at once. */
export function nodeTerminal(): Terminal {
  const controller = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(name, () => controller.abort(new HomeostatError('HS_ABORTED', { what: 'the work' })))
  // A reader that went away (`homeostat … | head`) is no reason for a stack trace.
  for (const stream of [process.stdout, process.stderr])
    stream.on('error', () => controller.abort(new HomeostatError('HS_ABORTED', { what: 'the output' })))
  const { env } = process
  const interactive = process.stdin.isTTY && process.stderr.isTTY
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    readInput,
    interactive,
    colour: process.stderr.isTTY && process.stderr.hasColors() && !env['NO_COLOR'] && env['TERM'] !== 'dumb',
    async confirm(question, signal) {
      const lines = createInterface({ input: process.stdin, output: process.stderr })
      lines.once('SIGINT', () => process.emit('SIGINT'))
      try {
        return /^y(?:es)?$/i.test((await lines.question(question, { signal })).trim())
      } finally {
        lines.close()
      }
    },
    environment: env,
    cwd: process.cwd(),
    signal: controller.signal,
  }
}

async function readInput(bytesMax: number): Promise<string> {
  const pieces: Buffer[] = []
  let length = 0
  for await (const piece of process.stdin) {
    // Without an encoding set, standard input gives buffers.
    const bytes = piece as Buffer
    length += bytes.length
    if (length > bytesMax)
      throw new HomeostatError('HS_INPUT_INVALID', { what: 'standard input', reason: `it has more than ${bytesMax} bytes` })
    pieces.push(bytes)
  }
  return Buffer.concat(pieces).toString('utf8')
}
