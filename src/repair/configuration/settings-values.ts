import type { RepairAnswer } from '../../core/repairer.js'
import { changedFile, joined, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { spliced } from '../imports/import-literals.js'
import { folderOf, inFolder } from '../imports/import-path.js'
import { likeness } from './near-path.js'
import { namedPaths, type ConfigurationQuestion } from './question.js'
import { readSettings, type Setting, type SettingsText } from './settings-text.js'
import { toolFiles } from './tool-files.js'

/**
 * Values that a tool or the program refuses: of the wrong type, where the same value in the right one is certain; not on the
 * list that the message gives, where one of the list is nearly it; and names of members that are slips.
 */
export function repairValues(question: ConfigurationQuestion): RepairAnswer {
  return joined(repairTypes(question), repairListed(question), repairUnknownNames(question))
}

/** Files of settings that the fault may be about: those of tools, and data files at the root or in a folder for settings. */
function settingsFiles({ workspace }: ConfigurationQuestion): readonly string[] {
  const own = workspace
    .files()
    .filter((path) => /\.json[c5]?$/.test(path) && !/(?:^|\/)(?:package(?:-lock)?|composer|npm-shrinkwrap)\.json$/.test(path))
    .filter((path) => !path.includes('/') || /(?:^|\/)\.?(?:config|conf|settings|etc)\//.test(path))
    .filter((path) => !/(?:example|sample|template|schema)/.test(path))
  return [...new Set([...own, ...toolFiles(workspace)])].slice(0, 60)
}

/** A value of another type than the same member has in the example beside it, or than the message asks for. */
function repairTypes(question: ConfigurationQuestion): RepairAnswer {
  const { workspace, said, fault } = question
  if (fault.category === 'dependency') return nothing()
  return joined(
    ...settingsFiles(question).flatMap((path) => {
      const settings = /\.json/.test(path) ? readSettings(workspace.read(path)) : undefined
      if (settings === undefined || /tsconfig|jsconfig/.test(path)) return []
      const example = exampleOf(question, path)
      return settings.settings.flatMap((setting) => {
        const to = example === undefined ? askedValue(setting, said) : exampleValue(setting, example)
        return to === undefined ? [] : [changed(path, settings, setting, to, example === undefined ? 0.82 : 0.92)]
      })
    }),
  )
}

function exampleOf({ workspace }: ConfigurationQuestion, path: string): SettingsText | undefined {
  const dot = path.lastIndexOf('.')
  const [stem, ending] = [path.slice(0, dot), path.slice(dot)]
  const folder = folderOf(path)
  const names = ['example', 'sample', 'template', 'dist', 'default', 'defaults'].flatMap((mark) => [
    `${stem}.${mark}${ending}`,
    `${path}.${mark}`,
    inFolder(folder, `${mark}${ending}`),
  ])
  const found = names.find((name) => name !== path && workspace.stat(name)?.kind === 'file')
  return found === undefined ? undefined : readSettings(workspace.read(found))
}

function exampleValue({ path, value }: Setting, example: SettingsText): unknown {
  const key = JSON.stringify(path)
  const other = example.settings.find((one) => JSON.stringify(one.path) === key)?.value
  return other === undefined || other === null || typeof other === typeof value ? undefined : converted(value, typeof other)
}

/** What a message asks for a member by its name: `"port" must be a number`, `expected number, received string … port`. */
function askedValue({ path, value }: Setting, said: string): unknown {
  const name = path.findLast((step) => typeof step === 'string')
  if (
    typeof name !== 'string' ||
    !new RegExp(String.raw`(?<![\w.])${name.replace(/[^\w-]/g, '.')}(?![\w])`).test(said.replaceAll(/[\w$]+\.(?=\w)/g, ''))
  )
    return undefined
  const asked =
    /(?:expected|must be|should be|has to be|requires?|be of type|to be)[^\n]{0,40}?\b(number|integer|boolean|string|array)\b/i.exec(
      said,
    )?.[1] ?? (/must be an? (?:finite|positive|valid port)|>= 0 and < 65536|is not a number/i.test(said) ? 'number' : undefined)
  return asked === undefined ? undefined : converted(value, asked.toLowerCase())
}

/** The same value in another type, where it is certain what it is; `undefined` where it is that already, or may be anything. */
function converted(value: unknown, type: string): unknown {
  if (type === 'number' || type === 'integer')
    return typeof value === 'string' && /^-?\d{1,15}(?:\.\d{1,10})?$/.test(value.trim()) ? Number(value.trim()) : undefined
  if (type === 'boolean') {
    if (typeof value === 'string' && /^(?:true|false)$/i.test(value.trim())) return value.trim().toLowerCase() === 'true'
    return value === 0 || value === 1 ? value === 1 : undefined
  }
  if (type === 'string') return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined
  return type === 'array' && typeof value === 'string' && value !== '' ? [value] : undefined
}

function changed(
  path: string,
  settings: SettingsText,
  { path: way, value }: Setting,
  to: unknown,
  plausibility: number,
): RepairAnswer {
  const after = settings.withValue(way, to)
  if (after === undefined) return nothing()
  return {
    proposals: [
      proposal({
        title: `Set ${quoted(way.join('.'))} of ${path} to ${JSON.stringify(to)}, not ${JSON.stringify(value)}`,
        edits: [changedFile(path, settings.text, after)],
        plausibility,
        rationale: 'It is the same value, in the type that is asked for.',
      }),
    ],
    notes: [],
  }
}

/** "Expected "all", "es5" or "none", but received "als"": the nearest of the list. */
function repairListed(question: ConfigurationQuestion): RepairAnswer {
  const { said, workspace } = question
  const match = /(?:[Ee]xpected|must be|one of|[Aa]llowed|[Vv]alid|[Aa]ccepts?|[Cc]hoose)[^\n]{0,400}/.exec(said)
  if (match === null) return nothing()
  const list = [...said.slice(match.index, match.index + 600).matchAll(/["'`]([\w.@/-]{1,60})["'`]/g)].flatMap(
    (one) => one[1] ?? [],
  )
  const received = [
    /(?:received|got|but found|actual|instead of)[^"'`\n]{0,20}["'`]([^"'`\n]{1,80})["'`]/i.exec(said)?.[1],
    ...question.named,
  ]
  const allowed = new Set(list)
  const slips = new Set(received.filter((value) => value !== undefined))
  return joined(
    ...settingsFiles(question).flatMap((path) => {
      const text = workspace.read(path)
      if (text === undefined || text.length > 200_000) return []
      return [...text.matchAll(/(["'`])([\w.@/-]{1,60})\1/g)].flatMap((literal) => {
        const value = literal[2] ?? ''
        if (!slips.has(value) || (allowed.has(value) && received[0] !== value)) return []
        const [meant] = [...allowed]
          .filter((one) => one !== value)
          .map((one) => ({ one, share: likeness(value, one) }))
          .filter(({ share }) => share > 0)
          .sort((a, b) => b.share - a.share)
        if (meant === undefined) return []
        const start = literal.index + 1
        return [replaced(path, text, { start, end: start + value.length, from: value, to: meant.one }, meant.share * 0.95)]
      })
    }),
  )
}

interface Replacement {
  readonly start: number
  readonly end: number
  readonly from: string
  readonly to: string
}

function replaced(path: string, text: string, { start, end, from, to }: Replacement, plausibility: number): RepairAnswer {
  return {
    proposals: [
      proposal({
        title: `Write ${quoted(to)} instead of ${quoted(from)} in ${path}`,
        edits: [changedFile(path, text, spliced(text, [{ start, end, text: to }]))],
        plausibility,
        rationale: `${quoted(from)} is not known there; ${quoted(to)} is.`,
      }),
    ],
    notes: [],
  }
}

/** Members that tools on their way know, by the tool whose settings they are. */
const knownNames: readonly (readonly [RegExp, string])[] = [
  [
    /eslint/,
    'files ignores languageOptions linterOptions plugins processor rules settings name language basePath extends ecmaVersion sourceType globals parser parserOptions env root overrides ignorePatterns off warn error',
  ],
  [
    /babel/,
    'presets plugins env ignore only overrides extends sourceType targets assumptions passPerPreset comments compact minified retainLines sourceMaps',
  ],
  [
    /jest/,
    'testEnvironment testMatch testRegex transform moduleNameMapper setupFiles setupFilesAfterEnv preset roots rootDir collectCoverage coverageThreshold testPathIgnorePatterns moduleFileExtensions globals verbose',
  ],
  [
    /prettier/,
    'semi singleQuote tabWidth useTabs trailingComma printWidth arrowParens bracketSpacing endOfLine plugins overrides quoteProps',
  ],
]

/** "Unexpected key", "Unknown option", "Definition for rule 'x' not found": the member that nearly has that name. */
function repairUnknownNames(question: ConfigurationQuestion): RepairAnswer {
  const { said, workspace } = question
  if (
    !/[Uu]nknown|[Uu]nexpected|[Uu]nrecognized|not found|[Cc]ould not find "|[Aa]dditional propert|not allowed|Did you mean|[Ss]everity/.test(
      said,
    )
  )
    return nothing()
  const suggested = /[Dd]id you mean ["'`]?\.?([\w/@-]{1,80})["'`]?/.exec(said)?.[1]
  const names = new Set(
    [...question.named, ...(/Unknown option: \.?([\w.]{1,80})/.exec(said)?.slice(1) ?? [])].map((name) =>
      name.replace(/^\./, ''),
    ),
  )
  const paths = new Set(namedPaths(question, workspace))
  return joined(
    ...settingsFiles(question).flatMap((path) => {
      const text = workspace.read(path)
      if (text === undefined || text.length > 200_000) return []
      const known = [...(suggested === undefined ? [] : [suggested]), ...knownFor(workspace, path)]
      return [...text.matchAll(/(?<![\w.$])(["'`]?)([A-Za-z@][\w/@-]{1,80})\1(?=[ \t]{0,8}[:,\]])/g)].flatMap((member) => {
        const name = member[2] ?? ''
        if (!names.has(name) || known.includes(name)) return []
        const isNamed = suggested !== undefined || paths.has(path) || /eslint|babel|jest|prettier/.test(path)
        return isNamed
          ? nearKnown(name, known, suggested).map(({ to, share }) =>
              replaced(
                path,
                text,
                {
                  start: member.index + (member[1] ?? '').length,
                  end: member.index + (member[1] ?? '').length + name.length,
                  from: name,
                  to,
                },
                share,
              ),
            )
          : []
      })
    }),
  )
}

function nearKnown(
  name: string,
  known: readonly string[],
  suggested: string | undefined,
): readonly { to: string; share: number }[] {
  return [...new Set(known)]
    .map((to) => ({ to, share: likeness(name, to) * (to === suggested ? 1 : 0.94) }))
    .filter(({ share }) => share > 0)
    .sort((a, b) => b.share - a.share)
    .slice(0, 2)
}

/** What a tool knows: its members, and for a linter the rules that are installed. */
function knownFor(workspace: ConfigurationQuestion['workspace'], path: string): readonly string[] {
  const members = knownNames.flatMap(([pattern, names]) => (pattern.test(path) ? names.split(' ') : []))
  if (!/eslint/.test(path)) return members
  const rulesIn = (folder: string, prefix: string): readonly string[] =>
    workspace.list(folder).flatMap((file) => (/\.[cm]?js$/.test(file) ? [`${prefix}${file.replace(/\.[cm]?js$/, '')}`] : []))
  const plugins = workspace
    .list('node_modules')
    .filter((name) => name.startsWith('eslint-plugin-'))
    .slice(0, 30)
  return [
    ...members,
    ...rulesIn('node_modules/eslint/lib/rules', ''),
    ...rulesIn('node_modules/@typescript-eslint/eslint-plugin/dist/rules', '@typescript-eslint/'),
    ...plugins.flatMap((name) =>
      ['lib/rules', 'dist/rules', 'rules'].flatMap((folder) =>
        rulesIn(`node_modules/${name}/${folder}`, `${name.slice('eslint-plugin-'.length)}/`),
      ),
    ),
  ]
}
