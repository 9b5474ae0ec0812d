import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { folderOf, inFolder } from '../imports/import-path.js'
import { namedPaths, type ConfigurationQuestion } from './question.js'
import { isSecretName } from '../../core/secret-name.js'
import { isPlaceholder } from './secret-like.js'
import { readSettings } from './settings-text.js'

/**
 * A file of settings that is looked for and does not exist, made from the example beside it. An example that holds the places
 * of secrets is for a person: no secret is ever made up.
 */
export function repairMissingFile(question: ConfigurationQuestion): RepairAnswer {
  const { workspace } = question
  const missing = wantedPaths(question).filter((path) => workspace.stat(path) === undefined)
  const found = missing.flatMap((path) => examplesOf(workspace, path).map((example) => ({ path, example })))
  const answers = found.map(({ path, example }) => answerFor(workspace, path, example))
  return { proposals: answers.flatMap(({ proposals }) => proposals), notes: answers.flatMap(({ notes }) => notes) }
}

const settingsEnding = /\.(?:json[c5]?|ya?ml|toml|ini|conf|cfg|properties|[cm]?js|ts)$/
const codeEnding = /\.(?:[cm]?js|ts)$/

/** Paths that the fault names, as written and as an import without its ending means them; a bare name at the root of the project. */
function wantedPaths(question: ConfigurationQuestion): readonly string[] {
  const { workspace, fault } = question
  const named = namedPaths(question, workspace).filter((path) => !/(?:^|\/)(?:node_modules|\.git)(?:\/|$)/.test(path))
  const importer = fault.details['importer'] ?? fault.location?.file
  const from = typeof importer === 'string' ? folderOf(importer.replace(`${workspace.root}/`, '')) : ''
  const relative = question.named
    .filter((name) => /^\.{1,2}\//.test(name))
    .flatMap((name) => {
      const path = inFolder(from, name).split('/')
      const parts: string[] = []
      for (const part of path) {
        if (part === '..') parts.pop()
        else if (part !== '.' && part !== '') parts.push(part)
      }
      return parts.join('/')
    })
  const all = [...named, ...relative]
  return [
    ...new Set([...all, ...all.filter((path) => !settingsEnding.test(path)).flatMap((path) => [`${path}.json`, `${path}.js`])]),
  ].slice(0, 40)
}

const marks = ['example', 'sample', 'template', 'dist', 'tmpl', 'default', 'defaults'] as const

/** Files beside it that say by their name that they are examples of it. */
function examplesOf(workspace: Workspace, path: string): readonly string[] {
  const folder = folderOf(path)
  const name = path.slice(folder === '' ? 0 : folder.length + 1)
  if (!settingsEnding.test(name) && !name.startsWith('.')) return []
  if (/^\.?env(?:\.|$)/.test(name)) return []
  const dot = name.lastIndexOf('.')
  const [stem, ending] = dot <= 0 ? [name, ''] : [name.slice(0, dot), name.slice(dot)]
  const names = marks.flatMap((mark) => [
    `${stem}.${mark}${ending}`,
    `${stem}-${mark}${ending}`,
    `${stem}_${mark}${ending}`,
    `${name}.${mark}`,
    `${name}-${mark}`,
    `${mark}.${name}`,
    `${mark}-${name}`,
    `${mark}${ending}`,
  ])
  return names.map((one) => inFolder(folder, one)).filter((one) => one !== path && workspace.stat(one)?.kind === 'file')
}

function answerFor(workspace: Workspace, path: string, example: string): RepairAnswer {
  const text = workspace.read(example)
  if (text === undefined) return nothing()
  // `default.json` beside `local.json` is settings of its own; it only counts where its name holds the other's.
  const isCertain = example.includes(stemOf(path))
  if (!isCertain) return nothing()
  const secrets = secretsIn(text, example)
  if (secrets.length > 0)
    return nothing(
      `${quoted(path)} does not exist. ${quoted(example)} is an example of it and holds only the places of ${secrets.map(quoted).join(', ')}: make the file from it and put in the real values.`,
    )
  return { proposals: [fromExample(path, example, text)], notes: [] }
}

function stemOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name.replace(settingsEnding, '')
}

function fromExample(path: string, example: string, text: string): Proposal {
  return proposal({
    title: `Make ${path} from ${example}`,
    edits: [{ path, before: null, after: text, baseHash: null }],
    plausibility: codeEnding.test(path) ? 0.85 : 0.92,
    rationale: `${path} is looked for and does not exist; ${example} beside it is an example of it.`,
  })
}

/** Names of members whose value has to come from a person; at most five. */
function secretsIn(text: string, path: string): readonly string[] {
  const settings = /\.json[c5]?(?:[.-]\w+)?$/.test(path) || path.includes('.json') ? readSettings(text) : undefined
  const pairs =
    settings === undefined
      ? [
          ...text.matchAll(
            /["']?([\w.-]{2,80})["']?[ \t]{0,8}[:=][ \t]{0,8}(?:(["'`])([^"'`\n]{0,300})\2|([^\s"'`,#;{}[\]]{1,300}))/g,
          ),
        ].map((match): [string, string] => [match[1] ?? '', match[3] ?? match[4] ?? ''])
      : settings.settings.flatMap(({ path: way, value }): readonly [string, string][] => {
          const name = way.findLast((step) => typeof step === 'string')
          return typeof name === 'string' && typeof value === 'string' ? [[name, value]] : []
        })
  const held = pairs.filter(
    ([name, value]) =>
      (isSecretName(name) && value !== 'undefined' && !/^(?:process|import|true|false|null)\b/.test(value)) ||
      (value !== '' && isPlaceholder(value)),
  )
  return [...new Set(held.map(([name]) => name))].slice(0, 5)
}
