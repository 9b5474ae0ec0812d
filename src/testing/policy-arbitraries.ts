import * as fc from 'fast-check'
import { presetDefault, type PresetName } from '../orchestrator/policy/policy-field.js'
import { join, nest, policyFields, policySections, presetValues, type PolicyField } from '../orchestrator/policy/policy-paths.js'
import { orderings, type PolicyInput } from '../orchestrator/policy/policy-schema.js'

/** Policies that `parsePolicy` takes: any of the fields, each with any value of its range. Derived from the schema. */
export function validPolicy(): fc.Arbitrary<PolicyInput> {
  // Each value comes from the range of its own field, and orderings were mended: this is an input of the schema.
  return validValues().map((values) => nest(values) as PolicyInput)
}

/** Something that is almost a policy. */
export interface InvalidPolicy {
  readonly input: unknown
  /** Dotted path of the one thing that is wrong; the message of the refusal names it. */
  readonly path: string
}

/**
 * Policies that `parsePolicy` refuses because of one subtle mistake: a value just beyond its range, a text with a unit where a
 * number belongs, a misspelt name, the wrong case, NaN, two fields that contradict each other. Derived from the schema.
 */
export function invalidPolicy(): fc.Arbitrary<InvalidPolicy> {
  const mistake = fc.oneof(
    { weight: 6, arbitrary: wrongValue() },
    { weight: 2, arbitrary: misspeltName() },
    wrongSection(),
    contradiction(),
  )
  return fc.tuple(validValues(), mistake).map(([valid, wrong]) => {
    const values = new Map([...valid].filter(([path]) => !path.startsWith(`${wrong.path}.`)))
    for (const [path, value] of wrong.values) values.set(path, value)
    return { input: nest(values), path: wrong.path }
  })
}

type Values = ReadonlyMap<string, unknown>
interface Mistake {
  readonly path: string
  readonly values: Values
}

function validValues(): fc.Arbitrary<Values> {
  const record = fc.record(Object.fromEntries([...policyFields.values()].map((field) => [field.path, valueOf(field)])), {
    requiredKeys: [],
  })
  return record.map((values) => inOrder(new Map(Object.entries(values))))
}

function valueOf(field: PolicyField): fc.Arbitrary<unknown> {
  const { range } = field.note
  switch (range.kind) {
    case 'number':
      return range.whole
        ? fc.integer(range)
        : fc.double({ min: range.min, max: range.max, noNaN: true }).map((value) => value + 0) // never -0
    case 'flag':
      return fc.boolean()
    case 'choice':
      return fc.constantFrom(...range.options)
    case 'list':
      return fc.array(
        fc.string({ minLength: 1, maxLength: range.lengthMax }).filter((item) => field.accepts([item])),
        { maxLength: 8 },
      )
    case 'records':
      return fc.constantFrom([], [range.example], [range.example, { ...range.example }])
  }
}

/** Where a value was set that may not exceed another, or the other one: sets both, the smaller one small enough. */
function inOrder(values: Map<string, unknown>): Map<string, unknown> {
  const all = new Map([...presetValues(presetOf(values)), ...values])
  for (const [lower, upper] of orderings) {
    const [low, high] = [Number(all.get(lower)), Number(all.get(upper))]
    if (low > high) values.set(lower, high).set(upper, high)
  }
  return values
}

function presetOf(values: Values): PresetName {
  // A generated preset is one of the options of the field; there is no other.
  return (values.get('preset') as PresetName | undefined) ?? presetDefault
}

function wrongValue(): fc.Arbitrary<Mistake> {
  return fc
    .constantFrom(...policyFields.values())
    .chain((field) =>
      fc.constantFrom(...wrongValuesOf(field)).map((value) => ({ path: field.path, values: new Map([[field.path, value]]) })),
    )
}

function wrongValuesOf({ note: { range, defaults } }: PolicyField): readonly unknown[] {
  const byDefault = defaults[presetDefault]
  const anywhere = [null, {}, () => byDefault, Symbol('value'), [[]], String(byDefault).toUpperCase()]
  switch (range.kind) {
    case 'number': {
      const step = range.whole ? 1 : 0.001
      const beyond = [range.min - step, range.max + step, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -0]
      return [
        ...anywhere,
        ...beyond,
        ...(range.whole ? [range.min + 0.5] : []),
        true,
        1n,
        [range.min],
        `${range.min}`,
        '30s',
        '10%',
        '1e3',
      ]
    }
    case 'flag':
      return [...anywhere, 'true', 'yes', 0, 1]
    case 'choice':
      return [
        ...anywhere,
        true,
        0,
        [range.options[0]],
        ...range.options.flatMap((option) => [option.toUpperCase(), `${option} `, option.slice(1)]),
      ]
    case 'list':
      return [
        ...anywhere,
        ...['a,b', ' a', '', 'a\u0000', 'a'.repeat(range.lengthMax + 1), 7, undefined].map((item) => [item]),
        Array<string>(range.itemsMax + 1).fill('a'),
      ]
    case 'records':
      return [
        ...anywhere,
        ...[{}, { ...range.example, more: 'x' }, { ...range.example, until: 'never' }, 'a', undefined].map((item) => [item]),
        Array<object>(range.itemsMax + 1).fill(range.example),
      ]
  }
}

function misspeltName(): fc.Arbitrary<Mistake> {
  const places = [...policySections.values()].flatMap(({ path, names }) => names.map((name) => ({ path, name, names })))
  return fc
    .constantFrom(...places)
    .chain((place) =>
      fc
        .constantFrom(...misspellings(place.name).filter((name) => !place.names.includes(name)))
        .map((name) => join(place.path, name)),
    )
    .map((path) => ({ path, values: new Map([[path, 1]]) }))
}

function misspellings(name: string): readonly string[] {
  const swapped = `${name.slice(0, -2)}${name.slice(-1)}${name.slice(-2, -1)}`
  return [
    name.slice(0, -1),
    `${name}s`,
    swapped,
    name.toUpperCase(),
    `${name.slice(0, 2)}${name.slice(1)}`,
    name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`),
  ]
}

function wrongSection(): fc.Arbitrary<Mistake> {
  const paths = [...policySections.keys()].filter((path) => path !== '')
  return fc
    .tuple(
      fc.constantFrom(...paths),
      fc.constantFrom<unknown>(null, true, false, 1, 'off', [], new Map(), () => ({})),
    )
    .map(([path, value]) => ({ path, values: new Map([[path, value]]) }))
}

/** Both values are in their ranges; the smaller one is larger by the least possible. */
function contradiction(): fc.Arbitrary<Mistake> {
  return fc.constantFrom(...orderings).chain(([lower, upper]) => {
    const [low, high] = [policyFields.get(lower)?.note.range, policyFields.get(upper)?.note.range]
    if (low?.kind !== 'number' || high?.kind !== 'number')
      throw new TypeError(`${lower} and ${upper} must be numbers to have an order`)
    const step = low.whole ? 1 : 0.001
    const most = fc.integer({ min: Math.ceil(high.min / step), max: Math.floor(Math.min(high.max, low.max) / step) - 1 })
    return most.map((steps) => ({
      path: lower,
      values: new Map([
        [lower, (steps + 1) * step],
        [upper, steps * step],
      ]),
    }))
  })
}
