import type { Fault } from '../../src/core/fault.js'
import type { Workspace } from '../../src/core/ports.js'
import type { RepairRequest } from '../../src/core/repairer.js'

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
