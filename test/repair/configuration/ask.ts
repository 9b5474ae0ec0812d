import type { Fault } from '../../../src/core/fault.js'
import type { RepairAnswer } from '../../../src/core/repairer.js'
import { classify } from '../../../src/faults/classify.js'
import { configurationRepairer } from '../../../src/repair/configuration/configuration.js'
import { type MemoryFile, memoryWorkspace } from '../../../src/testing/memory-workspace.js'

export type Files = Readonly<Record<string, MemoryFile>>

/** What the repairer answers to the first fault that some output shows, or to a fault made by hand. */
export function ask(
  files: Files,
  output: string | Partial<Fault>,
  installs: 'never' | 'declared' | 'any' = 'any',
): Promise<RepairAnswer> {
  const [read] = typeof output === 'string' ? classify({ output, exitCode: 1 }) : [undefined]
  const base: Fault = {
    category: 'configuration',
    severity: 'high',
    code: 'CONFIG_INVALID',
    transient: false,
    fingerprint: '0'.repeat(16),
    message: '',
    details: {},
    evidence: [],
  }
  return configurationRepairer.propose({
    fault: typeof output === 'string' ? (read ?? base) : { ...base, ...output },
    workspace: memoryWorkspace(files),
    command: ['npm', 'test'],
    installs,
    proposalsMax: 5,
    signal: new AbortController().signal,
  })
}

/** The files that the best proposal changes, as they are after it; `null` for one it removes. Nothing when there is none. */
export async function best(files: Files, output: string | Partial<Fault>): Promise<Readonly<Record<string, string | null>>> {
  const { proposals } = await ask(files, output)
  return Object.fromEntries((proposals[0]?.edits ?? []).map(({ path, after }) => [path, after]))
}

/** A manifest as npm writes it. */
export function manifest(content: object): string {
  return `${JSON.stringify({ name: 'shop', version: '1.0.0', ...content }, null, 2)}\n`
}
