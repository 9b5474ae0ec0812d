import { isLockfile } from './dependencies.js'
import { fitsGlob } from '../path-glob.js'
import type { AuditedFile, AuditedPatch } from '../audited-file.js'
import { isSecretName } from '../../core/secret-name.js'
import { linesOf } from '../read-patch.js'
import { eachFile, isCode, type Rule } from '../rule.js'

export const scopeRules: readonly Rule[] = [
  {
    id: 'SCOPE-OUT',
    cwe: 863,
    tier: 'high',
    stage: 'compliance',
    title: 'The patch touches a file outside of what it was asked to repair',
    rationale: 'A repair that wanders off either misunderstood the fault or means something else.',
    // Samples are audited with the scope `src/**` and `test/**`.
    example: { path: 'tools/other/deploy.txt', before: 'a\n', after: 'b\n' },
    nearMiss: { path: 'src/cart/total.js', before: 'a\n', after: 'b\n' },
    inspect: eachFile(({ path }, { scope }) =>
      scope === undefined || scope.some((glob) => fitsGlob(path, glob)) ? [] : [{ path, evidence: path }],
    ),
  },
  {
    id: 'SCOPE-PROTECTED',
    cwe: 829,
    tier: 'high',
    stage: 'compliance',
    title: 'The patch changes a file that only a person changes',
    rationale:
      'Pipelines, hooks, editor and agent settings, registries and build files run with more rights than the code they serve, often before anyone looks. New settings (`.env`) that say nothing but what a template beside them says are only noted, as long as none of them is a secret; so is a name that only the template spells rightly.',
    example: { path: '.github/workflows/ci.yml', before: 'on: push\n', after: 'on: [push]\n' },
    nearMiss: { path: 'docs/github/workflows.md', before: 'a\n', after: 'b\n' },
    inspect: eachFile((file, patch) => {
      const globs = patch.policy.protectedPaths
      const isProtected = [file.path, file.oldPath].some(
        (path) => path !== undefined && globs.some((glob) => fitsGlob(path, glob)),
      )
      if (!isProtected || isTemplate(file.path)) return []
      const seen = { path: file.path, evidence: file.path }
      return isFromTemplate(file, patch)
        ? [{ ...seen, tier: 'medium', message: 'Settings are made from the template beside them, word for word' }]
        : [seen]
    }),
  },
  {
    id: 'SCOPE-LOCKFILE',
    cwe: 829,
    tier: 'high',
    stage: 'compliance',
    title: 'The patch changes a lockfile by hand',
    rationale:
      'A lockfile says which bytes are installed. It changes together with its manifest, or by an install that the package manager does.',
    example: { path: 'package-lock.json', before: '{"a":1}\n', after: '{"a":2}\n' },
    nearMiss: { path: 'locks.json', before: '{"a":1}\n', after: '{"a":2}\n' },
    inspect: eachFile((file, patch) =>
      isLockfile(file.path) && !explainsLockfile(patch) ? [{ path: file.path, evidence: file.path }] : [],
    ),
  },
  {
    id: 'SCOPE-GENERATED',
    cwe: 506,
    tier: 'medium',
    stage: 'compliance',
    title: 'The patch edits a file that is made from another',
    rationale: 'The next build overwrites it, and until then nobody reads it: what it does is not what the source says.',
    example: { path: 'dist/cart.js', before: 'a()\n', after: 'b()\n' },
    nearMiss: { path: 'src/dist-table.js', before: 'a()\n', after: 'b()\n' },
    inspect: eachFile(({ path }) =>
      /(?:^|\/)(?:dist|build|vendor|out|third_party)\/|\.min\.(?:js|css)$/.test(path) ? [{ path, evidence: path }] : [],
    ),
  },
  {
    id: 'POLICY-KEYWORD',
    cwe: 693,
    tier: 'high',
    stage: 'compliance',
    title: 'The patch uses a name that the policy calls risky',
    rationale:
      'Each team knows names that mark dangerous ground. They are compared with the words that identifiers are made of, in added code, never inside other words, comments or texts.',
    example: { path: 'src/db.js', before: 'run()\n', after: 'run()\napplyDatabaseSchemaChange()\n' },
    nearMiss: { path: 'src/db.js', before: 'run()\n', after: 'run() // a database schema change is done elsewhere\n' },
    inspect: eachFile((file, { policy }) => (isCode(file) ? keywordsIn(file, policy.riskyKeywords) : [])),
  },
  {
    id: 'POLICY-SIZE',
    cwe: 693,
    tier: 'high',
    stage: 'compliance',
    title: 'The patch changes more than the policy allows at once',
    rationale:
      'A large patch is seldom a repair, and cannot be reviewed well. Lines count on both sides, so replacing many by as many others is large too.',
    // Two thousand and some lines: the default limit.
    example: { path: 'src/table.txt', before: numbers(1_100, 'old'), after: numbers(1_100, 'new') },
    nearMiss: { path: 'src/table.txt', before: numbers(1_100, 'old'), after: `${numbers(1_100, 'old')}last\n` },
    inspect: ({ files: all, actions, policy }) => {
      // What a package manager writes while it installs is no work of the patch's author, and is as long as the tree is large.
      const isWritten = actions.some((action) => action.kind === 'install')
      const files = isWritten ? all.filter(({ path }) => !isLockfile(path)) : all
      const changed = files.reduce((sum, file) => sum + file.added.length + file.removed.length, 0)
      if (changed <= policy.linesChangedMax && files.length <= policy.filesChangedMax) return []
      return [{ path: files[0]?.path ?? '', evidence: `${changed} lines in ${files.length} files` }]
    },
  },
]

