/** Items worked on at the same time: enough to keep the four threads of Node's disk pool busy. */
const batchSize = 16

/**
 * Works on all items, a few at a time. All of a batch is waited for, also when one fails: nobody may go on writing into a folder
 * that is being removed.
 *
 * @throws what the first item fails with that does; the signal's reason between two batches.
 */
export async function inBatches<T>(
  { signal }: { readonly signal: AbortSignal | undefined },
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < items.length; start += batchSize) {
    signal?.throwIfAborted()
    const results = await Promise.allSettled(items.slice(start, start + batchSize).map(work))
    for (const result of results) if (result.status === 'rejected') throw result.reason as Error
  }
}
