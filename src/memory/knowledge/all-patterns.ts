import type { KnowledgeStore } from './knowledge-store.js'
import type { Pattern } from './pattern.js'

const pageSize = 500

/** Every pattern of a store in the order of keys, a page at a time. */
export async function* allPatterns(store: KnowledgeStore): AsyncGenerator<Pattern, void> {
  let last: Pattern | undefined
  for (;;) {
    const page = await store.page(last, pageSize)
    yield* page
    last = page.at(-1)
    if (last === undefined) return
  }
}
