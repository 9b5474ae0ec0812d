import { foldedPath, pathProblem } from '../../core/path.js'
import type { AuditedFile, AuditedPatch } from '../audited-file.js'
import { eachFile, type Rule, type Sighting } from '../rule.js'

const typeBits = 0o170000
const link = 0o120000
const submodule = 0o160000

export const structureRules: readonly Rule[] = [
  {
    id: 'STR-MALFORMED',
    cwe: 436,
    tier: 'block',
    stage: 'static',
    title: 'The patch cannot be read in one way only',
    rationale:
      'Two tools that read one patch differently let one of them audit what the other does not apply. A patch is read once, strictly, and what was audited is what is applied.',
    example: { diff: '--- a/src/cart.js\n+++ b/src/cart.js\n@@ -1,5 +1,1 @@\n-const a = 1\n+const a = 2\n' },
    nearMiss: { diff: '--- a/src/cart.js\n+++ b/src/cart.js\n@@ -1,1 +1,1 @@\n-const a = 1\n+const a = 2\n' },
    inspect: ({ malformed }) =>
      malformed === undefined
        ? []
        : [
            {
              path: '',
              evidence: malformed.reason,
              message: `The patch cannot be read: ${malformed.reason}`,
              ...(malformed.line !== undefined && { line: malformed.line }),
            },
          ],
  },
  {
    id: 'STR-PATH',
    cwe: 22,
    tier: 'block',
    stage: 'static',
    title: 'The patch names a path that may lead out of the workspace',
    rationale:
      'Paths with parent segments, absolute ones, drives, streams, device names and invisible characters reach other files than they seem to, on one platform or another.',
    example: { diff: '--- /dev/null\n+++ b/../outside.js\n@@ -0,0 +1 @@\n+owned()\n' },
    nearMiss: { path: 'src/..hidden/cart...js', before: 'a\n', after: 'b\n' },
    inspect: (patch) => pathsOf(patch).flatMap((path) => problemOf(path, 'form')),
  },
  {
    id: 'STR-GITDIR',
    cwe: 94,
    tier: 'block',
    stage: 'static',
    title: 'The patch reaches into the data of git or homeostat',
    rationale:
      'A file in `.git` can be a hook or a setting that runs a program at the next git command; some file systems also take other spellings for that name. The journal of homeostat must be changed by nobody else.',
    example: { path: '.git/hooks/pre-commit', before: null, after: '#!/bin/sh\n' },
    nearMiss: { path: '.gitignore', before: 'dist\n', after: 'dist\ncoverage\n' },
    inspect: (patch) => pathsOf(patch).flatMap((path) => problemOf(path, 'private')),
  },
  {
    id: 'STR-SYMLINK',
    cwe: 59,
    tier: 'block',
    stage: 'static',
    title: 'The patch makes or changes a link or a submodule',
    rationale: 'A link can point outside the workspace, and a later edit through it then lands there.',
    example: {
      diff: 'diff --git a/data b/data\nnew file mode 120000\n--- /dev/null\n+++ b/data\n@@ -0,0 +1 @@\n+/etc\n\\ No newline at end of file\n',
    },
    nearMiss: { diff: 'diff --git a/data b/data\nnew file mode 100644\n--- /dev/null\n+++ b/data\n@@ -0,0 +1 @@\n+/etc\n' },
    inspect: eachFile((file) => {
      const special = [file.modeBefore, file.modeAfter].some(
        (mode) => mode !== undefined && [link, submodule].includes(mode & typeBits),
      )
      if (!special) return []
      const evidence = `mode ${octal(file.modeAfter ?? file.modeBefore)}`
      // A submodule that is moved on, and a link that goes, lead nowhere new; a person looks all the same.
      const mild =
        file.change === 'delete' ||
        (isSubmodule(file.modeAfter) && isSubmodule(file.modeBefore ?? file.modeAfter) && file.change === 'modify')
      return [{ path: file.path, evidence, ...(mild && { tier: 'high' as const }) }]
    }),
  },
  {
    id: 'STR-EMBEDDED-DIFF',
    cwe: 436,
    tier: 'high',
    stage: 'static',
    title: 'The added text holds the header of another diff',
    rationale: 'A tool that does not count lines would read the added text as a section of its own and change another file.',
    example: { path: 'notes.txt', before: 'a\n', after: 'a\n--- a/src/cart.js\n+++ b/src/cart.js\n' },
    nearMiss: { path: 'notes.md', before: 'a\n', after: 'a\n--- a rule\n' },
    inspect: eachFile((file) =>
      file.added.flatMap((line, index) =>
        /^--- \S/.test(line.text) && /^\+\+\+ \S/.test(file.added[index + 1]?.text ?? '')
          ? [{ path: file.path, line: line.line, evidence: line.text }]
          : [],
      ),
    ),
  },
  {
    id: 'STR-MODE',
    cwe: 732,
    tier: 'high',
    stage: 'static',
    title: 'The patch makes a file executable or widens its rights',
    rationale:
      'A file that can be run is the second half of many attacks, and set-user-id or world-writable bits hand rights to others. An action that only adds the executable bit is the usual repair of a script and counts little.',
    example: { diff: 'diff --git a/run.sh b/run.sh\nold mode 100644\nnew mode 100755\n' },
    nearMiss: { diff: 'diff --git a/run.sh b/run.sh\nold mode 100755\nnew mode 100644\n' },
    inspect: (patch) => [
      ...patch.files.flatMap((file) =>
        widenedMode(file).map((sighting) =>
          file.test && sighting.tier === undefined ? { ...sighting, tier: 'medium' as const } : sighting,
        ),
      ),
      ...patch.actions.flatMap((action) => (action.kind === 'chmod' ? widenedByAction(action) : [])),
    ],
  },
  {
    id: 'STR-BINARY',
    cwe: 506,
    tier: 'high',
    stage: 'static',
    title: 'The patch changes a file that is not text',
    rationale: 'Nobody can read what a binary file does. One that the machine can run or load is never taken from a patch.',
    example: {
      diff: 'diff --git a/logo.png b/logo.png\nindex 1111111..2222222 100644\nBinary files a/logo.png and b/logo.png differ\n',
    },
    nearMiss: { path: 'logo.svg', before: '<svg></svg>\n', after: '<svg><g/></svg>\n' },
    inspect: eachFile((file) => {
      const native = /\.(?:node|wasm|so|dll|dylib|exe|jar|class|pyc)$/i.test(file.path) && file.change !== 'delete'
      if (native) return [{ path: file.path, evidence: file.path, tier: 'block' }]
      return file.binary ? [{ path: file.path, evidence: file.path }] : []
    }),
  },
  {
    id: 'DELETE-LARGE',
    cwe: 693,
    tier: 'high',
    stage: 'static',
    title: 'The patch removes a file, or most of one',
    rationale:
      'Removing the code that fails makes every check pass. A repair adds or changes; what it takes away wholesale, a person should see.',
    example: { path: 'src/cart.js', before: lines(60, 'check'), after: 'check(1)\n' },
    nearMiss: { path: 'src/cart.js', before: lines(60, 'check'), after: lines(60, 'verify') },
    inspect: ({ files }) => {
      const made = new Set(
        files.flatMap(({ change, after }) => (change === 'create' && after?.whole === true ? [after.text] : [])),
      )
      return files.flatMap((file) => {
        // A file whose whole text stands elsewhere afterwards was moved.
        const isMoved = file.before?.whole === true && made.has(file.before.text)
        return file.change === 'delete' ? (isMoved ? [] : removedFile(file)) : mostRemoved(file)
      })
    },
  },
]

