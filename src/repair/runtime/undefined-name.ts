import { missingImports } from './missing-import.js'
import { type SyntaxNode, asNode, asNodes, isFunction } from '../code/syntax-node.js'
import { type Candidate, insertedAt, likeness, replacing } from './runtime-candidate.js'
import { lostDots } from './lost-dot.js'
import { globalNames } from '../code/built-in-names.js'
import { type Scene, isEditable } from './runtime-scene.js'
import type { Binding, Scopes } from './runtime-scopes.js'
import { type Source, enclosing, functionAround, isMember, keyOf, nameOf, propertyOf, textIn } from './runtime-source.js'

/** Ways to heal `x is not defined`: the declaration or the use was renamed, an import or a declaration is missing. */
export function undefinedName(scene: Scene, name: string): readonly Candidate[] {
  return sourcesUsing(scene, name).flatMap((source) => {
    const scopes = scene.scopes(source)
    const uses = usesOf(scene, source, name, scopes)
    const [use] = uses
    if (use === undefined) return []
    const question: Question = { scene, source, scopes, name, uses, use }
    const unused = unusedBindings(question)
    return [
      ...renamedDeclarations(question, unused),
      ...renamedUses(question, unused),
      ...missingDeclarations(question),
      ...missingReceivers(question),
      ...missingInPattern(question),
      ...missingImports(scene, source, name, unused),
      ...lostDots({ scene, source, place: use, name }).filter(() => !isShorthand(source, use.start)),
    ]
  })
}

/** The imports alone: to a compiler any declaration is as good as another, so that it does not tell which is meant. */
export function importsOfName(scene: Scene, name: string): readonly Candidate[] {
  return sourcesUsing(scene, name).flatMap((source) => missingImports(scene, source, name, []))
}

interface Question {
  readonly scene: Scene
  readonly source: Source
  readonly scopes: Scopes
  readonly name: string
  /** Where the name is used, the place of the error first. */
  readonly uses: readonly SyntaxNode[]
  readonly use: SyntaxNode
}

const sourcesMax = 4

function sourcesUsing(scene: Scene, name: string): readonly Source[] {
  const onStack = [...new Set(scene.frames.map(({ path }) => path))]
  const using = (paths: readonly string[]): readonly Source[] =>
    paths.flatMap((path) => {
      const source = scene.source(path)
      if (source === undefined || !isEditable(source) || !source.text.includes(name)) return []
      return scene.scopes(source).unresolved.has(name) ? [source] : []
    })
  const near = using(onStack)
  return (near.length > 0 ? near : using(scene.paths())).slice(0, sourcesMax)
}

function usesOf({ frames }: Scene, { path, text }: Source, name: string, scopes: Scopes): readonly SyntaxNode[] {
  const uses = scopes.unresolved.get(name) ?? []
  const line = frames.find((frame) => frame.path === path)?.line
  const isThere = (use: SyntaxNode): boolean => line !== undefined && text.slice(0, use.start).split('\n').length === line
  return [...uses.filter(isThere), ...uses.filter((use) => !isThere(use))]
}

/** What is declared, can be named at the place of the error, and is used nowhere. */
function unusedBindings({ source, scopes, use }: Question): readonly Binding[] {
  return scopes.visible(use).filter((binding) => binding.references.length === 0 && !isExported(source, binding))
}

/** A declaration that nobody uses, of a name that nobody declares: one of them was renamed without the other. */
function renamedDeclarations({ source, name, use, uses }: Question, unused: readonly Binding[]): readonly Candidate[] {
  const home = functionAround(source, use)
  return unused.map((binding) => {
    const isLocal = isFunction(home) && functionAround(source, binding.node) === home
    const closeness = likeness(binding.name, name)
    const weight = (isKey(source, binding) ? 0.3 : 0.45) + 0.4 * closeness + (uses.length > 1 ? 0.15 : 0) + (isLocal ? 0.05 : 0)
    return replacing(source, binding.node, {
      text: spelled(binding, name),
      what: `Rename "${binding.name}" to "${name}" where it is declared`,
      weight: Math.min(0.95, weight),
      why: `"${name}" is used and never declared, "${binding.name}" is declared and never used.`,
    })
  })
}

