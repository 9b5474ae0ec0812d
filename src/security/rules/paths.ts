import type { AuditedFile, AuditedPatch } from '../audited-file.js'
import { changedEntries, isDependency } from '../manifest.js'
import { candidatesOf, leavesProject, newReferences, type Reference } from '../referenced-paths.js'
import { eachFile, sightingsOf, type Rule } from '../rule.js'

export const pathRules: readonly Rule[] = [
  {
    id: 'PATH-LEAVES',
    cwe: 22,
    tier: 'high',
    stage: 'static',
    title: 'The patch refers to a file outside the project',
    rationale:
      'What lies outside is not part of the project on any other machine; a repair that needs it is wrong, or after something that is none of its business.',
    example: { path: 'src/a.js', before: 'a()\n', after: "import { b } from '../../other/b.js'\na()\n" },
    nearMiss: { path: 'src/a.js', before: 'a()\n', after: "import { b } from '../other/b.js'\na()\n" },
    inspect: eachFile((file) =>
      file.test
        ? []
        : sightingsOf(
            file,
            newReferences(file)
              .filter(isOutside)
              .map(({ use }) => use),
          ),
    ),
  },
  {
    id: 'PATH-MISSING',
    cwe: 706,
    tier: 'medium',
    stage: 'static',
    title: 'The patch refers to a file or package that is not there',
    rationale:
      'An import that resolves to nothing fails when it is loaded, and a package that nobody installed may be one that somebody waits to publish. Looked for only where the files of the project are known.',
    example: {
      path: 'src/a.js',
      before: 'a()\n',
      after: "import { b } from './b.js'\na()\n",
      given: { files: ['src', 'src/a.js', 'src/c.js'] },
    },
    nearMiss: {
      path: 'src/a.js',
      before: 'a()\n',
      after: "import { b } from './b.js'\na()\n",
      given: { files: ['src', 'src/a.js', 'src/b.ts'] },
    },
    inspect: (patch) => {
      const exists = afterwards(patch)
      if (exists === undefined) return []
      const added = newlyDeclared(patch)
      return eachFile((file) =>
        sightingsOf(
          file,
          newReferences(file)
            .filter((reference) => isMissing(file, reference, exists) && !added.has(reference.packageName ?? ''))
            .map(({ use }) => use),
        ),
      )(patch)
    },
  },
]

/** System folders are judged by other rules; the temporary folder and devices are nobody's. */
const shared = /^\/(?:tmp|dev|proc|etc|root|home|Users|var|usr)(?:\/|$)|^~/

function isOutside({ targets, module }: Reference): boolean {
  // Served addresses of a web page look absolute, and are none of the file system.
  return (
    targets.length > 0 &&
    targets.every((target) => leavesProject(target) && !(target.startsWith('/') && module) && !shared.test(target))
  )
}

/** What is there when the patch has been applied; `undefined` when nobody knows the project. */
function afterwards({ exists, files }: AuditedPatch): ((path: string) => boolean) | undefined {
  if (exists === undefined) return undefined
  const made = new Set(files.filter(({ after }) => after !== undefined).map(({ path }) => path))
  const gone = new Set(
    files.flatMap(({ path, oldPath, change }) =>
      change === 'delete' ? [path] : change === 'rename' && oldPath !== undefined ? [oldPath] : [],
    ),
  )
  return (path) => made.has(path) || (!gone.has(path) && exists(path))
}

function isMissing(file: AuditedFile, { targets, packageName, module }: Reference, exists: (path: string) => boolean): boolean {
  if (packageName === undefined)
    return (
      targets.length > 0 &&
      !targets.some((target) => leavesProject(target) || candidatesOf(target, module).some((path) => exists(path)))
    )
  const folders = foldersAbove(file.path)
  // Where nothing is installed, nobody can tell; a folder of the project may be an alias.
  if (!folders.some((folder) => exists(`${folder}node_modules`)) || exists(packageName.split('/')[0] ?? packageName)) return false
  return !folders.some(
    (folder) => exists(`${folder}node_modules/${packageName}`) || exists(`${folder}node_modules/@types/${packageName}`),
  )
}

/** The folder of a file and all above, the root last: each ends with a slash, the root is empty. */
function foldersAbove(path: string): readonly string[] {
  const segments = path.split('/').slice(0, -1)
  return Array.from({ length: segments.length + 1 }, (_, count) =>
    segments
      .slice(0, segments.length - count)
      .map((segment) => `${segment}/`)
      .join(''),
  )
}

function newlyDeclared({ files }: AuditedPatch): ReadonlySet<string> {
  return new Set(
    files.flatMap((file) =>
      changedEntries(file)
        .filter(isDependency)
        .map(({ name }) => name),
    ),
  )
}
