import type { Fault } from '../../core/fault.js'
import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer, Repairer, RepairRequest } from '../../core/repairer.js'
import { oneLine } from '../../core/text.js'
import { isInstalled } from '../code/code-place.js'
import { nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { insidePath, projectPath } from '../imports/import-path.js'
import { repairNatively } from './native.js'
import { editsOf, readAnswer, type Answer } from './outcome.js'
import { typesScript } from './script.js'

/**
 * Heals errors of the TypeScript compiler: lets the project's own compiler, in the sandbox, try the changes it suggests itself and
 * those that rules derive from the message and the types. It never silences an error: no cast, no `any`, no `!`, no comment.
 */
export const typesRepairer: Repairer = {
  id: 'types',
  categories: ['build', 'syntax', 'dependency', 'configuration'],
  propose: repair,
}

/** Ideas compiled for one fault, and how long that may take in all, the start of the compiler included. */
const ideasMax = 60
const ideasMsMax = 25_000
const timeoutMs = 120_000
const configsMax = 6

async function repair(request: RepairRequest): Promise<RepairAnswer> {
  request.signal.throwIfAborted()
  const { fault, workspace, rehearse } = request
  const code = codeOf(fault)
  const named = fault.location?.file
  if (code === undefined || named === undefined) return nothing()
  const file = placed(workspace, named)
  if (file === undefined) return nothing(`The compiler speaks of ${quoted(named)}, which is no file of this project.`)
  if (isInstalled(file)) return nothing(`${quoted(file)} belongs to an installed package, which is never repaired in place.`)
  if (rehearse === undefined) return nothing('The compiler can only be asked in a copy of the project, and there is none.')

  const script = typesScript({
    file,
    line: fault.location?.line,
    column: fault.location?.column,
    code,
    configs: configsOf(request),
    candidatesMax: Math.max(0, Math.min(10, request.proposalsMax)),
    ideasMax,
    timeMsMax: ideasMsMax,
  })
  const run = await rehearse(['node', '-e', script], { timeoutMs })
  request.signal.throwIfAborted()
  if (!run.ran) return nothing(`The compiler could not be asked: ${run.reason}.`)
  const answer = readAnswer(run.result.output)
  if (answer === undefined) return nothing(`The compiler gave no answer (${run.result.ending}).`)
  if ('failed' in answer) return nothing(`The compiler failed on this project: ${oneLine(answer.failed, 200)}`)
  if ('missing' in answer) return repairNatively(request, { file, code, native: answer.native, rehearse })
  return answered(answer, workspace, file)
}

function answered(answer: Extract<Answer, { candidates: unknown }>, workspace: Workspace, file: string): RepairAnswer {
  const { version, errors, candidates } = answer
  if (errors === 0)
    return nothing(
      `TypeScript ${version} finds no error in the project of ${quoted(file)}: the command may use another configuration.`,
    )
  const proposals = candidates.flatMap((candidate): readonly Proposal[] => {
    const edits = editsOf(candidate, workspace)
    const first = edits?.[0]
    if (edits === undefined || first === undefined) return []
    const { title, kind, prior, before, left } = candidate
    return [
      proposal({
        title: `${title} in ${first.path}`,
        edits,
        plausibility: prior,
        rationale: `TypeScript ${version} counts ${before} errors without this change and ${left} with it. Kind of repair: ${kind}.`,
      }),
    ]
  })
  return proposals.length > 0
    ? { proposals, notes: [] }
    : nothing(
        `TypeScript ${version} finds ${errors} errors, and ${answer.ideas} ideas were compiled: none heals them without silencing them.`,
      )
}

/** Of the syntax errors only those that a parser does not see; nothing about options, packages, or their types. */
function codeOf({ code, message }: Fault): number | undefined {
  if (code === 'TYPE_ERROR') return 0
  const number = Number(/^TS(\d{3,6})$/.exec(code)?.[1] ?? Number.NaN)
  if (Number.isNaN(number) || elsewhere.has(number)) return undefined
  if (number < 2000) return meant.has(number) ? number : undefined
  const isOption = (number >= 5000 && number < 6100) || /compiler option|'--\w+'/.test(message)
  return isOption && !meant.has(number) ? undefined : number
}

/** Modules and declarations that are not there: the business of the dependency repairer. */
const elsewhere: ReadonlySet<number> = new Set([
  2307, 2792, 2882, 2306, 2732, 2834, 2835, 7016, 2580, 2582, 2591, 2592, 2593, 2688,
])
const meant: ReadonlySet<number> = new Set([
  1064, 1103, 1308, 1361, 1362, 1371, 1373, 1378, 1484, 1485, 1205, 1448, 1015, 1016, 1345, 2304,
])

function placed(workspace: Workspace, named: string): string | undefined {
  const path = projectPath(workspace, named)
  if (path === undefined || path === '') return undefined
  if (isInstalled(path) || workspace.stat(path)?.kind === 'file') return path
  // In a project of several packages tools name files from the folder of one.
  const found = workspace.files().filter((other) => other.endsWith(`/${path}`))
  return found.length === 1 ? found[0] : undefined
}

/** Configurations that the command, or the scripts it may run, name. */
function configsOf({ command, workspace }: RepairRequest): readonly string[] {
  const texts = [command.join(' '), ...scriptsOf(workspace)]
  const named = texts.flatMap((text) =>
    [...text.slice(0, 4_000).matchAll(/(?:\s-p|\s--project)[ =](\S{1,200})/g)].map((match) => match[1] ?? ''),
  )
  const paths = named
    .flatMap((name) => insidePath(name) ?? [])
    .map((path) => (path.endsWith('.json') ? path : `${path}/tsconfig.json`.replace(/^\//, '')))
  return [...new Set(paths)].filter((path) => workspace.stat(path)?.kind === 'file').slice(0, configsMax)
}

function scriptsOf(workspace: Workspace): readonly string[] {
  try {
    const manifest: unknown = JSON.parse(workspace.read('package.json') ?? '{}')
    const scripts: unknown =
      typeof manifest === 'object' && manifest !== null && 'scripts' in manifest ? manifest.scripts : undefined
    return typeof scripts === 'object' && scripts !== null
      ? Object.values(scripts).filter((text) => typeof text === 'string')
      : []
  } catch {
    return []
  }
}
