import { HomeostatError } from '../index.js'
import { classify } from '../faults/index.js'
import { readSource } from './read-source.js'
import { painter, type Terminal } from './terminal.js'
import { exitCodes, readArguments, textOf } from './usage.js'

/** `homeostat classify`: raw output to faults, the root first. */
export async function classifyCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(
    argv,
    { 'exit-code': { type: 'string' }, command: { type: 'string' }, json: { type: 'boolean' } },
    1,
  )
  const exitCode = exitCodeOf(textOf(given, 'exit-code'))
  const command = textOf(given, 'command')
  const output = await readSource(given.positionals[0], terminal)
  const faults = classify({ output, ...(exitCode !== undefined && { exitCode }), ...(command !== undefined && { command }) })
  if (given.values['json'] === true) {
    terminal.out(`${JSON.stringify(faults, undefined, 2)}\n`)
    return exitCodes.ok
  }
  const paint = painter(terminal.colour)
  if (faults.length === 0) terminal.out('nothing is wrong\n')
  for (const { category, severity, code, transient, location, message } of faults) {
    const place = location === undefined ? '' : ` ${location.file}${location.line === undefined ? '' : `:${location.line}`}`
    terminal.out(`${paint('red', category)} ${code} (${severity}${transient ? ', transient' : ''})${place}\n  ${message}\n`)
  }
  return exitCodes.ok
}

function exitCodeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const code = Number(text)
  if (!/^\d{1,3}$/.test(text) || code > 255)
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: `--exit-code ${text}`,
      reason: 'it must be a whole number from 0 to 255',
    })
  return code
}
