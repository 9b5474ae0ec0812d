import { resolve } from 'node:path'
import { nodeFileSystem, nodeWorkspace } from '../adapters/node.js'
import { createWorld, HomeostatError, SelfHealingOrchestrator } from '../index.js'
import { openJournal, type Journal } from '../patch/index.js'
import { showAudit } from './heal-progress.js'
import { readStory, showTransaction } from './journal-story.js'
import { policyOf } from './policy.js'
import { unlearn } from './project-memory.js'
import { readSource } from './read-source.js'
import { painter, type Terminal } from './terminal.js'
import { exitCodes, readArguments, textOf, type Arguments } from './usage.js'

/** `homeostat apply`: audits, validates and applies a unified diff as one transaction. */
export async function applyCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(
    argv,
    {
      cwd: { type: 'string' },
      reason: { type: 'string' },
      accept: { type: 'string', multiple: true },
      json: { type: 'boolean' },
    },
    1,
  )
  const cwd = resolve(terminal.cwd, textOf(given, 'cwd') ?? '.')
  const policy = await policyOf(cwd, terminal)
  const diff = await readSource(given.positionals[0], terminal)
  await using healer = new SelfHealingOrchestrator(policy)
  const paint = painter(terminal.colour)
  const say = (label: string, text: string): void => terminal.err(`${paint('bold', label.padEnd(11))}${text}\n`)
  healer.on('patch.audited', ({ audit }) => showAudit(audit, say, (text) => terminal.err(`${' '.repeat(11)}${text}\n`)))
  healer.on('patch.validated', ({ validation }) =>
    say(
      'validation',
      `${validation.checks.map(({ command, passed }) => `${command.join(' ')} ${passed ? 'passes' : 'fails'}`).join(', ')} in the sandbox`,
    ),
  )
  const { rollback: _, ...receipt } = await healer.applyPatch(diff, {
    reason: textOf(given, 'reason') ?? 'homeostat apply',
    cwd,
    signal: terminal.signal,
    accept: acceptedOf(given),
    ...(given.command.length > 0 && { command: given.command }),
  })
  if (given.values['json'] === true) terminal.out(`${JSON.stringify(receipt, undefined, 2)}\n`)
  say('applied', `as transaction ${receipt.transactionId}; undo with "homeostat rollback ${receipt.transactionId}"`)
  return exitCodes.ok
}

/** `homeostat rollback`: takes one transaction back to the exact bytes, and remembers that its repairs were not wanted. */
export async function rollbackCommand(argv: readonly string[], terminal: Terminal): Promise<number> {
  const given = readArguments(argv, { cwd: { type: 'string' }, force: { type: 'boolean' }, json: { type: 'boolean' } }, 1)
  const { report, story } = withJournal(given, terminal, (journal) => {
    const done = journal.rollback(given.positionals[0], { force: given.values['force'] === true })
    return { report: done, story: done.outcome === 'rolled-back' ? readStory(journal.story(done.transactionId)) : undefined }
  })
  if (story !== undefined) await unlearn(rootOf(given, terminal), story.experiences, terminal)
  const { outcome, transactionId, paths, conflicts } = report
  if (given.values['json'] === true) terminal.out(`${JSON.stringify(report, undefined, 2)}\n`)
  else if (outcome === 'refused')
    terminal.out(
      `not rolled back, nothing was changed:\n${conflicts.map(({ path, reason }) => `  ${path}: ${reason}\n`).join('')}`,
    )
  else
    terminal.out(
      `${outcome === 'rolled-back' ? 'rolled back' : 'was rolled back before'}: ${transactionId}\n  ${paths.join(', ')}\n`,
    )
  return outcome === 'refused' ? exitCodes.notOk : exitCodes.ok
}

/** `homeostat journal`: lists transactions, shows one with how it came about, or finishes what a killed process left half-done. */
export function journalCommand(argv: readonly string[], terminal: Terminal): number {
  const given = readArguments(argv, { cwd: { type: 'string' }, json: { type: 'boolean' } }, 2)
  const [verb = 'list', id] = given.positionals
  const act = Object.hasOwn(journalVerbs, verb) ? journalVerbs[verb] : undefined
  if (act === undefined || (id !== undefined && verb !== 'show'))
    throw new HomeostatError('HS_INPUT_INVALID', {
      what: `"journal ${given.positionals.join(' ')}"`,
      reason: 'it must be list, show [ID] or recover',
    })
  return withJournal(given, terminal, (journal) => act(journal, given, terminal))
}

const journalVerbs: Readonly<Record<string, (journal: Journal, given: Arguments, terminal: Terminal) => number>> = {
  list,
  show,
  recover,
}

function show(journal: Journal, given: Arguments, terminal: Terminal): number {
  const [, id] = given.positionals
  const transaction = journal.list().find((one) => id === undefined || one.id === id)
  if (transaction === undefined) throw new HomeostatError('HS_TRANSACTION_UNKNOWN', { id: id ?? 'newest' })
  const story = readStory(journal.story(transaction.id))
  if (given.values['json'] === true) terminal.out(`${JSON.stringify({ ...transaction, story }, undefined, 2)}\n`)
  else showTransaction(transaction, story, terminal)
  return exitCodes.ok
}

function list(journal: Journal, given: Arguments, terminal: Terminal): number {
  const transactions = journal.list()
  if (given.values['json'] === true) terminal.out(`${JSON.stringify(transactions, undefined, 2)}\n`)
  else if (transactions.length === 0) terminal.out('no transactions\n')
  else
    for (const { id, state, title, atEpochMs, paths } of transactions)
      terminal.out(`${id}  ${new Date(atEpochMs).toISOString()}  ${state}  ${title}\n  ${paths.join(', ')}\n`)
  return exitCodes.ok
}

function recover(journal: Journal, given: Arguments, terminal: Terminal): number {
  const recoveries = journal.recover()
  if (given.values['json'] === true) terminal.out(`${JSON.stringify(recoveries, undefined, 2)}\n`)
  else if (recoveries.length === 0) terminal.out('nothing was left half-done\n')
  else for (const { transactionId, result } of recoveries) terminal.out(`${transactionId}  ${result}\n`)
  return recoveries.some(({ result }) => result === 'conflict') ? exitCodes.notOk : exitCodes.ok
}

function withJournal<T>(given: Arguments, terminal: Terminal, work: (journal: Journal) => T): T {
  const root = rootOf(given, terminal)
  // Looking and taking back never prune: only the policy of a project that applies something says what is kept.
  const keep = { transactionsMax: Number.MAX_SAFE_INTEGER, bytesMax: Number.MAX_SAFE_INTEGER }
  const journal = openJournal({ root, files: nodeFileSystem(), world: createWorld(), keep })
  try {
    return work(journal)
  } finally {
    journal.close()
  }
}

/** Refuses a folder that is not there with a clear error. */
function rootOf(given: Arguments, terminal: Terminal): string {
  return nodeWorkspace(resolve(terminal.cwd, textOf(given, 'cwd') ?? '.')).root
}

function acceptedOf({ values }: Arguments): readonly string[] {
  const accepted = values['accept']
  return Array.isArray(accepted) ? accepted.filter((rule) => typeof rule === 'string') : []
}
