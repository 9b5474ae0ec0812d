import { resolve } from 'node:path'
import { HomeostatError, isHomeostatError, mergePolicy, SelfHealingOrchestrator, type ApprovalRequest } from '../index.js'
import { showProgress, showResult } from './heal-progress.js'
import { policyOf } from './policy.js'
import { openProjectMemory } from './project-memory.js'
import type { Terminal } from './terminal.js'
import { choiceOf, exitCodes, readArguments, textOf } from './usage.js'

/** `homeostat heal`: runs a command and heals what makes it fail. */
export async function healCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(
    argv,
    { cwd: { type: 'string' }, autonomy: { type: 'string' }, installs: { type: 'string' }, json: { type: 'boolean' } },
    Number.POSITIVE_INFINITY,
  )
  if (given.command.length === 0 || given.positionals.length > 0) {
    const words = given.positionals.length > 0 ? given.positionals.join(' ') : 'npm test'
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: given.positionals.length > 0 ? `"${words}" before "--"` : 'no command',
      reason: `write the command after "--", for example: homeostat heal -- ${words}`,
    })
  }
  const autonomy = choiceOf(given, 'autonomy', ['observe', 'propose', 'apply'])
  const installs = choiceOf(given, 'installs', ['never', 'declared', 'any'])
  const cwd = resolve(terminal.cwd, textOf(given, 'cwd') ?? '.')
  const { policy } = mergePolicy(
    await policyOf(cwd, terminal),
    { ...(autonomy && { autonomy }), ...(installs && { repair: { installs } }) },
    'the arguments',
  )

  // Whoever runs this without a terminal cannot be asked: without a word from them, a patch is only proposed.
  const asks = terminal.interactive && policy.autonomy !== 'apply'
  await using memory = openProjectMemory(cwd, policy, terminal)
  const ports = { ...(asks && { approve: approver(terminal) }), ...(memory && { knowledge: memory.knowledge }) }
  await using healer = new SelfHealingOrchestrator(policy, ports)
  showProgress(healer, terminal)
  try {
    const result = await healer.healCode({ command: given.command, cwd, signal: terminal.signal })
    await memory?.keep()
    showResult(result, terminal)
    if (given.values['json'] === true) terminal.out(`${JSON.stringify(result, undefined, 2)}\n`)
    return ['healthy', 'recovered', 'healed'].includes(result.outcome) ? exitCodes.ok : exitCodes.notOk
  } catch (error) {
    if (!terminal.signal.aborted || isHomeostatError(error, 'HS_PATCH_CONFLICT')) throw error
    terminal.err('\nInterrupted: the tree is as it was\n')
    return exitCodes.interrupted
  }
}

function approver(terminal: Terminal) {
  return ({ reasons }: ApprovalRequest, { signal }: { readonly signal: AbortSignal }): Promise<boolean> =>
    terminal.confirm(`Apply this patch? (${reasons.join(', ')}) [y/N] `, signal)
}
