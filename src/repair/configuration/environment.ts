import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { changedFile, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { folderOf, inFolder } from '../imports/import-path.js'
import { exists, likeness } from './near-path.js'
import { detail, namedPaths, type ConfigurationQuestion } from './question.js'
import { isSecretName } from '../../core/secret-name.js'
import { isPlaceholder } from './secret-like.js'

/**
 * A variable that the environment lacks and an example of the project gives a plain value for: the file of settings is made
 * from the example, or gets the line. Secrets and placeholders are left out, for nobody but a person has their values.
 */
export function repairEnvironment(question: ConfigurationQuestion): RepairAnswer {
  const { workspace } = question
  const examples = examplesOf(workspace)
  const variables = missingVariables(question, examples)
  const files = missingFiles(question, examples)
  if (variables.length === 0 && files.length === 0) return nothing()
  const [example] = examples
  if (example === undefined)
    return nothing(
      ...variables.map(
        (name) =>
          `The environment lacks ${quoted(name)}, and the project has no example of its settings. Set it where the command is run.`,
      ),
    )
  const secrets = variables.filter((name) =>
    examples.some(({ lines }) => lines.some((line) => line.name === name && !line.isPlain)),
  )
  if (secrets.length > 0)
    return nothing(
      ...secrets.map(
        (name) =>
          `${quoted(name)} has to be set by a person: ${example.path} holds only a placeholder for it, or it is a secret. Put it into ${quoted(example.target)} or into the environment.`,
      ),
    )
  return { proposals: examples.flatMap((one) => proposalFor(workspace, one, variables, files)), notes: [] }
}

interface Example {
  readonly path: string
  /** The file that it is an example of. */
  readonly target: string
  readonly lines: readonly EnvironmentLine[]
}

interface EnvironmentLine {
  readonly text: string
  /** Absent for comments and blank lines. */
  readonly name?: string
  /** Whether the value is one that anybody may use. */
  readonly isPlain: boolean
}

const linesMax = 500

function examplesOf(workspace: Workspace): readonly Example[] {
  return workspace.files().flatMap((path) => {
    const folder = folderOf(path)
    const name = path.slice(folder === '' ? 0 : folder.length + 1)
    const match =
      /^(?<stem>\.?env(?:\.[\w-]{1,30}?)?)[.-](?:example|sample|template|dist|tmpl|tpl|defaults?)(?<more>\.\w{1,20})?$/i.exec(
        name,
      ) ?? /^(?:example|sample|template)(?<stem>\.env)(?<more>\.\w{1,20})?$/i.exec(name)
    const text = match === null ? undefined : workspace.read(path)
    if (match === null || text === undefined) return []
    const stem = match.groups?.['stem'] ?? '.env'
    const target = inFolder(folder, `${stem.startsWith('.') ? stem : `.${stem}`}${match.groups?.['more'] ?? ''}`)
    return [{ path, target, lines: linesOf(text) }]
  })
}

function linesOf(text: string): readonly EnvironmentLine[] {
  return text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .slice(0, linesMax)
    .map((line) => {
      const match = /^\s{0,20}(?:export\s{1,8})?([A-Za-z_]\w{0,100})\s{0,20}=\s{0,20}(.{0,2000})$/.exec(line)
      const [, name, raw = ''] = match ?? []
      if (name === undefined) return { text: line, isPlain: true }
      const value = raw
        .replace(/\s+#.*$/, '')
        .trim()
        .replace(/^(["'`])(.*)\1$/, '$2')
      return { text: line, name, isPlain: !isSecretName(name) && !isPlaceholder(value) }
    })
}

/** Variables of an example that the fault is about. */
function missingVariables({ fault, said }: ConfigurationQuestion, examples: readonly Example[]): readonly string[] {
  const known = new Set(examples.flatMap(({ lines }) => lines.flatMap(({ name }) => name ?? [])))
  const told = fault.code === 'ENVIRONMENT_VARIABLE_MISSING' ? detail(fault, 'name') : undefined
  const words = new Set(said.match(/\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*\b/g))
  // A word in capitals may be anything; one that an example names is a variable.
  return [...new Set([...(told === undefined ? [] : [told]), ...[...known].filter((name) => name.length > 2 && words.has(name))])]
}

/** Files of settings that were looked for and of which there is an example. */
function missingFiles(question: ConfigurationQuestion, examples: readonly Example[]): readonly string[] {
  const { workspace, said } = question
  const paths = namedPaths(question, workspace)
  return examples
    .map(({ target }) => target)
    .filter(
      (target) =>
        !exists(workspace, target, 'file') &&
        (paths.includes(target) || new RegExp(String.raw`(?:^|[\s/"'\x60:])${escaped(target)}(?![\w.])`, 'm').test(said)),
    )
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`)
}

function proposalFor(
  workspace: Workspace,
  example: Example,
  variables: readonly string[],
  files: readonly string[],
): readonly Proposal[] {
  const { path, target, lines } = example
  const isWanted = files.includes(target) || variables.some((name) => lines.some((line) => line.name === name))
  if (!isWanted) return []
  const present = workspace.read(target)
  if (present === undefined) return workspace.stat(target) === undefined ? [created(workspace, example)] : []
  const own = linesOf(present)
  const absent = lines.filter(
    ({ name, isPlain }) => name !== undefined && isPlain && variables.includes(name) && !own.some((line) => line.name === name),
  )
  if (absent.length === 0) return []
  const renamed = absent.length === 1 ? renamedVariable(example, present, own, absent[0]?.name ?? '') : []
  const end = present === '' || present.endsWith('\n') ? '' : '\n'
  const after = `${present}${end}${absent.map(({ text }) => text).join('\n')}\n`
  return [
    ...renamed,
    proposal({
      title: `Add ${absent.map(({ name }) => name).join(', ')} to ${target}`,
      edits: [changedFile(target, present, after)],
      plausibility: renamed.length > 0 ? 0.6 : 0.88,
      rationale: `${target} lacks what ${path} gives a plain value for.`,
    }),
  ]
}

/** A variable that stands there under nearly that name, and that the example does not know. */
function renamedVariable(
  { path, target, lines }: Example,
  present: string,
  own: readonly EnvironmentLine[],
  name: string,
): readonly Proposal[] {
  const slips = own.filter(
    (line) => line.name !== undefined && likeness(line.name, name) > 0 && !lines.some((known) => known.name === line.name),
  )
  const [slip, ...others] = slips
  if (slip?.name === undefined || others.length > 0) return []
  const after = present.replace(new RegExp(String.raw`^(\s*(?:export\s+)?)${escaped(slip.name)}(?=\s*=)`, 'm'), `$1${name}`)
  return [
    proposal({
      title: `Rename ${slip.name} to ${name} in ${target}`,
      edits: [changedFile(target, present, after)],
      plausibility: 0.9,
      rationale: `${path} calls it ${name}; nothing else is called ${slip.name}.`,
    }),
  ]
}

function created(workspace: Workspace, { path, target, lines }: Example): Proposal {
  const kept = lines.filter(({ isPlain }) => isPlain)
  const left = lines.flatMap(({ name, isPlain }) => (isPlain || name === undefined ? [] : [name]))
  const after = left.length === 0 ? (workspace.read(path) ?? '') : kept.map(({ text }) => text).join('\n')
  return proposal({
    title: `Make ${target} from ${path}`,
    edits: [{ path: target, before: null, after, baseHash: null }],
    plausibility: 0.9,
    rationale: `${target} does not exist, and ${path} shows what belongs in it.${left.length === 0 ? '' : ` Secrets and placeholders are left out: ${left.join(', ')}.`}`,
  })
}
