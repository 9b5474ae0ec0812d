import type * as z from 'zod'
import { HomeostatError } from '../../core/errors.js'
import { canonicalJson } from '../../core/hash.js'
import { presetDefault, presetNames, type PresetName } from './policy-field.js'
import { readValues } from './policy-input.js'
import { nest, policyFields, presetValues, type PolicyValues } from './policy-paths.js'
import { createProblems, misfit, show, type Problems } from './policy-problems.js'
import { policySchema, valueAt, type Policy } from './policy-schema.js'

/**
 * A whole policy from any part of one: what `input` leaves out has the default of its preset. The result is frozen at every
 * level, and shares nothing with `input`, which is not changed. A policy that was parsed already is returned as it is.
 *
 * @param source - Where the input comes from, for messages: a path, `the environment`.
 * @throws HS_POLICY_INVALID naming each problem: path, value, what is allowed, the nearest known name.
 * @example
 * ```ts
 * const policy = parsePolicy({ preset: 'sota', guard: { retry: { attemptsMax: 5 } } })
 * expect(policy.guard.retry.attemptsMax).toBe(5)
 * expect(policy.heal.syntaxAttemptsMax).toBe(3)
 * ```
 */
export function parsePolicy(input?: unknown, source = 'the caller'): Policy {
  if (isParsed(input)) return input
  const problems = createProblems()
  return settle(readValues(input, problems), source, problems)
}

/** A policy after a change, and what differs. */
export interface PolicyChange {
  readonly policy: Policy
  /** Dotted paths of the fields whose value differs, in the order of the schema. */
  readonly changed: readonly string[]
}

/**
 * The policy after `change`, which sets any part of it. The whole result is checked before there is one. What was set
 * explicitly before stays set; a new preset gives its defaults to the fields that never were. Lists are replaced whole.
 *
 * @throws HS_POLICY_INVALID as {@link parsePolicy} does; `base` stays valid.
 */
export function mergePolicy(base: Policy, change: unknown, source = 'the update'): PolicyChange {
  const problems = createProblems()
  const values = new Map([...explicitValues(base), ...readValues(change, problems)])
  const policy = settle(values, source, problems)
  const changed = [...policyFields.keys()].filter((path) => !same(valueAt(base, path), valueAt(policy, path)))
  return { policy, changed }
}

/** Paths of the fields that a person set, as opposed to the preset, in the order of the schema. */
export function explicitPaths(policy: Policy): readonly string[] {
  const values = explicitValues(policy)
  return [...policyFields.keys()].filter((path) => values.has(path))
}

/** What each parsed policy was made of: a policy alone cannot tell a default from the same value, set on purpose. */
const explicit = new WeakMap<object, PolicyValues>()

function isParsed(input: unknown): input is Policy {
  return typeof input === 'object' && input !== null && explicit.has(input)
}

/** A policy that was not made here (a copy of one) is taken to set what differs from its preset. */
function explicitValues(policy: Policy): PolicyValues {
  const known = explicit.get(policy)
  if (known !== undefined) return known
  const values = readValues(policy, createProblems())
  const defaults = presetValues(presetOf(values))
  return new Map([...values].filter(([path, value]) => path === 'preset' || !same(value, defaults.get(path))))
}

function settle(values: PolicyValues, source: string, problems: Problems): Policy {
  const all = new Map([...presetValues(presetOf(values)), ...values])
  const parsed = policySchema.safeParse(nest(all))
  if (!parsed.success) addIssues(parsed.error.issues, { all, values, problems })
  if (!parsed.success || problems.count > 0) throw new HomeostatError('HS_POLICY_INVALID', { source, problems: problems.text() })
  const policy = frozen(parsed.data)
  explicit.set(policy, values)
  return policy
}

function addIssues(
  issues: readonly z.core.$ZodIssue[],
  { all, values, problems }: { readonly all: PolicyValues; readonly values: PolicyValues; readonly problems: Problems },
): void {
  const said = new Set<string>()
  for (const issue of issues) {
    const path = fieldPath(issue.path)
    const upper: unknown = issue.code === 'custom' ? issue.params?.['atMost'] : undefined
    if (typeof upper === 'string') {
      const value = (at: string): string => `${show(all.get(at))}${values.has(at) ? '' : ' by default'}`
      problems.add(() => `${path} is ${value(path)}, allowed: at most ${upper}, which is ${value(upper)}`)
    } else if (!said.has(path)) {
      said.add(path)
      problems.add(() => misfit(path, all.get(path)))
    }
  }
}

/** An issue inside a list belongs to the field that holds the list. */
function fieldPath(path: readonly PropertyKey[]): string {
  const index = path.findIndex((part) => typeof part === 'number')
  return (index < 0 ? path : path.slice(0, index)).map(String).join('.')
}

function presetOf(values: PolicyValues): PresetName {
  return presetNames.find((preset) => preset === values.get('preset')) ?? presetDefault
}

function same(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b)) return Object.is(a, b)
  return (
    a.length === b.length &&
    a.every((item, index) => item === b[index] || (isObject(item) && canonicalJson(item) === canonicalJson(b[index])))
  )
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null
}

function frozen<T extends object>(tree: T): T {
  for (const member of Object.values(tree)) if (typeof member === 'object' && member !== null) frozen(member)
  return Object.freeze(tree)
}
