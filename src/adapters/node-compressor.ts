import * as zlib from 'node:zlib'
import type { Compressor } from '../memory/buffer/compressor.js'

/**
 * Compression by Node itself: zstd where it has that (22.15, 23.8 and later), else Brotli at a quality that is as quick.
 *
 * @param options - `method`: this one, whatever else there is.
 * @throws RangeError when zstd is asked for and Node has none.
 */
export function nodeCompressor({ method }: { readonly method?: 'zstd' | 'br' } = {}): Compressor {
  // Older versions do not have them, whatever the types say.
  const hasZstd = typeof zlib.zstdCompressSync === 'function'
  if (method === 'zstd' && !hasZstd) throw new RangeError('Cannot compress with zstd: this version of Node has none')
  return hasZstd && method !== 'br' ? zstd : brotli
}

// Each result is copied: Node gives a view of a buffer of 64 KB, which would stay in memory as long as the view does.

const zstd: Compressor = {
  name: 'zstd',
  compress: (bytes) => new Uint8Array(zlib.zstdCompressSync(bytes)),
  decompress: (bytes, bytesMax) =>
    new Uint8Array(
      zlib.zstdDecompressSync(bytes, {
        maxOutputLength: Math.max(1, bytesMax),
        // A forged frame may ask for a window of 128 MB; ours ask for 2 MB at most.
        params: { [zlib.constants.ZSTD_d_windowLogMax]: 23 },
      }),
    ),
}

const brotli: Compressor = {
  name: 'br',
  compress: (bytes) =>
    new Uint8Array(
      zlib.brotliCompressSync(bytes, {
        params: { [zlib.constants.BROTLI_PARAM_QUALITY]: 4, [zlib.constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
      }),
    ),
  decompress: (bytes, bytesMax) => new Uint8Array(zlib.brotliDecompressSync(bytes, { maxOutputLength: Math.max(1, bytesMax) })),
}
