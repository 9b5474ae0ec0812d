import * as z from 'zod'
import type { Experience } from '../../core/experience.js'
import { HomeostatError } from '../../core/errors.js'
import { faultCategories } from '../../core/fault.js'
import { oneLine } from '../../core/text.js'
import { classIdOf } from './fault-class.js'
import { fingerprintsMax, formOf, type Pattern } from './pattern.js'

/** Names of details and strategies. `__proto__` and its like are names of nothing. */
const word = z
  .string()
  .regex(/^[\w.:@/*-]{1,80}$/)
  .refine((text) => !['__proto__', 'constructor', 'prototype'].includes(text))
const line = (lengthMax: number): z.ZodString => z.string().max(lengthMax)
const count = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER)
const sum = z.number().min(0).max(Number.MAX_SAFE_INTEGER)
const epochMs = z.number().min(0).max(8.64e15)

const path = line(1_024).min(1)
const template = z
  .array(z.union([line(2_000), z.strictObject({ from: word })]))
  .min(1)
  .max(16)
const recipe = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('replace'), file: template, find: template, put: template }),
  z.strictObject({
    kind: z.literal('blocks'),
    edits: z
      .array(z.strictObject({ path, before: line(8_000).min(1), after: line(8_000) }))
      .min(1)
      .max(8),
  }),
  z.strictObject({
    kind: z.literal('install'),
    packages: z.array(z.strictObject({ name: template, dev: z.boolean() })).max(8),
  }),
  z.strictObject({ kind: z.literal('chmod'), path: template, add: z.number().int().min(1).max(0o777) }),
])

const fingerprint = z.string().regex(/^[\w-]{1,64}$/)
const parameters = z.record(word, line(300)).refine((record) => Object.keys(record).length <= 16)
const category = z.enum(faultCategories)

const experienceShape = z.strictObject({
  fingerprint,
  faultClass: z.strictObject({ category, code: line(60), tool: line(60).optional(), shape: line(240) }),
  strategy: word,
  parameters,
  outcome: z.enum(['worked', 'failed']),
  plausibility: z.number().min(0).max(1).optional(),
  costMs: sum,
  epochMs,
  recipe: recipe.optional(),
})

const patternShape = z.strictObject({
  classId: z.string().regex(/^(?:[0-9a-f]{16}|\*[a-z]{1,20})$/),
  strategy: word,
  form: z.string().regex(/^(?:[0-9a-f]{16}|\*)$/),
  category,
  code: line(60),
  worked: count,
  failed: count,
  plausibilitySum: sum,
  costMs: sum,
  firstEpochMs: epochMs,
  lastEpochMs: epochMs,
  detail: z
    .strictObject({
      tool: line(60).optional(),
      shape: line(240),
      parameters,
      recipe: recipe.optional(),
      fingerprints: z.array(fingerprint).max(fingerprintsMax),
    })
    .optional(),
})

/**
 * An experience that anyone may have written, in the right form.
 *
 * @throws HS_INPUT_INVALID
 */
export function readExperience(value: unknown): Experience {
  const read = experienceShape.safeParse(value)
  if (!read.success) throw invalid('the experience', read.error)
  return withoutUndefined(read.data)
}

/**
 * A pattern that anyone may have written, in the right form, with counts that agree with each other.
 *
 * @param value - Of JSON: without members that are `undefined`.
 * @param what - Names it in the error: `line 7`.
 * @throws HS_INPUT_INVALID
 */
export function readPattern(value: unknown, what: string): Pattern {
  const read = patternShape.safeParse(value)
  if (!read.success) throw invalid(what, read.error)
  // JSON has no undefined, and parsing adds none: a field that is there has a value. This is done for each row that is read.
  const pattern = read.data as Exact<typeof read.data>
  const reason = contradictionIn(pattern)
  if (reason !== undefined) throw new HomeostatError('HS_INPUT_INVALID', { what, reason })
  return pattern
}

/** Keys are made of contents: a pattern under the key of another would lend it a name that it did not earn. */
function contradictionIn({ classId, form, category, code, detail, ...counts }: Pattern): string | undefined {
  const { worked, failed, plausibilitySum, firstEpochMs, lastEpochMs } = counts
  if (plausibilitySum > worked + failed) return '"plausibilitySum" is more than one for each attempt'
  if (firstEpochMs > lastEpochMs) return '"firstEpochMs" is later than "lastEpochMs"'
  if ((form === '*') !== classId.startsWith('*')) return '"classId" and "form" are not both those of a sum'
  if (detail === undefined) return undefined
  const { tool, shape, recipe, parameters: given, fingerprints } = detail
  if (classId !== classIdOf({ category, code, shape, ...(tool !== undefined && { tool }) }))
    return '"classId" is not that of the category, code, tool and shape'
  if (recipe !== undefined && form !== formOf(recipe, given)) return '"form" is not that of the recipe'
  if (worked === 0 && (recipe !== undefined || fingerprints.length > 0)) return 'it never worked and says how it did'
  return undefined
}

function invalid(what: string, error: z.ZodError): HomeostatError {
  return new HomeostatError('HS_INPUT_INVALID', { what, reason: oneLine(z.prettifyError(error), 300) }, { cause: error })
}

/** What zod calls optional it may also give as `undefined`; a field of ours is there or not. */
type Exact<T> = T extends readonly unknown[]
  ? T
  : T extends object
    ? { [K in keyof T as undefined extends T[K] ? never : K]: Exact<T[K]> } & {
        [K in keyof T as undefined extends T[K] ? K : never]?: Exact<Exclude<T[K], undefined>>
      }
    : T

function withoutUndefined<T>(value: T): Exact<T> {
  // A parsed value is plain JSON, and JSON has no undefined: the copy is exactly the type.
  return JSON.parse(JSON.stringify(value)) as Exact<T>
}
