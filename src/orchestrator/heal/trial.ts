import { HomeostatError } from '../../core/errors.js'
import type { Fault } from '../../core/fault.js'
import { sha256 } from '../../core/hash.js'
import type { Action, FileEdit, Patch } from '../../core/patch.js'
import type { CommandOptions, CommandResult, Sandbox, SandboxCopy, SandboxLimits, Workspace } from '../../core/ports.js'
import type { Proposal, RehearsalOptions } from '../../core/repairer.js'
import { reachesTier } from '../../core/sandbox-tier.js'
import { oneLine } from '../../core/text.js'
import { inFolder } from '../../repair/imports/import-path.js'
import { filesOfInstall, installCommand, packageManagerOf, type InstallAction } from '../../repair/package-manager.js'
import type { HealOptions } from './heal-ports.js'

/** One proposal made real in the copy. */
export interface Step {
  /** What it is meant to heal; absent for a patch that was given. */
  readonly fault?: Fault | undefined
  readonly repairer: string
  readonly proposal: Proposal
  /** Other proposals for the same fault that were not run yet, the most plausible first. */
  readonly alternatives: readonly Proposal[]
  /** The plausibility of proposals for the same fault, together, that were run before and did not help. */
  readonly refuted: number
}

/** A step that was taken against a fault. */
export type HealingStep = Step & { readonly fault: Fault }

/** A folder of installed packages, and where its successor lies; `null`: there is none any more. */
export interface InstalledFolder {
  readonly path: string
  readonly from: string | null
}

/** How one command runs, within the limits of the policy. */
type RunOptions = Omit<RehearsalOptions, 'edits'> &
  Pick<CommandOptions, 'onStall'> & {
    /** Ends this run alone. */
    readonly signal?: AbortSignal
  }

interface TrialOptions {
  readonly sandbox: Sandbox
  readonly original: Workspace
  readonly limits: SandboxLimits
  /** Variables that the policy lets into the copy. */
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly signal: AbortSignal
}

/**
 * A sandbox copy of the project, and the steps taken in it so far. The steps can be taken back one by one; what they add up to
 * is read from the copy itself, so that the patch is exactly what was run.
 */
export class Trial {
  readonly #options: TrialOptions
  readonly #steps: Step[] = []
  #copy: SandboxCopy
  #packages: 'link' | 'copy'

  private constructor(options: TrialOptions, copy: SandboxCopy) {
    this.#options = options
    this.#copy = copy
    this.#packages = 'link'
  }

  /**
   * A trial of a project, in the sandbox and within the limits of the policy.
   *
   * @throws HS_SANDBOX_FAILED when no copy can be made; HS_SANDBOX_TIER when its walls are weaker than the policy asks for.
   */
  static async of(
    original: Workspace,
    { policy, ports }: Pick<HealOptions, 'policy' | 'ports'>,
    signal: AbortSignal,
  ): Promise<Trial> {
    const environment = Object.fromEntries(policy.sandbox.environment.map((name) => [name, ports.environment[name]]))
    return Trial.#open({ sandbox: sandboxOf(policy, ports), original, limits: policy.sandbox, environment, signal })
  }