function keywordsIn(
  file: AuditedPatch['files'][number],
  keywords: readonly string[],
): readonly { path: string; line: number; evidence: string; message: string }[] {
  const side = file.after
  if (side === undefined) return []
  // Most texts hold none of them in any spelling, which one look tells; only then is each identifier taken apart.
  const letters = lettersOf(side.masked.code)
  const likely = keywords.map((keyword) => keyword.toLowerCase()).filter((keyword) => letters.includes(lettersOf(keyword)))
  if (likely.length === 0) return []
  const found = []
  for (const match of side.masked.code.matchAll(/[\p{L}\p{N}_$]{3,200}/gu)) {
    if (!side.touches(match.index, match.index + match[0].length)) continue
    const words = `_${wordsOf(match[0]).join('_')}_`
    const keyword = likely.find((candidate) => words.includes(`_${candidate}_`))
    if (keyword !== undefined)
      found.push({
        path: file.path,
        line: side.lineAt(match.index),
        evidence: side.lineTextAt(match.index),
        message: `The patch uses a name that the policy calls risky: ${keyword}`,
      })
  }
  return found
}

function lettersOf(text: string): string {
  return text.toLowerCase().replace(/[_$]/g, '')
}

/** The words an identifier is put together of: `applySchemaChange2` is apply, schema, change, 2. */
function wordsOf(identifier: string): readonly string[] {
  return identifier
    .split(/(?<=[\p{Ll}\p{N}])(?=\p{Lu})|[_$]+/u)
    .filter((word) => word !== '')
    .map((word) => word.toLowerCase())
}

/** Examples of settings hold no settings. */
function isTemplate(path: string): boolean {
  return /\.env\.(?:example|sample|template|dist)$|\.github\/(?:issue_template|pull_request_template)/i.test(path)
}

/**
 * Whether a `.env` newly only repeats lines of its template, none of which names a secret or changes which code runs. In one
 * that was there, names that the template has are added or come in the place of a name that it has not, with the value that
 * stood there; what the template names already keeps its value. Values that are secrets themselves are found by other rules,
 * and weigh together with this one.
 */
function isFromTemplate({ path, change, before, after, added, removed }: AuditedFile, { textOf }: AuditedPatch): boolean {
  if (after === undefined || textOf === undefined || !/(?:^|\/)\.env(?:\.[\w-]{1,40})?$/.test(path)) return false
  const known = new Set(templateEndings.flatMap((ending) => linesOf(textOf(`${path}.${ending}`) ?? '')))
  const repeats = (line: string): boolean => line.trim() === '' || (known.has(line) && isPlainSetting(line))
  if (change === 'create') return linesOf(after.text).every(repeats)
  if (change !== 'modify' || before === undefined) return false
  const names = new Set([...known].flatMap((line) => settingOf(line)?.name ?? []))
  const dropped = removed.filter(({ text }) => text.trim() !== '').map(({ text }) => settingOf(text))
  const gained = added.flatMap(({ text }) => settingOf(text) ?? [])
  const present = new Set(linesOf(before.text).flatMap((line) => settingOf(line)?.name ?? []))
  const isRespelt = (line: string): boolean => {
    const setting = settingOf(line)
    return (
      setting !== undefined &&
      isPlainSetting(line) &&
      names.has(setting.name) &&
      dropped.some((one) => one?.value === setting.value)
    )
  }
  return (
    dropped.every((one) => one !== undefined && !names.has(one.name) && gained.some((line) => line.value === one.value)) &&
    removed.every(({ text }) => text.trim() === '' || isPlainSetting(text)) &&
    added.every(({ text }) => {
      const name = settingOf(text)?.name
      return (name === undefined || !present.has(name)) && (repeats(text) || isRespelt(text))
    })
  )
}

function settingOf(line: string): { readonly name: string; readonly value: string } | undefined {
  const match = /^\s{0,20}(?:export\s{1,8})?([A-Za-z_]\w{0,100})\s{0,20}=(.{0,2000})$/.exec(line)
  return match === null ? undefined : { name: match[1] ?? '', value: (match[2] ?? '').trim() }
}

const templateEndings = ['example', 'sample', 'template', 'dist'] as const

/** A comment, or a setting that anybody may read and that starts nothing. */
function isPlainSetting(line: string): boolean {
  if (/^\s*#/.test(line)) return true
  const name = settingOf(line)?.name
  return (
    name !== undefined &&
    !isSecretName(name) &&
    !/^(?:NODE_(?:OPTIONS|PATH|EXTRA_CA_CERTS|TLS_\w+)|LD_\w+|DYLD_\w+|PATH|npm_config_\w+)$/i.test(name)
  )
}

function explainsLockfile({ actions, files }: AuditedPatch): boolean {
  return actions.some((action) => action.kind === 'install') || files.some((file) => /(?:^|\/)package\.json$/.test(file.path))
}

function numbers(count: number, word: string): string {
  return Array.from({ length: count }, (_, index) => `${word} ${index}\n`).join('')
}
