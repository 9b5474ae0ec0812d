import { join } from 'node:path'
import { nodeFileSystem, sqliteKnowledgeStore } from '../adapters/node.js'
import { createWorld, type Policy } from '../index.js'
import { Knowledge, memoryKnowledgeStore } from '../memory/index.js'
import type { Terminal } from './terminal.js'

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
  const home = join(root, '.homeostat')
  const isAtHome = (): boolean => nodeFileSystem().lstat(home)?.kind === 'folder'
  const { patternsMax, similarityMin, ageMsMax } = learning
  const onError = (error: unknown): void =>
    terminal.err(`Not remembered: ${error instanceof Error ? error.message : String(error)}\n`)
  const over = (store: ReturnType<typeof memoryKnowledgeStore>): Knowledge =>
    new Knowledge({ store, world, patternsMax, similarityMin, ageMsMax, onError })
  const onDisk = (): Knowledge => over(sqliteKnowledgeStore(join(home, 'knowledge.db'), { world }))

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
