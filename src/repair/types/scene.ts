import type { Change } from './change.js'
import type { Checker, Diagnostic, Node, SourceFile, TypeScript } from './compiler.js'
import type { Tools } from './tools.js'

/** What a rule thinks of, before anyone has compiled it. */
export interface Idea {
  /** One kind has one `prior`. */
  readonly kind: string
  readonly title: string
  readonly changes: readonly Change[]
  /** How often it is exactly right when it heals the error and nothing else does, 0..1. */
  readonly prior: number
}

/** One error, and all that a rule needs to know about it. */
export interface Scene {
  readonly ts: TypeScript
  readonly checker: Checker
  readonly file: SourceFile
  readonly code: number
  /** All lines of it. */
  readonly message: string
  /** The smallest piece of syntax that the error spans. */
  readonly node: Node
  readonly error: Diagnostic
  /** Files of the project, declarations and installed packages excluded. */
  readonly files: readonly SourceFile[]
  readonly tools: Tools
}

/**
 * From an error to ideas. Rules travel into the sandbox as text: a rule uses nothing but its argument and what it declares
 * itself, and imports types only. A test holds that.
 */
export type Rule = (scene: Scene) => Iterable<Idea>
