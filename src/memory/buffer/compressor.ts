/** Makes bytes smaller and gets them back exactly. Synchronous; both may throw. Node's is `nodeCompressor` of `homeostat/node`. */
export interface Compressor {
  /** The method, as it is named in a saved file: `zstd`, `br`. */
  readonly name: string
  compress(bytes: Uint8Array): Uint8Array
  /** @throws when `bytes` is not what {@link compress} gave, or would become more than `bytesMax`: it stops there. */
  decompress(bytes: Uint8Array, bytesMax: number): Uint8Array
}
