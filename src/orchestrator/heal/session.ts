import { canonicalJson, sha256 } from '../../core/hash.js'
import type { Decision } from '../../core/decision.js'
import type { World } from '../../core/world.js'

/** One thing that happened in a session. `hash` covers everything else in the entry, `previousHash` included. */
export interface EnvelopeEntry {
  readonly sequence: number
  readonly epochMs: number
  /** `run`, `fault`, `attempt`, `audit`, `validation`, `decision`, `seal`, `apply`, `rollback`. */
  readonly kind: string
  readonly data: Readonly<Record<string, unknown>>
  readonly previousHash: string
  readonly hash: string
}

/** The serial form of a session: a hash chain, so that a later change to any entry shows. Check it with {@link verifyEnvelope}. */
export interface Envelope {
  readonly version: 1
  readonly sessionId: string
  /** SHA-256 (hex) of the policy the session ran under. */
  readonly policyHash: string
  readonly command: readonly string[]
  readonly entries: readonly EnvelopeEntry[]
  /** The hash of the last entry: the whole session in 64 hex digits. */
  readonly hash: string
}

/** Most entries of one session; a session that needs more is out of control, and the rest is counted, not kept. */
const entriesMax = 1_000

/** An append-only record of one incident's attempts, under a policy that does not change meanwhile. */
export class Session {
  readonly id: string
  readonly #world: World
  readonly #head: Omit<Envelope, 'entries' | 'hash'>
  readonly #entries: EnvelopeEntry[] = []
  readonly #startedMs: number
  #dropped = 0
  #ended = false

  constructor({
    world,
    policy,
    command,
  }: {
    readonly world: World
    readonly policy: unknown
    readonly command: readonly string[]
  }) {
    this.id = world.id()
    this.#world = world
    this.#startedMs = world.clock.monoMs()
    this.#head = { version: 1, sessionId: this.id, policyHash: sha256(canonicalJson(policy)), command: [...command] }
  }

  get durationMs(): number {
    return this.#world.clock.monoMs() - this.#startedMs
  }

  /** Appends an entry. `data` must be plain JSON. */
  record(kind: string, data: Readonly<Record<string, unknown>>): void {
    if (this.#ended) throw new RangeError(`Cannot record "${kind}": session ${this.id} has ended`)
    if (this.#entries.length >= entriesMax) {
      this.#dropped += 1
      return
    }
    this.#append(kind, data)
  }

  /** Ends the session with its one terminal decision, and gives its envelope. */
  end(decision: Decision): Envelope {
    if (this.#ended) throw new RangeError(`Cannot end session ${this.id}: it has ended`)
    this.#ended = true
    this.#append('decision', { ...decision, terminal: true, ...(this.#dropped > 0 ? { entriesDropped: this.#dropped } : {}) })
    return { ...this.#head, entries: this.#entries, hash: this.#lastHash() }
  }

  #append(kind: string, data: Readonly<Record<string, unknown>>): void {
    // A copy through JSON: what is hashed is what is kept, whatever the caller does with its object later.
    const entry = {
      sequence: this.#entries.length,
      epochMs: this.#world.clock.epochMs(),
      kind,
      data: JSON.parse(JSON.stringify(data)) as Record<string, unknown>,
      previousHash: this.#lastHash(),
    }
    this.#entries.push(Object.freeze({ ...entry, hash: hashOf(entry) }))
  }

  #lastHash(): string {
    return this.#entries.at(-1)?.hash ?? sha256(canonicalJson(this.#head))
  }
}

/** Whether no entry of the envelope was changed, added, removed or moved since the session wrote it, and it ended once. */
export function verifyEnvelope(envelope: Envelope): boolean {
  const { entries, hash, ...head } = envelope
  let previousHash = sha256(canonicalJson(head))
  for (const [index, entry] of entries.entries()) {
    const { hash: claimed, ...content } = entry
    if (content.sequence !== index || content.previousHash !== previousHash || claimed !== hashOf(content)) return false
    previousHash = claimed
  }
  return previousHash === hash && entries.filter((entry) => entry.data['terminal'] === true).length === 1
}

function hashOf(content: Omit<EnvelopeEntry, 'hash'>): string {
  return sha256(canonicalJson(content))
}
