import type { RepairAnswer } from '../../core/repairer.js'
import { readManifest } from '../dependencies/dependency-manifest.js'
import { nothing, quoted } from '../dependencies/dependency-proposal.js'
import { oneLine } from '../../core/text.js'
import { detail, type ConfigurationQuestion } from './question.js'

/** Faults of the machine: an edit would only hide them. */
const ofTheMachine: ReadonlySet<string> = new Set([
  'OUT_OF_MEMORY',
  'ENOSPC',
  'EIO',
  'EMFILE',
  'EDQUOT',
  'WATCHERS_EXHAUSTED',
  'EADDRINUSE',
  'ENGINE_MISMATCH',
  'PLATFORM_MISMATCH',
  'CRASHED',
  'DATA_CORRUPT',
])

/** What a person has to do about a fault that no file of the project causes; `undefined` for all others. */
export function adviceOf({ fault, workspace }: ConfigurationQuestion): RepairAnswer | undefined {
  if (!ofTheMachine.has(fault.code)) return undefined
  if (fault.code === 'EADDRINUSE') {
    const port = fault.details['port']
    return nothing(
      `${port === undefined ? 'A port' : `Port ${String(port)}`} is in use by another process. End that process, or give the command another port by its environment.`,
    )
  }
  if (fault.code !== 'ENGINE_MISMATCH') return nothing()
  const engines = readManifest(workspace, '')?.json['engines']
  const wishes = [
    [
      'package.json asks for',
      typeof engines === 'object' && engines !== null && 'node' in engines ? String(engines.node) : detail(fault, 'expected'),
    ],
    ...['.nvmrc', '.node-version', '.tool-versions'].map((path) => [`${path} names`, workspace.read(path)]),
  ].flatMap(([who, what]) => (what === undefined ? [] : [`${who ?? ''} ${quoted(oneLine(what, 60))}`]))
  const actual = detail(fault, 'actual')
  return nothing(
    `This version of the runtime${actual === undefined ? '' : ` (${quoted(actual)})`} is not one the project runs on. ${wishes.length > 0 ? `${wishes.join('; ')}. ` : ''}Install that version; the requirement is not changed.`,
  )
}
