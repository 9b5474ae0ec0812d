import { type Candidate, replacing } from './runtime-candidate.js'
import { builtInMembers, globalNames, isBuiltInProperty } from '../code/built-in-names.js'
import type { Scene } from './runtime-scene.js'
import type { SyntaxNode } from '../code/syntax-node.js'
import type { Source } from './runtime-source.js'

interface Words {
  readonly scene: Scene
  readonly source: Source
  /** Two names that stand together as one. */
  readonly place: SyntaxNode
  readonly name: string
}

/** `Mathceil` for `Math.ceil`, `thisqueue` for `this.queue`: a name that nothing has, made of one that can be used there and a property. */
export function lostDots({ scene, source, place, name }: Words): readonly Candidate[] {
  const scopes = scene.scopes(source)
  const isKnown = (head: string): boolean =>
    head === 'this' || globalNames.includes(head) || scopes.lookup(head, place) !== undefined
  return split({ scene, source, place, name }, isKnown)
}

/** The same within a path: `list.itemslength` for `list.items.length`. */
export function lostInnerDots(words: Words): readonly Candidate[] {
  const { definitions, reads } = words.scene.names()
  return split(words, (head) => definitions.has(head) || (reads.get(head) ?? 0) > 0 || isBuiltInProperty(head))
}

function split({ scene, source, place, name }: Words, isKnown: (head: string) => boolean): readonly Candidate[] {
  const found: Candidate[] = []
  for (let cut = 1; cut < Math.min(name.length, 80); cut += 1) {
    const [head, rest] = [name.slice(0, cut), name.slice(cut)]
    const worth = isKnown(head) ? worthOf(scene, head, rest) : 0
    if (worth === 0) continue
    const why = `Nothing is called "${name}"; "${head}" is known there, and "${rest}" is a property.`
    found.push(
      replacing(source, place, {
        text: `${head}.${rest}`,
        what: `Use "${head}.${rest}" instead of "${name}"`,
        weight: worth,
        why,
      }),
    )
  }
  return found
}

/** How well a property goes with what stands before the dot; 0 for what is no property of anything. */
function worthOf(scene: Scene, head: string, rest: string): number {
  const { definitions, byOwner, reads } = scene.names()
  if (byOwner.get(head)?.has(rest) === true) return 0.97
  if (globalNames.includes(head) && builtInMembers(head).includes(rest)) return 0.97
  if (rest.length < 2) return 0
  if (isBuiltInProperty(rest) || definitions.has(rest)) return 0.9
  return (reads.get(rest) ?? 0) > 0 ? 0.8 : 0
}
