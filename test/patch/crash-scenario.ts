import fc from 'fast-check'
import { sha256 } from '../../src/core/hash.js'
import type { Change, FileSystem } from '../../src/core/ports.js'
import { openJournal, type Journal } from '../../src/patch/journal.js'
import { createTestWorld } from '../../src/testing/test-world.js'

/** A file of a project, and what a patch does with it. */
interface PlannedFile {
  readonly folder: string
  readonly text: string
  readonly mode: number
  readonly fate: 'keep' | 'write' | 'write with mode' | 'mode by write' | 'chmod' | 'remove' | 'rename'
  /** What it becomes. */
  readonly textAfter: string
  readonly modeAfter: number
  /** Where it goes, or, for a file of {@link Scenario.created}, where it is made. */
  readonly folderAfter: string
}

/** A project and a patch of it. Texts are Latin-1: each character stands for one byte. */
export interface Scenario {
  readonly present: readonly PlannedFile[]
  readonly created: readonly Pick<PlannedFile, 'folderAfter' | 'textAfter' | 'modeAfter'>[]
  readonly packages: 'untouched' | 'replaced' | 'removed' | 'brought in'
}

/** What a project looks like: kind, mode and content of every path, as `MemoryFileSystem.dump` tells it. */
export type Tree = Readonly<Record<string, string>>

const folders = ['.', 'a', 'a/b', 'a/b/c', 'd e']
const text = fc.constantFrom(
  '',
  'same',
  'one\n',
  'two\r\n',
  '\u00ef\u00bb\u00bfmark',
  '\u0000\u00ff\u0080',
  'long line\n'.repeat(40),
)
const mode = fc.constantFrom(0o400, 0o600, 0o644, 0o664, 0o755, 0o777)
const fates = ['keep', 'write', 'write with mode', 'mode by write', 'chmod', 'remove', 'rename'] as const
const after = {
  textAfter: text,
  modeAfter: mode,
  folderAfter: fc.constantFrom(...folders, 'new', 'new/deep', 'a/b/new'),
}
const planned = fc.record({ folder: fc.constantFrom(...folders), text, mode, fate: fc.constantFrom(...fates), ...after })

/** Any project of up to 20 files with links and empty folders, and any patch that changes something of it. */
export const anyScenario: fc.Arbitrary<Scenario> = fc
  .record({
    present: fc.array(planned, { maxLength: 14, size: 'max' }),
    created: fc.array(fc.record(after), { maxLength: 6, size: 'max' }),
    packages: fc.constantFrom('untouched', 'untouched', 'replaced', 'removed', 'brought in'),
  })
  .filter((scenario) => changesOf(scenario, '/stage').length > 0)

/** Twenty files changed in every way at once. */
export const everything: Scenario = {
  present: fates.slice(1).flatMap((fate, at) =>
    [0, 1].map((again) => ({
      folder: folders[(at + again) % folders.length] ?? '.',
      text: `${fate}\n`,
      mode: again === 0 ? 0o644 : 0o755,
      fate,
      textAfter: again === 0 ? '' : `now ${fate}\r\n`,
      modeAfter: again === 0 ? 0o600 : 0o777,
      folderAfter: again === 0 ? 'a/b' : 'new/deep',
    })),
  ),
  created: ['.', 'new', 'new/deep', 'other'].map((folderAfter) => ({ folderAfter, textAfter: 'made', modeAfter: 0o755 })),
  packages: 'replaced',
}

/** One file written: the smallest patch. */
export const oneFile: Scenario = {
  present: [{ folder: 'a', text: 'old', mode: 0o644, fate: 'write', textAfter: 'new', modeAfter: 0o644, folderAfter: '.' }],
  created: [],
  packages: 'untouched',
}

/** Makes the project at `root`, and beside it, at `stage`, packages to bring in. */
export function lay(
  { present, packages }: Scenario,
  files: FileSystem,
  { root, stage, link }: { readonly root: string; readonly stage: string; readonly link: (target: string, path: string) => void },
): void {
  for (const folder of ['', '/a', '/a/b', '/a/b/c', '/d e', '/empty']) files.mkdir(`${root}${folder}`, 0o755)
  files.chmod(`${root}/empty`, 0o700)
  for (const [index, file] of present.entries()) files.writeNew(`${root}/${pathOf(file, index)}`, bytesOf(file.text), file.mode)
  link('a/b', `${root}/to-folder`)
  link('../nowhere', `${root}/a/to-nothing`)
  if (packages !== 'brought in') packagesAt(`${root}/node_modules`, 'old', files, link)
  packagesAt(stage, 'fresh', files, link)
}

