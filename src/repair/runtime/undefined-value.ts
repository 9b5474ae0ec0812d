import { missingGuards } from './missing-guard.js'
import { type SyntaxNode, asNode } from '../code/syntax-node.js'
import { conditionChanges, boundaries } from './condition-changes.js'
import { initialisations } from './initial-value.js'
import { lostThis } from './lost-this.js'
import { parameterRepairs } from './missing-argument.js'
import { missingAwaits, missingResults } from './missing-result.js'
import { otherNames, propertyRenames } from './property-rename.js'
import type { Candidate } from './runtime-candidate.js'
import { isUnknownProperty } from './runtime-names.js'
import { type Scene, type Suspect, isEditable } from './runtime-scene.js'
import type { Binding } from './runtime-scopes.js'
import { type Source, bare, isCall, isMember, keyOf, nameOf, nodesAt, propertyOf, ancestorsOf, within } from './runtime-source.js'
import { indexRepairs } from './wrong-index.js'

/** How far back the origin of a value is looked for. */
const depthMax = 3

/** The objects of `object.property` at the place of the error, for a message that names the property. */
export function suspectObjects(scene: Scene, property: string | undefined): readonly Suspect[] {
  for (const frame of scene.frames) {
    const source = scene.source(frame.path)
    if (source === undefined) continue
    const members = nodesAt(source, frame.line, frame.column).filter(isMember)
    const exact = members.filter((member) => property === undefined || propertyOf(member) === property)
    // `a[i]` has no name to compare with; it comes after those that have.
    const computed = members.filter((member) => member['computed'] === true && !exact.includes(member))
    const found = [...exact, ...computed].flatMap((member) => asNode(member['object']) ?? [])
    if (found.length > 0) return found.slice(0, 3).map((node) => ({ source, node: bare(node) }))
  }
  return []
}

/** Ways to give an expression a value, where it has none: its origin is followed through declarations, calls and parameters. */
export function valueRepairs(scene: Scene, { source, node }: Suspect, { weight = 1, depth = 0 } = {}): readonly Candidate[] {
  const scaled = originRepairs(scene, { source, node: bare(node) }, depth)
  return scaled.map((candidate) => ({ ...candidate, weight: candidate.weight * weight }))
}

/** The same, with what can be done where the value is used: a guard that is missing, a condition that is the wrong way round. */
export function valueAndUseRepairs(scene: Scene, suspect: Suspect): readonly Candidate[] {
  const { source, node } = suspect
  const origin = valueRepairs(scene, suspect)
  if (!isEditable(source)) return origin
  const factor = neverHasValue(scene, node) ? 0.2 : 1
  const atUse = [...missingGuards(scene, suspect), ...conditionChanges(source, node), ...boundaries(source, node)]
  return [...origin, ...atUse.map((candidate) => ({ ...candidate, weight: candidate.weight * factor }))]
}

/** A lost "this", or a property that nothing has: no condition makes such a value come, it only hides that it does not. */
function neverHasValue(scene: Scene, node: SyntaxNode): boolean {
  if (node.type === 'ThisExpression') return true
  const name = isMember(node) ? propertyOf(node) : undefined
  return name !== undefined && isUnknownProperty(scene, name)
}

