import * as z from 'zod'
import { oneLine, printable } from '../../core/text.js'
import { isDiff } from '../../repair/model/reply-diff.js'
import { fencesOf, type Fence } from '../../patch/formats/fences.js'
import { declaredIntent, talkedIntent } from '../../repair/model/reply-intent.js'
import type { EnvelopeRequest } from './envelope-request.js'
import { envelopeVersion } from './envelope-schema.js'
import { problemOf, type ProtocolProblem, type ProtocolProblemCode } from './protocol-problem.js'
import { readReplyPatch, type ReplyPatch } from './reply-patch.js'

/** What a model answered. Every text but the diff is printable and bounded; all of it is untrusted. */
export type EnvelopeReply =
  | (ReplyPatch & {
      readonly intent: 'patch'
      readonly form: 'json' | 'fenced-diff'
      readonly explanation: string
      /** What the model says of itself, 0..1: a signal for a scorer, no probability. */
      readonly confidence: number | undefined
      readonly risks: readonly string[]
      readonly alternatives: readonly string[]
    })
  | { readonly intent: 'request-more-info'; readonly questions: readonly string[] }
  | { readonly intent: 'refusal'; readonly reason: string }
  /** Nothing of the three, or not what was asked for; never guessed to be a patch. */
  | { readonly intent: 'other'; readonly problem: ProtocolProblem }

export interface ReplyOptions {
  /** What was asked: the reply is held to its constraints, and placeholders are understood. */
  readonly request?: Pick<EnvelopeRequest, 'hash' | 'constraints' | 'cover'>
  /** Longer replies are not read. Default 1 MiB of UTF-8. */
  readonly bytesMax?: number
}

/**
 * Reads a reply: one JSON object of the protocol, alone or in a fence, or one or more closed diff fences. Never throws for what
 * a model may say.
 *
 * @example
 * ```ts
 * const reply = parseEnvelopeReply('{"version":1,"intent":"refusal","reason":"The test is right"}')
 * expect(reply).toEqual({ intent: 'refusal', reason: 'The test is right' })
 * ```
 */
export function parseEnvelopeReply(text: unknown, { request, bytesMax = replyBytesMax }: ReplyOptions = {}): EnvelopeReply {
  if (typeof text !== 'string') return other('reply-not-text', 'the reply is not text')
  if (text.length > bytesMax || Buffer.byteLength(text) > bytesMax)
    return other('reply-too-long', `the reply is longer than ${bytesMax} bytes`)
  if (!text.isWellFormed() || text.includes('\0')) return other('reply-not-text', 'the reply is not plain text')
  const bare = text.replace(/^\ufeff/, '').trim()
  if (bare === '') return other('reply-empty', 'the reply is empty')
  if (bare.startsWith('{')) return fromJson(bare, request)
  const declared = declaredIntent(bare)
  if (declared !== undefined) return intended(declared)
  return fromFences(fencesOf(bare.replaceAll('\r\n', '\n').split('\n')), request) ?? fromTalk(bare)
}

const replyBytesMax = 1024 * 1024
const lineLengthMax = 300
const listMax = 10

function fromFences(fences: readonly Fence[], request: ReplyOptions['request']): EnvelopeReply | undefined {
  const diffs = fences.filter(isDiff)
  const envelopes = fences.filter((fence) => !isDiff(fence) && isEnvelope(fence))
  const [envelope, ...more] = envelopes
  if (more.length > 0 || (envelope !== undefined && diffs.length > 0))
    return other('reply-mixed', 'the reply gives several answers; give one')
  if ([...envelopes, ...diffs].some(({ closed }) => !closed))
    return other('reply-cut', 'a fence is not closed: the reply ends too early')
  if (envelope !== undefined) return fromJson(envelope.lines.join('\n').trim(), request)
  if (diffs.length === 0) return undefined
  const patch = readReplyPatch(diffs.map(({ lines }) => `${lines.join('\n')}\n`).join(''), request)
  if ('code' in patch) return { intent: 'other', problem: patch }
  return { intent: 'patch', form: 'fenced-diff', ...patch, explanation: '', confidence: undefined, risks: [], alternatives: [] }
}

/** A JSON object that speaks of an intent; others may be files that the reply quotes. */
function isEnvelope({ lines }: Fence): boolean {
  const text = lines.join('\n').trim()
  return text.startsWith('{') && text.includes('"intent"')
}

function fromTalk(text: string): EnvelopeReply {
  const talked = talkedIntent(text)
  if (talked !== undefined) return intended(talked)
  return other('no-patch', 'the reply holds neither a JSON object of the protocol nor a fence with a diff')
}

function intended({ kind, text }: { readonly kind: 'refusal' | 'request-more-info'; readonly text: string }): EnvelopeReply {
  return kind === 'refusal' ? { intent: kind, reason: text } : { intent: kind, questions: [text] }
}

const shortText = z.string().transform((text) => oneLine(text, lineLengthMax))
/** What a reply may do without is dropped when it is wrong; a patch is not lost over it. */
const shortTexts = z
  .array(shortText)
  .transform((texts) => texts.slice(0, listMax))
  .catch([])

const replySchema = z.discriminatedUnion('intent', [
  z.object({
    intent: z.literal('patch'),
    patch: z.string().min(1),
    explanation: z
      .string()
      .transform((text) => printable(text, 2_000))
      .catch(''),
    confidence: z.number().min(0).max(1).optional().catch(undefined),
    risks: shortTexts,
    alternatives: shortTexts,
  }),
  z.object({
    intent: z.literal('request-more-info'),
    questions: z
      .array(shortText)
      .min(1)
      .transform((texts) => texts.slice(0, listMax)),
  }),
  z.object({ intent: z.literal('refusal'), reason: shortText }),
])

function fromJson(json: string, request: ReplyOptions['request']): EnvelopeReply {
  const value = objectOf(json)
  if (value === undefined) return other('json-malformed', 'the reply is not one readable JSON object')
  // An own member of that name only ever comes from someone who wants to reach a prototype.
  if (Object.hasOwn(value, '__proto__')) return other('schema-mismatch', 'the reply has a member that no reply has')
  // Without a version it is ours: it is there to notice another one.
  if (value['version'] !== undefined && value['version'] !== envelopeVersion)
    return other('version-unknown', `the reply is not of version ${envelopeVersion}`)
  if (request !== undefined && value['requestHash'] !== undefined && value['requestHash'] !== request.hash)
    return other('request-mismatch', 'the requestHash of the reply is not that of the request')
  const parsed = replySchema.safeParse(value)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return other('schema-mismatch', `${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? ''}`)
  }
  if (parsed.data.intent !== 'patch') return parsed.data
  const { patch: written, ...said } = parsed.data
  const patch = readReplyPatch(unfenced(written), request)
  if ('code' in patch) return { intent: 'other', problem: patch }
  return { form: 'json', ...patch, ...said, confidence: said.confidence }
}

function objectOf(json: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(json)
    // A JSON object has string keys and unknown values.
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}

/** Some models put the fence into the string as well. */
function unfenced(patch: string): string {
  const lines = patch.replaceAll('\r\n', '\n').trimEnd().split('\n')
  const fences = fencesOf(lines).filter((fence) => fence.closed && isDiff(fence))
  return `${(fences.length === 0 ? lines : fences.flatMap((fence) => fence.lines)).join('\n')}\n`
}

function other(code: ProtocolProblemCode, message: string): EnvelopeReply {
  return { intent: 'other', problem: problemOf(code, message) }
}