  static async #open(options: TrialOptions): Promise<Trial> {
    const { sandbox, original, signal } = options
    return new Trial(options, await sandbox.open(original.root, { packages: 'link', signal }))
  }

  /**
   * The files of the copy under the name of the original, as {@link run} tells its output: to everyone else it looks as if the
   * work happened in the project, also when one copy takes the place of another.
   */
  get workspace(): Workspace {
    return { ...this.#copy.workspace, root: this.#options.original.root }
  }

  get tier(): string {
    return this.#options.sandbox.tier
  }

  get steps(): readonly Step[] {
    return this.#steps
  }

  get copy(): SandboxCopy {
    return this.#copy
  }

  async run(
    command: readonly string[],
    { folder = '', env, timeoutMs, onStall, signal: given }: RunOptions = {},
  ): Promise<CommandResult> {
    const { limits, environment, signal } = this.#options
    const { outputBytesMax, memoryBytesMax } = limits
    const { root } = this.#copy
    const result = await this.#copy.run(command, {
      cwd: this.#pathOf(folder),
      env: { ...environment, ...env },
      timeoutMs: Math.min(limits.timeoutMs, timeoutMs ?? limits.timeoutMs),
      outputBytesMax,
      memoryBytesMax,
      signal: given === undefined ? signal : AbortSignal.any([signal, given]),
      ...(onStall !== undefined && { onStall }),
    })
    signal.throwIfAborted()
    return { ...result, output: result.output.replaceAll(root, this.#options.original.root) }
  }

  /**
   * Runs a command with some edits made, and takes them back, whatever the command did to these files. Answers why it could not
   * when a file is not what an edit was made for.
   */
  async rehearse(
    command: readonly string[],
    { edits = [], ...options }: RunOptions & Pick<RehearsalOptions, 'edits'>,
  ): Promise<CommandResult | { readonly reason: string }> {
    const changed = this.#changedSince(edits)
    if (changed !== undefined) return { reason: changed }
    for (const edit of edits) this.#copy.write(edit.path, edit.after)
    try {
      return await this.run(command, options)
    } finally {
      this.#revertEdits(edits)
    }
  }

  /** Makes a step real. Answers why it could not, and then leaves the copy as it was. */
  async take(step: Step): Promise<{ readonly taken: true } | { readonly taken: false; readonly reason: string }> {
    const { actions } = step.proposal
    const needsInstall = actions.some((action) => action.kind === 'install')
    // What is only linked belongs to the project itself.
    if (this.#packages === 'link' && actions.some(changesPackages)) await this.#rebuild('copy')
    const reason = await this.#perform(step.proposal)
    if (reason === undefined) {
      this.#steps.push(step)
      return { taken: true }
    }
    if (needsInstall) await this.#rebuild('copy')
    return { taken: false, reason }
  }

  /** Takes the last step back. */
  async undo(): Promise<void> {
    const step = this.#steps.pop()
    if (step === undefined) throw new RangeError('Cannot undo: no step has been taken')
    // What an install did to the installed packages cannot be taken back piece by piece; a fresh copy can.
    if (step.proposal.actions.some((action) => action.kind === 'install')) await this.#rebuild(this.#packages)
    else this.#revert(step.proposal)
  }

  /** Takes the steps of another trial of the project, and takes back what it has besides. Answers whether that could be done. */
  async follow(steps: readonly Step[]): Promise<boolean> {
    const shared = sharedLength(this.#steps, steps)
    while (this.#steps.length > shared) await this.undo()
    for (const step of steps.slice(shared)) if (!(await this.take(step)).taken) return false
    return true
  }

  /** Whether another proposal could stand in the place of a step: text for text, in the same files, with nothing built on it since. */
  canExchange(step: Step, alternative: Proposal): boolean {
    const { edits, actions } = step.proposal
    const isUntouched = edits.every(({ path, after }) => this.workspace.read(path) === (after ?? undefined))
    return (
      alternative.actions.length === 0 &&
      actions.length === 0 &&
      isUntouched &&
      alternative.edits.every(({ path }) => edits.some((edit) => edit.path === path))
    )
  }

  /**
   * Puts one step in the place of another, whatever its files hold now: the command that was run may have rewritten them. Ask
   * {@link canExchange} first, except to put things back.
   */
  exchange(step: Step, other: Step): void {
    this.#revert(step.proposal)
    for (const edit of other.proposal.edits) this.#copy.write(edit.path, edit.after)
    this.#steps.splice(this.#steps.indexOf(step), 1, other)
  }

  /** Lets `work` run with another proposal in the place of a step; `undefined` where that cannot be. */
  async instead<T>(step: Step, alternative: Proposal, work: () => Promise<T>): Promise<T | undefined> {
    if (!this.canExchange(step, alternative)) return undefined
    const other = { ...step, proposal: alternative }
    this.exchange(step, other)
    try {
      return await work()
    } finally {
      this.exchange(other, step)
    }
  }

  /** What all steps add up to, as one patch against the original. */
  patch(id: string): Patch {
    const edits = [...this.#touchedPaths()].sort().flatMap((path) => this.#netEdit(path))
    return {
      id,
      title: titleOf(this.#steps),
      strategy: [...new Set(this.#steps.map((step) => step.repairer))].join('+'),
      edits,
      actions: this.#netActions(),
    }
  }

  /** The folders of installed packages, where an install changed them: they replace the original's as a whole. */
  installedFolders(): readonly InstalledFolder[] {
    const installs = this.#installs()
    if (installs.length === 0) return []
    // In a project of several packages an install may change the folder of each.
    const owners = this.workspace
      .files()
      .filter((path) => path === 'package.json' || path.endsWith('/package.json'))
      .map((path) => path.slice(0, -'/package.json'.length))
    const folders = new Set(
      [...owners, ...installs.map(({ folder }) => folder)].map((folder) => inFolder(folder, 'node_modules')),
    )
    return [...folders].flatMap((path): readonly InstalledFolder[] => {
      if (this.workspace.stat(path) !== undefined) return [{ path, from: this.#pathOf(path) }]
      return this.#options.original.stat(path) === undefined ? [] : [{ path, from: null }]
    })
  }

  /** Another copy, of the project as it was. The caller closes it. */
  untouched(): Promise<Trial> {
    return Trial.#open(this.#options)
  }

  async close(): Promise<void> {
    await this.#copy.close()
  }

  async #rebuild(packages: 'link' | 'copy'): Promise<void> {
    const { sandbox, original, signal } = this.#options
    const fresh = await sandbox.open(original.root, { packages, signal })
    await this.#copy.close()
    this.#copy = fresh
    this.#packages = packages
    for (const step of this.#steps) {
      const reason = await this.#perform(step.proposal)
      if (reason !== undefined)
        throw new HomeostatError('HS_SANDBOX_FAILED', {
          reason: `the step "${step.proposal.title}" worked once and not again: ${reason}`,
        })
    }
  }

  async #perform(proposal: Proposal): Promise<string | undefined> {
    const changed = this.#changedSince(proposal.edits)
    if (changed !== undefined) return changed
    for (const edit of proposal.edits) this.#copy.write(edit.path, edit.after)
    for (const action of proposal.actions) {
      if (action.kind === 'chmod') this.#copy.chmod(action.path, action.mode)
      else {
        const reason = await this.#install(action)
        if (reason !== undefined) {
          this.#revertEdits(proposal.edits)
          return reason
        }
      }
    }
    return undefined
  }

  /** Why edits cannot be made: a file is not what they were made for. */
  #changedSince(edits: readonly FileEdit[]): string | undefined {
    for (const edit of edits) {
      const present = this.#textOf(this.workspace, edit.path)
      if ((present === null ? null : sha256(present)) !== edit.baseHash)
        return `${edit.path} is not what the proposal was made for`
    }
    return undefined
  }

  /** What the lockfile says, to the letter, where that is possible; else what the manifest asks for. */
  async #install(action: InstallAction): Promise<string | undefined> {
    const opaque = filesOfInstall(action.manager)
      .map((file) => inFolder(action.folder, file))
      .find((path) => this.workspace.stat(path) !== undefined && this.workspace.read(path) === undefined)
    if (opaque !== undefined) return `${opaque} is not a text file, so a patch could not show what an install does to it`
    const { lockfile } = packageManagerOf(this.workspace, action.folder)
    if (action.packages.length === 0 && lockfile !== undefined && (await this.#runInstall(action, true)) === undefined)
      return undefined
    return this.#runInstall(action, false)
  }

  async #runInstall(action: InstallAction, exact: boolean): Promise<string | undefined> {
    const { command, env } = installCommand(action, { exact })
    const {
      limits: { timeoutMs, outputBytesMax },
      signal,
    } = this.#options
    const result = await this.#copy.run(command, {
      cwd: this.#pathOf(action.folder),
      env,
      timeoutMs,
      outputBytesMax,
      signal,
      install: true,
    })
    signal.throwIfAborted()
    if (result.ending === 'not-found') return `${action.manager} is not installed on this machine`
    if (result.ending === 'exited' && result.exitCode === 0) return undefined
    return `"${command.join(' ')}" ${result.ending === 'exited' ? `exited with ${result.exitCode}` : result.ending}: ${oneLine(result.output.slice(-1_000).trim(), 400)}`
  }

  #pathOf(folder: string): string {
    return folder === '' ? this.#copy.root : `${this.#copy.root}/${folder}`
  }

  #revert(proposal: Proposal): void {
    for (const action of proposal.actions) if (action.kind === 'chmod') this.#copy.chmod(action.path, action.modeBefore)
    this.#revertEdits(proposal.edits)
  }

  #revertEdits(edits: readonly FileEdit[]): void {
    for (const edit of edits) this.#copy.write(edit.path, edit.before)
  }

  #installs(): readonly InstallAction[] {
    return this.#steps.flatMap((step) => step.proposal.actions.filter((action) => action.kind === 'install'))
  }

  #touchedPaths(): ReadonlySet<string> {
    const edited = this.#steps.flatMap((step) => step.proposal.edits.map((edit) => edit.path))
    const installed = this.#installs().flatMap((install) =>
      filesOfInstall(install.manager).map((file) => inFolder(install.folder, file)),
    )
    return new Set([...edited, ...installed])
  }

  #netEdit(path: string): readonly FileEdit[] {
    const before = this.#textOf(this.#options.original, path)
    const after = this.#textOf(this.workspace, path)
    return before === after ? [] : [{ path, before, after, baseHash: before === null ? null : sha256(before) }]
  }

  #textOf(workspace: Workspace, path: string): string | null {
    const text = workspace.read(path)
    if (text === undefined && workspace.stat(path) !== undefined) {
      throw new HomeostatError('HS_PATH_REFUSED', { path, reason: 'it is not a text file that a patch can show' })
    }
    return text ?? null
  }

  /** Installs as they were asked for; of several chmods of one path the first state and the last. */
  #netActions(): readonly Action[] {
    const chmods = new Map<string, Extract<Action, { kind: 'chmod' }>>()
    for (const step of this.#steps) {
      for (const action of step.proposal.actions) {
        if (action.kind === 'chmod')
          chmods.set(action.path, { ...action, modeBefore: chmods.get(action.path)?.modeBefore ?? action.modeBefore })
      }
    }
    return [...this.#installs(), ...chmods.values()]
  }
}

