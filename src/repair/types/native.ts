import type { Fault } from '../../core/fault.js'
import type { FileEdit } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import type { Proposal, RepairAnswer, Rehearse, RepairRequest } from '../../core/repairer.js'
import { similarNames } from '../../core/similar-name.js'
import { changedFile, nothing, proposal } from '../dependencies/dependency-proposal.js'
import { isEditable } from './outcome.js'

interface Place {
  /** Of the project, relative to its root. */
  readonly file: string
  readonly code: number
  /** The version of a compiler that has no API; `undefined`: none is installed. */
  readonly native: string | undefined
  readonly rehearse: Rehearse
}

/** A change of the file at fault. */
interface Draft {
  readonly title: string
  readonly text: string
  readonly plausibility: number
}

const draftsMax = 8
const timeoutMs = 60_000

/**
 * Where the project has no compiler with a JavaScript API (TypeScript 7): reads the message and the text around it, and asks the
 * native compiler about each change. Knows nothing of types, so it only does what the message says outright.
 */
export async function repairNatively(request: RepairRequest, place: Place): Promise<RepairAnswer> {
  const { workspace, fault, signal } = request
  const { file, native, rehearse } = place
  const advice =
    native === undefined
      ? 'TypeScript is not installed in the project, so its compiler cannot be asked: install it.'
      : `TypeScript ${native} has no JavaScript API, so types cannot be asked about: install "@typescript/typescript6" (a development dependency) beside it, and more errors can be healed.`
  const before = isEditable(file) ? workspace.read(file) : undefined
  if (native === undefined || before === undefined) return nothing(advice)
  const drafts = [...draftsFor(fault, place.code, before, workspace)].filter(({ text }) => text !== before).slice(0, draftsMax)
  const known = drafts.length === 0 ? undefined : await errorsOf(rehearse, [])
  signal.throwIfAborted()
  const proposals: Proposal[] = []
  for (const { title, text, plausibility } of known === undefined ? [] : drafts) {
    const edits = [changedFile(file, before, text)]
    const left = await errorsOf(rehearse, edits)
    signal.throwIfAborted()
    if (known === undefined || left === undefined || left >= known) continue
    proposals.push(
      proposal({
        title: `${title} in ${file}`,
        edits,
        plausibility: plausibility * (left === 0 ? 1 : 0.9),
        rationale: `TypeScript ${native} counts ${known} errors without this change and ${left} with it.`,
      }),
    )
  }
  const sum = proposals.reduce((total, one) => total + one.plausibility, 0)
  const shared = proposals.map((one) => ({ ...one, plausibility: sum > 1 ? one.plausibility / sum : one.plausibility }))
  return { proposals: shared.slice(0, Math.max(0, request.proposalsMax)), notes: [advice] }
}

/** How many errors the project's compiler counts, with some edits made; `undefined` when it cannot tell. */
async function errorsOf(rehearse: Rehearse, edits: readonly FileEdit[]): Promise<number | undefined> {
  const run = await rehearse(['node', '-e', compile], { edits, timeoutMs })
  if (!run.ran || run.result.ending !== 'exited' || run.result.truncated) return undefined
  const count = run.result.output.match(/error TS\d{3,6}: /g)?.length ?? 0
  return count === 0 && run.result.exitCode !== 0 ? undefined : count
}

/** Runs the `tsc` that the project has installed, whatever the folder it lies in. */
const compile = `
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const load = createRequire(process.cwd() + '/package.json');
const manifest = load.resolve('typescript/package.json');
const bin = load(manifest).bin.tsc;
const { status } = require('node:child_process').spawnSync(process.execPath, [join(dirname(manifest), bin), '--noEmit', '--pretty', 'false'], { stdio: 'inherit' });
process.exit(status ?? 1);
`

