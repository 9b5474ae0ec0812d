import { readNumber, type Signals } from '../signals/signal-value.js'
import { addPair, hashText, joined, scramble } from './content-hash.js'
import type { Outcome } from './outcome.js'
import { scopesOf } from './scopes.js'

/** The most different signals that are kept; further names are ignored, so that labels cannot fill the memory with names. */
export const signalNamesMax = 128
const scopeListsMax = 1_024

/** The values of one signal, one for each outcome; NaN where it is missing. */
export interface StoredSignal {
  readonly name: string
  /** The text of a category: the value is 1 where the signal has this text. */
  readonly text?: string | undefined
  /** Of the name and the text. */
  readonly hash: number
  values: Float64Array
}

/** An outcome without its signals. */
export interface StoredOutcome {
  readonly correct: boolean
  readonly group: number | undefined
  readonly scopes: readonly string[]
}

/** Outcomes by column, oldest first: about ten bytes for each signal of each outcome. */
export class OutcomeStore {
  readonly #signals = new Map<string, StoredSignal>()
  readonly #scopeIds = new Map<string, number>([['', 0]])
  readonly #scopeLists: (readonly string[])[] = [[]]
  #correct = new Uint8Array(0)
  #group = new Float64Array(0)
  #content = new Float64Array(0)
  #scopes = new Uint16Array(0)
  #length = 0
  #ungrouped = 0

  get length(): number {
    return this.#length
  }

  /** 1 for right. Longer than {@link length}. */
  get correct(): Uint8Array {
    return this.#correct
  }

  /** The hash of each outcome's task; negative and unique for an outcome without one. */
  get group(): Float64Array {
    return this.#group
  }

  /** A hash of each outcome's signals and scopes, so that the order of outcomes can be forgotten. */
  get content(): Float64Array {
    return this.#content
  }

  /** In the order of their names, whatever came first. */
  signals(): readonly StoredSignal[] {
    return [...this.#signals.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, signal]) => signal)
  }

  /** The scopes of an outcome, from general to special. */
  scopesAt(row: number): readonly string[] {
    return this.#scopeLists[this.#scopes[row] ?? 0] ?? []
  }

  /** The signals of one outcome, as they can be scored or added again. */
  signalsAt(row: number): Signals {
    const signals: Record<string, number> = {}
    for (const { name, text, values } of this.#signals.values()) {
      const value = values[row] ?? Number.NaN
      // A category is text, which the types of signals do not allow; reading knows it.
      if (!Number.isNaN(value)) signals[name] = text === undefined ? value : (text as unknown as number)
    }
    return signals
  }

  /** Whether any outcome has a scope. */
  get scoped(): boolean {
    return this.#scopeLists.length > 1
  }

  /** The outcome must have passed `checkOutcome`. */
  addOutcome({ signals, correct, group, context }: Outcome): void {
    this.add(signals, { correct, group: group === undefined ? undefined : hashText(group), scopes: scopesOf(context) })
  }

  /** `group` is the hash of the task. */
  add(signals: Signals, { correct, group, scopes }: StoredOutcome): void {
    // Everything is read before anything is written: a getter may throw.
    const read = Object.keys(signals).flatMap((name) => readEntry(signals, name) ?? [])
    const row = this.#length
    if (row === this.#correct.length) this.#grow(row + Math.max(64, row >> 3))
    const sum = { high: 0, low: 0 }
    for (const entry of read) {
      const signal = this.#signalOf(entry)
      if (signal === undefined) continue
      signal.values[row] = entry.value
      addPair(sum, signal.hash, entry.value)
    }
    for (const scope of scopes) addPair(sum, hashText(scope), 1)
    this.#correct[row] = correct ? 1 : 0
    this.#content[row] = joined(scramble(sum.high), scramble(sum.low))
    this.#group[row] = group ?? -(this.#ungrouped += 1)
    this.#scopes[row] = this.#scopeId(scopes)
    this.#length = row + 1
  }

  /** Forgets the oldest outcomes. */
  dropOldest(count: number): void {
    if (count <= 0) return
    const end = this.#length
    for (const array of [this.#correct, this.#group, this.#content, this.#scopes]) array.copyWithin(0, count, end)
    for (const [key, signal] of this.#signals) {
      signal.values.copyWithin(0, count, end).fill(Number.NaN, end - count, end)
      if (signal.values.every(Number.isNaN)) this.#signals.delete(key)
    }
    this.#length = Math.max(0, end - count)
    this.#forgetScopes()
  }

  #signalOf({ name, text }: Entry): StoredSignal | undefined {
    const key = text === undefined ? name : `${name}=${text}`
    const known = this.#signals.get(key)
    if (known !== undefined || this.#signals.size >= signalNamesMax) return known
    const signal = { name, text, hash: hashText(key), values: new Float64Array(this.#correct.length).fill(Number.NaN) }
    this.#signals.set(key, signal)
    return signal
  }

  /** Lists of scopes are few and shared; once there are too many, a new one counts as none. */
  #scopeId(list: readonly string[]): number {
    const key = list.join('\n')
    const known = this.#scopeIds.get(key)
    if (known !== undefined) return known
    if (this.#scopeLists.length >= scopeListsMax) return 0
    this.#scopeIds.set(key, this.#scopeLists.length)
    return this.#scopeLists.push(list) - 1
  }

  /** Makes room for new lists of scopes where no outcome has the old ones any more. */
  #forgetScopes(): void {
    const lists = Array.from({ length: this.#length }, (_, row) => this.scopesAt(row))
    this.#scopeIds.clear()
    this.#scopeLists.length = 0
    this.#scopeId([])
    lists.forEach((list, row) => {
      this.#scopes[row] = this.#scopeId(list)
    })
  }

  #grow(capacity: number): void {
    this.#correct = enlarged(this.#correct, new Uint8Array(capacity))
    this.#group = enlarged(this.#group, new Float64Array(capacity))
    this.#content = enlarged(this.#content, new Float64Array(capacity))
    this.#scopes = enlarged(this.#scopes, new Uint16Array(capacity))
    for (const signal of this.#signals.values())
      signal.values = enlarged(signal.values, new Float64Array(capacity).fill(Number.NaN))
  }
}

const nameLengthMax = 200

interface Entry {
  readonly name: string
  readonly text: string | undefined
  readonly value: number
}

/** What is stored of one member of the signals; `undefined` when it is missing, or nothing to be learnt from. */
function readEntry(signals: Signals, name: string): Entry | undefined {
  const given: unknown = signals[name]
  const text = typeof given === 'string' ? given : undefined
  const value = text === undefined ? readNumber(signals, name) : 1
  const isTooLong = name.length > nameLengthMax || (text ?? '').length > nameLengthMax
  return value === undefined || name === '__proto__' || isTooLong ? undefined : { name, text, value }
}

function enlarged<A extends Uint8Array | Uint16Array | Float64Array>(from: A, to: A): A {
  to.set(from)
  return to
}
