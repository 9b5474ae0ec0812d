import * as z from 'zod'
import { decisionKinds } from '../../core/decision.js'
import { HomeostatError } from '../../core/errors.js'
import { faultCategories } from '../../core/fault.js'
import { pathProblem } from '../../core/path.js'

/** The name of the protocol, and its version: a reader of a version understands it with fields added, never with fields changed. */
export const envelopeProtocol = 'homeostat.patch-request'
export const envelopeVersion = 1

const word = z.string().min(1).max(200)
const count = z.number().int().min(0).max(1e9)
const change = z.number().int().min(-1e9).max(1e9)
const hash = z.string().regex(/^[0-9a-f]{64}$/)
const path = z.string().refine((text) => pathProblem(text) === undefined, 'it is not a plain path inside the project')

const error = z.strictObject({
  message: z.string(),
  category: z.enum(faultCategories).optional(),
  code: word.optional(),
  /** Where it happened; lines count from 1. */
  file: word.optional(),
  line: count.optional(),
})

const trend = z.strictObject({
  direction: z.enum(['improving', 'plateauing', 'worsening', 'unknown']),
  errorsDetected: count,
  errorsResolved: count,
  /** Errors before less errors now: positive when things got better, negative when they got worse. */
  errorDelta: change,
  /** 0..1. */
  stagnationRisk: z.number().min(0).max(1).optional(),
})

const attempt = z.strictObject({
  attempt: z.number().int().min(1).max(1e9),
  success: z.boolean(),
  message: z.string(),
  errorsResolved: count,
  /** Positive when things got better. */
  errorDelta: change,
  decision: z.enum(decisionKinds).optional(),
})

const constraints = z.strictObject({
  /** Lines a patch may add and remove, counted together. */
  linesChangedMax: z.number().int().min(1).max(100_000).default(25),
  /** Texts that no added line may hold; upper and lower case are the same. */
  disallowed: z.array(z.string().min(1).max(100)).max(50).default([]),
  /** The only files that may be changed; absent: any. */
  paths: z.array(path).max(50).optional(),
})

const input = z.strictObject({
  /** Unique; from the world. */
  requestId: word,
  /** When it is made, milliseconds since 1970. */
  epochMs: z.number().int().min(0).max(8.64e15),
  error,
  /** What the failing command printed. */
  output: z.string().optional(),
  /** Whole files, the most telling first; `line`: where to look. */
  files: z
    .array(z.strictObject({ path, text: z.string(), line: count.optional() }))
    .max(20)
    .default([]),
  /** The patch that was tried last, as a unified diff. */
  lastPatch: z.string().optional(),
  /** What was found out before, oldest first. */
  notes: z.array(z.string()).max(200).default([]),
  trend: trend.prefault({ direction: 'unknown', errorsDetected: 0, errorsResolved: 0, errorDelta: 0 }),
  /** Oldest first. */
  attempts: z.array(attempt).max(1_000).default([]),
  constraints: constraints.prefault({}),
  /** Why the last reply could not be used. */
  lastReplyProblem: z.strictObject({ code: word, message: z.string().max(300) }).optional(),
  metadata: z
    .strictObject({
      sessionId: word.optional(),
      /** The hash of the request before this one. */
      previousHash: hash.optional(),
      /** What the people who run the service want to say. */
      developerMessage: z.string().optional(),
      labels: z
        .record(z.string().min(1).max(100), z.string().max(500))
        .refine((labels) => Object.keys(labels).length <= 50, 'it has more than 50 names')
        .default({}),
    })
    .prefault({}),
})

/** A question for a model: what is wrong, what was tried, and what a patch may do. All of its texts may be untrusted. */
export type EnvelopeInput = z.input<typeof input>
export type ParsedEnvelopeInput = z.output<typeof input>

const excerpt = z.object({
  path: z.string(),
  text: z.string(),
  firstLine: count,
  lastLine: count,
  lines: count,
  /** Openers less closers in the whole file, where they are not as many: it is damaged there. */
  bracketSurplus: z.object({ round: change, square: change, curly: change }).optional(),
})

const cut = z.object({ part: z.string(), bytes: count, kept: count, reason: z.enum(['size', 'not-shown']) })

/** What is sent: a reader takes unknown fields for additions of later versions. */
export const envelopeDocument = z.object({
  protocol: z.literal(envelopeProtocol),
  version: z.literal(envelopeVersion),
  hash,
  context: z.object({
    error: z.object(error.shape),
    output: z.string(),
    files: z.array(excerpt),
    lastPatch: z.string(),
    notes: z.array(z.string()),
  }),
  trend: z.object(trend.shape),
  attempts: z.array(z.object(attempt.shape)),
  constraints: z.object({
    linesChangedMax: count,
    disallowed: z.array(z.string()),
    paths: z.array(z.string()).optional(),
  }),
  lastReplyProblem: z.object({ code: z.string(), message: z.string() }).optional(),
  /** Parts that are not here as a whole: bytes of UTF-8 they have, and that were kept. */
  cut: z.array(cut),
  metadata: z.object({
    requestId: z.string(),
    epochMs: z.number().int().min(0),
    sessionId: z.string().optional(),
    previousHash: hash.optional(),
    developerMessage: z.string(),
    labels: z.record(z.string(), z.string()),
  }),
})

export type EnvelopeDocument = z.output<typeof envelopeDocument>
export type EnvelopeCut = z.output<typeof cut>

/** @throws HS_INPUT_INVALID naming the first field that cannot be. */
export function parseEnvelopeInput(given: unknown): ParsedEnvelopeInput {
  const parsed = input.safeParse(given)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw invalid(`${issue?.path.map(String).join('.') ?? ''}: ${issue?.message ?? 'it is no object'}`.replace(/^: /, ''))
}

export function invalid(reason: string): HomeostatError<'HS_INPUT_INVALID'> {
  return new HomeostatError('HS_INPUT_INVALID', { what: 'the question for a model', reason })
}
