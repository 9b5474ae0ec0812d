import { squeezed, type Detector, type Fact, type FactKind, type See } from './fact.js'
import { seeCall, seeModuleName, seeName, seeNew } from './facts-of-calls.js'
import { seeCannedBranch, seeCannedCase, seeCannedChoice, seeCannedShortcut } from './facts-of-answers.js'
import { seeClauses, seeComparison, seeDecided, seeIf, seeLoop } from './facts-of-conditions.js'
import { seeAssignment, seeCatch, seeClass, seeFunction, seeTry } from './facts-of-functions.js'
import { seeCallReference, seeSource, seeUrlReference } from './facts-of-references.js'
import { seeObject, seeRegex } from './facts-of-safeguards.js'
import { seeBlock, seeReturn, seeStatement } from './facts-of-statements.js'
import { scopeOf } from './script-names.js'
import { childOf, walk, type Node, type Place } from './script-tree.js'
import type { Side } from './side.js'
import { seeTainted } from './tainted.js'

/** What the syntax trees of a side say; `undefined` when it does not parse. */
export function factsOf(side: Side): readonly Fact[] | undefined {
  const known = remembered.get(side)
  if (known !== undefined || side.trees === undefined) return known
  const facts: Fact[] = []
  for (const { root, offset, start: pieceStart } of side.trees) {
    const textIn = (node: Node): string => side.text.slice(Math.max(0, node.start + offset), node.end + offset)
    walk(root, (place) => {
      // Nodes of the surroundings that a fragment was parsed in are not part of the file.
      if (place.node.start + offset < pieceStart) return
      const see: See = (kind, node = place.node) => {
        facts.push(factOf(side, offset, { kind, place, node }))
      }
      detectors.get(place.node.type)?.(place, see, textIn)
    })
    seeTainted(root, textIn, {
      visible: (node) => node.start + offset >= pieceStart,
      see: (place) => facts.push(factOf(side, offset, { kind: 'tainted-sink', place })),
    })
  }
  remembered.set(side, facts)
  return facts
}

/** A fact about `node`, or about the place itself. */
function factOf(
  side: Side,
  offset: number,
  { kind, place, node = place.node }: { readonly kind: FactKind; readonly place: Place; readonly node?: Node },
): Fact {
  const start = node.start + offset
  const end = Math.min(side.text.length, node.end + offset)
  return {
    kind,
    key: squeezed(side.text.slice(start, end)),
    scope: scopeOf(kind === 'function' || kind === 'constant-function' ? place : place.parent),
    start,
    end,
  }
}

const remembered = new WeakMap<Side, readonly Fact[]>()

const detectors = new Map<string, Detector>([
  ['ThrowStatement', (_, see) => see('refusal')],
  ['BlockStatement', seeBlock],
  ['ReturnStatement', seeReturn],
  ['ExpressionStatement', seeStatement],
  ['ObjectExpression', seeObject],
  ['RegExpLiteral', seeRegex],
  [
    'IfStatement',
    (place, see, textIn) => {
      seeIf(place, see, textIn)
      seeCannedBranch(place, see)
    },
  ],
  [
    'ConditionalExpression',
    (place, see, textIn) => {
      seeClauses(childOf(place.node, 'test'), see, textIn)
      seeCannedChoice(place, see)
    },
  ],
  ['SwitchCase', seeCannedCase],
  [
    'LogicalExpression',
    (place, see) => {
      seeDecided(place, see)
      seeCannedShortcut(place, see)
    },
  ],
  ['WhileStatement', seeLoop],
  ['ForStatement', seeLoop],
  ['DoWhileStatement', seeLoop],
  ['BinaryExpression', seeComparison],
  ['TryStatement', seeTry],
  ['ClassDeclaration', seeClass],
  ['ClassExpression', seeClass],
  ['CatchClause', seeCatch],
  [
    'CallExpression',
    (place, see, textIn) => {
      seeCall(place, see, textIn)
      seeCallReference(place, see)
    },
  ],
  ['OptionalCallExpression', seeCall],
  [
    'NewExpression',
    (place, see, textIn) => {
      seeNew(place, see)
      seeUrlReference(place, see, textIn)
    },
  ],
  ['ImportDeclaration', seeSource],
  ['ExportNamedDeclaration', seeSource],
  ['ExportAllDeclaration', seeSource],
  [
    'ImportExpression',
    (place, see) => {
      seeModuleName(childOf(place.node, 'source'), see)
      seeSource(place, see)
    },
  ],
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
