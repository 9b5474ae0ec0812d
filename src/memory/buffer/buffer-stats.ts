/** What a buffer holds, and has done since it was made. Plain JSON. */
export interface BufferStats {
  readonly entries: number
  readonly entriesMax: number
  readonly bytes: number
  readonly bytesMax: number
  /** Of the entries, those that `similar` can find without indexing them first. */
  readonly indexed: number
  readonly compressed: {
    readonly entries: number
    /** What they take. */
    readonly bytes: number
    /** What their JSON would take. */
    readonly plainBytes: number
  }
  readonly hits: number
  readonly misses: number
  readonly evictions: number
  readonly expirations: number
  /** Everything that was survived: entries refused, disks full, files corrupted. */
  readonly failures: number
  readonly lastError: { readonly message: string; readonly atEpochMs: number } | undefined
}
