import { moduleExports } from '../imports/import-exports.js'
import { isRelative, resolveRelative } from '../imports/import-resolve.js'
import { type SyntaxNode, asNode, asNodes } from '../code/syntax-node.js'
import { type Candidate, likeness, replacing } from './runtime-candidate.js'
import { lostInnerDots } from './lost-dot.js'
import { builtInMembers, isBuiltInProperty } from '../code/built-in-names.js'
import { builtInMethodsLike, ownerOf } from './runtime-names.js'
import { type Scene, type Suspect, isEditable } from './runtime-scene.js'
import { type Source, functionAround, isMember, keyOf, nameOf, propertyOf } from './runtime-source.js'

interface RenameOptions {
  /** The property, and the expression it is read of; default: those of the suspect, which then is `object.property`. */
  readonly name?: string
  readonly owner?: SyntaxNode | undefined
  /** Only names of functions make sense. */
  readonly isCalled?: boolean
}

const renamesMax = 10

/** Ways to make `object.name` have a value: another name at the use, or this name at the definition that nobody else uses. */
export function propertyRenames(scene: Scene, { source, node }: Suspect, options: RenameOptions = {}): readonly Candidate[] {
  const name = options.name ?? propertyOf(node)
  const place = options.name === undefined ? asNode(node['property']) : node
  if (name === undefined || place === undefined) return []
  const owner = ownerOf(options.owner ?? asNode(node['object']))
  return [
    ...(isEditable(source) ? atUse(scene, { source, place, name, owner, isCalled: options.isCalled === true }) : []),
    ...(isEditable(source) && options.name === undefined && !scene.names().definitions.has(name)
      ? lostInnerDots({ scene, source, place, name })
      : []),
    ...atDefinition(scene, name, owner),
  ]
}

interface Use {
  readonly source: Source
  readonly place: SyntaxNode
  readonly name: string
  readonly owner: string | undefined
  readonly isCalled: boolean
}

/** So alike are a name and a slip of it: one letter lost, doubled, changed or swapped. */
const slipMin = 0.8

function atUse(scene: Scene, { source, place, name, owner, isCalled }: Use): readonly Candidate[] {
  const { definitions, byOwner, reads, calls } = scene.names()
  const isDefined = definitions.has(name)
  const evidence = new Map<string, number>()
  const raise = (other: string, worth: number): unknown => evidence.set(other, Math.max(evidence.get(other) ?? 0, worth))
  for (const other of definitions.keys()) raise(other, isCalled && !calls.has(other) ? 0.4 : 0.75)
  for (const other of builtInMembers(owner)) raise(other, 0.7)
  const owned = owner === undefined ? undefined : byOwner.get(owner)
  for (const [other, times] of owned ?? []) if (other !== name) raise(other, times > 1 ? 0.95 : 0.85)
  for (const other of exportsBehind(scene, source, owner)) raise(other, 0.97)
  const typed = new Set(builtInMethodsLike(new Set(owned?.keys()), name))
  for (const other of typed) raise(other, 0.85)
  const isPrivate = place.type === 'PrivateName'
  const id = isPrivate ? (asNode(place['id']) ?? place) : place
  // A name that the project defines, or uses everywhere, is seldom the misspelt one.
  const isKnown = isCalled ? (calls.get(name) ?? 0) > 3 : isDefined || (reads.get(name) ?? 0) > 3
  const doubt = isKnown ? 0.4 : isBuiltInProperty(name) ? 0.5 : 1
  const others = [...evidence].filter(([other]) => other !== name && /^[\w$]+$/.test(other))
  // A name that nobody knows, and that is a slip of one that is known: what is not alike is a guess beside it.
  const isSlip = doubt === 1 && others.some(([other, worth]) => worth >= 0.7 && likeness(name, other) >= slipMin)
  return others
    .map(([other, worth]) => {
      // Where nothing is alike, what is called most in the project is the best guess.
      const usual = isCalled ? Math.min(0.25, (calls.get(other) ?? 0) / 60) : 0
      const closeness = likeness(name, other)
      const beside = isSlip && closeness < slipMin / 2 && !typed.has(other) ? 0.3 : 1
      return { other, weight: worth * Math.max(0.12 + usual + (typed.has(other) ? 0.15 : 0), closeness ** 1.5) * doubt * beside }
    })
    .filter(({ weight }) => weight > 0.08)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, renamesMax)
    .map(({ other, weight }) =>
      replacing(source, id, {
        text: other,
        what: `Use the property "${other}" instead of "${name}"`,
        weight,
        why: isDefined ? `"${name}" has no value here.` : `Nothing in the project has a property "${name}".`,
      }),
    )
}

