import * as z from 'zod'
import type { FileEdit } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import { isInstalled } from '../code/code-place.js'
import { changedFile } from '../dependencies/dependency-proposal.js'
import { insidePath, isTest } from '../imports/import-path.js'
import { answerMark } from './script.js'

const position = z.number().int().min(0).max(8_000_000)
const path = z.string().min(1).max(1_024)

const edit = z.object({ path, length: position, start: position, end: position, text: z.string().max(8_000) })

const candidate = z.object({
  kind: z.string().max(100),
  title: z.string().max(400),
  prior: z.number().min(0).max(1),
  before: position,
  left: position,
  edits: z.array(edit).min(1).max(60),
})

const answered = z.object({
  version: z.string().max(60),
  errors: position,
  ideas: position,
  candidates: z.array(candidate).max(50),
})
const missing = z.object({ missing: z.literal(true), native: z.string().max(60).optional() })
const failed = z.object({ failed: z.string().max(1_000) })
const answer = z.union([answered, missing, failed])

/** What the script in the sandbox answered, as far as it can be understood. */
export type Answer = z.infer<typeof answer>
export type AnsweredCandidate = z.infer<typeof candidate>

/** Finds the answer in what the script printed. The compiler is the project's own, so it is untrusted text. */
export function readAnswer(output: string): Answer | undefined {
  const start = output.lastIndexOf(answerMark)
  if (start === -1) return undefined
  const line = output.slice(start + answerMark.length).split('\n', 1)[0] ?? ''
  try {
    return answer.safeParse(JSON.parse(line)).data
  } catch {
    return undefined // Cut off, or forged.
  }
}

/** The edits of a candidate; `undefined` when one is out of place: outside the project, in a test, a declaration or an installed file. */
export function editsOf({ edits }: AnsweredCandidate, workspace: Workspace): readonly FileEdit[] | undefined {
  const made: FileEdit[] = []
  for (const file of new Set(edits.map((one) => one.path))) {
    const before = isEditable(file) ? workspace.read(file) : undefined
    const after =
      before === undefined
        ? undefined
        : applied(
            before,
            edits.filter((one) => one.path === file),
          )
    if (before === undefined || after === undefined || after === before || hushes(after) > hushes(before)) return undefined
    made.push(changedFile(file, before, after))
  }
  return made
}

/** Whether a path is source code that a repair of types may change. */
export function isEditable(file: string): boolean {
  return (
    insidePath(file) === file &&
    /\.[cm]?[jt]sx?$/.test(file) &&
    !/\.d\.[cm]?ts$/.test(file) &&
    !isInstalled(file) &&
    !isTest(file)
  )
}

/** Texts that make a compiler look away. The script counts the same in the syntax; this is the second lock. */
function hushes(text: string): number {
  return (
    text.match(
      /@ts-(?:ignore|expect-error|nocheck)|\bas (?:any|unknown|never)\b|<any>|: any\b|eslint-disable|[\w)\]]!(?=[.;,)[])/g,
    )?.length ?? 0
  )
}

function applied(before: string, edits: AnsweredCandidate['edits']): string | undefined {
  // The compiler reads a file without its byte order mark.
  const mark = before.startsWith('\uFEFF') ? '\uFEFF' : ''
  const text = before.slice(mark.length)
  const newLine = /\r\n/.test(text) ? '\r\n' : '\n'
  let made = mark
  let at = 0
  for (const one of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (one.length !== text.length || one.start < at || one.end < one.start || one.end > text.length) return undefined
    made += text.slice(at, one.start) + one.text.replace(/\r?\n/g, newLine)
    at = one.end
  }
  return made + text.slice(at)
}
