import type { FaultCategory } from '../../core/fault.js'
import type { LoggedExperience, Pattern, PatternKey } from './pattern.js'

/** What a store holds, in numbers. */
export interface StoreTotals {
  /** Patterns with their detail. */
  readonly patterns: number
  /** Patterns of which only the counts are left. */
  readonly traces: number
  /** Attempts, pruned ones included. */
  readonly worked: number
  readonly failed: number
  /** Lines of the log. */
  readonly experiences: number
  /** On disk; 0 where there is no file. */
  readonly sizeBytes: number
}

/** A pattern as it was read, and what is to stand in its place: the same key with less detail, or the sum it is added to. */
export interface Replacement {
  readonly from: Pattern
  readonly to: Pattern
}

/**
 * Where knowledge lies. Every method is atomic, also between processes that share a store. All of them reject when the store
 * cannot be used; `Knowledge` keeps that from the host.
 */
export interface KnowledgeStore {
  /** Adds the counts of a pattern to what is kept of its key, and a line to the log, of which the oldest lines are dropped. */
  add(pattern: Pattern, experience?: LoggedExperience): Promise<{ readonly detailIsNew: boolean }>
  /** Patterns of one class, those that worked most often first, then the newest. */
  ofClass(classId: string, limit: number): Promise<readonly Pattern[]>
  /** Patterns with detail of any class with this category and code, the newest first. */
  ofKind(kind: { readonly category: FaultCategory; readonly code: string }, limit: number): Promise<readonly Pattern[]>
  /** Patterns after a key, in the order of the keys. Empty only when there are no more. */
  page(after: PatternKey | undefined, limit: number): Promise<readonly Pattern[]>
  /** Makes replacements, except where the pattern was changed since it was read. Answers how many were made. */
  replace(replacements: readonly Replacement[]): Promise<number>
  /** The newest lines of the log, oldest first. */
  recent(limit: number): Promise<readonly LoggedExperience[]>
  /** Drops lines of the log from before a time. Answers how many. */
  forget(beforeEpochMs: number): Promise<number>
  totals(): Promise<StoreTotals>
  /** Ends the use; further calls reject. Closing twice is fine. */
  close(): Promise<void>
}

/** Lines of the log that a store keeps, unless told otherwise. */
export const experiencesMaxUsual = 5_000
