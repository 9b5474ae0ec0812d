import type { FileEdit } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'

/** The workspace as it would be with some edits of existing files made. */
export function withEdits(workspace: Workspace, edits: readonly FileEdit[]): Workspace {
  const texts = new Map(edits.map(({ path, after }) => [path, after]))
  return {
    ...workspace,
    read: (path) => {
      const text = texts.get(path)
      return text === undefined ? workspace.read(path) : (text ?? undefined)
    },
  }
}

/** Two sets of edits, the second made after the first, as one: of each file the first state and the last. */
export function followedBy(edits: readonly FileEdit[], later: readonly FileEdit[]): readonly FileEdit[] {
  const merged = new Map(edits.map((edit) => [edit.path, edit]))
  for (const edit of later) {
    const first = merged.get(edit.path)
    merged.set(edit.path, first === undefined ? edit : { ...first, after: edit.after })
  }
  return [...merged.values()].filter(({ before, after }) => before !== after)
}
