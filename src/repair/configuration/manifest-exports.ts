import type { RepairAnswer } from '../../core/repairer.js'
import { type Manifest, objectOf } from '../dependencies/dependency-manifest.js'
import { changedFile, joined, nothing, proposal, quoted } from '../dependencies/dependency-proposal.js'
import { projectManifests } from '../dependencies/dependency-project.js'
import { moduleLiterals, parseSource } from '../imports/import-literals.js'
import { inFolder, insidePath, isTest, projectPath } from '../imports/import-path.js'
import { exists, likeness, nearPaths } from './near-path.js'
import { detail, type ConfigurationQuestion } from './question.js'
import { readSettings, type SettingPath, type SettingsText } from './settings-text.js'

/**
 * The shape of `exports` and `imports` in a manifest of the project: names of conditions and of subpaths that are slips,
 * subpaths and targets without their `./`, and a subpath that is asked for and was never listed.
 */
export function repairExports(question: ConfigurationQuestion): RepairAnswer {
  const { fault, said } = question
  const isAbout =
    /^ERR_(?:PACKAGE_PATH_NOT_EXPORTED|INVALID_PACKAGE_(?:CONFIG|TARGET)|PACKAGE_IMPORT_NOT_DEFINED)$/.test(fault.code) ||
    /"exports"|"imports"|is not exported|Missing "[^"]{1,200}" specifier|entry for package|not exported under/.test(said)
  const manifests = projectManifests(question.workspace).filter(
    ({ json }) => json['exports'] !== undefined || json['imports'] !== undefined,
  )
  if (!isAbout) return nothing()
  return joined(
    ...manifests.map((manifest) =>
      joined(
        repairShape(manifest),
        repairCondition(question, manifest),
        repairSubpath(question, manifest),
        repairInternal(question, manifest),
      ),
    ),
  )
}

const conditions = [
  'import',
  'require',
  'node',
  'default',
  'types',
  'browser',
  'module',
  'module-sync',
  'development',
  'production',
  'deno',
  'bun',
  'worker',
  'react-native',
  'node-addons',
] as const

interface Change {
  readonly after: string | undefined
  readonly title: string
  readonly plausibility: number
  readonly why: string
}

function asProposals(manifest: Manifest, changes: readonly Change[]): RepairAnswer {
  const proposals = changes.flatMap(({ after, title, plausibility, why }) =>
    after === undefined || after === manifest.text
      ? []
      : [
          proposal({
            title: `${title} in ${manifest.path}`,
            edits: [changedFile(manifest.path, manifest.text, after)],
            plausibility,
            rationale: why,
          }),
        ],
  )
  return { proposals, notes: [] }
}

function repairShape(manifest: Manifest): RepairAnswer {
  const settings = readSettings(manifest.text)
  if (settings === undefined) return nothing()
  const isString = typeof manifest.json['exports'] === 'string'
  const places = isString ? [] : objectsBelow(settings, ['exports'])
  return asProposals(manifest, [
    ...places.flatMap((place) => renamedConditions(settings, place)),
    ...prefixedKeys(settings),
    ...prefixedTargets(settings),
  ])
}

/** The paths of all objects at and below a place. */
function objectsBelow(settings: SettingsText, place: SettingPath, depth = 0): readonly SettingPath[] {
  const names = depth > 8 ? [] : settings.names(place)
  return names.length === 0 ? [] : [place, ...names.flatMap((name) => objectsBelow(settings, [...place, name], depth + 1))]
}

function renamedConditions(settings: SettingsText, place: SettingPath): readonly Change[] {
  const names = settings.names(place)
  return names
    .filter((name) => !name.startsWith('.') && !name.includes('/') && !conditions.some((known) => known === name))
    .flatMap((name) => {
      const [meant] = conditions
        .filter((known) => !names.includes(known))
        .map((known) => ({ known, share: likeness(name, known) }))
        .filter(({ share }) => share > 0)
        .sort((a, b) => b.share - a.share)
      if (meant === undefined) return []
      return [
        {
          after: settings.withName([...place, name], meant.known),
          title: `Rename the condition ${quoted(name)} to ${quoted(meant.known)}`,
          plausibility: meant.share,
          why: `No tool knows a condition ${quoted(name)}, so what stands there is never reached.`,
        },
      ]
    })
}

