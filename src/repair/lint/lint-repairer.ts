import type { FileEdit } from '../../core/patch.js'
import type { Rehearse, RepairAnswer, Repairer, RepairRequest } from '../../core/repairer.js'
import { turn } from '../../core/world.js'
import { classify } from '../../faults/classify.js'
import { objectOf, readManifest } from '../dependencies/dependency-manifest.js'
import { changedFile, nothing, proposal } from '../dependencies/dependency-proposal.js'
import { isTest, projectPath } from '../imports/import-path.js'
import { answerMark, lintScript, textLengthMax, type LintOrder } from './lint-script.js'
import { lintTools, toolsCalled, type LintTool } from './lint-tools.js'

/**
 * Repairs what a linter or formatter complains of by the tool's own safe fixes, made in the copy and read back. Tests, settings
 * and the rules themselves stay as they are; what a tool cannot fix by itself is left to people.
 */
export const lintRepairer: Repairer = {
  id: 'lint',
  categories: ['build'],
  propose: answer,
}

const filesMax = 40
const fileLengthMax = 200_000
/** How far one script that runs another is followed. */
const scriptDepthMax = 3

async function answer(request: RepairRequest): Promise<RepairAnswer> {
  const { fault, workspace, command, rehearse, signal } = request
  if (fault.code !== 'LINT' && fault.code !== 'FORMAT') return { proposals: [], notes: [] }
  const tools = toolsOf(request)
  if (tools.length === 0) return nothing('The linter is none whose own fixes are known, or it is not installed')
  if (rehearse === undefined)
    return nothing(`Run "${tools[0]?.program ?? ''}" with its option for fixes: there is no copy to run it in`)
  await turn(signal)
  const baseline = await rehearse(command)
  if (!baseline.ran) return nothing(`The linter could not be run: ${baseline.reason}`)
  const { files, tests } = filesNamed(request, baseline.result.output)
  const note = tests.length === 0 ? [] : [`${tests.slice(0, 5).join(', ')}: a test, which is never edited`]
  if (files.length === 0) return nothing('The linter names no file that may be edited', ...note)

  const edits = await fixed(rehearse, { tools, files, read: (path) => workspace.read(path) })
  if (edits.length === 0) return nothing(`${names(tools)} cannot fix this without a person`, ...note)
  const plausibility = await proof(request, rehearse, edits)
  if (plausibility === 0) return nothing(`What ${names(tools)} can fix is not what the command fails for`, ...note)
  const title = `Apply the fixes of ${names(tools)} to ${edits.length === 1 ? (edits[0]?.path ?? '') : `${edits.length} files`}`
  return {
    proposals: [
      proposal({
        title,
        edits,
        plausibility,
        rationale: `${names(tools)} makes these changes by itself, with the settings of the project.`,
      }),
    ],
    notes: note,
  }
}

/** The tool that spoke, and those that the command or its script calls; installed ones only. */
function toolsOf({ fault, workspace, command }: RepairRequest): readonly LintTool[] {
  const words = command.join(' ')
  const scripts = readManifest(workspace, '')?.scripts ?? new Map<string, string>()
  const called = [words, ...command.flatMap((word) => scriptTexts(scripts, word, 0))].flatMap((text) => toolsCalled(text))
  return lintTools.filter(
    (tool) =>
      (tool.id === fault.tool || called.includes(tool)) &&
      workspace.stat(`node_modules/${tool.package}/package.json`) !== undefined,
  )
}

/** A script, and the scripts that it runs in its turn. */
function scriptTexts(scripts: ReadonlyMap<string, string>, name: string, depth: number): readonly string[] {
  const text = scripts.get(name)
  if (text === undefined || depth > scriptDepthMax) return []
  return [text, ...text.split(/[\s"'&|;]+/).flatMap((word) => scriptTexts(scripts, word, depth + 1))]
}

/** The files of the project that an output names. */
function filesNamed(
  { workspace }: RepairRequest,
  output: string,
): { readonly files: readonly string[]; readonly tests: readonly string[] } {
  const found = new Set<string>()
  for (const match of output.slice(0, textLengthMax).matchAll(/(?:[A-Za-z]:)?[\w./\\@+~[\]-]{1,400}\.[A-Za-z]{1,8}(?!\w)/g)) {
    // `,-[src/a.js:1:1]`: a bracket may be part of a name, or stand before it.
    for (const name of [match[0], match[0].replace(/^.*\[/, '')]) {
      const path = projectPath(workspace, name)
      if (path === undefined || path.startsWith('node_modules/') || isSetting(path)) continue
      if (workspace.stat(path)?.kind === 'file') found.add(path)
    }
    if (found.size >= filesMax) break
  }
  return { files: [...found].filter((path) => !isTest(path)), tests: [...found].filter((path) => isTest(path)) }
}

function isSetting(path: string): boolean {
  return /(?:^|\/)(?:package(?:-lock)?\.json|[^/]*\.config\.[^/]+|\.[^/]*rc(?:\.[^/]+)?|biome\.jsonc?|tsconfig[^/]*\.json)$/.test(
    path,
  )
}

interface Job {
  readonly tools: readonly LintTool[]
  readonly files: readonly string[]
  read(path: string): string | undefined
}

/** What the files become. They are named as edits that change nothing, so that the copy gets them back as they were. */
async function fixed(rehearse: Rehearse, { tools, files, read }: Job): Promise<readonly FileEdit[]> {
  const texts = new Map(
    files.flatMap((path): [string, string][] => {
      const text = read(path)
      return text === undefined || text.length > fileLengthMax ? [] : [[path, text]]
    }),
  )
  const order: LintOrder = {
    tools: tools.map(({ package: name, program, fix }) => ({ package: name, program, fix })),
    files: [...texts.keys()],
    textLengthMax,
    mark: answerMark,
  }
  const run = await rehearse(['node', '-e', lintScript, JSON.stringify(order)], {
    edits: [...texts].map(([path, text]) => changedFile(path, text, text)),
  })
  if (!run.ran) return []
  const line = run.result.output.split('\n').findLast((one) => one.startsWith(answerMark))
  return Object.entries(parsed(line?.slice(answerMark.length))).flatMap(([path, after]) => {
    const before = texts.get(path)
    if (before === undefined || typeof after !== 'string' || after === before || suppressionsIn(after) > suppressionsIn(before))
      return []
    return [changedFile(path, before, after)]
  })
}

function parsed(json: string | undefined): Readonly<Record<string, unknown>> {
  try {
    return objectOf(JSON.parse(json ?? '{}')) ?? {}
  } catch {
    return {} // The tool was stopped, or its output cut: then there is no answer.
  }
}

/** Comments that switch a rule off. */
function suppressionsIn(text: string): number {
  return (
    text.match(
      /eslint-disable|oxlint-disable|biome-ignore|prettier-ignore|stylelint-disable|@ts-(?:ignore|expect-error|nocheck)/g,
    )?.length ?? 0
  )
}

/** How much the fixes bring: the command passes, or this complaint is gone at least. */
async function proof({ fault, command }: RepairRequest, rehearse: Rehearse, edits: readonly FileEdit[]): Promise<number> {
  const run = await rehearse(command, { edits })
  if (!run.ran || run.result.ending !== 'exited') return 0
  if (run.result.exitCode === 0) return 0.93
  const left = classify({ output: run.result.output, exitCode: run.result.exitCode ?? 1, command: command.join(' ') })
  return left.some(({ fingerprint }) => fingerprint === fault.fingerprint) ? 0 : 0.6
}

function names(tools: readonly LintTool[]): string {
  return tools.map(({ id }) => id).join(' and ')
}
