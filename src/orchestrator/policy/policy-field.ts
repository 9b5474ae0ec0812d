import * as z from 'zod'
import { printable } from '../../core/text.js'

/** For which class of model the defaults are made, strongest first. */
export const presetNames = ['sota', 'mid-tier', 'local-small'] as const
/** One of {@link presetNames}. */
export type PresetName = (typeof presetNames)[number]

/** The preset of a policy that names none. */
export const presetDefault: PresetName = 'mid-tier'

/** What a field of the policy accepts, in a form that pages, messages and arbitraries can be made of. */
export type FieldRange =
  | { readonly kind: 'number'; readonly whole: boolean; readonly min: number; readonly max: number }
  | { readonly kind: 'flag' }
  | { readonly kind: 'choice'; readonly options: readonly string[] }
  | { readonly kind: 'list'; readonly itemsMax: number; readonly lengthMax: number }
  | {
      readonly kind: 'records'
      readonly itemsMax: number
      /** What each item is, in words. */
      readonly item: string
      readonly example: Readonly<Record<string, string>>
    }

/** What is known of a field beside its checks. */
export interface FieldNote {
  readonly range: FieldRange
  /** One sentence for people. */
  readonly description: string
  readonly defaults: Readonly<Record<PresetName, unknown>>
}

/** What is known of a section beside its checks. */
export interface SectionNote {
  readonly description: string
}

/** The note of every field. zod keeps the checks; this keeps what zod cannot be asked back in a typed way. */
export const fieldNotes = z.registry<FieldNote>()

/** The note of every section. */
export const sectionNotes = z.registry<SectionNote>()

/** One default for all presets, or one for each in the order of {@link presetNames}. */
type NumberDefault = number | readonly [sota: number, midTier: number, localSmall: number]

/** A whole number; both bounds are allowed values. */
export function whole(bounds: readonly [min: number, max: number], byDefault: NumberDefault, description: string) {
  return number(z.int(), true, bounds, { byDefault, description })
}

/** Any finite number; both bounds are allowed values. */
export function ratio(bounds: readonly [min: number, max: number], byDefault: NumberDefault, description: string) {
  return number(z.number(), false, bounds, { byDefault, description })
}

/** `true` or `false`. */
export function flag(byDefault: boolean, description: string) {
  return z.boolean().register(fieldNotes, { range: { kind: 'flag' }, description, defaults: always(byDefault) })
}

/** One of some names, exactly as written. */
export function choice<const T extends readonly [string, ...string[]]>(options: T, byDefault: T[number], description: string) {
  return z.enum(options).register(fieldNotes, { range: { kind: 'choice', options }, description, defaults: always(byDefault) })
}

/** No list of the policy is longer. */
export const itemsMax = 1_000
const lengthMax = 200

/** Texts of 1 to 200 printable characters; without commas, so that an environment variable can hold the list. */
export function list(byDefault: readonly string[], description: string) {
  return z
    .array(z.string().max(lengthMax).refine(isItem))
    .max(itemsMax)
    .register(fieldNotes, { range: { kind: 'list', itemsMax, lengthMax }, description, defaults: always(byDefault) })
}

/** Items that are objects of texts; by default there are none. */
export function records<const T extends z.ZodObject>(
  item: T,
  about: { readonly item: string; readonly example: Readonly<Record<string, string>> },
  description: string,
) {
  return z
    .array(item)
    .max(itemsMax)
    .register(fieldNotes, { range: { kind: 'records', itemsMax, ...about }, description, defaults: always([]) })
}

/** Named fields, and no others. */
export function section<const T extends z.ZodRawShape>(description: string, shape: T) {
  return z.strictObject(shape).register(sectionNotes, { description })
}

function number(
  schema: z.ZodNumber,
  isWhole: boolean,
  [min, max]: readonly [number, number],
  { byDefault, description }: { readonly byDefault: NumberDefault; readonly description: string },
) {
  const [sota, midTier, localSmall] = typeof byDefault === 'number' ? [byDefault, byDefault, byDefault] : byDefault
  return schema
    .min(min)
    .max(max)
    .refine((value) => !Object.is(value, -0)) // it would turn into 0 on its way through JSON, and differ from itself
    .register(fieldNotes, {
      range: { kind: 'number', whole: isWhole, min, max },
      description,
      defaults: { sota, 'mid-tier': midTier, 'local-small': localSmall },
    })
}

function always(value: unknown): Record<PresetName, unknown> {
  return { sota: value, 'mid-tier': value, 'local-small': value }
}

function isItem(item: string): boolean {
  return item !== '' && item === item.trim() && !/[,\t\n]/.test(item) && printable(item, lengthMax) === item
}
