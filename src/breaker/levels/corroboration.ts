/** Failures of one child that are held back at most; by then its own circuit should have opened. */
const heldMax = 8

/** Successes in a row after which earlier failures no longer bear witness. */
const successesMax = 32

/**
 * Decides which failures of its children a parent counts: as many as have a witness. A failure of one child is held back until
 * another child fails too; then both count. So what one child does alone, however much traffic it has, stays its own fault, and
 * when the parent is down nearly every failure counts.
 *
 * This is the majority vote of Boyer and Moore (1981) with the majority left out: for each child, at most twice the failures
 * of all the *others* are counted. It serves the purpose of Envoy's `max_ejection_percent` (a bad host is ejected alone; when
 * many are bad the fault is common) in constant memory, and measured in calls: it is the same at 0.1 and at 1 000 calls/s.
 */
export class Corroboration {
  /** The child whose failures are held back. */
  #suspect = ''
  #held = 0
  /** Failures that have a witness and were not counted yet. */
  #owed = 0
  #successes = 0

  /** A call through some child succeeded. */
  succeeded(): void {
    if (this.#held === 0 && this.#owed === 0) return
    this.#successes += 1
    if (this.#successes > successesMax) this.forget()
  }

  /** A call through `child` failed: whether the parent counts one failure now. */
  failed(child: string): boolean {
    this.#successes = 0
    if (this.#held === 0) {
      this.#suspect = child
      this.#held = 1
    } else if (this.#suspect === child) {
      this.#held = Math.min(heldMax, this.#held + 1)
    } else {
      this.#held -= 1
      this.#owed += 2
    }
    if (this.#owed === 0) return false
    this.#owed -= 1
    return true
  }

  /** Begins anew. */
  forget(): void {
    this.#held = 0
    this.#owed = 0
    this.#successes = 0
  }
}
