import type { Fault } from '../../core/fault.js'
import { sha256 } from '../../core/hash.js'
import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer, Repairer, RepairRequest } from '../../core/repairer.js'
import { oneLine } from '../../core/text.js'
import { turn } from '../../core/world.js'
import { isCodeFile, isReadable, parserFor } from './code-parse.js'
import { isInstalled, pathInside, titleOf } from './code-place.js'
import { repairCode, type CodeCandidate } from './code-syntax.js'

/** Repairs JavaScript and TypeScript files that do not parse: the one the fault names, or the first broken one it may mean. */
export const codeSyntaxRepairer: Repairer = {
  id: 'code-syntax',
  categories: ['syntax', 'build'],
  propose: answer,
}

const samplesMax = 24
const sampleCharactersMax = 40_000
/** Files parsed when the fault names none that is broken, and their bytes in all. */
const guessedFilesMax = 200
const guessedBytesMax = 2 * 1024 * 1024

async function answer({ fault, workspace, proposalsMax, signal }: RepairRequest): Promise<RepairAnswer> {
  await turn(signal)
  const notes: string[] = []
  const named = namedFiles(fault, workspace, notes)
  const path =
    (await firstBroken(named, workspace, notes, signal)) ??
    (isAboutCode(fault) ? await guessed(workspace, named, signal) : undefined)
  if (path === undefined)
    return {
      proposals: [],
      notes: named.length > 0 && notes.length === 0 ? [`${named.join(', ')}: every statement parses`] : notes,
    }
  const before = workspace.read(path) ?? ''
  const samples = samplesFor(path, workspace)
  await turn(signal)
  const candidates = repairCode(before, { path, samples, candidatesMax: Math.min(10, proposalsMax) })
  if (candidates.length === 0)
    notes.push(`${path} does not parse, and no change of one or two tokens makes it: restore it from version control`)
  return { proposals: candidates.map((candidate) => proposal(path, before, candidate)), notes }
}

function proposal(path: string, before: string, candidate: CodeCandidate): Proposal {
  return {
    title: titleOf(candidate.title, path, candidate.place),
    edits: [{ path, before, after: candidate.text, baseHash: sha256(before) }],
    actions: [],
    plausibility: candidate.plausibility,
    rationale: `${path} does not parse; with this change it does, and it reads as the rest of the project's code does.`,
  }
}

/** The code files that the fault names, the surest first. */
function namedFiles(fault: Fault, workspace: Workspace, notes: string[]): readonly string[] {
  const names = [fault.location?.file, fault.details['path'], fault.details['importer']]
  if (isAboutCode(fault))
    for (const line of fault.evidence)
      for (const match of line.slice(0, 1_000).matchAll(/[\w./\\@:~+[\]-]{1,300}\.(?:[mc]?[jt]s|[jt]sx)(?!\w)/g))
        names.push(match[0])
  const paths = new Set<string>()
  for (const name of names) {
    if (typeof name !== 'string' || !isCodeFile(name) || paths.size >= 16) continue
    const path = pathInside(name, workspace.root)
    if (path === undefined) note(notes, `${oneLine(name, 200)} is outside the workspace`)
    else if (isInstalled(path)) note(notes, `${oneLine(path, 200)} belongs to an installed package: install it again`)
    else paths.add(path)
  }
  return [...paths].flatMap((path) =>
    workspace.stat(path)?.kind === 'file'
      ? [path]
      : workspace
          .files()
          .filter((file) => file.endsWith(`/${path}`))
          .slice(0, 4),
  )
}

function note(notes: string[], sentence: string): void {
  if (!notes.includes(sentence) && notes.length < 8) notes.push(sentence)
}

function isAboutCode(fault: Fault): boolean {
  return fault.category === 'syntax' && !/json/i.test(fault.code)
}

/** The first file that does not parse. Between two files others have their turn: each is a piece of work. */
async function firstBroken(
  paths: readonly string[],
  workspace: Workspace,
  notes: string[],
  signal: AbortSignal,
): Promise<string | undefined> {
  for (const path of paths) {
    const text = workspace.read(path)
    if (text === undefined) continue
    await turn(signal)
    if (!isReadable(text)) note(notes, `${path} is too large to be repaired`)
    else if (parserFor(path, text).problem(text) !== undefined) return path
  }
  return undefined
}

/** The same where a tool complains of syntax and names no file, or only one that imports the broken one. */
function guessed(workspace: Workspace, named: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  let left = guessedBytesMax
  const paths = workspace
    .files()
    .filter((path) => isCodeFile(path) && !named.includes(path) && !isSpecimen(path))
    .slice(0, guessedFilesMax)
  const affordable = paths.filter((path) => {
    const sizeBytes = workspace.stat(path)?.sizeBytes ?? 0
    if (sizeBytes > left) return false
    left -= sizeBytes
    return true
  })
  return firstBroken(affordable, workspace, [], signal)
}

/** Broken on purpose, most likely. */
function isSpecimen(path: string): boolean {
  return /(?:^|\/)(?:__)?(?:fixtures?|specimens?|testdata|invalid|malformed|broken)(?:__)?(?:\/|[._-])/i.test(path)
}

/** Other code of the project, the nearest first: what is usual there ranks the candidates. */
function samplesFor(path: string, workspace: Workspace): readonly string[] {
  const extension = path.slice(path.lastIndexOf('.'))
  const near = (file: string): number => (file.endsWith(extension) ? 0 : 1_000) - sharedLength(file, path)
  const files = workspace
    .files()
    .filter((file) => file !== path && isCodeFile(file))
    .sort((a, b) => near(a) - near(b) || (a < b ? -1 : 1))
  return files.slice(0, samplesMax).flatMap((file) => workspace.read(file)?.slice(0, sampleCharactersMax) ?? [])
}

function sharedLength(a: string, b: string): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length += 1
  return length
}
