import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer } from '../../core/repairer.js'
import { changedFile, joined, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { projectManifests } from '../dependencies/dependency-project.js'
import { type CompilerSettings, compilerSettings, optionOf, withOption } from './compiler-settings.js'
import { likeness } from './near-path.js'
import type { ConfigurationQuestion } from './question.js'
import type { SettingPath } from './settings-text.js'

/**
 * Options of the TypeScript compiler that it refuses, or asks for: names that are slips, values outside of its list, pairs
 * that do not go together, and what it says it needs. Nothing that checks less is ever set.
 */
export function repairCompilerOptions(question: ConfigurationQuestion): RepairAnswer {
  const { fault, said } = question
  if (!/^TS\d{3,6}$/.test(fault.code) && !/\bTS\d{4,5}\b|tsconfig/.test(said)) return nothing()
  const files = compilerSettings(question)
  const [main] = files
  if (main === undefined) return nothing()
  const wishes = [
    ...files.flatMap((file) => [
      ...renamedOptions(file, said),
      ...renamedSections(file),
      ...listedValues(file, said),
      ...retyped(file, said),
    ]),
    ...wanted(question, files),
  ]
  return joined(...wishes.map(answerOf))
}

/** One change to one file of settings. */
interface Wish {
  readonly file: CompilerSettings
  readonly after: string | undefined
  readonly title: string
  readonly plausibility: number
}

function answerOf({ file, after, title, plausibility }: Wish): RepairAnswer {
  if (after === undefined || after === file.settings.text) return nothing()
  return {
    proposals: [
      proposal({
        title: `${title} in ${file.path}`,
        edits: [changedFile(file.path, file.settings.text, after)],
        plausibility,
        rationale: 'The compiler says so.',
      }),
    ],
    notes: [],
  }
}

/** "Unknown compiler option 'x'. Did you mean 'y'?" */
function renamedOptions(file: CompilerSettings, said: string): readonly Wish[] {
  return [...said.matchAll(/[Uu]nknown compiler option '([^']{1,80})'\. Did you mean '([^']{1,80})'/g)].map(
    ([, from = '', to = '']) => ({
      file,
      after: file.settings.withName(['compilerOptions', from], to),
      title: `Rename the option ${quoted(from)} to ${quoted(to)}`,
      plausibility: 0.95,
    }),
  )
}

const sections = [
  'compilerOptions',
  'include',
  'exclude',
  'files',
  'extends',
  'references',
  'typeAcquisition',
  'watchOptions',
  'compileOnSave',
] as const

/** The compiler passes over members that it does not know, and with them over all that stands in them. */
function renamedSections(file: CompilerSettings): readonly Wish[] {
  const names = file.settings.names([])
  return names
    .filter(
      (name) =>
        !sections.some((known) => known === name) && !/^[$_]|[A-Z]\w+Options$|^(?:ts-node|display|mdx|\$schema)$/.test(name),
    )
    .flatMap((name) => {
      const [meant] = sections
        .filter((known) => !names.includes(known))
        .map((known) => ({ known, share: likeness(name, known) }))
        .filter(({ share }) => share > 0)
        .sort((a, b) => b.share - a.share)
      return meant === undefined
        ? []
        : [
            {
              file,
              after: file.settings.withName([name], meant.known),
              title: `Rename ${quoted(name)} to ${quoted(meant.known)}`,
              plausibility: meant.share,
            },
          ]
    })
}

/** "Argument for '--module' option must be: 'none', 'commonjs', …" */
function listedValues(file: CompilerSettings, said: string): readonly Wish[] {
  return [...said.matchAll(/Argument for '--(\w{1,60})' option must be:?\s?([^\n]{1,2000})/g)].flatMap(
    ([, option = '', list = '']) => {
      const allowed = [...list.matchAll(/'([^']{1,60})'/g)].flatMap((match) => match[1] ?? [])
      return file.settings.settings
        .filter(({ path, value }) => path[0] === 'compilerOptions' && path[1] === option && typeof value === 'string')
        .filter(({ value }) => allowed.length > 0 && !allowed.includes(String(value).toLowerCase()))
        .flatMap(({ path, value }) =>
          valuesNear(file, path, String(value), allowed).map(({ to, plausibility }) => ({
            file,
            after: file.settings.withValue(path, to),
            title: `Set ${quoted(option)} to ${quoted(to)}, not ${quoted(String(value))},`,
            plausibility,
          })),
        )
    },
  )
}

function valuesNear(
  file: CompilerSettings,
  path: SettingPath,
  value: string,
  allowed: readonly string[],
): readonly { to: string; plausibility: number }[] {
  const companion = companionOf(file, String(path[1]))
  const near = allowed
    .map((to) => ({ to, plausibility: likeness(value, to) }))
    .filter(({ plausibility }) => plausibility > 0)
    .map((one) => (one.to === companion ? { ...one, plausibility: 0.97 } : one))
    .sort((a, b) => b.plausibility - a.plausibility)
  const [first, second] = near
  const isTie = first !== undefined && second !== undefined && first.plausibility === second.plausibility
  const ranked = (isTie ? near.map((one) => ({ ...one, plausibility: one.plausibility * 0.7 })) : near).slice(0, 3)
  const isKnown = companion !== undefined && allowed.includes(companion) && !near.some(({ to }) => to === companion)
  return [...ranked, ...(isKnown ? [{ to: companion, plausibility: 0.6 }] : [])]
}

/** What another option says of this one, in small letters. */
function companionOf(file: CompilerSettings, option: string): string | undefined {
  const text = (name: string): string | undefined => {
    const value = optionOf(file, name)
    return typeof value === 'string' ? value.toLowerCase() : undefined
  }
  const [module, resolution, lib] = [
    text('module'),
    text('moduleResolution'),
    file.settings.settings.find(({ path }) => path[1] === 'lib' && path[2] === 0)?.value,
  ]
  if (option === 'moduleResolution' && module !== undefined) return /^node/.test(module) ? module : 'bundler'
  if (option === 'module' && resolution !== undefined)
    return /^node(?:16|18|20|next)/.test(resolution) ? resolution : resolution === 'bundler' ? 'esnext' : 'commonjs'
  if (option === 'target' && typeof lib === 'string') return lib.toLowerCase()
  return option === 'lib' ? text('target') : undefined
}

/** "Compiler option 'strict' requires a value of type boolean." The value stays what it says, in the right type. */
function retyped(file: CompilerSettings, said: string): readonly Wish[] {
  return [...said.matchAll(/Compiler option '(\w{1,60})' requires a value of type (\w{1,20})/g)].flatMap(
    ([, option = '', type = '']) => {
      const value = file.settings.settings.find(({ path }) => path.length === 2 && path[1] === option)?.value
      const to = inType(value, type.toLowerCase())
      if (to === undefined) return []
      return [
        {
          file,
          after: file.settings.withValue(['compilerOptions', option], to),
          title: `Give ${quoted(option)} a value of type ${type}`,
          plausibility: 0.95,
        },
      ]
    },
  )
}

function inType(value: unknown, type: string): unknown {
  if (type === 'boolean' && (value === 1 || value === 0)) return value === 1
  if (type === 'boolean' && typeof value === 'string') {
    const word = value.trim().toLowerCase()
    return word === 'true' || word === 'yes' ? true : word === 'false' || word === 'no' ? false : undefined
  }
  if (type === 'array' && typeof value === 'string') return value.split(',').map((item) => item.trim())
  return type === 'string' && (typeof value === 'number' || typeof value === 'boolean') ? String(value) : undefined
}

/** An option that a message of the compiler asks for. */
interface Want {
  readonly pattern: RegExp
  /** Options to set, with their values, the likeliest first. */
  readonly set: (
    match: RegExpExecArray,
    scene: Scene,
  ) => readonly (readonly [option: string, value: unknown, plausibility: number])[]
}

interface Scene {
  readonly file: CompilerSettings
  readonly workspace: Workspace
  readonly isModule: boolean
  readonly packages: ReadonlySet<string>
}

function moduleValues({ file, isModule }: Scene): readonly (readonly [string, unknown, number])[] {
  const resolution = String(optionOf(file, 'moduleResolution') ?? '').toLowerCase()
  if (/^node(?:16|18|20|next)$/.test(resolution)) return [['module', resolution, 0.9]]
  if (resolution === 'bundler')
    return [
      ['module', 'esnext', 0.88],
      ['module', 'preserve', 0.7],
    ]
  return isModule
    ? [
        ['module', 'nodenext', 0.8],
        ['module', 'esnext', 0.75],
      ]
    : [
        ['module', 'esnext', 0.7],
        ['module', 'nodenext', 0.6],
      ]
}

const wants: readonly Want[] = [
  {
    pattern: /Option 'module' must be set to '(\w+)' when option 'moduleResolution' is set to '\w+'/,
    set: ([, value = '']) => [
      ['module', value, 0.85],
      ['moduleResolution', 'bundler', 0.5],
    ],
  },
  {
    pattern: /Option 'moduleResolution' must be set to '(\w+)'[^\n]{0,80} when option 'module' is set to '\w+'/,
    set: ([, value = '']) => [['moduleResolution', value, 0.9]],
  },
  {
    pattern: /Option 'bundler' can only be used when 'module' is set to/,
    set: (_match, scene) => {
      const module = String(optionOf(scene.file, 'module') ?? '').toLowerCase()
      const others = [
        ['module', 'esnext', 0.85],
        ['module', 'preserve', 0.6],
      ] as const
      return /^node/.test(module)
        ? [['moduleResolution', module, 0.85], ...others.map(([name, value]) => [name, value, 0.6] as const)]
        : others
    },
  },
  {
    pattern:
      /(?:only allowed|only be used|are only supported|cannot be used)[^\n]{0,60} when the '(?:--)?module' (?:option|flag) is/,
    set: (_match, scene) => moduleValues(scene),
  },
  {
    pattern: /and the 'target' option is '(\w+)' or higher/,
    set: ([, value = '']) => [
      ['target', 'es2022', 0.7],
      ['target', value, 0.5],
    ],
  },
  {
    pattern: /set the 'moduleResolution' option to '(\w+)'/,
    set: ([, value = ''], { file }) => {
      const module = String(optionOf(file, 'module') ?? '').toLowerCase()
      if (/^node/.test(module)) return [['moduleResolution', module, 0.9]]
      return [
        ['moduleResolution', 'bundler', 0.8],
        ['moduleResolution', 'node', 0.7],
        ['moduleResolution', value, 0.6],
      ]
    },
  },
  {
    pattern: /(?:change your target library|changing the 'lib' compiler option to)[^\n]{0,80}?'(es\d{1,4}|esnext)' or later/,
    set: ([, value = ''], { file }) => {
      const target = optionOf(file, 'target')
      if (file.settings.settings.some(({ path }) => path[1] === 'lib')) return raisedLib(file, value)
      return [['target', 'es2022', 0.78], ...(target === undefined ? [] : [['target', value, 0.6] as const])]
    },
  },
  {
    pattern: /changing the 'lib' compiler option to include '(dom)'/,
    set: ([, value = ''], { file }) => {
      const lib = libOf(file)
      return lib.length === 0 ? [] : [['lib', [...lib, value], 0.8]]
    },
  },
  {
    pattern: /'--downlevelIteration' (?:flag|option)[^\n]{0,60}'--target' of 'es2015'/,
    set: () => [
      ['target', 'es2022', 0.7],
      ['target', 'es2015', 0.55],
    ],
  },
  {
    pattern: /only available when targeting (?:ECMAScript|ES)\s?(\d{1,4})/i,
    set: ([, year = '']) => [
      ['target', 'es2022', 0.75],
      ['target', `es${year}`, 0.5],
    ],
  },
  {
    pattern: /default-imported using the 'esModuleInterop' flag|using the 'esModuleInterop' flag/,
    set: () => [['esModuleInterop', true, 0.92]],
  },
  { pattern: /using '--resolveJsonModule'/, set: () => [['resolveJsonModule', true, 0.94]] },
  {
    pattern: /'--jsx' (?:flag is provided|is not set)/,
    set: (_match, { packages }) =>
      packages.has('react') || packages.has('preact')
        ? [
            ['jsx', 'react-jsx', 0.85],
            ['jsx', 'preserve', 0.6],
          ]
        : [
            ['jsx', 'preserve', 0.7],
            ['jsx', 'react-jsx', 0.6],
          ],
  },
  {
    pattern: /when 'allowImportingTsExtensions' is enabled/,
    set: (_match, { file }) =>
      optionOf(file, 'noEmit') === true || optionOf(file, 'emitDeclarationOnly') === true
        ? [['allowImportingTsExtensions', true, 0.9]]
        : [['rewriteRelativeImportExtensions', true, 0.75]],
  },
  {
    pattern: /'experimentalDecorators' (?:option|flag|compiler option)/,
    set: (_match, { packages }) => [['experimentalDecorators', true, packages.has('reflect-metadata') ? 0.92 : 0.7]],
  },
  {
    pattern: /Option '(\w+)' cannot be specified without specifying option '(\w+)'(?: or option '\w+')?/,
    set: ([, , needed = '']) => [[needed, true, 0.85]],
  },
  { pattern: /Composite projects may not disable declaration emit/, set: () => [['declaration', true, 0.92]] },
]

function wanted({ workspace, said }: ConfigurationQuestion, files: readonly CompilerSettings[]): readonly Wish[] {
  const [manifest] = projectManifests(workspace)
  const packages = new Set(manifest?.declared.keys())
  return wants.flatMap(({ pattern, set }) => {
    const match = pattern.exec(said)
    if (match === null) return []
    return files.slice(0, 3).flatMap((file, rank) => {
      const wishes = set(match, { file, workspace, isModule: manifest?.type === 'module', packages })
      return (
        wishes
          // In other files than the first only what is set there already can be what is wrong.
          .filter(([option]) => rank === 0 || optionOf(file, option) !== undefined)
          .map(([option, value, plausibility]) => ({
            file,
            after: withOption(file, option, value),
            title: `Set ${quoted(option)} to ${quoted(String(value))}`,
            plausibility: plausibility - rank * 0.1,
          }))
      )
    })
  })
}

function libOf(file: CompilerSettings): readonly string[] {
  return file.settings.settings.flatMap(({ path, value }) =>
    path[1] === 'lib' && path.length === 3 && typeof value === 'string' ? [value] : [],
  )
}

/** The language library raised to what is asked for, and to what the target has anyway. */
function raisedLib(file: CompilerSettings, asked: string): readonly (readonly [string, unknown, number])[] {
  const isLanguage = (name: string): boolean => /^es(?:\d{1,4}|next)$/i.test(name)
  const lib = libOf(file)
  const raised = (to: string): readonly string[] => [to, ...lib.filter((name) => !isLanguage(name))]
  const target = optionOf(file, 'target')
  const own =
    typeof target === 'string' && isLanguage(target) && target.toLowerCase() >= asked
      ? [['lib', raised(target), 0.85] as const]
      : []
  return [...own, ['lib', raised('es2022'), asked <= 'es2022' ? 0.75 : 0.3], ['lib', raised(asked), 0.7]]
}
