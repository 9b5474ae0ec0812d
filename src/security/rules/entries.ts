import { posix } from 'node:path'
import type { AuditedFile, AuditedPatch } from '../audited-file.js'
import { changedEntries, type ChangedEntry } from '../manifest.js'
import { candidatesOf, leavesProject } from '../referenced-paths.js'
import { eachFile, type Rule, type Sighting } from '../rule.js'

export const entryRules: readonly Rule[] = [
  {
    id: 'DEP-ENTRY',
    cwe: 829,
    tier: 'high',
    stage: 'threatIntelligence',
    title: 'The patch changes which file users of the package run',
    rationale:
      'The entry of a package decides what its users load; pointing it elsewhere replaces the program without a change to it. Where the files of the project are known, an entry that led nowhere and leads to one of them now is only noted: there was no program to replace.',
    example: {
      path: 'package.json',
      before: '{\n  "main": "./index.js"\n}\n',
      after: '{\n  "main": "./other.js"\n}\n',
      given: { files: ['package.json', 'index.js', 'other.js'] },
    },
    nearMiss: {
      path: 'package.json',
      before: '{\n  "main": "./index.js"\n}\n',
      after: '{\n  "main": "./index.js",\n  "license": "MIT"\n}\n',
      given: { files: ['package.json', 'index.js'] },
    },
    inspect: eachFile((file, patch) =>
      changedEntries(file)
        .filter((entry) => entry.was !== undefined && isEntry(entry))
        .map((entry) => sightingOf(file, entry, patch)),
    ),
  },
]

const entryNames: ReadonlySet<string> = new Set(['main', 'module', 'browser', 'bin', 'exports'])

function isEntry({ table, name }: ChangedEntry): boolean {
  return table === 'bin' || table === 'exports' || (table !== 'scripts' && entryNames.has(name))
}

function sightingOf(file: AuditedFile, entry: ChangedEntry, patch: AuditedPatch): Sighting {
  const seen = { path: file.path, line: entry.line, evidence: `${entry.name}: ${entry.value}` }
  return isMended(file, entry, patch)
    ? { ...seen, tier: 'medium', message: 'An entry changes, and no file that it led to before is replaced' }
    : seen
}

/** Whether all that the entry named before and no longer does was not there, and all that it names newly is. */
function isMended(file: AuditedFile, { was, value }: ChangedEntry, { exists, files }: AuditedPatch): boolean {
  const before = targetsOf(was ?? '')
  const after = targetsOf(value)
  if (exists === undefined || before === undefined || after === undefined) return false
  const places = (target: string): readonly string[] => placesOf(posix.dirname(file.path), target)
  const made = new Set(files.filter(({ before: old }) => old === undefined).map(({ path }) => path))
  const gone = before.filter((target) => !after.includes(target))
  const come = after.filter((target) => !before.includes(target))
  return (
    gone.every((target) => !isUnbuilt(file, target, exists) && !places(target).some((path) => exists(path))) &&
    come.every((target) => places(target).some((path) => isOwn(path) && exists(path) && !made.has(path)))
  )
}

/** The paths that an entry names; `undefined` when one of them is no plain path. */
function targetsOf(value: string): readonly string[] | undefined {
  const targets: string[] = []
  const rest: unknown[] = [/^[[{]/.test(value) ? parsed(value) : value]
  for (let count = 0; rest.length > 0; count += 1) {
    const item = rest.pop()
    if (count >= targetsMax) return undefined
    if (item === null) continue // A path that is closed on purpose.
    if (typeof item === 'string' && /^[\w@./-]{1,1000}$/.test(item)) targets.push(item)
    else if (typeof item === 'object') rest.push(...Object.values(item))
    else return undefined
  }
  return targets
}

const targetsMax = 200

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined // Only lines of the manifest are known: nothing to go by.
  }
}

/** The files that an entry may mean; a folder alone is none. */
function placesOf(folder: string, target: string): readonly string[] {
  const path = posix.normalize(posix.join(folder, target)).replace(/\/$/, '')
  return leavesProject(path) ? [] : candidatesOf(path, true).filter((candidate) => /\.[A-Za-z]\w{0,9}$/.test(candidate))
}

function isOwn(path: string): boolean {
  return !/(?:^|\/)(?:node_modules|\.git|\.yarn|\.pnpm)(?:\/|$)/.test(path)
}

/** What a build would make is absent before the first one: that its folder is not there says nothing of the entry. */
function isUnbuilt(file: AuditedFile, target: string, exists: (path: string) => boolean): boolean {
  const [top = ''] = posix.normalize(target).split('/')
  if (!target.includes('/', 2) || exists(posix.join(posix.dirname(file.path), top))) return false
  return /"(?:build|prebuild|compile|bundle|prepare|prepack|prepublishOnly)[\w:-]{0,40}"\s{0,20}:/.test(file.after?.text ?? '')
}
