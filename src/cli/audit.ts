import { resolve } from 'node:path'
import { HomeostatError, SelfHealingOrchestrator } from '../index.js'
import { showAudit } from './heal-progress.js'
import { policyOf } from './policy.js'
import { readSource } from './read-source.js'
import { sarifOf } from './sarif.js'
import { painter, type Terminal } from './terminal.js'
import { exitCodes, readArguments, textOf, type Arguments } from './usage.js'

/** `homeostat audit`: the security audit of a unified diff. */
export async function auditCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(argv, { cwd: { type: 'string' }, json: { type: 'boolean' }, sarif: { type: 'boolean' } }, 1)
  const form = formOf(given)
  const cwd = resolve(terminal.cwd, textOf(given, 'cwd') ?? '.')
  await using healer = new SelfHealingOrchestrator(await policyOf(cwd, terminal))
  const audit = await healer.audit(await readSource(given.positionals[0], terminal), { cwd })
  if (form !== 'text') terminal.out(`${JSON.stringify(form === 'sarif' ? sarifOf(audit) : audit, undefined, 2)}\n`)
  else {
    const paint = painter(terminal.colour)
    showAudit(
      audit,
      (label, text) => terminal.out(`${paint('bold', label)} ${text}\n`),
      (text) => terminal.out(`  ${text}\n`),
    )
  }
  return { allow: exitCodes.ok, review: exitCodes.review, block: exitCodes.block }[audit.verdict]
}

function formOf({ values }: Arguments): 'text' | 'json' | 'sarif' {
  const [json, sarif] = [values['json'] === true, values['sarif'] === true]
  if (json && sarif)
    throw new HomeostatError('HS_INPUT_INVALID', { what: '--json --sarif', reason: 'only one form can be printed' })
  return json ? 'json' : sarif ? 'sarif' : 'text'
}