function* draftsFor(fault: Fault, code: number, text: string, workspace: Workspace): Iterable<Draft> {
  const { line, column } = fault.location ?? {}
  const at = line === undefined || column === undefined ? undefined : offsetOf(text, line, column)
  if (at === undefined) return
  const word = /^[\w$#]+/.exec(text.slice(at))?.[0] ?? ''
  const put = (start: number, end: number, inserted: string): string => text.slice(0, start) + inserted + text.slice(end)
  const { suggestion, name } = fault.details
  if (typeof suggestion === 'string' && /^[\w$.#-]{1,100}$/.test(suggestion)) {
    const quote = /^["']/.exec(text.slice(at))?.[0]
    const end = quote === undefined ? at + word.length : text.indexOf(quote, at + 1) + 1
    if (end > at)
      yield {
        title: `Write ${suggestion} instead of ${text.slice(at, end)}`.slice(0, 90),
        text: put(at, end, quote === undefined ? suggestion : `${quote}${suggestion}${quote}`),
        plausibility: 0.93,
      }
  }
  if ((code === 2304 || code === 2339 || code === 2353) && word !== '')
    for (const near of similarNames(word, namesIn(text, workspace), 4))
      if (near !== word)
        yield { title: `Write ${near} instead of ${word}`, text: put(at, at + word.length, near), plausibility: 0.8 }
  if (code === 2304 || code === 2552 || code === 2339 || code === 2551)
    for (const path of pathsIn(text, word))
      yield { title: `Write ${path} instead of ${word}`.slice(0, 90), text: put(at, at + word.length, path), plausibility: 0.9 }
  if (code === 2554) yield* argumentTooMany(text, at)
  if (code === 2588 && typeof name === 'string' && /^[\w$]{1,100}$/.test(name)) {
    const declared = [...text.matchAll(new RegExp(`\\bconst(?=\\s+${name.replaceAll('$', '\\$')}\\b)`, 'g'))]
      .filter((match) => match.index < at)
      .at(-1)
    if (declared !== undefined)
      yield { title: `Declare ${name} with let`, text: put(declared.index, declared.index + 5, 'let'), plausibility: 0.95 }
  }
  if (code === 18047 || code === 18048 || code === 18049 || code === 2531 || code === 2532 || code === 2533) {
    const end = at + (/^[\w$.#]+?(?=\.[\w$#]+(?![\w$.#]))|^[\w$#]+/.exec(text.slice(at))?.[0].length ?? 0)
    const rest = text.slice(end, end + 1)
    if (rest === '.')
      yield { title: `Reach ${text.slice(at, end)} by ?.`.slice(0, 90), text: put(end, end, '?'), plausibility: 0.75 }
    if (rest === '[')
      yield { title: `Reach ${text.slice(at, end)} by ?.`.slice(0, 90), text: put(end, end, '?.'), plausibility: 0.7 }
  }
  if (code === 4114) yield { title: `Mark ${word} with override`, text: put(at, at, 'override '), plausibility: 0.9 }
  if (code === 1484) yield { title: `Import ${word} as a type`, text: put(at, at, 'type '), plausibility: 0.93 }
  if (code === 6133 || code === 6192 || code === 6196) yield* unused(text, at, word)
}

/** Two names that lost the dot between them, where the file writes both with a dot: `Mathceil`, `optionsdepth`. */
function* pathsIn(text: string, word: string): Iterable<string> {
  for (let cut = 1; cut < Math.min(word.length, 80); cut += 1) {
    const [head, rest] = [word.slice(0, cut), word.slice(cut)]
    if (/^\d/.test(rest) || !(text.includes(`${head}.`) || globals.has(head))) continue
    if (globals.has(head) || new RegExp(`\\.${rest.replaceAll('$', '\\$')}(?![\\w$])`).test(text)) yield `${head}.${rest}`
  }
}

const globals: ReadonlySet<string> = new Set([
  'Math',
  'JSON',
  'Object',
  'Array',
  'Number',
  'String',
  'Promise',
  'Date',
  'process',
])

/** The compiler points at the first argument that is one too many; only where it is the last, and says nothing by itself. */
function* argumentTooMany(text: string, at: number): Iterable<Draft> {
  const argument = /^(?:[\w$.]{1,80}|'[^'\n]{0,80}'|"[^"\n]{0,80}"|\{\}|\[\])(?=\s*\))/.exec(text.slice(at, at + 200))?.[0]
  if (argument === undefined) return
  const before = /,\s*$/.exec(text.slice(Math.max(0, at - 200), at))?.[0] ?? ''
  const made = text.slice(0, at - before.length) + text.slice(at + argument.length)
  yield { title: `Take out the argument ${argument}`.slice(0, 90), text: made, plausibility: 0.85 }
}

/** An import, or one name of it, that nothing uses. */
function* unused(text: string, at: number, word: string): Iterable<Draft> {
  for (const match of text.matchAll(/^import\s[^;'"]{1,2000}?from\s*["'][^"'\n]{1,300}["'];?[ \t]*\r?\n/gm)) {
    const end = match.index + match[0].length
    if (at < match.index || at >= end) continue
    const names =
      /\{([^}]*)\}/
        .exec(match[0])?.[1]
        ?.split(',')
        .filter((part) => part.trim() !== '') ?? []
    const others = names.filter(
      (part) =>
        part
          .trim()
          .replace(/^type\s+/, '')
          .replace(/^.*\sas\s+/s, '') !== word,
    )
    const kept =
      names.length > 1 && others.length < names.length
        ? match[0].replace(/\{[^}]*\}/, `{${others.join(',')}${/\s*$/.exec(names.at(-1) ?? '')?.[0] ?? ''}}`)
        : ''
    yield {
      title: `Do not import ${kept === '' ? 'what nothing uses' : word}`,
      text: text.slice(0, match.index) + kept + text.slice(end),
      plausibility: 0.92,
    }
  }
}

/** Names that the file and its neighbours write, the file's own first. */
function namesIn(text: string, workspace: Workspace): ReadonlySet<string> {
  const names = new Set(text.match(/[A-Za-z_$][\w$]{1,60}/g)?.slice(0, 20_000))
  for (const path of workspace.files().filter(isEditable).slice(0, 40))
    for (const name of (workspace.read(path) ?? '').slice(0, 40_000).match(/[A-Za-z_$][\w$]{1,60}/g) ?? [])
      if (names.size < 20_000) names.add(name)
  return names
}

function offsetOf(text: string, line: number, column: number): number | undefined {
  let start = 0
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf('\n', start)
    if (end === -1) return undefined
    start = end + 1
  }
  const offset = start + column - 1
  return offset <= text.length ? offset : undefined
}
