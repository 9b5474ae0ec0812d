import { isHomeostatError } from '../index.js'
import { auditCommand } from './audit.js'
import { classifyCommand } from './classify.js'
import { doctorCommand } from './doctor.js'
import { healCommand } from './heal.js'
import { patternsCommand } from './patterns.js'
import { policyCommand } from './policy.js'
import type { Terminal } from './terminal.js'
import { applyCommand, journalCommand, rollbackCommand } from './transactions.js'
import { exitCodes, help } from './usage.js'

type Command = (argv: readonly string[], terminal: Terminal) => number | Promise<number>

const commands: Readonly<Record<string, Command>> = {
  heal: healCommand,
  classify: classifyCommand,
  audit: auditCommand,
  apply: applyCommand,
  rollback: rollbackCommand,
  journal: journalCommand,
  patterns: patternsCommand,
  policy: policyCommand,
  doctor: doctorCommand,
}

/** Codes that say that the command line was wrong, not the world. */
const usageCodes = new Set([
  'HS_INPUT_INVALID',
  'HS_FOLDER_MISSING',
  'HS_CONFIG_UNREADABLE',
  'HS_POLICY_INVALID',
  'HS_TRANSACTION_UNKNOWN',
  'HS_PATCH_MALFORMED',
])

/** Runs one command line and answers its exit code. Never throws. */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  const [name, ...rest] = argv
  if (
    name === undefined ||
    name === '--help' ||
    name === '-h' ||
    name === 'help' ||
    rest.slice(0, endOfOptions(rest)).includes('--help')
  ) {
    terminal[name === undefined ? 'err' : 'out'](help)
    return name === undefined ? exitCodes.usage : exitCodes.ok
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command === undefined) {
    terminal.err(`Cannot run "${name}": no such command; the commands are ${Object.keys(commands).join(', ')}\n`)
    return exitCodes.usage
  }
  try {
    return await command(rest, terminal)
  } catch (error) {
    if (terminal.signal.aborted && error === terminal.signal.reason) return exitCodes.interrupted
    return failed(error, rest.slice(0, endOfOptions(rest)).includes('--json'), terminal)
  }
}

function failed(error: unknown, json: boolean, terminal: Terminal): number {
  const known = isHomeostatError(error)
  const message = error instanceof Error ? error.message : String(error)
  terminal.err(
    `${known ? `${error.code}: ${message}` : `Cannot go on, this is a mistake in homeostat: ${error instanceof Error ? (error.stack ?? message) : message}`}\n`,
  )
  if (json)
    terminal.out(
      `${JSON.stringify({ error: { code: known ? error.code : 'INTERNAL', message, ...(known && { retryable: error.retryable, details: error.details }) } }, undefined, 2)}\n`,
    )
  return known && usageCodes.has(error.code) ? exitCodes.usage : exitCodes.notOk
}

function endOfOptions(argv: readonly string[]): number {
  const end = argv.indexOf('--')
  return end === -1 ? argv.length : end
}
