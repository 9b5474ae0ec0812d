import { ResilientMemoryBuffer } from '../memory/buffer/resilient-memory-buffer.js'
import type { MemoryBufferOptions } from '../memory/buffer/buffer-options.js'
import { nodeCompressor } from './node-compressor.js'
import { nodeFileSystem } from './node-file-system.js'

/** A buffer's options; Node brings the rest. */
export interface OpenMemoryBufferOptions<V> extends Omit<MemoryBufferOptions<V>, 'file'> {
  /** Absolute; where it is saved. Without it, it lives in memory only. */
  readonly path?: string | undefined
}

/** A buffer that compresses, and that has loaded what its file holds. Never throws for the file: see its `stats.lastError`. */
export function openMemoryBuffer<V>({ path, ...options }: OpenMemoryBufferOptions<V> = {}): ResilientMemoryBuffer<V> {
  const file = path === undefined ? undefined : { path, files: nodeFileSystem() }
  const buffer = new ResilientMemoryBuffer<V>({ ...options, compressor: options.compressor ?? nodeCompressor(), file })
  buffer.load()
  return buffer
}
