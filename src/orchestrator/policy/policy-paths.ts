import * as z from 'zod'
import { fieldNotes, sectionNotes, type FieldNote, type PresetName } from './policy-field.js'
import { policySchema } from './policy-schema.js'

/** One leaf of the policy. */
export interface PolicyField {
  /** Dotted: `guard.retry.attemptsMax`. */
  readonly path: string
  /** Dotted path of the section it is in; `''` for the top. */
  readonly section: string
  /** The last part of the path. */
  readonly name: string
  readonly note: FieldNote
  /** Whether the schema takes this value here, looked at alone. */
  readonly accepts: (value: unknown) => boolean
}

/** One group of fields and smaller sections. */
export interface PolicySection {
  readonly path: string
  readonly description: string
  /** What it holds, fields and sections, in the order of the schema. */
  readonly names: readonly string[]
}

/** Values of fields by dotted path: the flat form of a policy, or of a part of one. */
export type PolicyValues = ReadonlyMap<string, unknown>

const fields = new Map<string, PolicyField>()
const sections = new Map<string, PolicySection>()
visit('', policySchema)

/** Every field of the schema by path, in its order. */
export const policyFields: ReadonlyMap<string, PolicyField> = fields

/** Every section of the schema by path, in its order; the top is `''`. */
export const policySections: ReadonlyMap<string, PolicySection> = sections

/** The value of every field where a person sets nothing but the preset. */
export function presetValues(preset: PresetName): Map<string, unknown> {
  return new Map([...policyFields.values()].map((field) => [field.path, field.note.defaults[preset]]))
}

/** The nested form of flat values. Paths must come from the schema or from its author, never from a stranger. */
export function nest(values: PolicyValues): object {
  const tree = {}
  for (const [path, value] of values) {
    const names = path.split('.')
    const last = names.pop() ?? ''
    let place: object = tree
    for (const name of names) place = sectionOf(place, name)
    Reflect.set(place, last, value)
  }
  return tree
}

/** The path of `name` in a section. */
export function join(section: string, name: string): string {
  return section === '' ? name : `${section}.${name}`
}

function visit(path: string, schema: z.ZodObject): void {
  sections.set(path, { path, description: sectionNotes.get(schema)?.description ?? '', names: Object.keys(schema.shape) })
  for (const [name, member] of Object.entries(schema.shape)) {
    const note = fieldNotes.get(member)
    if (member instanceof z.ZodObject) visit(join(path, name), member)
    else if (note !== undefined) {
      const accepts = (value: unknown): boolean => z.safeParse(member, value).success
      fields.set(join(path, name), { path: join(path, name), section: path, name, note, accepts })
    }
  }
}

function sectionOf(place: object, name: string): object {
  const present: unknown = Reflect.get(place, name)
  if (typeof present === 'object' && present !== null) return present
  const made = {}
  Reflect.set(place, name, made)
  return made
}
