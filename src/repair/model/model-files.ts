import { pathProblem } from '../../core/path.js'
import type { RepairRequest } from '../../core/repairer.js'
import { isInstalled, pathInside } from '../code/code-place.js'
import { redact } from './redact.js'

/** Part of a file as a model may see it: secrets are covered, nothing else is changed. */
export interface Excerpt {
  readonly path: string
  /** Whole lines, or all of the file. */
  readonly text: string
  /** Counted from 1, both shown. */
  readonly firstLine: number
  readonly lastLine: number
  readonly lines: number
}

/** Where a fault points to. */
export interface Suspect {
  readonly path: string
  /** Counted from 1. */
  readonly line?: number
}

/**
 * The files that a fault is about, the surest first: where it happened, who imports, what it names, the frames of its stack, and
 * the manifest. Only files of the project; nothing that usually holds secrets. At most 8.
 */
export function suspectsOf({ fault, workspace }: Pick<RepairRequest, 'fault' | 'workspace'>): readonly Suspect[] {
  const { location, details, evidence } = fault
  const named = [details['importer'], details['path']].filter((name) => typeof name === 'string').map((file) => ({ file }))
  const places: readonly { readonly file: string; readonly line?: number }[] = [
    ...(location === undefined ? [] : [location]),
    ...named,
    ...evidence.flatMap(placesIn),
    { file: 'package.json' },
  ]
  const suspects = new Map<string, Suspect>()
  for (const { file, line } of places) {
    const path = pathInside(file, workspace.root)
    if (
      path === undefined ||
      suspects.has(path) ||
      suspects.size >= suspectsMax ||
      !mayBeShown(path) ||
      workspace.stat(path)?.kind !== 'file'
    )
      continue
    suspects.set(path, { path, ...(line !== undefined && { line }) })
  }
  return [...suspects.values()]
}

/**
 * A file, or the lines around the suspected one, in at most `bytesMax` bytes of UTF-8; `undefined` when it cannot be read, is
 * very large, or not even the one line fits.
 */
export function excerptOf(
  { path, line = 1 }: Suspect,
  read: (path: string) => string | undefined,
  bytesMax: number,
): Excerpt | undefined {
  const raw = read(path)
  if (raw === undefined || raw.length > fileLengthMax) return undefined
  // Covered as a whole before it is cut: half a key has no form any more.
  const text = redact(raw)
  return windowOf({ path, text, line, bytesMax, bytesOf: (shown) => Buffer.byteLength(shown) })
}

/** What {@link windowOf} cuts from, and to what size. */
export interface WindowRequest {
  readonly path: string
  /** Already covered: half a key has no form any more. */
  readonly text: string
  /** Counted from 1; a line that does not exist means the nearest one. */
  readonly line: number
  readonly bytesMax: number
  /** What a text costs where it goes; the cost of two texts together is the sum of theirs. */
  readonly bytesOf: (text: string) => number
}

/** All of a text, or the whole lines around one that cost at most `bytesMax`; `undefined` when not even that line fits. */
export function windowOf({ path, text, line, bytesMax, bytesOf }: WindowRequest): Excerpt | undefined {
  const lines = text.split('\n')
  const count = text.endsWith('\n') ? lines.length - 1 : lines.length
  if (bytesOf(text) <= bytesMax) return { path, text, firstLine: 1, lastLine: count, lines: count }
  const middle = Math.min(Math.max(1, line), count)
  let [firstLine, lastLine, left] = [middle, middle - 1, bytesMax]
  const take = (number: number): boolean => {
    const bytes = bytesOf(`${lines[number - 1] ?? ''}\n`)
    if (number < 1 || number > count || bytes > left) return false
    left -= bytes
    return true
  }
  if (!take(middle)) return undefined
  lastLine = middle
  for (let [up, down] = [true, true]; up || down;) {
    if ((up &&= take(firstLine - 1))) firstLine -= 1
    if ((down &&= take(lastLine + 1))) lastLine += 1
  }
  return {
    path,
    text: lines
      .slice(firstLine - 1, lastLine)
      .map((shown) => `${shown}\n`)
      .join(''),
    firstLine,
    lastLine,
    lines: count,
  }
}

const suspectsMax = 8
const fileLengthMax = 1024 * 1024

/** Whether a model may see a file of that path at all: it is inside the project, not installed, and not made to hold secrets. */
export function mayBeShown(path: string): boolean {
  return pathProblem(path) === undefined && !isInstalled(path) && !holdsSecrets.test(path)
}

/** Files that are made to hold secrets; no repair needs to see them. */
const holdsSecrets =
  /(?:^|\/)(?:\.env(?:\.[^/]*)?|\.npmrc|\.yarnrc(?:\.yml)?|\.netrc|\.pypirc|\.git-credentials|id_[a-z0-9]+|[^/]*\.(?:pem|key|p12|pfx|jks|keystore|kdbx)|(?:credentials|secrets?)(?:\.[a-z]{1,5})?)$|(?:^|\/)\.(?:ssh|aws|gnupg|kube|docker)\//i

/** `at f (/a/b.js:3:1)`, `src/a.ts(3,1)`, `file:///a/b.js:3`, `a/b.js`. */
function placesIn(text: string): readonly { readonly file: string; readonly line?: number }[] {
  return Array.from(
    text.slice(0, 400).matchAll(/((?:file:\/\/|[A-Za-z]:[\\/])?[\w./\\@+~-]{1,300}\.[A-Za-z]{1,6})(?:[:(](\d{1,7}))?/g),
    ([, file = '', line]) => ({ file, ...(line !== undefined && { line: Number(line) }) }),
  )
}
