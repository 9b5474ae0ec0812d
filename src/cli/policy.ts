import { resolve } from 'node:path'
import { loadPolicy } from '../adapters/node.js'
import { HomeostatError, isHomeostatError, type Policy } from '../index.js'
import type { Terminal } from './terminal.js'
import { exitCodes, readArguments, textOf } from './usage.js'

/** `homeostat policy check`: validates a policy and prints it with its defaults. */
export async function policyCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(argv, { cwd: { type: 'string' }, json: { type: 'boolean' } }, 2)
  const [verb, file] = given.positionals
  if (verb !== 'check')
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: verb === undefined ? '"policy" alone' : `"policy ${verb}"`,
      reason: 'write "homeostat policy check [FILE]"',
    })
  const cwd = resolve(terminal.cwd, textOf(given, 'cwd') ?? '.')
  try {
    const { policy, sources, notes } = await loadPolicy({
      cwd,
      environment: terminal.environment,
      signal: terminal.signal,
      ...(file !== undefined && { file: resolve(cwd, file) }),
    })
    for (const note of notes) terminal.err(`${note}\n`)
    terminal.err(`valid; from ${sources.length === 0 ? 'the defaults alone' : sources.join(', ')}\n`)
    terminal.out(`${JSON.stringify(policy, undefined, 2)}\n`)
    return exitCodes.ok
  } catch (error) {
    if (!isHomeostatError(error, 'HS_POLICY_INVALID')) throw error
    terminal.err(`${error.message}\n`)
    if (given.values['json'] === true)
      terminal.out(
        `${JSON.stringify({ error: { code: error.code, message: error.message, details: error.details } }, undefined, 2)}\n`,
      )
    return exitCodes.notOk
  }
}

/** The policy of a folder, for the other commands: its configuration file and the environment. */
export async function policyOf(cwd: string, terminal: Terminal): Promise<Policy> {
  const { policy, notes } = await loadPolicy({ cwd, environment: terminal.environment, signal: terminal.signal })
  for (const note of notes) terminal.err(`${note}\n`)
  return policy
}