function originRepairs(scene: Scene, suspect: Suspect, depth: number): readonly Candidate[] {
  const { source, node } = suspect
  const further = (next: SyntaxNode | undefined, weight: number, at = source): readonly Candidate[] =>
    next === undefined || depth >= depthMax ? [] : valueRepairs(scene, { source: at, node: next }, { weight, depth: depth + 1 })
  switch (node.type) {
    case 'Identifier':
      return [...(isEditable(source) ? otherNames(scene, suspect) : []), ...declarationRepairs(scene, suspect, depth)]
    case 'MemberExpression':
    case 'OptionalMemberExpression': {
      const index = node['computed'] === true && isEditable(source) ? indexRepairs(source, node) : []
      const object = asNode(node['object'])
      const receivers =
        object?.type === 'Identifier' && isEditable(source) ? otherNames(scene, { source, node: object }, 0.6) : []
      const origin = object === undefined ? undefined : initOf(scene, source, object)
      const awaits = origin === undefined || !isCall(origin) ? [] : missingAwaits(scene, { source, node: origin })
      return [...propertyRenames(scene, suspect), ...index, ...receivers, ...awaits]
    }
    case 'CallExpression':
    case 'OptionalCallExpression':
      return [...missingResults(scene, suspect), ...further(asNode(asNode(node['callee'])?.['object']), 0.4)]
    case 'AwaitExpression':
      return further(asNode(node['argument']), 0.9)
    case 'AssignmentExpression':
      return further(asNode(node['right']), 0.9)
    case 'LogicalExpression':
      return [
        ...(isEditable(source) ? conditionChanges(source, node) : []),
        ...further(asNode(node['left']), 0.6),
        ...further(asNode(node['right']), 0.6),
      ]
    case 'ConditionalExpression':
      return [
        ...(isEditable(source) ? conditionChanges(source, node) : []),
        ...further(asNode(node['consequent']), 0.5),
        ...further(asNode(node['alternate']), 0.5),
      ]
    case 'ThisExpression':
      return lostThis(scene, suspect)
    default:
      return []
  }
}

/** What a name was declared with; the expression itself when it is no name. */
function initOf(scene: Scene, source: Source, node: SyntaxNode): SyntaxNode | undefined {
  const name = nameOf(node)
  return name === undefined ? node : asNode(scene.scopes(source).lookup(name, node)?.declaration['init'])
}

function declarationRepairs(scene: Scene, { source, node }: Suspect, depth: number): readonly Candidate[] {
  const binding = scene.scopes(source).lookup(nameOf(node) ?? '', node)
  if (binding === undefined) return []
  const { declaration, kind } = binding
  const further = (next: SyntaxNode | undefined, weight: number, at = source): readonly Candidate[] =>
    next === undefined || depth >= depthMax ? [] : valueRepairs(scene, { source: at, node: next }, { weight, depth: depth + 1 })
  if (kind === 'parameter') return parameterRepairs(scene, source, binding, further)
  if (declaration.type !== 'VariableDeclarator') return []
  const init = asNode(declaration['init'])
  const pattern = asNode(declaration['id'])
  const assigned = binding.references.flatMap((use) => {
    const parent = source.parents.get(use)
    return parent?.type === 'AssignmentExpression' && parent['left'] === use ? [asNode(parent['right'])] : []
  })
  const loop = [...ancestorsOf(source, declaration)].find(({ type }) => /^For(?:Of|In)Statement$/.test(type))
  const isLoopVariable = loop !== undefined && within(binding.node, asNode(loop['left']))
  return [
    ...(init === undefined && !isLoopVariable && isEditable(source) ? initialisations(scene, source, binding) : []),
    ...(pattern?.type === 'ObjectPattern' ? keyRenames(scene, source, binding, init) : further(init, 0.95)),
    ...assigned.slice(0, 3).flatMap((value) => further(value, 0.6)),
    ...(isLoopVariable ? further(asNode(loop?.['right']), 0.5) : []),
  ]
}

/** `const { a } = x` where the object calls it something else. */
function keyRenames(scene: Scene, source: Source, { name, node }: Binding, init: SyntaxNode | undefined): readonly Candidate[] {
  if (init === undefined || !isEditable(source)) return []
  const found = source.parents.get(node)
  const property = found?.type === 'AssignmentPattern' ? source.parents.get(found) : found
  const key = property?.type === 'ObjectProperty' ? keyOf(property) : undefined
  const keyNode = asNode(property?.['key'])
  if (property === undefined || key === undefined || keyNode === undefined) return []
  const isShort = property['shorthand'] === true
  return propertyRenames(scene, { source, node: keyNode }, { name: key, owner: init }).map((candidate) => {
    const [edit] = candidate.edits
    if (!isShort || edit === undefined || edit.start !== keyNode.start || candidate.source !== source) return candidate
    return { ...candidate, edits: [{ ...edit, text: `${edit.text}: ${name}` }] }
  })
}
