import type { Fault } from '../core/fault.js'
import { classify, type Classifier } from './classify.js'
import { createLineStore, lineLengthMax } from './line-store.js'

/** Reads an output while it is being printed, and holds a bounded part of it however long it gets. */
export interface FaultReader {
  /**
   * Takes a piece of output, cut anywhere, also inside a character.
   *
   * @param stream - Where it was printed: a line begun on one stream is not continued by the other. Default: `stdout`.
   */
  write(chunk: string | Uint8Array, stream?: 'stdout' | 'stderr'): void
  /**
   * The faults in what was written so far, as {@link classify} tells them of a text that is complete. It may be asked again
   * and again while the command runs; with its exit code once that is known.
   */
  faults(ending?: { readonly exitCode?: number | null | undefined }): Fault[]
  /** Characters held: never much more than a million. */
  readonly heldChars: number
}

/**
 * A reader of the output of one command.
 *
 * @param options - `command`: the command line, which names the tool where the text does not. `classifier`: whose patterns
 * to use; default: those of {@link classify}.
 * @example
 * ```ts
 * const reader = createFaultReader({ command: 'npm ci' })
 * for (const chunk of ['npm error code E4', '04\n', "npm error 404  'left-padd@1' is not in this registry."]) reader.write(chunk, 'stderr')
 * expect(reader.faults({ exitCode: 1 })[0]?.code).toBe('PACKAGE_NOT_FOUND')
 * ```
 */
export function createFaultReader({
  command,
  classifier = { classify },
}: { readonly command?: string; readonly classifier?: Pick<Classifier, 'classify'> } = {}): FaultReader {
  const store = createLineStore()
  const streams = { stdout: createLineCutter(store.add), stderr: createLineCutter(store.add) }
  return {
    write(chunk, stream = 'stdout') {
      if (stream !== 'stdout' && stream !== 'stderr')
        throw new TypeError(`Cannot write to the stream "${String(stream)}": it must be stdout or stderr`)
      if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array))
        throw new TypeError('Cannot read a chunk that is neither a string nor bytes')
      streams[stream].write(chunk)
    },
    faults({ exitCode } = {}) {
      const open = [streams.stderr.partial(), streams.stdout.partial()].filter((line) => line !== '')
      return classifier.classify({ output: [...store.lines(), ...open].join('\n'), exitCode, command })
    },
    get heldChars() {
      return store.heldChars + streams.stdout.partial().length + streams.stderr.partial().length
    },
  }
}

interface LineCutter {
  write(chunk: string | Uint8Array): void
  /** The line that has not ended. */
  partial(): string
}

/** Cuts a stream into lines; of a line that does not end it keeps both ends. */
function createLineCutter(onLine: (line: string) => void): LineCutter {
  const decoder = new TextDecoder()
  let open = ''
  let afterReturn = false
  return {
    write(chunk) {
      let text = typeof chunk === 'string' ? chunk : decoder.decode(chunk, { stream: true })
      if (text === '') return
      // The second half of a line's end that was cut in two.
      if (afterReturn && text.startsWith('\n')) text = text.slice(1)
      afterReturn = text === '' ? false : text.endsWith('\r')
      const lines = text.split(/\r\n|\n|\r/)
      for (const line of lines.slice(0, -1)) {
        onLine(open + line)
        open = ''
      }
      open += lines.at(-1) ?? ''
      if (open.length > lineLengthMax * 4) open = open.slice(0, lineLengthMax) + open.slice(-lineLengthMax)
    },
    partial: () => open,
  }
}
