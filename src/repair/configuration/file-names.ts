import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer } from '../../core/repairer.js'
import { changedFile, joined, movedFile, nothing, proposal } from '../dependencies/dependency-proposal.js'
import { spliced } from '../imports/import-literals.js'
import { folderOf, inFolder } from '../imports/import-path.js'
import { likeness } from './near-path.js'
import { namedPaths, type ConfigurationQuestion } from './question.js'
import { toolFileNames } from './tool-files.js'

/** Files of settings whose name is a slip: of what a tool looks for, or of what the code opens. */
export function repairFileNames(question: ConfigurationQuestion): RepairAnswer {
  return joined(repairToolFiles(question), repairOpenedFiles(question))
}

const filesMax = 2_000

/** A file at the root or in a package whose name is nearly one that a tool looks for, where that one does not exist. */
function repairToolFiles({ workspace, fault }: ConfigurationQuestion): RepairAnswer {
  if (fault.category === 'runtime' && !/onfig|ENOENT/.test(fault.message)) return nothing()
  const answers = workspace
    .files()
    .slice(0, filesMax)
    .flatMap((path) => {
      const folder = folderOf(path)
      const name = path.slice(folder === '' ? 0 : folder.length + 1)
      const isPlace = folder === '' || workspace.stat(inFolder(folder, 'package.json')) !== undefined
      if (!isPlace || name.length > 40 || toolFileNames.has(name) || isVariant(name)) return []
      return [...toolFileNames]
        .map((meant) => ({ meant, share: likeness(name, meant) }))
        .filter(
          ({ meant, share }) => share >= 0.75 && sameEnding(name, meant) && workspace.stat(inFolder(folder, meant)) === undefined,
        )
        .sort((a, b) => b.share - a.share)
        .slice(0, 2)
        .map(({ meant, share }) =>
          renamed(workspace, path, inFolder(folder, meant), share * 0.93, 'the name that the tool looks for'),
        )
    })
  return joined(...answers)
}

/** `tsconfig.build.json`, `.env.test`, `vitest.config.e2e.ts`: names in their own right. */
function isVariant(name: string): boolean {
  return /^(?:tsconfig|jsconfig)[.-][\w.-]+\.json$|^\.env\.|\.config\.[\w-]+\.[cm]?[jt]s$|\.(?:example|sample|template|dist)/.test(
    name,
  )
}

function sameEnding(name: string, meant: string): boolean {
  const ending = (text: string): string => text.slice(text.lastIndexOf('.') + 1).toLowerCase()
  return ending(name) === ending(meant) || likeness(ending(name), ending(meant)) > 0
}

function renamed(workspace: Workspace, from: string, to: string, plausibility: number, why: string): RepairAnswer {
  const edits = movedFile(workspace, from, to)
  if (edits.length === 0) return nothing()
  return {
    proposals: [
      proposal({
        title: `Rename ${from} to ${to}`,
        edits,
        plausibility,
        rationale: `${to} is ${why}, and does not exist; ${from} nearly is.`,
      }),
    ],
    notes: [],
  }
}

const dataEnding = /\.(?:json[c5]?|ya?ml|toml|ini|conf|cfg|properties|env)$/i

/** A file that is opened and exists under nearly that name: the file is renamed, or the text that names it corrected. */
function repairOpenedFiles(question: ConfigurationQuestion): RepairAnswer {
  const { workspace } = question
  const missing = namedPaths(question, workspace).filter(
    (path) => workspace.stat(path) === undefined && dataEnding.test(path) && !path.includes('node_modules/'),
  )
  return joined(
    ...missing.slice(0, 5).flatMap((path) => {
      const folder = folderOf(path)
      return workspace
        .list(folder)
        .map((name) => ({
          path: inFolder(folder, name),
          share: likeness(path.slice(folder === '' ? 0 : folder.length + 1), name),
        }))
        .filter((one) => one.share > 0 && workspace.stat(one.path)?.kind === 'file')
        .slice(0, 2)
        .flatMap((one) => eitherWay(question, path, one.path, one.share))
    }),
  )
}

/** Who is wrong, the file or the text? The name that more places use is right. */
function eitherWay({ workspace }: ConfigurationQuestion, asked: string, there: string, share: number): readonly RepairAnswer[] {
  const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
  const naming = workspace
    .files()
    .filter((path) => /\.(?:[cm]?[jt]s|[jt]sx|json|ya?ml|md)$/.test(path) && !/lock/.test(path))
    .slice(0, filesMax)
    .flatMap((path) => {
      const text = workspace.read(path)
      return text !== undefined && text.length < 500_000 ? [{ path, text }] : []
    })
  const askers = naming.filter(({ text }) => text.includes(baseOf(asked)))
  const others = naming.filter(
    ({ text, path }) => path !== there && text.includes(baseOf(there)) && !text.includes(baseOf(asked)),
  )
  const rename = renamed(workspace, there, asked, share * (others.length === 0 ? 0.93 : 0.4), 'what is looked for')
  const [asker, ...moreAskers] = askers.filter(({ path }) => !/\.md$/.test(path))
  const isTestOnly = asker === undefined || /(?:^|\/)(?:tests?|__tests__)\/|\.(?:test|spec)\./.test(asker.path)
  const corrected =
    asker === undefined || moreAskers.length > 0 || isTestOnly
      ? []
      : corrections(asker, baseOf(asked), baseOf(there), share * (others.length === 0 ? 0.5 : 0.9))
  return [rename, { proposals: corrected, notes: [] }]
}

function corrections(
  file: { readonly path: string; readonly text: string },
  from: string,
  to: string,
  plausibility: number,
): readonly Proposal[] {
  const at = [...file.text.matchAll(/(["'`])((?:(?!\1)[^\\\n]){1,300})\1/g)].flatMap((match) => {
    const value = match[2] ?? ''
    const start = match.index + 1 + value.length - from.length
    return value === from || value.endsWith(`/${from}`) ? [{ start, end: start + from.length, text: to }] : []
  })
  if (at.length === 0 || at.length > 3) return []
  return [
    proposal({
      title: `Open ${to} instead of ${from} in ${file.path}`,
      edits: [changedFile(file.path, file.text, spliced(file.text, at))],
      plausibility,
      rationale: `${from} does not exist; ${to} does, and other places name it.`,
    }),
  ]
}