/** Whether the name is also that of a property, so that renaming it changes more than a name. */
function isKey(source: Source, { node }: Binding): boolean {
  const parent = source.parents.get(node)
  const property = parent?.type === 'AssignmentPattern' ? source.parents.get(parent) : parent
  return property?.type === 'ObjectProperty' && property['shorthand'] === true
}

/** What a module exports keeps its name. */
function spelled({ name: old, node, declaration }: Binding, name: string): string {
  if (declaration.type === 'ImportSpecifier' && asNode(declaration['imported'])?.start === node.start) return `${old} as ${name}`
  return name
}

function isExported(source: Source, { kind, declaration }: Binding): boolean {
  return (
    kind !== 'parameter' &&
    kind !== 'catch' &&
    enclosing(source, declaration, isFunction) === undefined &&
    enclosing(source, declaration, ({ type }) => /^Export/.test(type)) !== undefined
  )
}

/**
 * The use was misspelt, or renamed: names in scope, the most alike first. All uses in one function change together. Where the
 * declaration can take the name of the use instead, that says the same, and once is enough.
 */
function renamedUses({ source, scopes, name, use, uses }: Question, unused: readonly Binding[]): readonly Candidate[] {
  const home = functionAround(source, use)
  const together = uses.filter((other) => functionAround(source, other) === home)
  const line = lineOf(source, use)
  const usedHere = new Set(
    [...source.parents.keys()].filter((node) => lineOf(source, node) === line).flatMap((node) => nameOf(node) ?? []),
  )
  // A name that nobody declares beside nearly the same that nobody uses: any other explanation leaves the second one over.
  const leftOver = unused.some((binding) => likeness(binding.name, name) >= 0.7) ? 0.2 : 1
  const others = scopes.visible(use).filter((binding) => !unused.includes(binding) || isKey(source, binding))
  const locals = others.map((binding) => {
    const closeness = likeness(name, binding.name)
    const unused = binding.references.length === 0 ? 0.05 : 0
    const near = functionAround(source, binding.node) === home ? 0.08 : 0
    // A name that stands on the line already is seldom meant twice, unless it is nearly this one.
    const twice = usedHere.has(binding.name) && closeness < 0.8 ? 0.5 : 1
    return {
      to: binding.name,
      weight: (closeness >= 0.5 ? 0.88 * closeness : 0.12 + 0.3 * closeness) * twice * leftOver + unused + near,
    }
  })
  const globals = globalNames
    .filter((global) => likeness(name, global) >= 0.55 && scopes.lookup(global, use) === undefined)
    .map((global) => ({ to: global, weight: 0.8 * likeness(name, global) }))
  return [...locals, ...globals]
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 14)
    .map(({ to, weight }) => ({
      source,
      edits: together.map(({ start, end }) => ({
        start,
        end,
        text: isShorthand(source, start) ? `${name}: ${to}` : to,
        what: `Use "${to}" instead of "${name}"`,
      })),
      weight: Math.min(0.95, weight),
      why: `"${name}" is declared nowhere, and "${to}" is known at that place.`,
    }))
}

function isShorthand(source: Source, start: number): boolean {
  for (const [node, parent] of source.parents)
    if (node.start === start && parent.type === 'ObjectProperty' && parent['shorthand'] === true) return true
  return false
}

function lineOf({ text }: Source, { start }: SyntaxNode): number {
  // Only compared with each other: where the line begins says which it is.
  return text.lastIndexOf('\n', start - 1)
}

/** `x = 1` and `for (x of …)` without a declaration. */
function missingDeclarations({ source, uses, name }: Question): readonly Candidate[] {
  for (const use of uses) {
    const parent = source.parents.get(use)
    const above = parent === undefined ? undefined : source.parents.get(parent)
    const why = `"${name}" is given a value and never declared.`
    const writesOften = uses.some((other) => other !== use && isWritten(source, other))
    const word = writesOften ? 'let' : 'const'
    const isLoop = (parent?.type === 'ForOfStatement' || parent?.type === 'ForInStatement') && parent['left'] === use
    const isStatement = parent?.type === 'AssignmentExpression' && parent['operator'] === '=' && parent['left'] === use
    const startsLoop = isStatement && above?.type === 'ForStatement' && above['init'] === parent
    if (isLoop || startsLoop || (isStatement && above?.type === 'ExpressionStatement'))
      return [insertedAt(source, use.start, `${startsLoop ? 'let' : word} `, `Declare "${name}"`, 0.9, why)]
  }
  return []
}

