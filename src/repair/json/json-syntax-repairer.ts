import type { Fault } from '../../core/fault.js'
import { sha256 } from '../../core/hash.js'
import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer, Repairer, RepairRequest } from '../../core/repairer.js'
import { oneLine } from '../../core/text.js'
import { turn } from '../../core/world.js'
import { isInstalled, pathInside, titleOf } from '../code/code-place.js'
import { isJson, jsonLengthMax, repairJson, type JsonCandidate } from './json-syntax.js'

/** Repairs damaged JSON files: the one the fault names, or else the first broken one among those that it may mean. */
export const jsonSyntaxRepairer: Repairer = {
  id: 'json-syntax',
  categories: ['syntax', 'configuration', 'build'],
  propose: answer,
}

/** Files looked at when the fault names none, and their characters in all. */
const filesMax = 500
const charactersMax = 8 * 1024 * 1024

async function answer({ fault, workspace, proposalsMax, signal }: RepairRequest): Promise<RepairAnswer> {
  await turn(signal)
  if (!isAboutJson(fault)) return nothing()
  const notes: string[] = []
  const named = namedFiles(fault, workspace, notes)
  let left = charactersMax
  for (const path of [...named, ...likelyFiles(fault, workspace, named)]) {
    // Between two files others have their turn: each is a piece of work.
    await turn(signal)
    const text = workspace.read(path)
    if (text === undefined || left < text.length) continue
    left -= text.length
    if (isSound(text, path)) continue
    if (text.length > jsonLengthMax) return nothing([...notes, `${path} is too large to be repaired`])
    const candidates = repairJson(text, { commentsAllowed: allowsComments(path) })
    if (candidates.length > 0)
      return { proposals: candidates.slice(0, proposalsMax).map((candidate) => proposal(path, text, candidate)), notes }
    return nothing([
      ...notes,
      `${path} is not valid JSON, and what it lost cannot be told from what is left: restore it from version control`,
    ])
  }
  return nothing(named.length > 0 || notes.length > 0 ? [...notes, 'No JSON file that the fault may mean is broken'] : [])
}

function nothing(notes: readonly string[] = []): RepairAnswer {
  return { proposals: [], notes }
}

/** A byte order mark alone breaks some readers of JSON and not others: a file is sound only without one. */
function isSound(text: string, path: string): boolean {
  return isJson(text, allowsComments(path))
}

function proposal(path: string, before: string, candidate: JsonCandidate): Proposal {
  return {
    title: titleOf(candidate.title, path, candidate.place),
    edits: [{ path, before, after: candidate.text, baseHash: sha256(before) }],
    actions: [],
    plausibility: candidate.plausibility,
    rationale: `${path} is not valid JSON; with this change it is, and everything else in it stays as it was.`,
  }
}

const jsonName = /(?:\.(?:json|jsonc|json5|webmanifest|babelrc|swcrc|eslintrc|prettierrc))$/i

/** Whether readers of this file take comments and trailing commas. */
export function allowsComments(path: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase()
  return (
    /^(?:tsconfig|jsconfig)[\w.-]*\.json$|\.jsonc$|\.json5$|^\.(?:babelrc|swcrc|eslintrc)(?:\.json)?$|^(?:devcontainer|api-extractor|typedoc|deno|turbo|nx|tslint)\.json$/.test(
      name,
    ) || /(?:^|\/)\.vscode\/[^/]+\.json$/.test(path)
  )
}

function isAboutJson(fault: Fault): boolean {
  if (fault.category === 'configuration' || fault.category === 'build') return true
  return jsonName.test(locatedFile(fault) ?? '') || /json/i.test(`${fault.code} ${fault.message} ${fault.evidence.join(' ')}`)
}

/** The file of the fault, a URL without its query. */
function locatedFile(fault: Fault): string | undefined {
  return fault.location?.file.replace(/^(file:[^?#]*)[?#].*$/s, '$1')
}

/** The JSON files that the fault names, the surest first. */
function namedFiles(fault: Fault, workspace: Workspace, notes: string[]): readonly string[] {
  const names = [locatedFile(fault), fault.details['path'], fault.details['importer'], fault.details['specifier']]
  for (const line of [fault.message, ...fault.evidence])
    for (const match of line.slice(0, 2_000).matchAll(/[\w./\\@:~+-]{1,300}\.(?:jsonc?|webmanifest)(?![\w.])/g))
      names.push(match[0])
  const paths = new Set<string>()
  for (const name of names) {
    if (typeof name !== 'string' || !jsonName.test(name)) continue
    const path = pathInside(name, workspace.root)
    if (path === undefined) notes.push(`${oneLine(name, 200)} is outside the workspace`)
    else if (isInstalled(path)) notes.push(`${oneLine(path, 200)} belongs to an installed package: install it again`)
    else if (paths.size < 32) paths.add(path)
  }
  return [...paths].flatMap((path) => found(path, workspace))
}

/** The path itself, or the files that end in it: tools name files relative to a folder of their own. */
function found(path: string, workspace: Workspace): readonly string[] {
  if (workspace.stat(path)?.kind === 'file') return [path]
  return workspace
    .files()
    .filter((file) => file.endsWith(`/${path}`))
    .slice(0, 4)
}

/** What the fault may mean without naming it: manifests and settings first, then data; those it quotes before all. */
function likelyFiles(fault: Fault, workspace: Workspace, named: readonly string[]): readonly string[] {
  // A named file that turns out to be sound leaves nothing to guess, unless a program failed to parse some data.
  const located = locatedFile(fault)
  if (located !== undefined && jsonName.test(located)) return []
  const files = workspace.files().filter((file) => jsonName.test(file) && !named.includes(file) && !isSpecimen(file))
  const rank = (file: string): number =>
    file === 'package.json' ? 0 : /(?:^|\/)[tj]sconfig[\w.-]*\.json$/.test(file) ? 1 : file.includes('/') ? 3 : 2
  const ordered = files.sort((a, b) => rank(a) - rank(b)).slice(0, filesMax)
  const quote = quotedText(fault)
  if (quote === undefined) return ordered
  const holds = new Set(ordered.filter((file) => workspace.read(file)?.includes(quote)))
  return [...ordered.filter((file) => holds.has(file)), ...ordered.filter((file) => !holds.has(file))]
}

/** Broken on purpose, most likely. */
function isSpecimen(path: string): boolean {
  return /(?:^|\/)(?:__)?(?:fixtures?|specimens?|testdata|invalid|malformed|broken)(?:__)?(?:\/|[._-])/i.test(path)
}

/** The piece of the text that V8 quotes: `…"b": 1, }" is not valid JSON`. */
function quotedText(fault: Fault): string | undefined {
  const match = /(?:\.\.\.|, )"(.{4,60}?)"(?:\.\.\.)? is not valid JSON/s.exec(fault.message)
  return match?.[1]?.trim()
}
