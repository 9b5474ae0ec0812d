import * as z from 'zod'
import { HomeostatError } from '../core/errors.js'
import { safePath } from '../core/path.js'
import { sealShape } from '../core/seal.js'
import { oneLine } from '../core/text.js'

/** Names of transaction folders: a number that counts up, so that they sort by age, and a part that makes them unique. */
export const transactionId = /^\d{6,12}-[A-Za-z0-9-]{1,64}$/

const path = z.string().transform((text) => safePath(text))
const mode = z.int().min(0).max(0o7777)
const fileState = z.strictObject({ hash: z.string().regex(/^[0-9a-f]{64}$/), mode, sizeBytes: z.int().min(0) })
const folder = z.strictObject({ path, mode })

const step = z.discriminatedUnion('kind', [
  /** Replaces or (`before` is `null`) creates a file. */
  z.strictObject({ kind: z.literal('write'), path, before: fileState.nullable(), after: fileState }),
  z.strictObject({ kind: z.literal('remove'), path, before: fileState }),
  z.strictObject({ kind: z.literal('chmod'), path, modeBefore: mode, mode }),
  z.strictObject({
    kind: z.literal('tree'),
    path,
    /** Whether a folder stood there. */
    before: z.boolean(),
    /** Print of the folder that replaces it (see `treePrint`); `null`: nothing does. */
    after: z.string().max(64).nullable(),
    /** The new folder is what this step of the transaction `undoes` put aside; absent: it was brought into our own folder. */
    from: z.int().min(0).optional(),
  }),
])

const record = z.strictObject({
  version: z.literal(1),
  id: z.string().regex(transactionId),
  title: z.string().max(200),
  reason: z.string().max(2_000),
  patchId: z.string().max(200).optional(),
  /** What vouched for it when it was applied. */
  seal: sealShape.optional(),
  atEpochMs: z.number(),
  steps: z.array(step).max(20_000),
  /** Folders that are made before the steps, parents first. */
  folders: z.array(folder).max(20_000),
  /** Folders that are removed after the steps when they are empty, children first. */
  emptied: z.array(folder).max(20_000),
  /** What the transaction keeps on disk for its rollback. */
  keptBytes: z.number().min(0),
  /** The transaction that this one rolls back. */
  undoes: z.string().regex(transactionId).optional(),
  /** Whether a finished rollback is kept, because it put aside what someone else had written. */
  keep: z.boolean(),
  /** Paths that could not be restored, because someone else changed them. */
  conflicts: z.array(path).max(20_000),
})

/** One step of a transaction, as the journal has it: what is there before, and what will be there after. */
export type Step = Readonly<z.infer<typeof step>>
export type FileState = Readonly<z.infer<typeof fileState>>
/** A folder that a transaction makes or removes. */
export type FolderState = Readonly<z.infer<typeof folder>>
/** What the journal knows of one transaction: all that recovery needs. */
export type JournalRecord = Readonly<z.infer<typeof record>>

/** The record as the bytes of a file. */
export function writeRecord(value: JournalRecord): Uint8Array {
  return Buffer.from(`${JSON.stringify(value)}\n`)
}

/**
 * Reads a record that anyone may have written: every field and every path is checked again.
 *
 * @param file - Its path, for the error.
 * @throws HS_JOURNAL_CORRUPT
 */
export function readRecord(bytes: Uint8Array, id: string, file: string): JournalRecord {
  try {
    const value = record.parse(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)))
    if (value.id !== id) throw new Error('it belongs to another transaction')
    return value
  } catch (error) {
    const problem = error instanceof z.ZodError ? z.prettifyError(error) : error instanceof Error ? error.message : String(error)
    throw new HomeostatError('HS_JOURNAL_CORRUPT', { path: file, reason: oneLine(problem, 300) }, { cause: error })
  }
}
