import { resolve } from 'node:path'
import { SelfHealingOrchestrator } from '../index.js'
import { showAudit } from './heal-progress.js'
import { policyOf } from './policy.js'
import { readSource } from './read-source.js'
import { painter, type Terminal } from './terminal.js'
import { exitCodes, readArguments, textOf } from './usage.js'

/** `homeostat audit`: the security audit of a unified diff. */
export async function auditCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(argv, { cwd: { type: 'string' }, json: { type: 'boolean' } }, 1)
  const cwd = resolve(terminal.cwd, textOf(given, 'cwd') ?? '.')
  await using healer = new SelfHealingOrchestrator(await policyOf(cwd, terminal))
  const audit = await healer.audit(await readSource(given.positionals[0], terminal), { cwd })
  if (given.values['json'] === true) terminal.out(`${JSON.stringify(audit, undefined, 2)}\n`)
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
