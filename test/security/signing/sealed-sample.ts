import type { SecurityAudit } from '../../../src/core/finding.js'
import { sha256 } from '../../../src/core/hash.js'
import type { SealDocument } from '../../../src/security/signing/seal-patch.js'

const stage = { state: 'done', findings: [], durationMs: 2 } as const

/** A patch that was audited and validated. */
export function sealDocument(audit: Partial<SecurityAudit> = {}, passed = true): SealDocument {
  return {
    patch: {
      id: 'patch-1',
      title: 'Add a comma',
      strategy: 'json-syntax',
      edits: [
        { path: 'a.json', before: '{', after: '{}', baseHash: sha256('{') },
        { path: 'new.js', before: null, after: 'let ü = 1\n', baseHash: null },
      ],
      actions: [{ kind: 'chmod', path: 'run', modeBefore: 0o644, mode: 0o755 }],
    },
    audit: {
      verdict: 'review',
      findings: [
        {
          rule: 'NET-NEW',
          cwe: 200,
          severity: 'medium',
          verdict: 'review',
          message: 'The file can now reach the network',
          location: { file: 'new.js', line: 1 },
          evidence: 'fetch(',
        },
      ],
      stages: { static: stage, dynamic: { ...stage, state: 'skipped' }, threatIntelligence: stage, compliance: stage },
      digest: sha256('audited'),
      ...audit,
    },
    validation: {
      passed,
      checks: [{ name: 'test', command: ['npm', 'test'], passed, exitCode: 0, durationMs: 12, passedBefore: false }],
      absent: [{ name: 'lint', reason: 'package.json has no script "lint"' }],
      sandbox: 'process',
      durationMs: 20,
    },
    policy: {
      autonomy: 'apply',
      security: { protectedPaths: ['.env'], requireHumanOnRisky: true },
      heal: { sessionTimeoutMs: 1 },
    },
  }
}
