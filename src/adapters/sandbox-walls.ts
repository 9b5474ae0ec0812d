import type { SandboxView } from './sandbox-view.js'

/** One command that is to run behind walls. */
export interface Walled {
  readonly command: readonly string[]
  readonly cwd: string
  readonly view: SandboxView
  /** Whether it may reach the network and write the shared caches. */
  readonly install: boolean
  /** Two empty folders of this one run, out of reach of every command: what a command could replace must never be mounted. */
  readonly privateTmp: string
  readonly newRoot: string
}

/** Puts walls round a command: the same command, as the argument array of a program that raises them and then runs it. */
export type WallBuilder = (walled: Walled) => readonly string[]