/** A condition that names the other kind of import than its target is written for, so that nobody reaches the target. */
function repairCondition({ workspace, said }: ConfigurationQuestion, manifest: Manifest): RepairAnswer {
  const settings = readSettings(manifest.text)
  if (
    settings === undefined ||
    !/No "exports" main|is not defined by "exports"|not exported|Missing "|entry for package/.test(said)
  )
    return nothing()
  const changes = objectsBelow(settings, ['exports']).flatMap((place) => {
    const names = settings.names(place)
    const [from, ...others] = names.filter(
      (name) => name === 'import' || name === 'require' || name === 'default' || name === 'node',
    )
    if (others.length > 0 || (from !== 'import' && from !== 'require')) return []
    const target = settings.settings.find(
      ({ path }) =>
        path.length === place.length + 1 &&
        path.at(-1) === from &&
        path.every((step, at) => at === place.length || step === place[at]),
    )?.value
    const file = typeof target === 'string' ? insidePath(inFolder(manifest.folder, target)) : undefined
    const text = file === undefined ? undefined : workspace.read(file)
    const isModule = text === undefined || file === undefined ? undefined : parseSource(text, file)?.['sourceType'] === 'module'
    const to = isModule === undefined ? undefined : isModule ? 'import' : 'require'
    if (to === undefined || to === from) return []
    return [
      {
        after: settings.withName([...place, from], to),
        title: `Rename the condition ${quoted(from)} to ${quoted(to)}`,
        plausibility: 0.85,
        why: `${quoted(String(target))} is written for ${quoted(to)}, and is offered to ${quoted(from)} alone.`,
      },
    ]
  })
  return asProposals(manifest, changes)
}

/** Subpaths begin with a dot; the package itself is the dot alone. */
function prefixedKeys(settings: SettingsText): readonly Change[] {
  const names = settings.names(['exports'])
  const dotted = names.filter((name) => name.startsWith('.'))
  const plain = names.filter((name) => !name.startsWith('.'))
  const isConditional = plain.some((name) => conditions.some((known) => known === name)) && dotted.length === 0
  const root = dotted.includes('.')
    ? []
    : [
        ...dotted.filter((name) => /^\.\/(?:index(?:\.[cm]?js)?|main)?$/.test(name)),
        ...plain.filter((name) => /^(?:\/|main|index)?$/.test(name) && dotted.length > 0),
      ]
  const rootChanges = root.map((name) => ({
    after: settings.withName(['exports', name], '.'),
    title: `Rename the subpath ${quoted(name)} to "."`,
    plausibility: 0.88,
    why: 'Without a subpath "." the package itself cannot be imported.',
  }))
  if (isConditional || dotted.length === 0) return rootChanges
  const slips = plain.filter((name) => !root.includes(name) && !conditions.some((known) => known === name))
  const after = slips.reduce<string | undefined>(
    (text, name) => readSettings(text)?.withName(['exports', name], `./${name.replace(/^\//, '')}`),
    settings.text,
  )
  return [
    ...rootChanges,
    ...(slips.length === 0
      ? []
      : [
          {
            after,
            title: `Begin ${slips.map(quoted).join(', ')} of "exports" with "./"`,
            plausibility: 0.92,
            why: 'Subpaths begin with "./"; Node refuses a mixture.',
          },
        ]),
  ]
}

