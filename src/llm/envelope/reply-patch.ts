import { isHomeostatError } from '../../core/errors.js'
import { parseDiff, type FileDiff } from '../../core/parse-diff.js'
import { pathProblem } from '../../core/path.js'
import { redactedMark } from '../../repair/model/redact.js'
import type { EnvelopeRequest } from './envelope-request.js'
import { problemOf, type ProtocolProblem } from './protocol-problem.js'
import { recountedDiff } from './recounted-diff.js'

/** A diff of a reply that keeps to the request. It was not compared with the files, and not audited. */
export interface ReplyPatch {
  /** With the values that placeholders stood for: not for a log. */
  readonly diff: string
  /** The one reading of {@link diff}. */
  readonly files: readonly FileDiff[]
  /** Lines removed and added, counted together. */
  readonly linesChanged: number
}

/** Reads a diff, and holds it to what the request allows. */
export function readReplyPatch(
  given: string,
  request: Pick<EnvelopeRequest, 'constraints' | 'cover'> | undefined,
): ReplyPatch | ProtocolProblem {
  if (request === undefined ? given.includes(redactedMark) : request.cover.foreign(given))
    return problemOf('text-covered', `the patch holds ${redactedMark}, or a placeholder that the request does not have`)
  const read = filesOf(withOneEnd(request === undefined ? given : request.cover.restore(given)))
  if ('code' in read) return read
  const patch = { ...read, linesChanged: changesOf(read.files).length }
  return refusalOf(read.files) ?? excessOf(patch, request?.constraints) ?? patch
}

const filesMax = 20

/** Strictly first; then with hunks counted anew, which is still the one reading that all others see. */
function filesOf(diff: string): Pick<ReplyPatch, 'diff' | 'files'> | ProtocolProblem {
  let reason = ''
  for (const text of [diff, recountedDiff(diff)]) {
    try {
      if (text !== undefined) return { diff: text, files: parseDiff(text) }
    } catch (error) {
      if (!isHomeostatError(error)) throw error
      reason ||= error.message
    }
  }
  return problemOf('diff-malformed', reason)
}

/** Fences and strings add empty lines. */
function withOneEnd(diff: string): string {
  let end = diff.length
  while (diff[end - 1] === '\n') end -= 1
  return `${diff.slice(0, end)}\n`
}

/** What no patch may be, whatever was asked. */
function refusalOf(files: readonly FileDiff[]): ProtocolProblem | undefined {
  if (files.length === 0) return problemOf('diff-empty', 'the patch changes nothing')
  if (files.length > filesMax)
    return problemOf('patch-too-large', `the patch changes ${files.length} files, more than ${filesMax}`)
  for (const { oldPath, newPath, oldMode, newMode, binary } of files) {
    for (const path of [oldPath, newPath]) {
      const problem = path === null ? undefined : pathProblem(path)
      if (problem !== undefined)
        return problemOf('path-refused', `the path "${path ?? ''}" must not be touched: ${problem.reason}`)
    }
    if (binary) return problemOf('content-refused', `the content of "${newPath ?? oldPath ?? ''}" is not text`)
    if ([oldMode, newMode].some((mode) => mode !== undefined && mode !== 0o100644 && mode !== 0o100755))
      return problemOf('content-refused', `"${newPath ?? oldPath ?? ''}" would not be a plain file`)
  }
  return changesOf(files).some(({ kind, text }) => kind === 'add' && control.test(text))
    ? problemOf('control-characters', 'an added line holds control or direction characters')
    : undefined
}

function excessOf(
  { files, linesChanged }: ReplyPatch,
  constraints: EnvelopeRequest['constraints'] | undefined,
): ProtocolProblem | undefined {
  if (constraints === undefined) return undefined
  const { linesChangedMax, disallowed, paths } = constraints
  if (linesChanged > linesChangedMax)
    return problemOf('patch-too-large', `the patch changes ${linesChanged} lines, more than ${linesChangedMax}`)
  for (const { oldPath, newPath } of files) {
    const outside = [oldPath, newPath].find((path) => path !== null && paths?.includes(path) === false)
    if (outside !== undefined && outside !== null)
      return problemOf('path-disallowed', `"${outside}" is not among the paths allowed`)
  }
  const added = changesOf(files).flatMap(({ kind, text }) => (kind === 'add' ? [text.toLowerCase()] : []))
  const found = disallowed.find((text) => added.some((line) => line.includes(text.toLowerCase())))
  return found === undefined ? undefined : problemOf('text-disallowed', `an added line holds "${found}"`)
}

function changesOf(files: readonly FileDiff[]): readonly { readonly kind: 'add' | 'remove'; readonly text: string }[] {
  return files.flatMap(({ hunks }) =>
    hunks.flatMap(({ lines }) => lines.flatMap(({ kind, text }) => (kind === 'context' ? [] : [{ kind, text }]))),
  )
}

/** C0 but tab, form feed and a carriage return at the end; DEL, C1, and what turns the direction of writing around. */
// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]|\r(?!$)/
