import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer } from '../../core/repairer.js'
import { changedFile, joined, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { sceneOf, type PackageScene } from '../dependencies/dependency-project.js'
import { isPlainSpecifier, spliced } from '../imports/import-literals.js'
import { extensionOf, folderOf, inFolder, insidePath } from '../imports/import-path.js'
import { exists, likeness, nearPaths } from './near-path.js'
import { namedPaths, type ConfigurationQuestion } from './question.js'
import { toolFiles } from './tool-files.js'

/**
 * Names that the settings of a tool give and that are not there: files that do not exist, and plugins, presets, reporters and
 * environments of nearly the name of something installed. JSON, YAML and code are read alike, by their quoted texts.
 */
export function repairNamedSettings(question: ConfigurationQuestion): RepairAnswer {
  const { workspace, fault } = question
  if (fault.category === 'runtime' && !/onfig|module|ENOENT|resolve/.test(question.said)) return nothing()
  const missing: Missing = { names: new Set(question.named), paths: new Set(namedPaths(question, workspace)) }
  return joined(...['package.json', ...toolFiles(workspace)].map((path) => repairFile(question, path, missing)))
}

interface Missing {
  readonly names: ReadonlySet<string>
  readonly paths: ReadonlySet<string>
}

interface Literal {
  readonly value: string
  /** Of the text between the quotes. */
  readonly start: number
  readonly end: number
}

const literalsMax = 600
/** Longer files are no settings. */
const textLengthMax = 200_000

function repairFile(question: ConfigurationQuestion, path: string, missing: Missing): RepairAnswer {
  const { workspace } = question
  const text = workspace.read(path)
  if (text === undefined || text.length > textLengthMax) return nothing()
  const scene = sceneOf(workspace, folderOf(path))
  const answers = literalsIn(text, path).flatMap((literal) =>
    meantBy(question, { path, scene, literal, missing }).map((meant) => ({
      proposals: [
        proposal({
          title: `Name ${quoted(meant.value)} instead of ${quoted(literal.value)} in ${path}`,
          edits: [changedFile(path, text, spliced(text, [{ ...literal, text: meant.value }]))],
          plausibility: meant.plausibility,
          rationale: `${quoted(literal.value)} is not there; ${quoted(meant.value)} is, and nearly has its name.`,
        }),
      ],
      notes: [],
    })),
  )
  return joined(...answers)
}

/** Quoted texts; in YAML also plain ones. Of a manifest only what tools put there: its own fields are read by others. */
function literalsIn(text: string, path: string): readonly Literal[] {
  const from = /(?:^|\/)package\.json$/.test(path) ? toolSections(text) : [[0, text.length] as const]
  const quotedTexts = /(["'`])((?:(?!\1)[^\\\n]){1,300})\1/g
  const yamlTexts = /(?<=^[ \t]{0,40}(?:- |[\w-]{1,60}:[ \t]{1,8}))([^\s"'#{}[\],&*!|>%@`][^\n#]{0,299}?)(?=[ \t\r]{0,40}$)/gm
  const pattern = /\.ya?ml$|\.taprc$/.test(path) ? [quotedTexts, yamlTexts] : [quotedTexts]
  return pattern
    .flatMap((one) => [...text.matchAll(one)])
    .map((match) => {
      const value = match[2] ?? match[1] ?? ''
      const start = match.index + (match[2] === undefined ? 0 : 1)
      return { value, start, end: start + value.length }
    })
    .filter(({ start, end }) => from.some(([first, last]) => start >= first && end <= last))
    .slice(0, literalsMax)
}

/** Where a manifest holds settings of tools. */
function toolSections(text: string): readonly (readonly [number, number])[] {
  return [
    ...text.matchAll(
      /^(?:\t| {2,4})"(?:jest|ava|mocha|babel|eslintConfig|prettier|nyc|c8|xo|tap|browserslist|stylelint|tsup|lint-staged)":[ \t]{0,8}([{["])/gm,
    ),
  ].map((match) => {
    const close = match[1] === '{' ? /^(?:\t| {2,4})\}/m : match[1] === '[' ? /\]/ : /\n/
    const begin = match.index + match[0].length - 1
    const length = close.exec(text.slice(begin))?.index ?? 0
    return [begin, begin + length] as const
  })
}

interface Naming {
  /** The file that names. */
  readonly path: string
  readonly scene: PackageScene
  readonly literal: Literal
  readonly missing: Missing
}

interface Meant {
  readonly value: string
  readonly plausibility: number
}

function meantBy({ workspace, fault, said }: ConfigurationQuestion, naming: Naming): readonly Meant[] {
  const { path, literal, missing } = naming
  const { value } = literal
  if (!isPlainSpecifier(value) || value.includes('*')) return []
  const packages = packagesNear(naming)
  if (packages.length > 0) return packages
  const prefix = /^(?:<rootDir>\/|\.\/|(?:\.\.\/)+)/.exec(value)?.[0] ?? ''
  const target = insidePath(inFolder(folderOf(path), value.replace(/^<rootDir>\//, '')))
  if (prefix !== '' || (target !== undefined && missing.paths.has(target))) {
    if (target === undefined || target === '' || isThere(workspace, target)) return []
    const isNamed = [...missing.paths].some((one) => one === target || one.startsWith(`${target}.`)) || missing.names.has(value)
    if (!isNamed && !(said.includes(path) || fault.category === 'configuration' || fault.category === 'dependency')) return []
    return pathsNear(workspace, folderOf(path), target, prefix).map((meant) => ({
      ...meant,
      plausibility: meant.plausibility * (isNamed ? 1 : 0.9),
    }))
  }
  return []
}

function isThere(workspace: Workspace, target: string): boolean {
  return (
    workspace.stat(target) !== undefined ||
    ['.js', '.ts', '.json', '.mjs', '.cjs', '/index.js', '/index.ts'].some((ending) =>
      exists(workspace, `${target}${ending}`, 'file'),
    )
  )
}

function pathsNear(workspace: Workspace, folder: string, target: string, prefix: string): readonly Meant[] {
  const bare = extensionOf(target) === ''
  const near = [
    ...nearPaths(workspace, target, { kind: 'file', anyExtension: true }),
    ...(bare ? ['.js', '.ts', '.json'].flatMap((ending) => nearPaths(workspace, `${target}${ending}`, { kind: 'file' })) : []),
    ...nearPaths(workspace, target, { kind: 'folder' }),
  ]
  return near
    .filter((one) => folder === '' || one.path.startsWith(`${folder}/`) || !prefix.startsWith('../'))
    .slice(0, 3)
    .map((one) => {
      const below =
        folder === '' || prefix.startsWith('<')
          ? one.path
          : one.path.startsWith(`${folder}/`)
            ? one.path.slice(folder.length + 1)
            : one.path
      const spelt = bare ? below.slice(0, below.length - extensionOf(below).length) : below
      return { value: `${prefix.startsWith('../') ? '' : prefix}${spelt}`, plausibility: one.plausibility * 0.97 }
    })
}

/** What tools put before a short name to make the name of a package. */
const prefixes = [
  '',
  'eslint-config-',
  'eslint-plugin-',
  'babel-preset-',
  'babel-plugin-',
  'prettier-plugin-',
  'jest-environment-',
  'vitest-environment-',
  '@vitest/coverage-',
  'stylelint-config-',
] as const

/** What tools bring along under a short name. */
const builtIn =
  'node jsdom happy-dom edge-runtime v8 istanbul dot spec tap min list json verbose default text lcov html bdd tdd qunit forks threads'.split(
    ' ',
  )

function packagesNear({ scene, literal: { value }, missing }: Naming): readonly Meant[] {
  const [name, rest] = splitPackage(value)
  const full = prefixes.map((prefix) => `${prefix}${name}`)
  const isNamed =
    [value, ...full].some((one) => missing.names.has(one)) || missing.names.has(babelName(name)) || missing.paths.has(value)
  const isAtHand = [...full, babelName(name)].some((one) => scene.installed.has(one) || scene.declared.has(one))
  if (!isNamed || isAtHand || builtIn.includes(value)) return []
  const installed = [...scene.installed].flatMap((candidate) =>
    prefixes
      .filter((prefix) => candidate.startsWith(prefix))
      .map((prefix) => ({
        value: `${candidate.slice(prefix.length)}${rest}`,
        plausibility: likeness(name, candidate.slice(prefix.length)) * (scene.declared.has(candidate) ? 1 : 0.8),
      })),
  )
  const own = builtIn.map((candidate) => ({ value: candidate, plausibility: likeness(value, candidate) * 0.9 }))
  return [...installed, ...own]
    .filter(({ plausibility }) => plausibility > 0)
    .sort((a, b) => b.plausibility - a.plausibility)
    .slice(0, 3)
}

/** `@babel/env` stands for `@babel/preset-env`. */
function babelName(name: string): string {
  return name.replace(/^@babel\/(?!preset-|plugin-)/, '@babel/preset-')
}

/** The name of the package, and the rest of the path in it. */
function splitPackage(value: string): readonly [string, string] {
  const length = value.startsWith('@') ? 2 : 1
  const name = value.split('/').slice(0, length).join('/')
  return [name, value.slice(name.length)]
}
