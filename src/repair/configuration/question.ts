import type { Fault } from '../../core/fault.js'
import type { Workspace } from '../../core/ports.js'
import type { RepairRequest } from '../../core/repairer.js'
import { projectPath } from '../imports/import-path.js'

/** What the parts of this repairer are asked. */
export interface ConfigurationQuestion extends Pick<RepairRequest, 'fault' | 'workspace' | 'installs' | 'command'> {
  /** Everything that was said of the fault, as one text, with paths from the root of the project. Untrusted. */
  readonly said: string
  /** Names and paths that the fault may be about, each once: its details, and what stands in quotes. Untrusted. */
  readonly named: readonly string[]
}

const namedMax = 40

/** Gathers what a fault says. */
export function questionOf({ fault, workspace, installs, command }: RepairRequest): ConfigurationQuestion {
  const said = [fault.message, ...fault.evidence].join('\n')
  const details = Object.values(fault.details).filter((value) => typeof value === 'string')
  const quoted = [...said.matchAll(/(["'`])([^"'`\n]{1,400})\1/g)].flatMap((match) => match[2] ?? [])
  const bare = [...said.matchAll(/(?<=[\s:(]|^)((?:\.{0,2}|[A-Za-z]:)\/[^\s"'`():,]{1,400})/gm)].flatMap(
    (match) => match[1] ?? [],
  )
  const named = [...new Set([...details, ...quoted, ...bare])].slice(0, namedMax)
  // The folder of a project often has the name of its package: only what stands below it tells anything.
  const below = said.replaceAll(`${workspace.root}/`, '')
  return { fault, workspace, installs, command, said: below, named }
}

/** A detail of a fault, where it is a text. */
export function detail({ details }: Fault, name: string): string | undefined {
  const value = Object.hasOwn(details, name) ? details[name] : undefined
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** Paths of the project that the fault names; nothing is known about whether they exist. */
export function namedPaths({ named }: ConfigurationQuestion, workspace: Workspace): readonly string[] {
  return [...new Set(named.flatMap((name) => projectPath(workspace, name) ?? []))].filter((path) => path !== '')
}
