import { canonicalJson, sha256 } from '../../core/hash.js'
import type { Patch } from '../../core/patch.js'
import type { CommandResult } from '../../core/ports.js'
import type { AbsentCheck, ValidationCheck } from '../../core/validation.js'
import { observed, type Incident } from './incident.js'
import { isBroken, projectChecks, runChecks } from './project-checks.js'
import { withUntouched, type Trial } from './trial.js'

/** What the project's own checks say of one tree. */
export interface CheckedTree {
  readonly checks: readonly ValidationCheck[]
  readonly absent: readonly AbsentCheck[]
}

/** The project's own checks on what the steps of a trial make of it. The same tree is checked once. */
export class TreeChecks {
  readonly #incident: Incident
  readonly #trial: Trial
  /** As many as a session makes attempts, at most. */
  readonly #done = new Map<string, CheckedTree>()

  constructor(incident: Incident, trial: Trial) {
    this.#incident = incident
    this.#trial = trial
  }

  async run(): Promise<CheckedTree> {
    const { edits, actions } = this.#trial.patch('')
    const key = sha256(canonicalJson({ edits, actions }))
    const known = this.#done.get(key)
    if (known !== undefined) return known
    const checked = await this.#check(edits)
    this.#done.set(key, checked)
    return checked
  }

  /**
   * Why another repair should be looked for although the command passes: a check that the patch breaks, or one that complains of an
   * edited file. It may have complained there for another reason; most likely it sees the same mistake, and that it is still there.
   */
  async objection(): Promise<string | undefined> {
    const { checks } = await this.run()
    const broken = checks.find((check) => isBroken(check) || (!check.passed && (check.faultsInEdited ?? 0) > 0))
    return broken === undefined ? undefined : `"${broken.command.join(' ')}" fails`
  }

  #check(edits: Patch['edits']): Promise<CheckedTree> {
    const { command } = this.#incident.context
    const { checks, absent } = projectChecks(this.#trial.workspace, command)
    const runIn = (where: Trial, check: readonly string[]): Promise<CommandResult> =>
      observed(this.#incident, 'sandbox', check, (hear) => where.run(check, hear))
    return withUntouched(this.#trial, async (untouched) => ({
      checks: await runChecks(
        checks,
        edits,
        (check) => runIn(this.#trial, check),
        async (check) => runIn(await untouched(), check),
      ),
      absent,
    }))
  }
}