function isWritten(source: Source, use: SyntaxNode): boolean {
  const parent = source.parents.get(use)
  return (parent?.type === 'AssignmentExpression' && parent['left'] === use) || parent?.type === 'UpdateExpression'
}

/** `x` where `this.x` or `options.x` was meant. */
function missingReceivers({ source, scopes, name, use, uses }: Question): readonly Candidate[] {
  const owners = new Map<string, number>()
  for (const node of source.parents.keys()) {
    if (!isMember(node) || propertyOf(node) !== name) continue
    const object = asNode(node['object'])
    if (object === undefined || !/^[\w$.]{1,60}$/.test(textIn(source, object))) continue
    owners.set(textIn(source, object), (owners.get(textIn(source, object)) ?? 0) + 1)
  }
  const body = enclosing(source, use, ({ type }) => type === 'ClassBody')
  if (asNodes(body?.['body']).some((member) => keyOf(member) === name)) owners.set('this', 3)
  const isKnown = (owner: string): boolean => {
    const [root = ''] = owner.split('.')
    return root === 'this' || scopes.lookup(root, use) !== undefined
  }
  return [...owners]
    .filter(([owner]) => isKnown(owner))
    .map(([owner, times]) => ({
      source,
      edits: uses
        .filter((other) => functionAround(source, other) === functionAround(source, use))
        .map(({ start, end }) => ({
          start,
          end,
          text: isShorthand(source, start) ? `${name}: ${owner}.${name}` : `${owner}.${name}`,
          what: `Use "${owner}.${name}"`,
        })),
      weight: Math.min(0.7, 0.35 + 0.1 * times),
      why: `"${name}" alone is not declared, "${owner}.${name}" is used in the same file.`,
    }))
}

/** A name that was left out of `const { a, b } = …`, or of the parameters. */
function missingInPattern({ source, name, use }: Question): readonly Candidate[] {
  const home = functionAround(source, use)
  const found: Candidate[] = []
  for (const node of source.parents.keys()) {
    if (node.type !== 'ObjectPattern') continue
    const around = functionAround(source, node)
    if (around !== home && around !== source.top && !isAround(around, home)) continue
    const properties = asNodes(node['properties'])
    const last = properties.at(-1)
    const rest = last?.type === 'RestElement' ? last : undefined
    const before = rest === undefined ? last : properties.at(-2)
    const at = rest?.start ?? before?.end
    if (at === undefined) continue
    const text = rest === undefined ? `, ${name}` : `${name}, `
    found.push(
      insertedAt(
        source,
        at,
        text,
        `Take "${name}" as well`,
        around === home ? 0.4 : 0.3,
        `"${name}" is declared nowhere; it may be missing among what is taken apart here.`,
      ),
    )
  }
  for (let around = home; isFunction(around); around = functionAround(source, around)) {
    const parameters = asNodes(around['params'])
    const last = parameters.at(-1)
    if (last?.type === 'RestElement') continue
    const at = last?.end ?? bracketOf(source, around)
    const why = `"${name}" is declared nowhere; it may be a parameter that is missing.`
    if (at !== undefined)
      found.push(insertedAt(source, at, last === undefined ? name : `, ${name}`, `Take a parameter "${name}"`, 0.3, why))
    const [first] = parameters
    if (first !== undefined && parameters.length > 0)
      found.push(insertedAt(source, first.start, `${name}, `, `Take a parameter "${name}" first`, 0.2, why))
  }
  return found
}

function isAround(outer: SyntaxNode, inner: SyntaxNode): boolean {
  return outer.start <= inner.start && outer.end >= inner.end
}

/** Behind the opening bracket of an empty list of parameters. */
function bracketOf({ text }: Source, node: SyntaxNode): number | undefined {
  const at = text.indexOf('()', node.start)
  return at === -1 || at > (asNode(node['body'])?.start ?? 0) ? undefined : at + 1
}
