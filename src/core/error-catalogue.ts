interface Row {
  /** Whether the same request can succeed later, unchanged. */
  readonly retryable: boolean
  /** What could not be done, then why, with the value, then the remedy. No full stop. */
  readonly say: (details: never) => string
}

/**
 * Every failure that homeostat can report, and how it says so. A new failure is a row here, and a section in
 * `docs/errors.md`; a test holds the two together.
 */
export const catalogue = {
  HS_ABORTED: {
    retryable: false,
    say: (d: { what: string }) => `Cannot finish ${d.what}: it was aborted`,
  },
  HS_ACCEPT_REJECTED: {
    retryable: true,
    say: (d: { key: string }) => `Cannot use the answer of "${d.key}": the accept predicate refused it`,
  },
  HS_APPROVAL_MISSING: {
    retryable: false,
    say: (d: { title: string; reason: string }) => `Cannot apply "${d.title}" without a person's approval: ${d.reason}`,
  },
  HS_AUDIT_BLOCKED: {
    retryable: false,
    say: (d: { title: string; rules: string }) => `Cannot apply "${d.title}": the security audit blocks it (${d.rules})`,
  },
  HS_BULKHEAD_FULL: {
    retryable: true,
    say: (d: { key: string; concurrentMax: number; queueMax: number }) =>
      `Cannot start a call of "${d.key}": ${d.concurrentMax} are running and ${d.queueMax} may wait`,
  },
  HS_CIRCUIT_OPEN: {
    retryable: true,
    say: (d: { key: string; reason: string; retryAfterMs: number }) =>
      `Cannot call "${d.key}": its circuit is open (${d.reason}), next probe in ${d.retryAfterMs} ms`,
  },
  HS_CLOSED: {
    retryable: false,
    say: (d: { what: string }) => `Cannot use ${d.what}: it was closed`,
  },
  HS_CONFIG_UNREADABLE: {
    retryable: false,
    say: (d: { path: string; reason: string }) => `Cannot read the configuration "${d.path}": ${d.reason}`,
  },
  HS_DEADLINE: {
    retryable: true,
    say: (d: { key: string; timeoutMs: number }) => `Cannot wait for "${d.key}": it took longer than ${d.timeoutMs} ms`,
  },
  HS_FAULT_PATTERN_INVALID: {
    retryable: false,
    say: (d: { name: string; reason: string }) => `Cannot accept the fault pattern "${d.name}": ${d.reason}`,
  },
  HS_FOLDER_MISSING: {
    retryable: false,
    say: (d: { path: string }) => `Cannot work in "${d.path}": it is not a folder that can be read`,
  },
  HS_INPUT_INVALID: {
    retryable: false,
    say: (d: { what: string; reason: string }) => `Cannot accept ${d.what}: ${d.reason}`,
  },
  HS_JOURNAL_BUSY: {
    retryable: true,
    say: (d: { root: string; pid: number }) =>
      `Cannot change "${d.root}": process ${d.pid} holds its journal; wait for it to end`,
  },
  HS_JOURNAL_CORRUPT: {
    retryable: false,
    say: (d: { path: string; reason: string }) => `Cannot read the journal "${d.path}": ${d.reason}; nothing was changed`,
  },
  HS_KNOWLEDGE_FAILED: {
    retryable: true,
    say: (d: { path: string; reason: string }) => `Cannot use the knowledge in "${d.path}": ${d.reason}`,
  },
  HS_KNOWLEDGE_UNREADABLE: {
    retryable: false,
    say: (d: { path: string; reason: string }) => `Cannot read the knowledge in "${d.path}": ${d.reason}; it was not touched`,
  },
  HS_LLM_BUDGET: {
    retryable: true,
    say: (d: { key: string; limit: string; value: number; retryAfterMs: number }) =>
      `Cannot call "${d.key}": its budget "${d.limit}" of ${d.value} is spent, there is room in ${d.retryAfterMs} ms`,
  },
  HS_LLM_CUT: {
    retryable: true,
    say: (d: { key: string; contentChars: number; partialText: string }) =>
      `Cannot use the answer of "${d.key}": its stream ended after ${d.contentChars} characters without saying that it was complete`,
  },
  HS_LLM_FIRST_TOKEN: {
    retryable: true,
    say: (d: { key: string; firstTokenMs: number }) => `Cannot wait for "${d.key}": no content came within ${d.firstTokenMs} ms`,
  },
  HS_LLM_GARBAGE: {
    retryable: true,
    say: (d: { key: string; reason: string }) => `Cannot use the answer of "${d.key}": ${d.reason}`,
  },
  HS_LLM_LIMITED: {
    retryable: true,
    say: (d: { key: string; resource: string; retryAfterMs: number }) =>
      `Cannot call "${d.key}" yet: its provider allows no more ${d.resource} for ${d.retryAfterMs} ms`,
  },
  HS_LLM_LAGGED: {
    retryable: true,
    say: (d: { bytesMax: number }) =>
      `Cannot read the rest of a shared answer: this reader is more than ${d.bytesMax} bytes behind the others`,
  },
  HS_LLM_REFUSED: {
    retryable: true,
    say: (d: { key: string; steps: string }) => `Cannot answer "${d.key}": no step of its ladder could (${d.steps})`,
  },
  HS_LLM_STALLED: {
    retryable: true,
    say: (d: { key: string; idleMs: number; contentChars: number; partialText: string }) =>
      `Cannot wait for "${d.key}": after ${d.contentChars} characters no content came for ${d.idleMs} ms`,
  },
  HS_LLM_STREAM_ERROR: {
    retryable: true,
    say: (d: { key: string; reason: string; contentChars: number; partialText: string }) =>
      `Cannot use the answer of "${d.key}": its stream reported an error after ${d.contentChars} characters (${d.reason})`,
  },
  HS_LLM_STRUCTURE: {
    retryable: false,
    say: (d: { key: string; attempts: number; issues: string; excerpt: string }) =>
      `Cannot use the answers of "${d.key}": none of ${d.attempts} fits the schema (${d.issues})`,
  },
  HS_LLM_TOTAL: {
    retryable: false,
    say: (d: { key: string; totalMs: number; contentChars: number; partialText: string }) =>
      `Cannot wait for "${d.key}": its stream was not complete after ${d.totalMs} ms and ${d.contentChars} characters`,
  },
  HS_LLM_UNAFFORDABLE: {
    retryable: false,
    say: (d: { key: string; limit: string; value: number; reason: string }) =>
      `Cannot ever call "${d.key}" within its budget "${d.limit}" of ${d.value}: ${d.reason}`,
  },
  HS_MEMORY_REFUSED: {
    retryable: false,
    say: (d: { key: string; bytes: number; bytesMax: number }) =>
      `Cannot keep "${d.key}": it takes ${d.bytes} bytes, and an entry may take ${d.bytesMax}`,
  },
  HS_MEMORY_UNREADABLE: {
    retryable: false,
    say: (d: { path: string; reason: string }) => `Cannot load the memory "${d.path}": ${d.reason}`,
  },
  HS_MEMORY_UNSAVED: {
    retryable: true,
    say: (d: { path: string; reason: string }) => `Cannot save the memory to "${d.path}": ${d.reason}`,
  },
  HS_PATCH_CONFLICT: {
    retryable: false,
    say: (d: { path: string; reason: string }) =>
      `Cannot apply the patch to "${d.path}": ${d.reason}; make the patch again from the present files`,
  },
  HS_PATCH_MALFORMED: {
    retryable: false,
    say: (d: { reason: string; line?: number }) =>
      `Cannot read the patch${d.line === undefined ? '' : ` at line ${d.line}`}: ${d.reason}`,
  },
  HS_PATH_REFUSED: {
    retryable: false,
    say: (d: { path: string; reason: string }) => `Cannot touch "${d.path}": ${d.reason}`,
  },
  HS_POLICY_INVALID: {
    retryable: false,
    say: (d: { source: string; problems: string }) => `Cannot accept the policy from ${d.source}: ${d.problems}`,
  },
  HS_RATE_LIMITED: {
    retryable: true,
    say: (d: { key: string; callsPerMinuteMax: number; retryAfterMs: number }) =>
      `Cannot start a call of "${d.key}": ${d.callsPerMinuteMax} calls a minute are allowed, next in ${d.retryAfterMs} ms`,
  },
  HS_SANDBOX_FAILED: {
    retryable: false,
    say: (d: { reason: string }) => `Cannot make a sandbox copy: ${d.reason}`,
  },
  HS_SANDBOX_TIER: {
    retryable: false,
    say: (d: { tier: string; reason: string }) =>
      `Cannot give the sandbox tier "${d.tier}" that the policy asks for: ${d.reason}`,
  },
  HS_SCORER_UNREADABLE: {
    retryable: false,
    say: (d: { reason: string }) => `Cannot read the saved confidence scorer: ${d.reason}; nothing was loaded`,
  },
  HS_SEAL_INVALID: {
    retryable: false,
    say: (d: { title: string; reason: string }) => `Cannot apply "${d.title}": its seal does not hold (${d.reason})`,
  },
  HS_SQLITE_MISSING: {
    retryable: false,
    say: (d: { version: string }) => `Cannot keep knowledge in a file: Node ${d.version} was built without SQLite`,
  },
  HS_THREAT_LIST_INVALID: {
    retryable: false,
    say: (d: { reason: string }) => `Cannot use the list of threats: ${d.reason}; the one in use stays`,
  },
  HS_TRANSACTION_UNKNOWN: {
    retryable: false,
    say: (d: { id: string }) => `Cannot find the transaction "${d.id}": list them with "homeostat journal"`,
  },
  HS_VALIDATION_FAILED: {
    retryable: false,
    say: (d: { title: string; reason: string }) => `Cannot apply "${d.title}": it was not validated (${d.reason})`,
  },
  HS_UNDO_FAILED: {
    retryable: true,
    say: (d: { path: string; reason: string }) =>
      `Cannot restore "${d.path}" after a failed write: ${d.reason}; run "homeostat journal recover" when the cause is gone`,
  },
  HS_WRITE_FAILED: {
    retryable: true,
    say: (d: { path: string; reason: string }) => `Cannot write "${d.path}": ${d.reason}; the tree is as it was`,
  },
} as const satisfies Record<string, Row>

export type Catalogue = typeof catalogue

/** Every code of the catalogue. */
export type ErrorCode = keyof Catalogue
