import type { Workspace } from '../../core/ports.js'

/**
 * The same workspace, asked only once for each thing: while one proposal is made, many questions read the same files. Not to
 * be kept longer, for it does not see changes.
 */
export function remembered(workspace: Workspace): Workspace {
  const files = once(() => workspace.files())
  return {
    root: workspace.root,
    read: once((path: string) => workspace.read(path)),
    stat: once((path: string) => workspace.stat(path)),
    list: once((folder: string) => workspace.list(folder)),
    files: () => files(''),
  }
}

function once<T>(ask: (name: string) => T): (name: string) => T {
  const answers = new Map<string, T>()
  return (name) => {
    const known = answers.get(name)
    if (known !== undefined || answers.has(name)) return known as T // `has` proves that it was kept, and only T is kept.
    const answer = ask(name)
    answers.set(name, answer)
    return answer
  }
}
