import { dirname, join } from 'node:path'
import { nodeFileSystem, sqliteKnowledgeStore } from '../adapters/node.js'
import { createWorld, type Policy } from '../index.js'
import { Knowledge, memoryKnowledgeStore, type Experience } from '../memory/index.js'
import type { Terminal } from './terminal.js'

/** Where a project keeps what its healings taught. */
export function memoryPath(root: string): string {
  return join(root, '.homeostat', 'knowledge.db')
}

/** What healings of one project taught, in `.homeostat/knowledge.db` of it. */
export interface ProjectMemory extends AsyncDisposable {
  readonly knowledge: Knowledge
  /** Brings what was learnt to the project, where homeostat has a folder in it by now. */
  keep(): Promise<void>
}

/**
 * The memory of a project. Where homeostat has written nothing yet, nothing is written for the sake of remembering either: what
 * is learnt is held until a patch is applied. `undefined` when the policy wants nothing to be remembered.
 */
export function openProjectMemory(root: string, { learning }: Policy, terminal: Terminal): ProjectMemory | undefined {
  if (!learning.enabled) return undefined
  const world = createWorld()
  const path = memoryPath(root)
  const isAtHome = (): boolean => nodeFileSystem().lstat(dirname(path))?.kind === 'folder'
  const { patternsMax, similarityMin, ageMsMax } = learning
  const onError = notRemembered(terminal)
  const over = (store: ReturnType<typeof memoryKnowledgeStore>): Knowledge =>
    new Knowledge({ store, world, patternsMax, similarityMin, ageMsMax, onError })
  const onDisk = (): Knowledge => over(sqliteKnowledgeStore(path, { world }))

  const wasAtHome = isAtHome()
  const knowledge = wasAtHome ? onDisk() : over(memoryKnowledgeStore())
  return {
    knowledge,
    async keep() {
      if (wasAtHome || !isAtHome()) return
      try {
        await using kept = onDisk()
        await kept.import(knowledge.export())
      } catch (error) {
        onError(error)
      }
    },
    [Symbol.asyncDispose]: () => knowledge.close(),
  }
}

/**
 * Remembers of repairs that worked that a person took them back. Nothing where the project has no memory.
 *
 * @param experiences - As the journal kept them; anyone may have changed them since.
 */
export async function unlearn(root: string, experiences: readonly unknown[], terminal: Terminal): Promise<void> {
  const path = memoryPath(root)
  if (nodeFileSystem().lstat(path) === undefined) return
  const world = createWorld()
  await using knowledge = new Knowledge({ store: sqliteKnowledgeStore(path, { world }), world, onError: notRemembered(terminal) })
  for (const experience of experiences) {
    if (typeof experience !== 'object' || experience === null || !('outcome' in experience)) continue
    // What is no experience is refused where it is stored.
    const failed = { ...experience, outcome: 'failed', epochMs: world.clock.epochMs() } as Experience
    if (experience.outcome === 'worked') await knowledge.record(failed)
  }
}

function notRemembered(terminal: Terminal): (error: unknown) => void {
  return (error) => terminal.err(`Not remembered: ${error instanceof Error ? error.message : String(error)}\n`)
}
