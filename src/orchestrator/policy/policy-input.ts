import { itemsMax } from './policy-field.js'
import { join, policySections, type PolicyValues } from './policy-paths.js'
import { notASection, unknownName, unreadable, type Problems } from './policy-problems.js'

/**
 * The values that `input` sets, by path. Walks along the schema, never along the input: cycles and depth cost nothing, only
 * known own names are looked at, and every look may throw. What cannot be a policy at all is added to `problems`; whether a
 * value is in range is not judged here. Keeps no reference to anything of `input` that can be changed later.
 */
export function readValues(input: unknown, problems: Problems): PolicyValues {
  const values = new Map<string, unknown>()
  if (input !== undefined) readSection('', input)
  return values

  function readSection(path: string, value: unknown): void {
    const names = attempt(() => namesOfPlain(value))
    if (names === threw) return problems.add(() => unreadable(path))
    if (names === undefined) return problems.add(() => notASection(path, value))
    // Known from the check above: only objects have names.
    for (const name of names) readMember(path, name, value as object)
  }

  function readMember(section: string, name: string | symbol, owner: object): void {
    const value = attempt((): unknown => Reflect.get(owner, name))
    if (typeof name === 'symbol' || !policySections.get(section)?.names.includes(name)) {
      return problems.add(() => unknownName(section, name, value === threw ? undefined : value))
    }
    const path = join(section, name)
    if (value === threw) return problems.add(() => unreadable(path))
    if (value === undefined) return
    if (policySections.has(path)) return readSection(path, value)
    const leaf = attempt(() => harmlessLeaf(value))
    if (leaf === threw) problems.add(() => unreadable(path))
    else values.set(path, leaf)
  }
}

const threw = Symbol('threw')

function attempt<T>(look: () => T): T | typeof threw {
  try {
    return look()
  } catch {
    return threw // what it threw is a stranger's, and may throw again when it is shown
  }
}

/** The own names of a plain object, of any realm; `undefined` for everything else. */
function namesOfPlain(value: unknown): readonly (string | symbol)[] | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const prototype: unknown = Object.getPrototypeOf(value)
  const plain =
    prototype === null ||
    (typeof prototype === 'object' && Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, 'isPrototypeOf'))
  return plain ? Reflect.ownKeys(value) : undefined
}

/**
 * A value that nobody else can change, and that can be looked at without running a stranger's code: a list is copied as far as
 * one item beyond its limit, and of an item that is a plain object its members; any other object becomes an empty one, which no
 * field takes.
 */
function harmlessLeaf(value: unknown): unknown {
  if (!Array.isArray(value)) return harmless(value)
  // By index: an array may bring an iterator of its own, which may never end.
  return Array.from({ length: Math.min(value.length, itemsMax + 1) }, (_, index) => harmlessItem(value[index]))
}

/** No item of a list has more members: those beyond make it one that no field takes. */
const membersMax = 20

function harmlessItem(value: unknown): unknown {
  const names = namesOfPlain(value)
  if (names === undefined) return harmless(value)
  // Known from the check above: only objects have names.
  const owner = value as object
  return Object.fromEntries(names.slice(0, membersMax).map((name) => [name, harmless(Reflect.get(owner, name))]))
}

function harmless(value: unknown): unknown {
  return typeof value === 'object' && value !== null ? {} : value
}
