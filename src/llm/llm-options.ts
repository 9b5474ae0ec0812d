import * as z from 'zod'
import { HomeostatError } from '../core/errors.js'

const dayMs = 86_400_000
const milliseconds = z.number().int().min(1).max(dayMs)
const delay = z.number().int().min(0).max(dayMs)
const whole = z.number().int().min(1)

const limits = {
  /** US dollars in any 24 hours. */
  usdPerDay: z.number().positive().optional(),
  usdPerCallMax: z.number().positive().optional(),
  tokensPerMinute: whole.optional(),
  requestsPerMinute: whole.optional(),
  /** Requests and streams under way at once. */
  concurrentMax: whole.optional(),
}

const target = {
  model: z.string().min(1).max(200),
  /** Takes the place of the origin and of the path before `/chat/completions`: `https://gateway.example.com/v1`. */
  baseUrl: z.url().optional(),
  /** Take the place of the request's own: a credential, mostly. */
  headers: z.record(z.string(), z.string()).prefault({}),
}

const schema = z.strictObject({
  /** Milliseconds. */
  timeouts: z
    .strictObject({
      /** From the request for a stream to its first content. */
      firstTokenMs: milliseconds.default(60_000),
      /** From content to content of a stream; pings are no content. */
      idleMs: milliseconds.default(30_000),
      /** One request with its whole answer. */
      totalMs: milliseconds.default(600_000),
    })
    .prefault({}),
  retry: z
    .strictObject({
      /** Requests to one target for one call, the first one included. */
      attemptsMax: whole.max(20).default(3),
      delayMsBase: delay.default(500),
      delayMsMax: delay.default(30_000),
      /** A target that asks for a longer wait is given up for this call. */
      retryAfterMsMax: delay.default(60_000),
    })
    .prefault({}),
  /** None by default. */
  budget: z
    .strictObject({
      ...limits,
      perKey: z.strictObject(limits).prefault({}),
      /** What a call of a model without a known price counts, US dollars; without it such calls are refused while money is limited. */
      unknownUsd: z.number().min(0).optional(),
    })
    .prefault({}),
  /** Other deployments of the same quality: each call goes to the one that will be done soonest, the others are asked when it fails. */
  deployments: z
    .array(z.strictObject({ ...target, weight: z.number().positive().max(1_000).default(1) }))
    .max(20)
    .prefault([]),
  /** Asked in this order when the deployments fail in a way that another model may not. They must speak the same language. */
  fallback: z.array(z.strictObject(target)).max(10).prefault([]),
  /** A second request when the first is late, and the first answer counts. Off by default: it costs money. */
  hedge: z
    .strictObject({
      enabled: z.boolean().default(false),
      /** Share of calls that have answered by the time it goes out. */
      quantile: z.number().min(0.5).max(0.999).default(0.95),
      /** Second requests for each call, at most. */
      extraRatioMax: z.number().min(0).max(1).default(0.05),
    })
    .prefault({}),
  /** Names for hosts, in place of ours: `{ 'gateway.example.com': 'gateway' }`. */
  providers: z.record(z.string(), z.string().min(1).max(100)).prefault({}),
  /** Prices of models that the table does not have, or has wrong: US dollars for a million tokens. */
  prices: z
    .record(
      z.string(),
      z.strictObject({ input: z.number().min(0), output: z.number().min(0), cachedInput: z.number().min(0).optional() }),
    )
    .prefault({}),
  /** Equal requests at temperature 0, under way at the same time or later. */
  cache: z
    .strictObject({
      /** Whether those under way at the same time share one call. */
      coalesce: z.boolean().default(false),
      /** How long a complete answer is kept; absent: not at all. */
      ttlMs: milliseconds.optional(),
      /** `always`: also those that are not at temperature 0. */
      when: z.enum(['deterministic', 'always']).default('deterministic'),
      bytesMax: whole.optional(),
      answerBytesMax: whole.optional(),
    })
    .prefault({}),
  /** A call that would have to wait longer for its provider's limit is refused. */
  waitMsMax: delay.default(60_000),
  /** An answer that does not stream may be this long. */
  answerBytesMax: whole.default(64 * 1_024 * 1_024),
})

/** What a guard for language models can be told; all of it is optional. Durations are milliseconds. */
export type LlmOptionsInput = z.input<typeof schema>

/** The options with all defaults. */
export type LlmOptions = z.output<typeof schema>

/**
 * The options with defaults, checked.
 *
 * @throws HS_INPUT_INVALID naming the first option that cannot be, with its value.
 */
export function parseLlmOptions(input: unknown): LlmOptions {
  const parsed = schema.safeParse(input ?? {})
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const path = issue?.path.map(String).join('.') ?? ''
  throw new HomeostatError('HS_INPUT_INVALID', {
    what: 'the options of the guard for language models',
    reason: `${path === '' ? '' : `${path}: `}${issue?.message ?? 'they are no object'}`,
  })
}
