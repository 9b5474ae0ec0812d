import { HomeostatError } from '../../core/errors.js'
import { similarNames } from '../../core/similar-name.js'
import { oneLine } from '../../core/text.js'
import { nest, policyFields, type PolicyField } from './policy-paths.js'
import { createProblems, misfit, suggestion } from './policy-problems.js'
import type { PolicyInput } from './policy-schema.js'

const prefix = 'HOMEOSTAT_'

/** Variables with our prefix that are not about the policy: homeostat sets them for the commands it runs. */
const reserved: ReadonlySet<string> = new Set(['HOMEOSTAT_RUN_ID'])

/** The environment variable of a field: `guard.retry.attemptsMax` is `HOMEOSTAT_GUARD_RETRY_ATTEMPTS_MAX`. */
export function variableOf(path: string): string {
  return prefix + path.replace(/[A-Z]/g, '_$&').replaceAll('.', '_').toUpperCase()
}

/**
 * What the `HOMEOSTAT_*` variables set. Numbers are written as in JSON, flags as `true`, `false`, `1` or `0`, lists with
 * commas between the items (an empty text is the empty list), lists of objects as JSON. Other variables are not looked at.
 *
 * @throws HS_POLICY_INVALID for a name that no field has, and for a value that its field does not take.
 */
export function policyFromEnvironment(environment: Readonly<Record<string, string | undefined>>): PolicyInput {
  const problems = createProblems()
  const values = new Map<string, unknown>()
  for (const [name, text] of Object.entries(environment)) {
    if (text === undefined || !name.startsWith(prefix) || reserved.has(name)) continue
    const field = fieldsByVariable.get(name)
    const value = field === undefined ? undefined : typed(field, text)
    // The text of an unknown variable is not shown: it may be a secret of someone else.
    if (field === undefined)
      problems.add(() => `${oneLine(name, 100)} is not a variable of homeostat${suggestion(nearestVariables(name))}`)
    else if (field.accepts(value)) values.set(field.path, value)
    else problems.add(() => misfit(field.path, text, `${name} (${field.path})`))
  }
  if (problems.count > 0) throw new HomeostatError('HS_POLICY_INVALID', { source: 'the environment', problems: problems.text() })
  // Every value was accepted by the schema of its field.
  return nest(values) as PolicyInput
}

const fieldsByVariable: ReadonlyMap<string, PolicyField> = new Map(
  [...policyFields.values()].map((field) => [variableOf(field.path), field]),
)

/** The value that a text stands for; the text itself where it is not of the field's kind, so that the field refuses it. */
function typed(field: PolicyField, text: string): unknown {
  switch (field.note.range.kind) {
    case 'number':
      return numberSyntax.test(text) ? Number(text) : text
    case 'flag':
      return flags.get(text) ?? text
    case 'choice':
      return text
    case 'list':
      return text === '' ? [] : text.split(',', field.note.range.itemsMax + 1).map((item) => item.trim())
    case 'records':
      return jsonOf(text)
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text // no JSON is no list: the field refuses it
  }
}

/** Numbers as JSON writes them. */
const numberSyntax = /^-?(?:0|[1-9]\d{0,20})(?:\.\d{1,40})?(?:[eE][+-]?\d{1,3})?$/

const flags: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

function nearestVariables(name: string): readonly string[] {
  if (name.length > 100) return []
  const bare = [...fieldsByVariable.keys()].map((known) => known.slice(prefix.length))
  return similarNames(name.slice(prefix.length), bare, 2).map((near) => prefix + near)
}