/** Targets of `exports` begin with `./`, or Node refuses them. */
function prefixedTargets(settings: SettingsText): readonly Change[] {
  const slips = settings.settings.filter(
    ({ path, value }) =>
      path[0] === 'exports' && typeof value === 'string' && /^(?:[\w@-]|\.[\w])[^:]*$|^\/[^/]/.test(value) && value !== '',
  )
  const after = slips.reduce<string | undefined>(
    (text, { path, value }) => readSettings(text)?.withValue(path, `./${String(value).replace(/^\//, '')}`),
    settings.text,
  )
  return slips.length === 0
    ? []
    : [
        {
          after,
          title: `Begin the targets of "exports" with "./"`,
          plausibility: 0.93,
          why: `${quoted(String(slips[0]?.value))} and the like are not valid targets.`,
        },
      ]
}

/** A subpath of our own package that somebody asks for: the one that is nearly called so, or one that was never listed. */
function repairSubpath({ workspace, fault, said }: ConfigurationQuestion, manifest: Manifest): RepairAnswer {
  const settings = readSettings(manifest.text)
  const path = detail(fault, 'path')
  const owner = path === undefined ? undefined : projectPath(workspace, path)
  const asked = detail(fault, 'subpath') ?? /Missing "(\.[^"]{0,200})" specifier/.exec(said)?.[1]
  if (settings === undefined || asked === undefined || (owner !== undefined && owner !== manifest.path)) return nothing()
  const names = settings.names(['exports'])
  const renamed = names
    .filter((name) => name.startsWith('./') && name !== asked)
    .map((name) => ({ name, share: likeness(name, asked) }))
    .filter(({ share }) => share > 0)
    .map(({ name, share }) => ({
      after: settings.withName(['exports', name], asked),
      title: `Rename the subpath ${quoted(name)} to ${quoted(asked)}`,
      // Whoever imports by the listed name says that the list is right.
      plausibility: isImported(manifest, name, workspace) ? share * 0.4 : share,
      why: `${quoted(asked)} is imported, and "exports" lists ${quoted(name)}, which nothing imports.`,
    }))
  const targets = asked.startsWith('./') ? targetsOf(workspace, manifest, asked) : []
  const [target] = targets
  const isListable = objectOf(manifest.json['exports']) !== undefined && names.some((name) => name.startsWith('.'))
  const added =
    target === undefined || !isListable
      ? []
      : [
          {
            after: settings.withMember(['exports'], asked, target),
            title: `List ${quoted(asked)} in "exports"`,
            plausibility: renamed.length > 0 ? 0.4 : targets.length === 1 ? 0.82 : 0.6,
            why: `${quoted(target)} is a file of the package that is imported and not listed.`,
          },
        ]
  return asProposals(manifest, [...renamed, ...added])
}

/** Files of the package that a subpath of this name may stand for, the one at that very place first. */
function targetsOf(workspace: ConfigurationQuestion['workspace'], { folder }: Manifest, asked: string): readonly string[] {
  const file = insidePath(inFolder(folder, asked)) ?? ''
  const endings = ['', '.js', '.mjs', '.cjs', '/index.js']
  const there = endings.find((ending) => exists(workspace, `${file}${ending}`, 'file'))
  if (there !== undefined) return [`${asked}${there}`]
  const name = asked.slice(asked.lastIndexOf('/') + 1)
  const prefix = folder === '' ? '' : `${folder}/`
  return workspace
    .files()
    .filter((path) => path.startsWith(prefix) && !isTest(path))
    .filter(
      (path) =>
        endings.some((ending) => path.slice(prefix.length).endsWith(`/${name}${ending}`)) && /\.(?:[cm]?js|json)$/.test(path),
    )
    .map((path) => `./${path.slice(prefix.length)}`)
    .slice(0, 3)
}

function isImported({ name, folder }: Manifest, subpath: string, workspace: ConfigurationQuestion['workspace']): boolean {
  if (name === undefined) return false
  const specifier = `${name}/${subpath.slice(2)}`
  return imports(workspace, folder, specifier)
}

const filesMax = 500

function imports(workspace: ConfigurationQuestion['workspace'], folder: string, specifier: string): boolean {
  return workspace
    .files()
    .filter((path) => path.startsWith(folder) && /\.(?:[cm]?[jt]s|[jt]sx)$/.test(path))
    .slice(0, filesMax)
    .some((path) => {
      const text = workspace.read(path)
      return text?.includes(specifier) === true && moduleLiterals(text, path).some((literal) => literal.specifier === specifier)
    })
}

