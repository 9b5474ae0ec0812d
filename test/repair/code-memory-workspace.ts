import type { Fault } from '../../src/core/fault.js'
import type { Workspace } from '../../src/core/ports.js'
import type { RepairRequest } from '../../src/core/repairer.js'

/** A workspace that is a table of paths and texts. */
export function memoryWorkspace(files: Readonly<Record<string, string>>, root = '/project'): Workspace {
  const table = new Map(Object.entries(files))
  return {
    root,
    read: (path) => table.get(path),
    stat: (path) => {
      const text = table.get(path)
      return text === undefined ? undefined : { kind: 'file', mode: 0o644, sizeBytes: text.length }
    },
    list: (folder) => [...table.keys()].filter((path) => path.startsWith(`${folder}/`)),
    files: () => [...table.keys()].filter((path) => !path.includes('node_modules/')).sort(),
  }
}

function fault(over: Partial<Fault> = {}): Fault {
  return {
    category: 'syntax',
    severity: 'high',
    code: 'SYNTAX',
    transient: false,
    fingerprint: '0123456789abcdef',
    message: 'SyntaxError',
    details: {},
    evidence: [],
    ...over,
  }
}

export function request(workspace: Workspace, over: Partial<Fault> = {}, more: Partial<RepairRequest> = {}): RepairRequest {
  return {
    fault: fault(over),
    workspace,
    command: ['node', 'x.js'],
    installs: 'declared',
    proposalsMax: 5,
    signal: new AbortController().signal,
    ...more,
  }
}
