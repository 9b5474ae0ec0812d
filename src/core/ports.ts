import type { SandboxTier } from './sandbox-tier.js'

/** How a command ended. Only `exited` carries an exit code that the command chose. */
export type CommandEnding = 'exited' | 'timed-out' | 'aborted' | 'killed' | 'not-found'

export interface CommandResult {
  readonly ending: CommandEnding
  readonly exitCode: number | null
  /** Both streams in the order they arrived; the middle is dropped when it is too long, and says so. */
  readonly output: string
  /** Bytes the command wrote in all, dropped ones included. */
  readonly outputBytes: number
  readonly truncated: boolean
  readonly durationMs: number
}

/** A command looks as if it would never end. */
export interface Stall {
  /** How long it has written nothing and computed nothing. */
  readonly silentMs: number
  /** It grows while the silence lasts. */
  readonly suspicion: 'suspicious' | 'danger' | 'extreme'
}

export interface CommandOptions {
  readonly cwd: string
  /** Added to a minimal environment; `undefined` takes a name away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly timeoutMs: number
  /** How much output is kept; the command may write more, the middle is dropped. */
  readonly outputBytesMax: number
  /** Heap limit handed to Node children. */
  readonly memoryBytesMax?: number
  /** Size of a file that the command writes; kept where the machine can (`prlimit` on Linux). */
  readonly fileBytesMax?: number
  /** Processes and threads beyond those that the user has already; kept where the machine can, and never for root. */
  readonly processesMax?: number
  readonly signal?: AbortSignal
  /** Hears each piece of output as it comes, for showing progress. */
  readonly onOutput?: (text: string) => void
  /** Hears when the command writes nothing and computes nothing for long, where the machine can tell; it goes on nevertheless. */
  readonly onStall?: (stall: Stall) => void
}

/** Runs one command as an argument array, never through a shell; on any ending no descendant of it is left running. */
export interface CommandRunner {
  run(command: readonly string[], options: CommandOptions): Promise<CommandResult>
}

/**
 * Read-only view of the files of a project. Paths are relative to the root, with forward slashes. A path outside the root,
 * or one that leads outside through a link, reads as absent.
 */
export interface Workspace {
  /** Absolute, links resolved. */
  readonly root: string
  /** Whole text; `undefined` when absent, not a file, larger than 4 MiB, or not valid UTF-8. A leading BOM is kept. */
  read(path: string): string | undefined
  /** `undefined` when absent. */
  stat(
    path: string,
  ): { readonly kind: 'file' | 'folder' | 'other'; readonly mode: number; readonly sizeBytes: number } | undefined
  /** Names in a folder, sorted; empty when absent. At most 10 000. */
  list(folder: string): readonly string[]
  /**
   * Files of the project, sorted, without `node_modules`, `.git`, `.homeostat` and what `.gitignore`-style defaults call
   * generated (`dist`, `coverage`, `build`). At most 20 000.
   */
  files(): readonly string[]
}

export interface SandboxCommandOptions extends CommandOptions {
  /** An install that the policy allowed: it reaches the network, and writes the caches that tools share, also behind walls. */
  readonly install?: boolean
}

/** A private copy of a project, in which commands run without touching the original. */
export interface SandboxCopy extends CommandRunner {
  /** Absolute path of the copy. `cwd` of a command is inside it. */
  readonly root: string
  run(command: readonly string[], options: SandboxCommandOptions): Promise<CommandResult>
  readonly workspace: Workspace
  /** Replaces, creates or (with `null`) removes one text file of the copy; keeps its mode. */
  write(path: string, text: string | null): void
  chmod(path: string, mode: number): void
  /** Removes the copy. Also `Symbol.asyncDispose`. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export interface SandboxOptions {
  /** `link`: installed packages are linked, fast, read by the copy; `copy`: they are copied, so that an install may change them. */
  readonly packages: 'link' | 'copy'
  readonly signal?: AbortSignal
}

/** What a copy, and a command in it, may use at most. */
export interface SandboxLimits {
  /** Files, folders and links of one copy. */
  readonly filesMax: number
  readonly copyBytesMax: number
  readonly timeoutMs: number
  readonly outputBytesMax: number
  /** Heap of each Node child. */
  readonly memoryBytesMax: number
  /** Size of each file that a command writes; absent: not limited. */
  readonly fileBytesMax?: number
  /** Processes and threads that a command adds to those of the user; absent: not limited. */
  readonly processesMax?: number
  /** The least tier that will do; absent: `process`. */
  readonly tierMin?: SandboxTier
}

export interface Sandbox {
  /** How strong its walls are, one of `sandboxTiers` for the built-in ones; part of every validation. */
  readonly tier: string
  open(root: string, options: SandboxOptions): Promise<SandboxCopy>
}

/**
 * The little of a file system that the journal needs, synchronous so that a transaction is one uninterrupted piece of work.
 * Paths are absolute. Every method throws a Node-style error with `code` on failure.
 */
export interface FileSystem {
  readFile(path: string): Uint8Array
  /** Creates the file exclusively (fails when it exists) with this mode, writes all bytes, and fsyncs it. */
  writeNew(path: string, bytes: Uint8Array, mode: number): void
  rename(from: string, to: string): void
  unlink(path: string): void
  mkdir(path: string, mode: number): void
  rmdir(path: string): void
  /**
   * Copies a folder with all that is in it, links as links, modes kept, to a path where nothing is yet. Not made durable: that
   * would cost minutes for installed packages, which can be installed again.
   */
  copyTree(from: string, to: string): void
  /** Removes a whole tree; absent is fine. Never follows links. */
  removeTree(path: string): void
  /** Sets the permission bits of a file, durably where it can be opened. */
  chmod(path: string, mode: number): void
  /** Without following links; `undefined` when absent. */
  lstat(path: string): FileStat | undefined
  readdir(path: string): readonly string[]
  /** Makes the folder's entries durable; does nothing where the platform has no such thing. */
  fsyncFolder(path: string): void
  realpath(path: string): string
}

export interface FileStat {
  readonly kind: 'file' | 'folder' | 'link' | 'other'
  /** Permission bits. */
  readonly mode: number
  readonly sizeBytes: number
  readonly device: number
}

/** One change that a transaction makes. Bytes are exact. Paths are relative to the root. */
export type Change =
  | {
      readonly kind: 'write'
      readonly path: string
      readonly bytes: Uint8Array
      /** SHA-256 (hex) of the bytes that must be there now; `null`: nothing must be there. */ readonly baseHash: string | null
      /** Permission bits; absent: as before, or `0o644` when new. */ readonly mode?: number
    }
  | { readonly kind: 'remove'; readonly path: string; readonly baseHash: string }
  | { readonly kind: 'chmod'; readonly path: string; readonly modeBefore: number; readonly mode: number }
  /** Replaces a whole folder (`node_modules`) by one prepared elsewhere; `null` removes it. The old one is kept for rollback. What is at `from` is moved away from there, also when the transaction fails. */
  | { readonly kind: 'tree'; readonly path: string; readonly from: string | null }