/** What the module exports that a name stands for. */
function exportsBehind(scene: Scene, source: Source, owner: string | undefined): Iterable<string> {
  for (const binding of owner === undefined ? [] : scene.scopes(source).bindings) {
    if (binding.name !== owner) continue
    const specifier = specifierOf(source, binding.declaration)
    const file =
      specifier !== undefined && isRelative(specifier)
        ? resolveRelative(scene.request.workspace, source.path, specifier)
        : undefined
    if (file !== undefined) return moduleExports(scene.request.workspace, file).names
  }
  return []
}

/** The module that a declaration takes its value from. */
export function specifierOf(source: Source, declaration: SyntaxNode): string | undefined {
  const call = asNode(declaration['init'])
  const literal =
    declaration.type === 'VariableDeclarator'
      ? nameOf(call?.['callee']) === 'require'
        ? asNodes(call?.['arguments'])[0]?.['value']
        : undefined
      : asNode(source.parents.get(declaration)?.['source'])?.['value']
  return typeof literal === 'string' ? literal : undefined
}

/** A name that is defined and never read, beside one that is read and never defined. */
function atDefinition(scene: Scene, name: string, owner: string | undefined): readonly Candidate[] {
  const { definitions, reads, byOwner } = scene.names()
  if (definitions.has(name) || isBuiltInProperty(name)) return []
  const times = reads.get(name) ?? 0
  const found: Candidate[] = []
  for (const [other, places] of definitions) {
    if ((reads.get(other) ?? 0) > 0 || places.length > 2 || other === 'constructor') continue
    const closeness = likeness(other, name)
    const isOwned = owner !== undefined && byOwner.get(owner)?.has(other) === true
    const weight = Math.min(0.92, 0.15 + 0.6 * closeness + (times > 1 ? 0.15 : 0) + (isOwned ? 0.1 : 0))
    for (const { source, node } of places.filter((place) => isEditable(place.source))) {
      const given = nameOf(valueOf(source, node))
      const property = source.parents.get(node)
      const isShort = property?.type === 'ObjectProperty' && property['shorthand'] === true
      const value = isShort && property !== undefined ? keyOf(property) : undefined
      found.push(
        replacing(source, node, {
          text: value === undefined ? (node.type === 'StringLiteral' ? `'${name}'` : name) : `${name}: ${value}`,
          what: `Rename the property "${other}" to "${name}" where it is defined`,
          // `this.a = a` was hardly meant to be another name; `this.b = a` was.
          weight: given === other ? weight * 0.45 : given === name ? Math.min(0.95, weight + 0.2) : weight,
          why: `"${name}" is read and never defined, "${other}" is defined and never read.`,
        }),
      )
    }
  }
  return found.sort((a, b) => b.weight - a.weight).slice(0, renamesMax)
}

/** What a property is given where it is defined. */
function valueOf(source: Source, node: SyntaxNode): SyntaxNode | undefined {
  const parent = source.parents.get(node)
  const assignment = isMember(parent) ? source.parents.get(parent) : undefined
  return asNode(parent?.['value']) ?? asNode(assignment?.['right'])
}

/** Another name in the place of one that has no value: what is alike first, then what is near. */
export function otherNames(scene: Scene, { source, node }: Suspect, factor = 1): readonly Candidate[] {
  const name = nameOf(node)
  if (name === undefined) return []
  const home = functionAround(source, node)
  const parent = source.parents.get(node)
  const property = isMember(parent) ? propertyOf(parent) : undefined
  const owners = scene.names().byOwner
  return scene
    .scopes(source)
    .visible(node)
    .filter((binding) => binding.name !== name)
    .map((binding) => {
      const isNear = functionAround(source, binding.node) === home
      const fits = property !== undefined && owners.get(binding.name)?.has(property) === true
      const isUnused = binding.references.length === 0
      const closeness = likeness(name, binding.name)
      return {
        binding,
        weight:
          factor *
          ((closeness >= 0.5 ? 0.45 * closeness : 0.06) +
            (isNear ? 0.1 : 0) +
            (fits ? 0.2 : 0) +
            (isUnused && isNear ? 0.25 : 0)),
      }
    })
    .sort((a, b) => b.weight - a.weight)
    .slice(0, 6)
    .map(({ binding, weight }) =>
      replacing(source, node, {
        text: binding.name,
        what: `Use "${binding.name}" instead of "${name}"`,
        weight,
        why: `"${name}" has no value here.`,
      }),
    )
}
