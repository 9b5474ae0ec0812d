import type { RepairRequest } from '../../core/repairer.js'
import { isCodeFile } from '../code/code-parse.js'
import type { SyntaxNode } from '../code/syntax-node.js'
import { isTest } from '../imports/import-path.js'
import { isInstalled } from '../code/code-place.js'
import type { Frame } from './runtime-frames.js'
import type { RuntimeError } from './runtime-error.js'
import { type ProjectNames, namesIn } from './runtime-names.js'
import { scopesOf, type Scopes } from './runtime-scopes.js'
import { readSource, type Source } from './runtime-source.js'

/** Everything that is known about one error, files parsed at most once. */
export interface Scene {
  readonly request: RepairRequest
  readonly error: RuntimeError
  /** Innermost first. */
  readonly frames: readonly Frame[]
  source(path: string): Source | undefined
  scopes(source: Source): Scopes
  /** Code files of the project, tests among them, those on the stack first. */
  paths(): readonly string[]
  /** The names of properties in the whole project. */
  names(): ProjectNames
}

/** One expression whose value is not what its place needs. */
export interface Suspect {
  readonly source: Source
  readonly node: SyntaxNode
}

const filesMax = 300
const lengthMax = 3 * 1024 * 1024

export function sceneOf(request: RepairRequest, error: RuntimeError, frames: readonly Frame[]): Scene {
  const { workspace } = request
  const sources = new Map<string, Source | undefined>()
  const scopes = new Map<Source, Scopes>()
  let paths: readonly string[] | undefined
  let names: ProjectNames | undefined
  const scene: Scene = {
    request,
    error,
    frames,
    source(path) {
      if (!sources.has(path)) sources.set(path, readSource(workspace, path))
      return sources.get(path)
    },
    scopes(source) {
      const known = scopes.get(source) ?? scopesOf(source)
      scopes.set(source, known)
      return known
    },
    paths() {
      paths ??= affordable(request, frames)
      return paths
    },
    names() {
      names ??= namesIn(scene.paths().flatMap((path) => scene.source(path) ?? []))
      return names
    },
  }
  return scene
}

/** Whether a repair may change the file: the project's own code, and no test. */
export function isEditable({ path }: Pick<Source, 'path'>): boolean {
  return !isTest(path) && !isInstalled(path) && !/(?:^|\/)[^/]*\.(?:min|bundle|d)\.[cm]?[jt]s$/.test(path)
}

/** At most 300 files with 3 million characters: parsing more takes longer than people wait. */
function affordable({ workspace }: RepairRequest, frames: readonly Frame[]): readonly string[] {
  let left = lengthMax
  const onStack = new Set(frames.map(({ path }) => path))
  const others = workspace.files().filter((path) => isCodeFile(path) && !onStack.has(path))
  // Sources before tests: what is defined matters more than how it is used.
  const ordered = [...onStack, ...others.filter((path) => !isTest(path)), ...others.filter((path) => isTest(path))]
  return ordered.slice(0, filesMax).filter((path) => {
    left -= workspace.stat(path)?.sizeBytes ?? 0
    return left >= 0
  })
}
