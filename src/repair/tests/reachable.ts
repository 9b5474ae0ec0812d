import type { Workspace } from '../../core/ports.js'
import { isCodeFile } from '../code/code-parse.js'
import { folderOf, inFolder, insidePath, isForDevelopment } from '../imports/import-path.js'

/** Files looked at, at most. */
const filesMax = 400

/**
 * Code of the project that the given files import, directly or not, with the number of imports on the way. Only relative
 * imports are followed; where there are none (a package that its tests import by its own name) it is all code of the project.
 */
export function reachableFrom(workspace: Workspace, files: readonly string[]): ReadonlyMap<string, number> {
  const depths = new Map<string, number>(files.slice(0, filesMax).map((file) => [file, 0]))
  // A map hands out what is added to it while it is read: that makes it the queue.
  for (const [file, depth] of depths) {
    if (depths.size >= filesMax) break
    for (const specifier of relativeImports(workspace.read(file) ?? '')) {
      const path = resolved(workspace, insidePath(inFolder(folderOf(file), specifier)))
      if (path !== undefined && !depths.has(path)) depths.set(path, depth + 1)
    }
  }
  const found = new Map([...depths].filter(([path]) => !isForDevelopment(path)))
  if (found.size > 0) return found
  return new Map(
    workspace
      .files()
      .filter((path) => isCodeFile(path) && !isForDevelopment(path))
      .slice(0, filesMax)
      .map((path) => [path, 1]),
  )
}

function relativeImports(text: string): readonly string[] {
  const matches = text
    .slice(0, 400_000)
    .matchAll(/(?:\bfrom\s*|\brequire\s*\(\s*|\bimport\s*\(?\s*)(['"])(\.{1,2}(?:\/[^'"\n]{0,300})?)\1/g)
  return [...new Set([...matches].map(([, , specifier = '']) => specifier))].slice(0, 200)
}

function resolved(workspace: Workspace, path: string | undefined): string | undefined {
  if (path === undefined) return undefined
  const stem = path.replace(/\.[cm]?jsx?$/, '')
  const names = [
    path,
    ...['.js', '.ts', '.tsx', '.jsx', '.mjs', '.cjs', '.mts', '.cts'].flatMap((end) => [
      `${path}${end}`,
      `${stem}${end}`,
      inFolder(path, `index${end}`),
    ]),
  ]
  return names.find((name) => isCodeFile(name) && workspace.stat(name)?.kind === 'file')
}