function removedFile(file: AuditedFile): readonly Sighting[] {
  if (file.test) return []
  return [{ path: file.path, evidence: `${file.removed.length} lines removed`, message: 'The patch removes a file' }]
}

function mostRemoved({ path, before, added, removed }: AuditedFile): readonly Sighting[] {
  const sizeBefore = before?.whole === true ? before.text.split('\n').length : 0
  const isMost = removed.length >= 40 && added.length < removed.length / 4 && removed.length > sizeBefore * 0.4
  const evidence = `${removed.length} lines removed, ${added.length} added`
  return isMost ? [{ path, evidence, ...(removed[0] && { line: removed[0].line }) }] : []
}

function isSubmodule(mode: number | undefined): boolean {
  return mode !== undefined && (mode & typeBits) === submodule
}

function pathsOf({ files, actions }: AuditedPatch): readonly string[] {
  const ofActions = actions.flatMap((action) =>
    action.kind === 'chmod' ? [action.path] : action.folder === '' ? [] : [action.folder],
  )
  return [
    ...new Set([...files.flatMap((file) => [file.path, ...(file.oldPath === undefined ? [] : [file.oldPath])]), ...ofActions]),
  ]
}

function problemOf(path: string, kind: 'form' | 'private'): readonly Sighting[] {
  const problem = pathProblem(path)
  // A path that is wrong in form may also lead into `.git`; that is worth saying by its own name.
  const hidden =
    kind === 'private' &&
    foldedPath(path)
      .split(/[\\/]/)
      .some((segment) => /^(?:\.git|git~\d+)[. ]*$/.test(segment))
  if (problem?.kind !== kind && !hidden) return []
  return [{ path, evidence: path, ...(problem !== undefined && { message: `The path is refused: ${problem.reason}` }) }]
}

function widenedMode(file: AuditedFile): readonly Sighting[] {
  const after = file.modeAfter ?? 0
  const before = file.change === 'create' ? 0 : (file.modeBefore ?? after)
  const gained = after & ~before & 0o7777
  if ((gained & 0o111) === 0 && (after & 0o7000) === 0) return []
  return [
    {
      path: file.path,
      evidence: `mode ${octal(file.modeBefore)} to ${octal(after)}`,
      ...((after & 0o7000) !== 0 && { tier: 'block' as const }),
    },
  ]
}

function widenedByAction({
  path,
  mode,
  modeBefore,
}: {
  readonly path: string
  readonly mode: number
  readonly modeBefore: number
}): readonly Sighting[] {
  const gained = mode & ~modeBefore
  if (gained === 0) return []
  const special = (mode & ~0o777) !== 0 || (gained & 0o002) !== 0
  const plain = (gained & ~0o111) === 0
  return [{ path, evidence: `mode ${octal(modeBefore)} to ${octal(mode)}`, tier: special ? 'block' : plain ? 'medium' : 'high' }]
}

function octal(mode: number | undefined): string {
  return mode === undefined ? 'unknown' : mode.toString(8)
}

function lines(count: number, name: string): string {
  return Array.from({ length: count }, (_, index) => `${name}(${index})\n`).join('')
}
