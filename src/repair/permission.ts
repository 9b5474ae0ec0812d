import type { Fault } from '../core/fault.js'
import type { Workspace } from '../core/ports.js'
import type { Repairer, RepairAnswer, RepairRequest } from '../core/repairer.js'
import { nothing, proposal, quoted } from './dependencies/dependency-proposal.js'
import { readManifest } from './dependencies/dependency-manifest.js'
import { installedFolder, projectManifests } from './dependencies/dependency-project.js'
import { inFolder, insidePath, projectPath } from './imports/import-path.js'

/**
 * Makes a script of the project executable that its own project runs, or the program of an installed package, which its manager had
 * made so. Nothing else: no other right is given, to nobody who could not read the file before, and never outside the project or to
 * a folder.
 */
export const permissionRepairer: Repairer = {
  id: 'permission',
  categories: ['permission'],
  async propose(request) {
    request.signal.throwIfAborted()
    const answer = repair(request)
    return { ...answer, proposals: answer.proposals.slice(0, Math.max(0, request.proposalsMax)) }
  },
}

/** Calls that start a program; others read, write or connect. */
const executing: ReadonlySet<string> = new Set(['exec', 'execve', 'execvp', 'spawn', 'spawnSync'])

function repair({ fault, workspace, command }: RepairRequest): RepairAnswer {
  const { path: named = fault.details['program'] ?? fault.location?.file, syscall } = fault.details
  if (typeof named !== 'string' || named === '')
    return nothing(`A permission is missing: ${quoted(fault.message)}. Look at the owner and the rights of what it names.`)
  const program = named.replace(/^spawn(?:Sync)?\s+/, '')
  const installed = installedProgram(workspace, program)
  const path = installed ?? scriptPath(workspace, program)
  if (path === undefined) return nothing(outsideNote(workspace, named))
  const stat = workspace.stat(path)
  if (stat?.kind !== 'file')
    return nothing(
      stat?.kind === 'folder'
        ? `${quoted(path)} is a folder; a command that names it cannot be run. Check the command.`
        : `${quoted(path)} is a link or a special file; its rights are not changed. Check what it leads to.`,
    )
  if (!isExecution(fault, syscall)) return nothing(accessNote(path, stat.mode, fault))
  if ((stat.mode & 0o111) !== 0)
    return nothing(
      `${quoted(path)} is executable already. Check its first line, its folder and how the disk is mounted ("noexec").`,
    )

  const reason =
    installed === undefined
      ? whyExecutable(workspace, path, command)
      : { text: 'is a program by the manifest of its package', plausibility: 0.97 }
  const mode = stat.mode | ((stat.mode & 0o444) >> 2)
  if (reason === undefined)
    return nothing(
      `${quoted(path)} is not executable, and neither its first line nor a manifest says that it should be. If it should, run "chmod +x" on it.`,
    )
  if (mode === stat.mode) return nothing(`${quoted(path)} can be read by nobody, so nobody is let run it. Check its rights.`)
  return {
    proposals: [
      proposal({
        title: `Make ${path} executable`,
        actions: [{ kind: 'chmod', path, modeBefore: stat.mode, mode }],
        plausibility: reason.plausibility,
        rationale: `${path} ${reason.text} and has no right to be run.`,
      }),
    ],
    notes: [],
  }
}

function isExecution(fault: Fault, syscall: string | number | undefined): boolean {
  if (typeof syscall === 'string') return executing.has(syscall)
  return (
    /\b(?:126|[Pp]ermission denied)\b/.test(fault.message) &&
    !/\b(?:open|mkdir|unlink|rename|write|scandir|rmdir|copyfile)\b/.test(fault.message)
  )
}

/** The file that was meant: as named from the root, or from a package of the project, whose scripts run in its folder. */
function scriptPath(workspace: Workspace, named: string): string | undefined {
  const path = projectPath(workspace, named)
  if (path === undefined || path === '' || /(?:^|\/)(?:node_modules|\.git|\.homeostat)(?:\/|$)/.test(path)) return undefined
  if (workspace.stat(path) !== undefined) return path
  return projectManifests(workspace)
    .map(({ folder }) => insidePath(inFolder(folder, path)))
    .find((candidate) => candidate !== undefined && workspace.stat(candidate)?.kind === 'file')
}

/** The file behind the name of a program that a package brings, which the project declares. */
function installedProgram(workspace: Workspace, named: string): string | undefined {
  const program = /^(?:(?:.*[\\/])?node_modules[\\/]\.bin[\\/])?([\w@.-]{1,200})$/.exec(named)?.[1]
  if (program === undefined) return undefined
  for (const { folder, declared } of projectManifests(workspace)) {
    for (const name of declared.keys()) {
      const place = installedFolder(workspace, folder, name)
      const target = place === undefined ? undefined : readManifest(workspace, place)?.bins.get(program)
      const path = place === undefined || target === undefined ? undefined : insidePath(inFolder(place, target))
      // A package speaks for its own files only.
      if (path?.startsWith(`${place}/`) === true && workspace.stat(path)?.kind === 'file') return path
    }
  }
  return undefined
}

function outsideNote(workspace: Workspace, named: string): string {
  const path = projectPath(workspace, named)
  if (path?.includes('node_modules') === true)
    return `${quoted(path)} belongs to an installed package. Install the packages again: that sets its rights.`
  return `${quoted(named)} is not a file of the project, so its rights are not changed.`
}

/** Rights to read or write are often withheld on purpose. */
function accessNote(path: string, mode: number, fault: Fault): string {
  const isReadOnly = (mode & 0o222) === 0
  return `${quoted(path)} could not be opened: ${quoted(fault.message)}. ${isReadOnly ? 'It is read-only; if it should be written, run "chmod u+w" on it.' : 'Check who owns it and who is running the command.'}`
}

interface Reason {
  /** The middle of a sentence about the file. */
  readonly text: string
  readonly plausibility: number
}

/** What says that the file is meant to be run. */
function whyExecutable(workspace: Workspace, path: string, command: readonly string[]): Reason | undefined {
  const hasShebang = workspace.read(path)?.startsWith('#!') === true
  const manifests = projectManifests(workspace)
  const bin = manifests.find(({ folder, bins }) =>
    [...bins.values()].some((target) => insidePath(inFolder(folder, target)) === path),
  )
  const script = manifests.find(({ folder, scripts }) =>
    [...scripts.values()].some((text) => text.split(/[\s;&|()'"]+/).some((word) => runs(folder, word, path))),
  )
  const said = [
    bin && `is a program of ${bin.path}`,
    script && `is run by a script of ${script.path}`,
    runs('', command[0] ?? '', path) && 'is the command',
    hasShebang && 'begins with "#!"',
  ].filter((text) => typeof text === 'string')
  return said.length === 0 ? undefined : { text: said.join(', '), plausibility: hasShebang ? 0.97 : 0.8 }
}

/** Whether a word of a command line, written in a folder, is a path to the file. */
function runs(folder: string, word: string, path: string): boolean {
  return word.includes('/') && !word.startsWith('/') && insidePath(inFolder(folder, word)) === path
}
