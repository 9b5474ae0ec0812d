import { HomeostatError } from '../core/errors.js'

/** What is left to copy. */
export interface CopyBudget {
  /** Counts one file, link or folder and its bytes. @throws HS_SANDBOX_FAILED when there is no room for it. */
  take(bytes: number): void
}

/** A limit on what one copy may hold; the project is named in the message by what was too much. */
export function createCopyBudget({
  filesMax,
  copyBytesMax,
}: {
  readonly filesMax: number
  readonly copyBytesMax: number
}): CopyBudget {
  let files = 0
  let bytes = 0
  return {
    take(size) {
      files += 1
      bytes += size
      if (files > filesMax)
        throw new HomeostatError('HS_SANDBOX_FAILED', { reason: `the project has more than ${filesMax} files` })
      if (bytes > copyBytesMax)
        throw new HomeostatError('HS_SANDBOX_FAILED', { reason: `the project has more than ${copyBytesMax} bytes` })
    },
  }
}
