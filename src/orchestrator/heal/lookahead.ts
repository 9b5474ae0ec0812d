import type { CommandResult } from '../../core/ports.js'
import { faultsOf, passes } from './progress.js'
import type { HealingStep, Step, Trial } from './trial.js'

interface LookaheadOptions {
  readonly trial: Trial
  readonly command: readonly string[]
  /** Steps that run at the same time, that of the trial itself included. */
  readonly parallelMax: number
}

/** A copy beside that of the trial; what runs in it runs one after the other. */
interface Lane {
  readonly trial: Promise<Trial>
  last: Promise<unknown>
}

/**
 * Runs the command with the steps that come next while the trial is busy with one, each in a copy of its own. What that shows is
 * used when a step has its turn, so a search goes the same way as without; it only waits less.
 */
export class Lookahead {
  readonly #options: LookaheadOptions
  readonly #lanes: Lane[] = []
  readonly #runs = new Map<HealingStep, Promise<CommandResult | undefined>>()
  #ending = new AbortController()

  constructor(options: LookaheadOptions) {
    this.#options = options
  }

  /** How many steps may run beside that of the trial. */
  get room(): number {
    return this.#options.parallelMax - 1
  }

  /** Whether some that were started have not had their turn. */
  get isBusy(): boolean {
    return this.#runs.size > 0
  }

  /** Starts with steps that policy and audit have let through. Only edits are run ahead: installs change what copies share. */
  start(steps: readonly HealingStep[]): void {
    const taken = [...this.#options.trial.steps]
    if (!taken.every(isOnlyText)) return
    for (const [index, step] of steps.filter(isOnlyText).slice(0, this.room).entries()) {
      const lane = this.#laneAt(index)
      const run = lane.last.then(() => this.#runIn(lane, step, taken, this.#ending.signal))
      lane.last = run
      this.#runs.set(step, run)
    }
  }

  /** How the command ended with this step, where that is known, and is not what two runs at the same time may do to each other. */
  async resultOf(step: HealingStep): Promise<CommandResult | undefined> {
    const run = await this.#runs.get(step)
    this.#runs.delete(step)
    return run === undefined || isDoubtful(run, this.#options.command) ? undefined : run
  }

  /** Ends what still runs: another step was chosen. */
  async drop(): Promise<void> {
    if (!this.isBusy) return
    this.#ending.abort(new Error('Another candidate was chosen'))
    await Promise.all(this.#runs.values())
    this.#runs.clear()
    this.#ending = new AbortController()
  }

  /** Ends what still runs, and removes the copies. */
  async close(): Promise<void> {
    await this.drop()
    for (const { trial } of this.#lanes.splice(0)) {
      await trial.then(
        (copy) => copy.close(),
        () => undefined, // it could not be opened
      )
    }
  }

  #laneAt(index: number): Lane {
    const present = this.#lanes[index]
    if (present !== undefined) return present
    const trial = this.#options.trial.untouched()
    const lane = { trial, last: trial.catch(() => undefined) }
    this.#lanes[index] = lane
    return lane
  }

  /** Nothing is lost where this fails: the step has its turn in the trial itself, and what is wrong shows there. */
  async #runIn(
    lane: Lane,
    { proposal }: HealingStep,
    taken: readonly Step[],
    signal: AbortSignal,
  ): Promise<CommandResult | undefined> {
    try {
      const trial = await lane.trial
      if (signal.aborted || !(await trial.follow(taken))) return undefined
      const run = await trial.rehearse(this.#options.command, { edits: proposal.edits, signal })
      return signal.aborted || 'reason' in run ? undefined : run
    } catch {
      return undefined
    }
  }
}

function isOnlyText({ proposal }: Step): boolean {
  return proposal.actions.length === 0
}

/** Two runs at the same time may want one port, or all of the machine. */
function isDoubtful(run: CommandResult, command: readonly string[]): boolean {
  if (passes(run)) return false
  return run.ending !== 'exited' || faultsOf(run, command).some(({ transient, code }) => transient || code === 'EADDRINUSE')
}