/** `#name` that is imported and listed as something nearly like it. */
function repairInternal({ workspace, fault, said }: ConfigurationQuestion, manifest: Manifest): RepairAnswer {
  const settings = readSettings(manifest.text)
  const asked =
    /[Pp]ackage import specifier "(#[^"]{1,300})"/.exec(said)?.[1] ??
    (detail(fault, 'specifier')?.startsWith('#') === true ? detail(fault, 'specifier') : undefined)
  if (settings === undefined || asked === undefined) return nothing()
  const changes = settings.names(['imports']).flatMap((name) => {
    const star = name.indexOf('*')
    // Of a pattern only what stands before the star can be compared.
    const head = star === -1 ? asked : asked.slice(0, asked.lastIndexOf('/') + 1)
    const share = name === asked ? 0 : likeness(star === -1 ? name : name.slice(0, star), head)
    if (share === 0 || share === 1) return []
    const to = star === -1 ? asked : `${head}${name.slice(star)}`
    const uses = imports(workspace, manifest.folder, name)
    return [
      {
        after: settings.withName(['imports', name], to),
        title: `Rename ${quoted(name)} to ${quoted(to)}`,
        plausibility: uses ? share * 0.3 : share,
        why: `${quoted(asked)} is imported; "imports" has ${quoted(name)}${uses ? '' : ', which nothing imports'}.`,
      },
    ]
  })
  return asProposals(manifest, changes)
}

/** Patterns of workspaces that reach no package, pointed to the folder that was meant. */
export function repairWorkspaces({ workspace, fault, said }: ConfigurationQuestion): RepairAnswer {
  const isAbout =
    fault.category !== 'runtime' &&
    fault.category !== 'test' &&
    (/workspace|package\.json/i.test(said) || /MODULE_NOT_FOUND|USAGE|ENOENT|CONFIG_INVALID|UNKNOWN/.test(fault.code))
  if (!isAbout) return nothing()
  const answers = projectManifests(workspace)
    .slice(0, 1)
    .flatMap((manifest) => {
      const settings = readSettings(manifest.text)
      return (settings?.settings ?? [])
        .filter(({ path }) => path[0] === 'workspaces')
        .flatMap(({ path, value }) => {
          if (typeof value !== 'string' || value.startsWith('!') || settings === undefined) return []
          return meantPatterns(workspace, manifest.folder, value).map((meant) => ({
            after: settings.withValue(path, meant.value),
            title: `Point the workspaces ${quoted(value)} to ${quoted(meant.value)}`,
            plausibility: meant.plausibility,
            why: `${quoted(value)} reaches no package; ${quoted(meant.value)} does.`,
          }))
        })
        .flatMap((change) => asProposals(manifest, [change]))
    })
  return joined(...answers)
}

function meantPatterns(
  workspace: ConfigurationQuestion['workspace'],
  folder: string,
  pattern: string,
): readonly { value: string; plausibility: number }[] {
  const star = pattern.indexOf('*')
  const literal = star === -1 ? pattern.replace(/\/$/, '') : pattern.slice(0, pattern.lastIndexOf('/', star))
  const place = insidePath(inFolder(folder, literal))
  const hasPackage = (path: string): boolean =>
    star === -1
      ? exists(workspace, inFolder(path, 'package.json'), 'file')
      : workspace.list(path).some((name) => exists(workspace, inFolder(inFolder(path, name), 'package.json'), 'file'))
  if (place === undefined || hasPackage(place)) return []
  const rest = pattern.slice(literal.length)
  const near = nearPaths(workspace, place, { kind: 'folder' }).filter(({ path }) => hasPackage(path))
  return near.map(({ path, plausibility }) => ({
    value: `${pattern.startsWith('./') ? './' : ''}${folder === '' ? path : path.slice(folder.length + 1)}${rest}`,
    plausibility: plausibility * 0.98,
  }))
}