/** The patch. */
export function changesOf({ present, created, packages }: Scenario, stage: string): readonly Change[] {
  const changes = present.flatMap((file, index) => changesOfFile(file, index))
  const made = created.map(({ folderAfter, textAfter, modeAfter: bits }, index): Change => ({
    kind: 'write',
    path: joined(folderAfter, `created-${index}`),
    bytes: bytesOf(textAfter),
    baseHash: null,
    // Sometimes as the journal sees fit.
    ...(bits === 0o644 ? {} : { mode: bits }),
  }))
  const tree: readonly Change[] =
    packages === 'untouched' ? [] : [{ kind: 'tree', path: 'node_modules', from: packages === 'removed' ? null : stage }]
  return [...changes, ...made, ...tree]
}

/** What the tree must be after the changes, told without the journal. */
export function treeAfter(before: Tree, changes: readonly Change[], stage: Tree): Tree {
  const tree: Record<string, string> = { ...before }
  for (const change of changes) {
    const present = tree[change.path] ?? ''
    if (change.kind === 'chmod') tree[change.path] = present.replace(/^file \d+/, `file ${change.mode.toString(8)}`)
    else if (change.kind === 'remove') delete tree[change.path]
    else if (change.kind === 'write') {
      const bits = change.mode?.toString(8) ?? /^file (\d+)/.exec(present)?.[1] ?? '644'
      for (let slash = change.path.indexOf('/'); slash >= 0; slash = change.path.indexOf('/', slash + 1))
        tree[change.path.slice(0, slash)] ??= 'folder 755 '
      tree[change.path] = `file ${bits} ${Buffer.from(change.bytes).toString('latin1')}`
    } else {
      for (const path of Object.keys(tree)) if (`${path}/`.startsWith(`${change.path}/`)) delete tree[path]
      if (change.from !== null) tree[change.path] = 'folder 755 '
      if (change.from !== null) for (const [path, entry] of Object.entries(stage)) tree[`${change.path}/${path}`] = entry
    }
  }
  return tree
}

/** Whether two trees are the same, whatever the order of their paths; much faster than expecting a deep match. */
export function isSame(a: Tree, b: Tree): boolean {
  const paths = Object.keys(a)
  return paths.length === Object.keys(b).length && paths.every((path) => a[path] === b[path])
}

let processes = 0

/** Opens the journal as a new process would, when all others are dead. */
export function openAnew(root: string, files: FileSystem): Journal {
  processes += 1
  const world = createTestWorld(processes)
  const id = (): string => `p${processes}-${world.id()}`
  return openJournal({ root, files, world: { ...world, id }, pid: 1_000 + processes, isAlive: () => false })
}

function changesOfFile(file: PlannedFile, index: number): readonly Change[] {
  const path = pathOf(file, index)
  const bytes = bytesOf(file.text)
  const baseHash = sha256(bytes)
  const written = { kind: 'write', path, bytes: bytesOf(file.textAfter), baseHash } as const
  switch (file.fate) {
    case 'keep':
      return []
    case 'write':
      return [written]
    case 'write with mode':
      return [{ ...written, mode: file.modeAfter }]
    case 'mode by write':
      return [{ ...written, bytes, mode: file.modeAfter }]
    case 'chmod':
      return [{ kind: 'chmod', path, modeBefore: file.mode, mode: file.modeAfter }]
    case 'remove':
      return [{ kind: 'remove', path, baseHash }]
    case 'rename':
      return [
        { kind: 'remove', path, baseHash },
        { ...written, path: joined(file.folderAfter, `renamed-${index}`), baseHash: null, mode: file.mode },
      ]
  }
}

function pathOf({ folder }: PlannedFile, index: number): string {
  return joined(folder, `file-${index}`)
}

function joined(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`
}

function bytesOf(latin1: string): Uint8Array {
  return Buffer.from(latin1, 'latin1')
}

function packagesAt(folder: string, version: string, files: FileSystem, link: (target: string, path: string) => void): void {
  for (const path of ['', '/x', `/${version}`, '/.bin']) files.mkdir(`${folder}${path}`, 0o755)
  files.writeNew(`${folder}/x/index.js`, Buffer.from(`the ${version} one`), 0o644)
  files.writeNew(`${folder}/${version}/run`, Buffer.from(version), 0o755)
  link('../x/index.js', `${folder}/.bin/x`)
}
