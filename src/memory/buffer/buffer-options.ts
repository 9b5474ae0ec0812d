import { whole, within } from '../../core/checked-number.js'
import type { FileSystem } from '../../core/ports.js'
import { createWorld, type World } from '../../core/world.js'
import type { Compressor } from './compressor.js'

/** What a {@link ResilientMemoryBuffer} may use, and what it works with. Everything is optional. */
export interface MemoryBufferOptions<V> {
  /** 1 to 1 000 000. Default 10 000. */
  readonly entriesMax?: number | undefined
  /** What all entries may take, with their keys and what finds them again; guessed high. At least 4 096. Default 64 MiB. */
  readonly bytesMax?: number | undefined
  /** A larger entry is refused, so that one cannot push out all others. Default: an eighth of `bytesMax`. */
  readonly entryBytesMax?: number | undefined
  /** How long an entry is kept; milliseconds above 0. Default: as long as there is room. */
  readonly ttlMs?: number | undefined
  /** Values that take at least so many bytes are kept compressed. Default 1 024. */
  readonly compressFromBytes?: number | undefined
  /** Without one nothing is compressed. `nodeCompressor()` of `homeostat/node` is Node's. */
  readonly compressor?: Compressor | undefined
  /** Where it is saved: an absolute path, and the file system to use (`nodeFileSystem()`). Without it `save` and `load` do nothing. */
  readonly file?: SavedFile | undefined
  /** The text by which `similar` finds a value; an empty one: not at all. Default: the text in the value, without its names. */
  readonly textOf?: ((value: V, key: string) => string) | undefined
  /** Hears of each failure that was survived. It must be quick; what it throws becomes a process warning. */
  readonly onError?: ((error: unknown) => void) | undefined
  /** Default: the real one. */
  readonly world?: World | undefined
}

/** A file, and the file system it is in. */
export interface SavedFile {
  readonly path: string
  readonly files: FileSystem
}

/** What one entry is worth, beside its value. */
export interface EntryOptions {
  /** How valuable it is to have it, compared with others: 0 to 1 000 000. Default 1. */
  readonly worth?: number | undefined
  /** What it takes to make it again, in milliseconds: 0 to 1 000 000 000. Default 1. */
  readonly costMs?: number | undefined
  /** Instead of the buffer's own; milliseconds above 0. */
  readonly ttlMs?: number | undefined
  /** By which `similar` finds it, instead of the buffer's `textOf`. */
  readonly text?: string | undefined
}

/** The numbers of the options, filled in and checked. */
export interface BufferLimits {
  readonly entriesMax: number
  readonly bytesMax: number
  readonly entryBytesMax: number
  /** `Infinity`: for ever. */
  readonly ttlMs: number
  readonly compressFromBytes: number
}

/** @throws RangeError when a number is out of range. */
export function checkedLimits(options: MemoryBufferOptions<never>): BufferLimits {
  const bytesMax = whole('bytesMax', options.bytesMax ?? 64 * 1024 * 1024, 4_096)
  return {
    entriesMax: whole('entriesMax', options.entriesMax ?? 10_000, 1, 1_000_000),
    bytesMax,
    entryBytesMax: whole('entryBytesMax', options.entryBytesMax ?? Math.floor(bytesMax / 8), 1, bytesMax),
    ttlMs: checkedTtl(options.ttlMs) ?? Infinity,
    compressFromBytes: whole('compressFromBytes', options.compressFromBytes ?? 1_024, 0),
  }
}

/** @throws RangeError when it is out of range. */
export function checkedTtl(ttlMs: number | undefined): number | undefined {
  return ttlMs === undefined ? undefined : within('ttlMs', ttlMs, Number.MIN_VALUE)
}

/** How much an entry is worth in all. @throws RangeError when a number is out of range. */
export function weightOf({ worth = 1, costMs = 1 }: EntryOptions): number {
  return within('worth', worth, 0, weightMax.worth) * within('costMs', costMs, 0, weightMax.costMs)
}

export const weightMax = { worth: 1e6, costMs: 1e9 }

/** The world given, or the real one. */
export function worldOf({ world }: MemoryBufferOptions<never>): World {
  return world ?? createWorld()
}