/** The sandbox, if it is as strong as the policy wants: not every port is ours. */
function sandboxOf({ sandbox: limits }: HealOptions['policy'], ports: HealOptions['ports']): Sandbox {
  const sandbox = ports.sandbox(limits)
  if (reachesTier(sandbox.tier, limits.tierMin)) return sandbox
  throw new HomeostatError('HS_SANDBOX_TIER', {
    tier: limits.tierMin,
    reason: `the sandbox that is plugged in gives "${oneLine(sandbox.tier, 50)}"`,
  })
}

/** Lends the project as it was; the copy is made at the first use, and is the same for every further one. */
export async function withUntouched<T>(trial: Trial, work: (untouched: () => Promise<Trial>) => Promise<T>): Promise<T> {
  let opened: Promise<Trial> | undefined
  try {
    return await work(() => (opened ??= trial.untouched()))
  } finally {
    // One that could not be opened has been told to whoever asked for it.
    await opened?.then(
      (copy) => copy.close(),
      () => undefined,
    )
  }
}

function changesPackages(action: Action): boolean {
  return action.kind === 'install' || action.path.split('/').includes('node_modules')
}

/** With how many elements, the very same ones, both start. */
function sharedLength(some: readonly unknown[], others: readonly unknown[]): number {
  const first = some.findIndex((one, index) => one !== others[index])
  return first < 0 ? some.length : first
}

function titleOf(steps: readonly Step[]): string {
  const [first, ...others] = steps
  if (first === undefined) return 'Nothing'
  return others.length === 0
    ? first.proposal.title
    : oneLine(`${steps.length} repairs: ${steps.map((step) => step.proposal.title).join('; ')}`, 120)
}
