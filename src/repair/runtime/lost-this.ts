import { type SyntaxNode, asNode, isFunction } from '../code/syntax-node.js'
import { type Candidate, insertedAt, replacing } from './runtime-candidate.js'
import { type Scene, type Suspect, isEditable } from './runtime-scene.js'
import { type Source, functionAround, isCall, isMember, keyOf, nameOf, propertyOf, textIn } from './runtime-source.js'

/** A function that is called without its object. */
export function lostThis(scene: Scene, { source, node }: Suspect): readonly Candidate[] {
  let home = functionAround(source, node)
  while (home.type === 'ArrowFunctionExpression') home = functionAround(source, home)
  if (!isFunction(home)) return []
  const found: Candidate[] = []
  if (home.type === 'FunctionExpression' && isEditable(source)) {
    const arrow = asArrow(source, home)
    const isArgument = isCall(source.parents.get(home))
    if (arrow !== undefined)
      found.push(
        replacing(source, home, {
          text: arrow,
          what: 'Make the function an arrow function',
          weight: isArgument ? 0.85 : 0.5,
          why: 'The function uses "this" of what is around it, and has its own.',
        }),
      )
  }
  const name = keyOf(home) ?? nameOf(home['id'])
  for (const path of name === undefined ? [] : scene.paths()) {
    const other = scene.source(path)
    if (other === undefined || !isEditable(other) || name === undefined) continue
    for (const member of other.parents.keys()) {
      const parent = other.parents.get(member)
      const object = asNode(member['object'])
      if (!isMember(member) || propertyOf(member) !== name || object === undefined || parent === undefined) continue
      const isPassed = isCall(parent) && parent['callee'] !== member
      if (!isPassed && parent.type !== 'VariableDeclarator' && parent.type !== 'ObjectProperty') continue
      found.push(
        insertedAt(
          other,
          member.end,
          `.bind(${textIn(other, object)})`,
          `Bind "${name}" to its object`,
          isPassed ? 0.8 : 0.5,
          `"${name}" is passed on without the object it belongs to.`,
        ),
      )
    }
  }
  return found.slice(0, 6)
}

function asArrow(source: Source, node: SyntaxNode): string | undefined {
  const body = asNode(node['body'])
  const text = textIn(source, node)
  const head = /^(?<async>async\s+)?function\s*[\w$]*\s*(?=\()/.exec(text)
  if (body === undefined || head === null || node['generator'] === true) return undefined
  const parameters = source.text.slice(node.start + head[0].length, body.start).trimEnd()
  return `${head.groups?.['async'] ?? ''}${parameters} => ${textIn(source, body)}`
}
