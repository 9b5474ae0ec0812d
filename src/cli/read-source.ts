import { openSync, closeSync, fstatSync, readSync } from 'node:fs'
import { resolve } from 'node:path'
import { HomeostatError } from '../index.js'
import type { Terminal } from './terminal.js'

/** A file, or standard input for `-` and for no name at all. */
export async function readSource(name: string | undefined, terminal: Terminal, bytesMax = 64 * 1024 * 1024): Promise<string> {
  if (name !== undefined && name !== '-') return readFile(resolve(terminal.cwd, name), bytesMax)
  if (name === undefined && terminal.interactive) {
    throw new HomeostatError('HS_INPUT_INVALID', { what: 'no input', reason: 'name a file, or "-" to type or pipe it' })
  }
  return terminal.readInput(bytesMax)
}

function readFile(path: string, bytesMax: number): string {
  try {
    const file = openSync(path, 'r')
    try {
      const { size } = fstatSync(file)
      if (size > bytesMax) throw new RangeError(`it has ${size} bytes, at most ${bytesMax} are read`)
      const bytes = Buffer.alloc(size)
      let length = 0
      for (let read = -1; read !== 0 && length < size; length += read) read = readSync(file, bytes, length, size - length, length)
      return bytes.subarray(0, length).toString('utf8')
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new HomeostatError(
      'HS_INPUT_INVALID',
      { what: `the file "${path}"`, reason: error instanceof Error ? error.message : String(error) },
      { cause: error },
    )
  }
}
