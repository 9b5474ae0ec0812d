import { HomeostatError } from '../../core/errors.js'
import { faultCategories, type Fault } from '../../core/fault.js'
import type { FileEdit } from '../../core/patch.js'
import type { Workspace } from '../../core/ports.js'
import type { RepairAnswer, Repairer, RepairRequest } from '../../core/repairer.js'
import { oneLine, printable } from '../../core/text.js'
import { isInstalled, pathInside } from '../code/code-place.js'
import { modelPrompt, promptBytesMin } from './model-prompt.js'
import { redactedMark } from './redact.js'
import { parseReply, type ParsedReply } from './reply.js'

/** Asks a language model. Whoever gives it guards it: retry, breaker, deadline. */
export type Ask = (prompt: string, options: { readonly signal: AbortSignal }) => Promise<string>

export interface ModelRepairerOptions {
  /** Longest prompt, in bytes of UTF-8; at least 4096. */
  readonly promptBytesMax: number
  /** Longest reply that is read, in bytes of UTF-8. */
  readonly replyBytesMax: number
  /** How many lines the model is told it may change. Default 50. */
  readonly linesChangedMax?: number
}

/**
 * A language model as a repairer. Its reply counts only as a patch that fits the present files exactly; a refusal, talk, or a
 * failing model becomes a note. When a reply cannot be used the model is told why and asked once more, never again.
 *
 * @throws RangeError when `promptBytesMax` is too small for any prompt.
 */
export function modelRepairer(ask: Ask, { promptBytesMax, replyBytesMax, linesChangedMax = 50 }: ModelRepairerOptions): Repairer {
  if (!(promptBytesMax >= promptBytesMin))
    throw new RangeError(`Cannot make a prompt: promptBytesMax must be at least ${promptBytesMin}, not ${promptBytesMax}`)

  const tell = async (request: RepairRequest, complaint?: string): Promise<ParsedReply> => {
    const prompt = modelPrompt(request, {
      bytesMax: promptBytesMax,
      linesChangedMax,
      ...(complaint !== undefined && { complaint }),
    })
    const reply: unknown = await unlessAborted(ask(prompt.text, { signal: request.signal }), request.signal)
    if (typeof reply !== 'string') return { kind: 'prose', reason: 'the reply is not text' }
    return usable(parseReply(reply, { files: prompt.files, read: reader(request.workspace), bytesMax: replyBytesMax }), request)
  }

  return {
    id: 'model',
    categories: faultCategories,
    async propose(request) {
      request.signal.throwIfAborted()
      if (request.proposalsMax < 1) return { proposals: [], notes: [] }
      try {
        const first = await tell(request)
        return answer(first.kind === 'prose' ? await tell(request, first.reason) : first)
      } catch (error) {
        request.signal.throwIfAborted()
        return {
          proposals: [],
          notes: [`The model could not be asked: ${oneLine(error instanceof Error ? error.message : String(error), 300)}`],
        }
      }
    },
  }
}

/** The form says little about the content; still, who repeats a whole file more often changes what was not meant. */
const plausibility = { 'search-replace': 0.6, 'unified-diff': 0.6, 'whole-file': 0.5 } as const

function answer(reply: ParsedReply): RepairAnswer {
  if (reply.kind === 'refusal') return { proposals: [], notes: [`The model refused: ${reply.text}`] }
  if (reply.kind === 'request-more-info') return { proposals: [], notes: [`The model asks for more: ${reply.text}`] }
  if (reply.kind === 'prose') return { proposals: [], notes: [`The model gave no patch that can be used: ${reply.reason}`] }
  const { edits, form } = reply
  const paths = edits.map(({ path }) => path).join(', ')
  const title = oneLine(`Change ${paths} as the model proposes`, 120)
  return {
    proposals: [
      {
        title,
        edits,
        actions: [],
        plausibility: plausibility[form],
        rationale: `A language model proposed it as ${form.replace('-', ' ')}; only the checks speak for it.`,
      },
    ],
    notes: [],
  }
}

/** Refuses edits that no repair may make, so that the model can be told; the audit judges everything else. */
function usable(reply: ParsedReply, { fault, workspace }: RepairRequest): ParsedReply {
  if (reply.kind !== 'patch') return reply
  const reason = reply.edits.map((edit) => problemOf(edit, fault, workspace)).find((problem) => problem !== undefined)
  return reason === undefined ? reply : { kind: 'prose', reason }
}

function problemOf({ path, before, after }: FileEdit, fault: Fault, { root }: Workspace): string | undefined {
  const shown = printable(path, 200)
  if (after?.includes(redactedMark) === true)
    return `the text for ${shown} holds ${redactedMark}, which stands for text that must stay`
  if (isInstalled(path)) return `${shown} belongs to an installed package`
  if (lockfile.test(path)) return `${shown} is written by a package manager only`
  const damaged = fault.category === 'syntax' && fault.location !== undefined && pathInside(fault.location.file, root) === path
  return test.test(path) && before !== null && !damaged ? `${shown} is a test, and must stay as it is` : undefined
}

const lockfile = /(?:^|\/)(?:package-lock\.json|npm-shrinkwrap\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lockb?)$/
const test = /(?:^|\/)(?:__tests__|__snapshots__|tests?|spec|e2e|cypress)\/|[._-](?:test|spec)\.[cm]?[jt]sx?$|\.snap$/i

/** What is there and is no text must not be taken for absent: it would be replaced. */
function reader(workspace: Workspace): (path: string) => string | undefined {
  return (path) => {
    const text = workspace.read(path)
    if (text === undefined && workspace.stat(path) !== undefined)
      throw new HomeostatError('HS_PATH_REFUSED', { path: printable(path, 200), reason: 'it is there, and is no text file' })
    return text
  }
}

/** Does not wait for work that does not hear its signal. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason as Error) // callers are owed exactly this value, whatever it is
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    Promise.resolve(work)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener('abort', onAbort))
  })
}
