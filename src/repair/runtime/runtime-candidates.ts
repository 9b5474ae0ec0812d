import { asNode, asNodes, isFunction } from '../code/syntax-node.js'
import { badArgument, badLength, emptyReduce, notIterable } from './bad-value.js'
import { endlessRecursion } from './endless-recursion.js'
import { classCalled, constantAssigned, superMissing, usedTooEarly } from './misplaced-declaration.js'
import { notCallable } from './not-callable.js'
import { type Candidate, likeness, ranked, replacing } from './runtime-candidate.js'
import { type Scene, type Suspect, isEditable } from './runtime-scene.js'
import { isCall, isMember, nameOf, nodesAt, propertyOf, textIn } from './runtime-source.js'
import { importsOfName, undefinedName } from './undefined-name.js'
import { valueAndUseRepairs, suspectObjects } from './undefined-value.js'

const candidatesMax = 60

/** Changes that may heal the error of a scene, best first; only of files that may be edited, and that still parse. */
export function candidatesFor(scene: Scene): readonly Candidate[] {
  return ranked([...found(scene), ...misspeltExports(scene)].filter(({ source }) => isEditable(source))).slice(0, candidatesMax)
}

function found(scene: Scene): readonly Candidate[] {
  const { error } = scene
  switch (error.kind) {
    case 'undefined-name':
      return undefinedName(scene, error.name)
    case 'undeclared-name':
      return importsOfName(scene, error.name)
    case 'no-value':
      return [...suspectObjects(scene, error.property), ...handedOver(scene)].flatMap((suspect, rank) =>
        valueAndUseRepairs(scene, suspect).map((one) => ({ ...one, weight: one.weight * (1 - 0.2 * Math.min(3, rank)) })),
      )
    case 'not-destructured':
      return takenApart(scene, error.expression)
    case 'not-callable':
      return notCallable(scene, error.expression, error.constructs)
    case 'not-iterable':
      return notIterable(scene, error.expression)
    case 'too-early':
      return usedTooEarly(scene, error.name)
    case 'constant-assigned':
      return constantAssigned(scene)
    case 'class-called':
      return classCalled(scene, error.name)
    case 'super-missing':
      return superMissing(scene)
    case 'endless-recursion':
      return endlessRecursion(scene)
    case 'bad-length':
      return badLength(scene)
    case 'empty-reduce':
      return emptyReduce(scene)
    case 'bad-argument':
      return badArgument(scene)
  }
}

/** `module.exprots = …` says nothing by itself, and fails where the module is used. */
function misspeltExports(scene: Scene): readonly Candidate[] {
  return scene.paths().flatMap((path): readonly Candidate[] => {
    const source = scene.source(path)
    if (source === undefined || !/\bmodule\./.test(source.text)) return []
    return [...source.parents].flatMap(([node, parent]) => {
      const property = asNode(node['property'])
      const name = isMember(node) ? propertyOf(node) : undefined
      const isSet = parent.type === 'AssignmentExpression' && parent['left'] === node
      if (!isSet || name === undefined || property === undefined || nameOf(node['object']) !== 'module') return []
      if (name === 'exports' || likeness(name, 'exports') < 0.5) return []
      const why = `"module.${name}" means nothing to Node.`
      return [
        replacing(source, property, {
          text: 'exports',
          what: `Use "module.exports" instead of "module.${name}"`,
          weight: 0.95,
          why,
        }),
      ]
    })
  })
}

/** What the project gave to a function of a test, where the test is the one that stumbles over it. */
function handedOver(scene: Scene): readonly Suspect[] {
  if (scene.frames[0]?.isTest !== true) return []
  const frame = scene.frames.find(({ isTest }) => !isTest)
  const source = frame === undefined ? undefined : scene.source(frame.path)
  if (frame === undefined || source === undefined) return []
  const [call] = nodesAt(source, frame.line, frame.column).filter(isCall)
  return asNodes(call?.['arguments'])
    .slice(0, 2)
    .map((node) => ({ source, node }))
}

/** `const { a } = value`, and a parameter `{ a }` that was not given. */
function takenApart(scene: Scene, expression: string | undefined): readonly Candidate[] {
  for (const frame of scene.frames) {
    const source = scene.source(frame.path)
    if (source === undefined) continue
    const nodes = nodesAt(source, frame.line, frame.column)
    const values = nodes.flatMap((node) => {
      const value =
        node.type === 'VariableDeclarator'
          ? asNode(node['init'])
          : node.type === 'AssignmentExpression'
            ? asNode(node['right'])
            : undefined
      return value === undefined ? [] : [value]
    })
    const value = values.find((one) => textIn(source, one) === expression) ?? values[0]
    if (value !== undefined) return valueAndUseRepairs(scene, { source, node: value })
    const pattern = nodes.find(({ type }) => type === 'ObjectPattern')
    const home = pattern === undefined ? undefined : source.parents.get(pattern)
    if (pattern === undefined || home === undefined || !isFunction(home)) continue
    return [
      {
        source,
        edits: [{ start: pattern.end, end: pattern.end, text: ' = {}', what: 'Let the options be left out' }],
        weight: 0.8,
        why: 'What is taken apart here is not always given.',
      },
    ]
  }
  return []
}
