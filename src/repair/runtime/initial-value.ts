import type { SyntaxNode } from '../code/syntax-node.js'
import { type Candidate, insertedAt, likeness } from './runtime-candidate.js'
import type { Scene } from './runtime-scene.js'
import type { Binding } from './runtime-scopes.js'
import { type Source, isMember, propertyOf } from './runtime-source.js'

/** `let x` that was given a value once: the kind of value its uses ask for, or what a parameter of nearly its name holds. */
export function initialisations(scene: Scene, source: Source, { name, node, references }: Binding): readonly Candidate[] {
  const why = `"${name}" is used before it is given a value.`
  const by = (value: string, weight: number): Candidate =>
    insertedAt(source, node.end, ` = ${value}`, `Start "${name}" with ${value}`, weight, why)
  const given = scene
    .scopes(source)
    .visible(node)
    .filter((other) => other.kind === 'parameter' && likeness(other.name, name) >= 0.4)
  return [
    ...initialValues(source, references).map((value, index) => by(value, 0.7 - 0.25 * index)),
    ...given.slice(0, 2).flatMap((other) => [by(`{ ...${other.name} }`, 0.5), by(other.name, 0.45)]),
  ]
}

const usedAs: readonly (readonly [RegExp, string])[] = [
  [
    /^(?:push|unshift|concat|map|filter|forEach|join|reduce|sort|some|every|find|findIndex|slice|splice|pop|shift|length|includes|indexOf|at|flat|flatMap|reverse)$/,
    '[]',
  ],
  [/^(?:set|get|delete)$/, 'new Map()'],
  [/^(?:has|add|size)$/, 'new Set()'],
  [
    /^(?:trim|split|replace|replaceAll|toLowerCase|toUpperCase|charAt|charCodeAt|padStart|padEnd|startsWith|endsWith|match|repeat|substring|length)$/,
    "''",
  ],
]

/** Values that offer what is done with a name, the most fitting first. */
export function initialValues(source: Source, references: readonly SyntaxNode[]): readonly string[] {
  const score = new Map<string, number>([['{}', 0.5]])
  const add = (value: string, by = 1): unknown => score.set(value, (score.get(value) ?? 0) + by)
  for (const use of references) {
    const parent = source.parents.get(use)
    if (isMember(parent) && parent['object'] === use) {
      const property = propertyOf(parent)
      if (property === undefined) add('{}', 0.6)
      else for (const [pattern, value] of usedAs) if (pattern.test(property)) add(value)
    } else if (parent?.type === 'SpreadElement') add(source.parents.get(parent)?.type === 'ObjectExpression' ? '{}' : '[]', 2)
    else if (parent?.type === 'ForOfStatement' && parent['right'] === use) add('[]', 2)
    else if (parent?.type === 'AssignmentExpression' && parent['operator'] === '+=') add("''")
  }
  return [...score]
    .sort((a, b) => b[1] - a[1])
    .slice(0, 3)
    .map(([value]) => value)
}
