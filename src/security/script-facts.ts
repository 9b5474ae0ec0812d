import { squeezed, type Detector, type Fact, type See } from './fact.js'
import { seeCall, seeModuleName, seeName, seeNew } from './facts-of-calls.js'
import { seeClauses, seeComparison, seeIf, seeLoop } from './facts-of-conditions.js'
import { seeAssignment, seeCatch, seeFunction } from './facts-of-functions.js'
import { scopeOf } from './script-names.js'
import { childOf, walk, type Node } from './script-tree.js'
import type { Side } from './side.js'

/** What the syntax trees of a side say; `undefined` when it does not parse. */
export function factsOf(side: Side): readonly Fact[] | undefined {
  const known = remembered.get(side)
  if (known !== undefined || side.trees === undefined) return known
  const facts: Fact[] = []
  for (const { root, offset, start: pieceStart } of side.trees) {
    walk(root, (place) => {
      // Nodes of the surroundings that a fragment was parsed in are not part of the file.
      if (place.node.start + offset < pieceStart) return
      const see: See = (kind, node = place.node) => {
        const start = node.start + offset
        const end = Math.min(side.text.length, node.end + offset)
        facts.push({
          kind,
          key: squeezed(side.text.slice(start, end)),
          scope: scopeOf(kind === 'function' ? place : place.parent),
          start,
          end,
        })
      }
      const textIn = (node: Node): string => side.text.slice(node.start + offset, node.end + offset)
      detectors.get(place.node.type)?.(place, see, textIn)
    })
  }
  remembered.set(side, facts)
  return facts
}

const remembered = new WeakMap<Side, readonly Fact[]>()

const detectors = new Map<string, Detector>([
  ['ThrowStatement', (_, see) => see('refusal')],
  ['IfStatement', seeIf],
  ['ConditionalExpression', ({ node }, see, textIn) => seeClauses(childOf(node, 'test'), see, textIn)],
  ['WhileStatement', seeLoop],
  ['ForStatement', seeLoop],
  ['DoWhileStatement', seeLoop],
  ['BinaryExpression', seeComparison],
  ['TryStatement', (_, see) => see('try')],
  ['CatchClause', seeCatch],
  ['CallExpression', seeCall],
  ['OptionalCallExpression', seeCall],
  ['NewExpression', seeNew],
  ['ImportExpression', ({ node }, see) => seeModuleName(childOf(node, 'source'), see)],
  ['AssignmentExpression', seeAssignment],
  ['Identifier', seeName],
  ...[
    'FunctionDeclaration',
    'FunctionExpression',
    'ArrowFunctionExpression',
    'ObjectMethod',
    'ClassMethod',
    'ClassPrivateMethod',
  ].map((type): [string, Detector] => [type, seeFunction]),
])
