import type { AuditedFile, AuditedPatch } from '../audited-file.js'
import { changedEntries, isDependency, knownPackages, type ChangedEntry } from '../manifest.js'
import { isPackageName, packageNameDoubts } from '../package-names.js'
import { addedPatterns, eachFile, sightingsOf, type Rule, type Sighting } from '../rule.js'
import { lostUses, matchesIn, newUses } from '../uses.js'

/** Comparing a name takes a while. */
const packagesMax = 200

const manifest = (dependencies: object, more: object = {}): string =>
  `${JSON.stringify({ name: 'shop', ...more, dependencies }, null, 2)}\n`

export const dependencyRules: readonly Rule[] = [
  {
    id: 'DEP-ADDED',
    cwe: 1357,
    tier: 'high',
    stage: 'threatIntelligence',
    title: 'The patch names a package that the project did not depend on',
    rationale:
      'A new package is code by someone else that runs with all rights. Installing what the manifest already names is not that.',
    example: {
      path: 'package.json',
      before: manifest({ express: '^5.0.0' }),
      after: manifest({ express: '^5.0.0', zod: '^4.0.0' }),
    },
    nearMiss: { path: 'package.json', before: manifest({ express: '^5.0.0' }), after: manifest({ express: '^5.1.0' }) },
    inspect: (patch) =>
      newPackages(patch).map((found) => ({
        path: found.path,
        evidence: found.name,
        ...(found.line !== undefined && { line: found.line }),
        message: `The project would newly depend on "${found.name}"`,
        ...(patch.policy.addedPackages === 'allow' && { tier: 'medium' as const }),
      })),
  },
  {
    id: 'DEP-TYPOSQUAT',
    cwe: 506,
    tier: 'high',
    stage: 'threatIntelligence',
    title: 'A new package has a name that imitates another, or is none',
    rationale:
      'Imitated names are how malicious packages get installed; a text that is no package name at all is an attempt at something else.',
    example: {
      path: 'package.json',
      before: manifest({ zod: '^4.0.0' }),
      after: manifest({ zod: '^4.0.0', expresss: '^5.0.0' }),
    },
    nearMiss: {
      path: 'package.json',
      before: manifest({ zod: '^4.0.0' }),
      after: manifest({ zod: '^4.0.0', express: '^5.0.0' }),
    },
    inspect: (patch) =>
      newPackages(patch).flatMap((found, index) => {
        if (index >= packagesMax)
          return index > packagesMax
            ? []
            : [
                {
                  path: found.path,
                  evidence: found.name,
                  message: `The patch names more than ${packagesMax} new packages; the names of the rest are not compared`,
                },
              ]
        const place = { path: found.path, evidence: found.name, ...(found.line !== undefined && { line: found.line }) }
        if (!isPackageName(found.name))
          return [{ ...place, tier: 'block' as const, message: 'The name of a new package is not a package name' }]
        const doubts = packageNameDoubts(found.name, { known: found.known })
        return doubts.length === 0 ? [] : [{ ...place, message: `The name of a new package is doubtful: ${doubts.join(' ')}` }]
      }),
  },
  {
    id: 'DEP-SOURCE',
    cwe: 829,
    tier: 'high',
    stage: 'threatIntelligence',
    title: 'A package comes from somewhere else than the registry, or in any version',
    rationale:
      'What a repository, an address or a folder holds can change without a new version, and nobody checks it. The same holds for a registry or a lockfile entry that is redirected.',
    example: {
      path: 'package.json',
      before: manifest({ zod: '^4.0.0' }),
      after: manifest({ zod: 'git+https://example.net/zod.git' }),
    },
    nearMiss: { path: 'package.json', before: manifest({ zod: '^4.0.0' }), after: manifest({ zod: '~4.1.0' }) },
    inspect: (patch) => [
      ...patch.files.flatMap((file) =>
        changedEntries(file)
          .filter(isRedirected)
          .map((entry) => sightingOf(file, entry)),
      ),
      ...patch.actions.flatMap((action) =>
        action.kind === 'install'
          ? action.packages
              .filter(({ range = '' }) => isForeign(range))
              .map(({ name, range }) => ({ path: manifestIn(action.folder), evidence: `${name}@${range}` }))
          : [],
      ),
      ...addedPatterns(
        [
          {
            in: 'values',
            regex: /^[ \t]{0,40}(?:@[\w.-]{1,80}:)?registry\s*[=:]\s*\S/gm,
            unless: (match, side) =>
              /registry\.(?:npmjs\.org|yarnpkg\.com)/.test(side.lineTextAt(match.index + match[0].length - 1)),
          },
        ],
        (file) => /(?:^|\/)\.(?:npmrc|yarnrc(?:\.yml)?)$/.test(file.path),
      )(patch),
      ...eachFile(lockfileDoubts)(patch),
    ],
  },
  {
    id: 'DEP-LIFECYCLE',
    cwe: 506,
    tier: 'block',
    stage: 'threatIntelligence',
    title: 'The patch makes a program run at every install',
    rationale:
      'Scripts of the install life cycle run on every machine that installs, before any check and with the rights of whoever installs. A repair never needs one.',
    example: { path: 'package.json', before: manifest({}), after: manifest({}, { scripts: { postinstall: 'node setup.js' } }) },
    nearMiss: { path: 'package.json', before: manifest({}), after: manifest({}, { scripts: { build: 'node build.js' } }) },
    inspect: (patch) => [
      ...patch.files.flatMap((file) => changedEntries(file).flatMap((entry) => lifecycle(file, entry))),
      ...addedPatterns(
        [
          {
            in: 'values',
            regex:
              /^[ \t]{0,40}(?:ignore-?[sS]cripts\s*[=:]\s*["']?false|enableScripts\s*:\s*["']?true|dangerouslyAllowAllBuilds\s*:\s*true|(?:onlyBuiltDependencies|trustedDependencies|allowBuilds)\s*[:=])/gm,
          },
        ],
        (file) => /(?:^|\/)(?:\.npmrc|\.yarnrc(?:\.yml)?|pnpm-workspace\.yaml|bunfig\.toml)$/.test(file.path),
      )(patch),
      ...eachFile((file) => installHooks(file))(patch),
    ],
  },
]

/** Whether the file is written by a package manager. */
export function isLockfile(path: string): boolean {
  return /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|bun\.lockb?)$/.test(path)
}

interface NewPackage {
  readonly path: string
  readonly line?: number
  readonly name: string
  readonly known: readonly string[]
}

function newPackages({ files, actions }: AuditedPatch): readonly NewPackage[] {
  const named = files.flatMap((file) =>
    changedEntries(file)
      .filter((entry) => entry.was === undefined && isDependency(entry))
      .map(({ name, line }) => ({ path: file.path, line, name, known: knownPackages(file) })),
  )
  const installed = actions.flatMap((action) =>
    action.kind === 'install' ? action.packages.map(({ name }) => ({ path: manifestIn(action.folder), name, known: [] })) : [],
  )
  // The manifest edit of an install names what the action names.
  const names = new Set(named.map(({ name }) => name))
  return [...named, ...installed.filter(({ name }) => !names.has(name))]
}

function manifestIn(folder: string): string {
  return folder === '' ? 'package.json' : `${folder}/package.json`
}

function sightingOf(file: AuditedFile, entry: ChangedEntry): Sighting {
  return { path: file.path, line: entry.line, evidence: `${entry.name}: ${entry.value}` }
}

function isRedirected(entry: ChangedEntry): boolean {
  if (isDependency(entry)) return isForeign(entry.value)
  return (
    entry.table === 'overrides' ||
    entry.table === 'resolutions' ||
    entry.table === 'pnpm' ||
    (entry.table === 'publishConfig' && entry.name === 'registry')
  )
}

/** Not a version or range of the registry; `workspace:` stays inside the project. */
function isForeign(range: string): boolean {
  return (
    /^(?:git|https?:|file:|link:|portal:|patch:|npm:|github:|gitlab:|bitbucket:|[\w.-]+\/[\w.-]+)|^(?:\*|latest|x|>=\s*0(?:\.0)*)?$/i.test(
      range.trim(),
    ) && range !== ''
  )
}

const alwaysAtInstall = /^(?:pre|post)?install$|^(?:pre|post)?prepare$|^prepublish$|^(?:pre|post)?dependencies$/
/** Runs when the package is packed or published, with the rights to publish. */
const atPublish = /^(?:prepublishOnly|(?:pre|post)(?:pack|publish|version)|publish|pack|preuninstall|postuninstall|uninstall)$/
/** Usual tools that prepare a checkout; new ones are for a person, nothing more. */
const usualPreparation =
  /^(?:husky(?: install)?|simple-git-hooks|lefthook install|patch-package|tsc(?: -[\w-]+(?: [\w./]+)?)*|tsup|(?:npm|pnpm|yarn|bun)(?: run)? (?:build|compile|prepare)[\w:-]*)$/

/** Commands that everybody runs without a thought; a package that brings one is run instead. */
const usualCommands = new Set([
  'node',
  'npm',
  'npx',
  'yarn',
  'pnpm',
  'git',
  'sh',
  'bash',
  'ls',
  'cat',
  'curl',
  'sudo',
  'ssh',
  'python',
  'env',
])

function lifecycle(file: AuditedFile, entry: ChangedEntry): readonly Sighting[] {
  if (entry.table === 'scripts' && /\b(?:curl|wget)\b[^|]{0,300}\|\s{0,9}(?:sudo\s{1,9})?(?:ba|z|da)?sh\b/.test(entry.value))
    return [{ ...sightingOf(file, entry), message: 'A script runs what it downloads' }]
  if (entry.table === 'bin' && usualCommands.has(entry.name))
    return [{ ...sightingOf(file, entry), message: 'The package would put itself in the place of a usual command' }]
  const isScript = (entry.table === 'scripts' || entry.table === undefined) && alwaysAtInstall.test(entry.name)
  if (isScript)
    return [{ ...sightingOf(file, entry), ...(usualPreparation.test(entry.value.trim()) && { tier: 'high' as const }) }]
  if ((entry.table === 'scripts' || entry.table === undefined) && atPublish.test(entry.name))
    return usualPreparation.test(entry.value.trim())
      ? []
      : [{ ...sightingOf(file, entry), tier: 'high', message: 'The patch makes a program run at every publication' }]
  if (entry.table === '' && entry.name === 'gypfile') return [sightingOf(file, entry)]
  const permits =
    entry.table === 'allowScripts' ||
    ['allowScripts', 'onlyBuiltDependencies', 'trustedDependencies', 'neverBuiltDependencies'].includes(entry.name)
  return permits && entry.value !== 'false' ? [sightingOf(file, entry)] : []
}

/** Files that a package manager or a compiler runs by their name, and settings that no longer hold scripts back. */
function installHooks(file: AuditedFile): readonly Sighting[] {
  if (file.change === 'create' && /(?:^|\/)(?:binding\.gyp|\.pnpmfile\.[cm]?js|\.yarn\/plugins\/.*)$/.test(file.path))
    return [{ path: file.path, evidence: file.path, message: 'The patch makes a file that runs at every install' }]
  if (/(?:^|\/)setup\.py$/.test(file.path))
    return sightingsOf(
      file,
      newUses(file, (side) => matchesIn(side, [{ in: 'code', regex: /\bcmdclass\s*=/g }])),
    )
  if (!/(?:^|\/)(?:\.npmrc|\.yarnrc(?:\.yml)?|bunfig\.toml)$/.test(file.path)) return []
  return sightingsOf(
    file,
    lostUses(file, (side) =>
      matchesIn(side, [
        { in: 'values', regex: /^[ \t]{0,40}(?:ignore-?scripts\s*[=:]\s*["']?true|enableScripts\s*:\s*["']?false)/gim },
      ]),
    ),
    file.before,
    { message: 'Scripts of packages are no longer held back' },
  )
}

/** Entries of a lockfile that point to another host, or whose checksum changes although no version does. */
function lockfileDoubts(file: AuditedFile): readonly Sighting[] {
  if (!isLockfile(file.path) || file.before === undefined) return []
  const known = new Set(
    Array.from(file.before.text.matchAll(/\bresolved"?:?\s+"?https?:\/\/([\w.:-]{1,200})/g), ([, host]) => host),
  )
  known.add('registry.npmjs.org').add('registry.yarnpkg.com')
  const redirected = file.added.flatMap(({ line, text }) => {
    const host = /\b(?:resolved|tarball)"?:?\s+"?(?:git\+)?(?:https?|ssh|git):\/\/(?:[\w-]{1,40}@)?([\w.:-]{1,200})/.exec(
      text.slice(0, 2_000),
    )?.[1]
    return host === undefined || known.has(host)
      ? []
      : [{ path: file.path, line, evidence: text, message: 'A locked package comes from a host that the lockfile did not use' }]
  })
  const changes = (lines: AuditedFile['added'], pattern: RegExp): number => lines.filter(({ text }) => pattern.test(text)).length
  const checksum = /^\s*"?(?:integrity|checksum)"?:?\s/
  const version = /^\s*"?version"?:?\s|^\S.*:$|^\s{2,4}\S*@\S*:$/
  const swapped = changes(file.added, checksum) > 0 && changes(file.removed, checksum) > 0 && changes(file.added, version) === 0
  return [
    ...redirected,
    ...(swapped ? [{ path: file.path, evidence: 'integrity', message: 'A checksum changes although no version does' }] : []),
  ]
}
