import type { CommandResult, Sandbox, Workspace } from '../../src/core/ports.js'
import type { HealPorts } from '../../src/orchestrator/heal/heal-ports.js'
import { memoryFileSystem, type MemoryFileSystem } from '../../src/testing/memory-file-system.js'
import { memoryWorkspace } from '../../src/testing/memory-workspace.js'

export type Files = Readonly<Record<string, string>>
/** What a command does, given the files it sees: it passes with `undefined`, or fails with this output. */
export type Behaviour = (files: Files, where: 'workspace' | 'sandbox', command: readonly string[]) => string | undefined

const root = '/project'

/** A project that exists in memory only, with a command that behaves as told, in place and in sandbox copies. */
export function fakeProject(initial: Files, behave: Behaviour) {
  const disk: MemoryFileSystem = memoryFileSystem()
  disk.mkdir(root, 0o755)
  for (const [path, text] of Object.entries(initial)) {
    const folders = path.split('/').slice(0, -1)
    folders.forEach((_, index) => {
      const folder = `${root}/${folders.slice(0, index + 1).join('/')}`
      if (disk.lstat(folder) === undefined) disk.mkdir(folder, 0o755)
    })
    disk.writeNew(`${root}/${path}`, new TextEncoder().encode(text), 0o644)
  }
  const runs: { readonly where: 'workspace' | 'sandbox'; readonly command: readonly string[] }[] = []
  const files = (): Files => readTree(disk, root)
  const run = (seen: Files, where: 'workspace' | 'sandbox', command: readonly string[], signal?: AbortSignal): CommandResult => {
    runs.push({ where, command })
    const output = behave(seen, where, command)
    const ending = signal?.aborted === true ? 'aborted' : 'exited'
    return {
      ending,
      exitCode: output === undefined ? 0 : 1,
      output: output ?? '',
      outputBytes: output?.length ?? 0,
      truncated: false,
      durationMs: 1,
    }
  }
  const ports: HealPorts = {
    runner: { run: (command, { signal }) => Promise.resolve(run(files(), 'workspace', command, signal)) },
    sandbox: () => fakeSandbox(files, (seen, command) => run(seen, 'sandbox', command)),
    openWorkspace: () => memoryWorkspace(files(), { root }),
    files: disk,
    environment: {},
  }
  return { ports, runs, files, disk }
}

function fakeSandbox(files: () => Files, run: (seen: Files, command: readonly string[]) => CommandResult): Sandbox {
  return {
    tier: 'fake',
    open: () => {
      const copy: Record<string, string> = { ...files() }
      const workspace: Workspace = {
        root: '/copy',
        read: (path) => copy[path],
        stat: (path) => (copy[path] === undefined ? undefined : { kind: 'file', mode: 0o644, sizeBytes: copy[path].length }),
        list: (folder) => memoryWorkspace(copy).list(folder),
        files: () => Object.keys(copy).sort(),
      }
      return Promise.resolve({
        root: '/copy',
        workspace,
        run: (command) => Promise.resolve(run({ ...copy }, command)),
        write: (path, text) => {
          if (text === null) delete copy[path]
          else copy[path] = text
        },
        chmod: () => undefined,
        close: () => Promise.resolve(),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      })
    },
  }
}

function readTree(disk: MemoryFileSystem, folder: string): Files {
  return Object.fromEntries(
    disk.readdir(folder).flatMap((name) => {
      const path = `${folder}/${name}`
      if (name === '.homeostat') return []
      if (disk.lstat(path)?.kind === 'folder')
        return Object.entries(readTree(disk, path)).map(([inner, text]) => [`${name}/${inner}`, text] as const)
      return [[name, new TextDecoder('utf-8', { ignoreBOM: true }).decode(disk.readFile(path))] as const]
    }),
  )
}
