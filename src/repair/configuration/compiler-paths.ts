import type { RepairAnswer } from '../../core/repairer.js'
import { changedFile, joined, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { installedFolder, sceneOf } from '../dependencies/dependency-project.js'
import { folderOf, inFolder, insidePath } from '../imports/import-path.js'
import { isRelative } from '../imports/import-resolve.js'
import { type CompilerSettings, compilerSettings, optionOf } from './compiler-settings.js'
import { exists, likeness, nearPaths } from './near-path.js'
import { detail, type ConfigurationQuestion } from './question.js'
import { readSettings, type Setting } from './settings-text.js'

/** Paths and names in the compiler's settings that lead nowhere, pointed to what was meant. */
export function repairCompilerPaths(question: ConfigurationQuestion): RepairAnswer {
  const { fault, said } = question
  const isAbout =
    fault.tool === 'tsc' ||
    /^TS\d{3,6}$/.test(fault.code) ||
    /tsconfig|jsconfig/.test(said) ||
    fault.category === 'dependency' ||
    fault.category === 'configuration'
  if (!isAbout) return nothing()
  return joined(
    ...compilerSettings(question).map((file) =>
      joined(
        repairDangling(question, file),
        repairAliasKeys(question, file),
        repairRoot(question, file),
        repairRelativePaths(question, file),
      ),
    ),
  )
}

interface Repointed {
  readonly to: string
  readonly plausibility: number
}

function repairDangling(question: ConfigurationQuestion, file: CompilerSettings): RepairAnswer {
  const answers = file.settings.settings.flatMap((setting) => {
    const { path, value } = setting
    if (typeof value !== 'string' || value === '' || value.length > 400 || value.includes('${')) return []
    return meantBy(question, file, setting, value).map(({ to, plausibility }): RepairAnswer => {
      const after = file.settings.withValue(path, to)
      if (after === undefined) return nothing()
      const field = path.filter((step) => typeof step === 'string').join('.')
      return {
        proposals: [
          proposal({
            title: `Point ${quoted(field)} of ${file.path} to ${quoted(to)}`,
            edits: [changedFile(file.path, file.settings.text, after)],
            plausibility,
            rationale: `${quoted(value)} leads nowhere; ${quoted(to)} exists.`,
          }),
        ],
        notes: [],
      }
    })
  })
  return joined(...answers)
}

/** What a setting may have meant, if it names something that is not there. */
function meantBy(
  question: ConfigurationQuestion,
  file: CompilerSettings,
  { path: [first, second] }: Setting,
  value: string,
): readonly Repointed[] {
  const { workspace } = question
  const folder = folderOf(file.path)
  if (first === 'extends')
    return value.startsWith('.') ? repointed(workspace, folder, value, 'extends') : packageNear(question, folder, value)
  if (first === 'files') return repointed(workspace, folder, value, 'file')
  if (first === 'include') return included(workspace, folder, value)
  if (first === 'references') return repointed(workspace, folder, value, 'either')
  if (first !== 'compilerOptions') return []
  if (second === 'rootDir' || second === 'baseUrl' || second === 'rootDirs' || second === 'typeRoots')
    return value.includes('node_modules') ? [] : repointed(workspace, folder, value, 'folder')
  if (second === 'types') return typesNear(question, folder, value)
  if (second !== 'paths') return []
  const base = optionOf(file, 'baseUrl')
  return included(workspace, insidePath(inFolder(folder, typeof base === 'string' ? base : '.')) ?? folder, value)
}

type Kind = 'file' | 'folder' | 'either' | 'extends'

function repointed(
  workspace: ConfigurationQuestion['workspace'],
  folder: string,
  value: string,
  kind: Kind,
): readonly Repointed[] {
  const target = insidePath(inFolder(folder, value))
  if (target === undefined) return []
  const forms = kind === 'extends' ? [target, `${target}.json`, `${target}/tsconfig.json`] : [target]
  const isThere = forms.some(
    (form) =>
      (kind !== 'folder' && exists(workspace, form, 'file')) ||
      (kind !== 'extends' && kind !== 'file' && (form === '' || exists(workspace, form, 'folder'))),
  )
  if (isThere) return []
  const near = [
    ...(kind === 'folder' ? [] : nearPaths(workspace, target, { kind: 'file', anyExtension: true })),
    ...(kind === 'extends' && !target.endsWith('.json') ? nearPaths(workspace, `${target}.json`, { kind: 'file' }) : []),
    ...(kind === 'folder' || kind === 'either' ? nearPaths(workspace, target, { kind: 'folder' }) : []),
  ]
  const found = kind === 'extends' && near.length === 0 ? elsewhere(workspace, target) : near
  return found.map(({ path, plausibility }) => ({ to: relativeFrom(folder, path, value), plausibility: plausibility * 0.98 }))
}

/** A base of that name in another folder: a wrong number of `../` is common. */
function elsewhere(
  workspace: ConfigurationQuestion['workspace'],
  target: string,
): readonly { path: string; plausibility: number }[] {
  const name = target.slice(target.lastIndexOf('/') + 1)
  const found = workspace.files().filter((path) => path === name || path.endsWith(`/${name}`))
  return found.slice(0, 3).map((path) => ({ path, plausibility: found.length === 1 ? 0.9 : 0.6 }))
}

/** A pattern, or a path: what stands before its first star has to exist. */
function included(workspace: ConfigurationQuestion['workspace'], folder: string, value: string): readonly Repointed[] {
  const star = value.search(/[*?]/)
  if (star === -1) return repointed(workspace, folder, value, 'either')
  const literal = star === 0 ? '' : value.slice(0, Math.max(0, value.lastIndexOf('/', star)))
  const rest = value.slice(literal.length)
  const moved =
    literal === '' || literal === '.'
      ? []
      : repointed(workspace, folder, literal, 'folder').map(({ to, plausibility }) => ({ to: `${to}${rest}`, plausibility }))
  if (moved.length > 0) return moved
  // A pattern for files of a kind that no compiler reads.
  const ending = /\*\.([a-z]{1,6})$/.exec(value)?.[1]
  const known = ['ts', 'tsx', 'js', 'jsx', 'mts', 'cts', 'json', 'd']
  if (ending === undefined || known.includes(ending)) return []
  return ['ts', 'tsx', 'js'].flatMap((meant) => {
    const share = likeness(ending, meant)
    return share === 0 ? [] : [{ to: `${value.slice(0, -ending.length)}${meant}`, plausibility: share }]
  })
}

function relativeFrom(folder: string, path: string, old: string): string {
  const from = folder === '' ? [] : folder.split('/')
  const to = path.split('/')
  let shared = 0
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared += 1
  const up = from.slice(shared).map(() => '..')
  const text = [...up, ...to.slice(shared)].join('/')
  const dotted = old.startsWith('./') && up.length === 0 ? `./${text}` : text
  // What was written without its extension is still written so.
  return dotted.endsWith('.json') && !old.endsWith('.json') ? dotted.slice(0, -'.json'.length) : dotted
}

/** Settings that come with a package: the package of nearly that name, and the file in it. */
function packageNear({ workspace }: ConfigurationQuestion, folder: string, value: string): readonly Repointed[] {
  const parts = value.split('/')
  const length = value.startsWith('@') ? 2 : 1
  const [name, rest] = [parts.slice(0, length).join('/'), parts.slice(length).join('/')]
  const scene = sceneOf(workspace, folder)
  const home = installedFolder(workspace, folder, name)
  if (home === undefined) {
    if (scene.declared.has(name)) return []
    return [...scene.installed]
      .map((other) => ({
        to: rest === '' ? other : `${other}/${rest}`,
        plausibility: likeness(name, other) * (scene.declared.has(other) ? 1 : 0.8),
      }))
      .filter(({ plausibility }) => plausibility > 0)
      .sort((a, b) => b.plausibility - a.plausibility)
      .slice(0, 3)
  }
  if (rest === '') return []
  const forms = [`${home}/${rest}`, `${home}/${rest}.json`, `${home}/${rest}/tsconfig.json`]
  if (forms.some((form) => exists(workspace, form, 'file'))) return []
  const found = [
    ...nearPaths(workspace, `${home}/${rest}`, { kind: 'file' }),
    ...nearPaths(workspace, `${home}/${rest}.json`, { kind: 'file' }),
  ]
  return found.map(({ path, plausibility }) => ({
    to: `${name}/${path.slice(home.length + 1)}`,
    plausibility: plausibility * 0.97,
  }))
}

/** Entries of `types` whose package is not installed. */
function typesNear({ workspace }: ConfigurationQuestion, folder: string, value: string): readonly Repointed[] {
  if (isRelative(value)) return repointed(workspace, folder, value, 'either')
  const name = value.startsWith('@') ? value.split('/').slice(0, 2).join('/') : (value.split('/')[0] ?? value)
  const isThere = [name, `@types/${name.replace(/^@([^/]*)\//, '$1__')}`].some(
    (one) => installedFolder(workspace, folder, one) !== undefined,
  )
  const scene = sceneOf(workspace, folder)
  if (isThere || scene.declared.has(`@types/${name}`)) return []
  const names = [...scene.installed].map((one) => one.replace(/^@types\//, ''))
  return [...new Set(names)]
    .map((one) => ({
      to: `${one}${value.slice(name.length)}`,
      plausibility: likeness(name, one) * (scene.declared.has(`@types/${one}`) || scene.declared.has(one) ? 1 : 0.75),
    }))
    .filter(({ plausibility }) => plausibility > 0)
    .sort((a, b) => b.plausibility - a.plausibility)
    .slice(0, 3)
}

/** An alias that is imported and explained under nearly that name. */
function repairAliasKeys(question: ConfigurationQuestion, file: CompilerSettings): RepairAnswer {
  const specifier = detail(question.fault, 'specifier')
  if (specifier === undefined || isRelative(specifier)) return nothing()
  const names = file.settings.names(['compilerOptions', 'paths'])
  if (names.some((name) => specifier.startsWith(name.replace(/\*.*$/, '')) && name.includes('*'))) return nothing()
  const head = specifier.includes('/') ? specifier.slice(0, specifier.indexOf('/') + 1) : specifier
  const answers = names.flatMap((name): readonly RepairAnswer[] => {
    const star = name.indexOf('*')
    const share = likeness(star === -1 ? name : name.slice(0, star), star === -1 ? specifier : head)
    const to = star === -1 ? specifier : `${head}${name.slice(star)}`
    const after = share === 0 ? undefined : file.settings.withName(['compilerOptions', 'paths', name], to)
    if (after === undefined) return []
    return [
      {
        proposals: [
          proposal({
            title: `Rename the alias ${quoted(name)} to ${quoted(to)} in ${file.path}`,
            edits: [changedFile(file.path, file.settings.text, after)],
            plausibility: share * 0.95,
            rationale: `${quoted(specifier)} is imported, and "paths" explains only ${quoted(name)}.`,
          }),
        ],
        notes: [],
      },
    ]
  })
  return joined(...answers)
}

/** "'rootDir' is expected to contain all source files": the folder that holds both. */
function repairRoot(question: ConfigurationQuestion, file: CompilerSettings): RepairAnswer {
  const match = /File '([^']{1,500})' is not under 'rootDir' '([^']{1,500})'/.exec(question.said)
  const root = optionOf(file, 'rootDir')
  const [source, folder] = [match?.[1], match?.[2]].map((path) =>
    path === undefined ? undefined : insidePath(path.replace(`${question.workspace.root}/`, '')),
  )
  if (typeof root !== 'string' || source === undefined || folder === undefined) return nothing()
  const parts = folder.split('/')
  const shared = parts.findIndex((part, index) => source.split('/')[index] !== part)
  const common = shared <= 0 ? '' : parts.slice(0, shared).join('/')
  const own = folderOf(file.path)
  const to =
    common === own
      ? '.'
      : common.startsWith(own === '' ? '' : `${own}/`)
        ? common.slice(own === '' ? 0 : own.length + 1)
        : undefined
  const after =
    to === undefined
      ? undefined
      : file.settings.withValue(['compilerOptions', 'rootDir'], root.startsWith('./') && to !== '.' ? `./${to}` : to)
  if (after === undefined || to === undefined) return nothing()
  return {
    proposals: [
      proposal({
        title: `Set "rootDir" to ${quoted(to)} in ${file.path}`,
        edits: [changedFile(file.path, file.settings.text, after)],
        plausibility: 0.8,
        rationale: 'It has to hold all source files.',
      }),
    ],
    notes: [],
  }
}

/** "Non-relative paths are not allowed when 'baseUrl' is not set." */
function repairRelativePaths({ said }: ConfigurationQuestion, file: CompilerSettings): RepairAnswer {
  if (!/Non-relative paths are not allowed/.test(said)) return nothing()
  const slips = file.settings.settings.filter(
    ({ path, value }) => path[1] === 'paths' && typeof value === 'string' && !value.startsWith('.'),
  )
  // From the last one, so that the places of the others stay.
  const after =
    slips.length === 0
      ? undefined
      : withAll(
          file,
          slips.map(({ path, value }) => ({ path, value: `./${String(value)}` })),
        )
  if (after === undefined) return nothing()
  return {
    proposals: [
      proposal({
        title: `Begin the targets of "paths" with "./" in ${file.path}`,
        edits: [changedFile(file.path, file.settings.text, after)],
        plausibility: 0.94,
        rationale: 'Without "baseUrl" they are read from the folder of the settings.',
      }),
    ],
    notes: [],
  }
}

function withAll(file: CompilerSettings, changes: readonly { path: Setting['path']; value: string }[]): string | undefined {
  return changes.reduce<string | undefined>(
    (text, { path, value }) => (text === undefined ? undefined : readSettings(text)?.withValue(path, value)),
    file.settings.text,
  )
}
