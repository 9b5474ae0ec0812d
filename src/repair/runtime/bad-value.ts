import { conditionChanges, boundaries } from './condition-changes.js'
import { type SyntaxNode, asNode, asNodes } from '../code/syntax-node.js'
import { type Candidate, insertedAt, replacing } from './runtime-candidate.js'
import { type Scene, type Suspect, isEditable } from './runtime-scene.js'
import { type Source, isCall, isMember, nameOf, nodesAt, propertyOf, textIn } from './runtime-source.js'
import { valueAndUseRepairs, valueRepairs } from './undefined-value.js'

/** Ways to heal `x is not iterable`. */
export function notIterable(scene: Scene, expression: string | undefined): readonly Candidate[] {
  for (const frame of scene.frames) {
    const source = scene.source(frame.path)
    if (source === undefined) continue
    const found = nodesAt(source, frame.line, frame.column).flatMap((node) => iterated(source, node))
    const named = found.filter((node) => expression === undefined || textIn(source, node) === expression)
    const suspects = named.length > 0 ? named : found
    if (suspects.length > 0)
      return suspects
        .slice(0, 2)
        .flatMap((node) => [
          ...valueAndUseRepairs(scene, { source, node }),
          ...(isEditable(source) ? madeIterable(source, node) : []),
        ])
  }
  return []
}

/** What a node goes through one by one. */
function iterated(source: Source, node: SyntaxNode): readonly SyntaxNode[] {
  const parent = source.parents.get(node)
  if (node.type === 'SpreadElement' && parent?.type !== 'ObjectExpression')
    return [asNode(node['argument'])].flatMap((one) => one ?? [])
  if (node.type === 'ForOfStatement') return [asNode(node['right'])].flatMap((one) => one ?? [])
  if (node.type === 'VariableDeclarator' && asNode(node['id'])?.type === 'ArrayPattern')
    return [asNode(node['init'])].flatMap((one) => one ?? [])
  if (node.type === 'AssignmentExpression' && asNode(node['left'])?.type === 'ArrayPattern')
    return [asNode(node['right'])].flatMap((one) => one ?? [])
  if (node.type === 'YieldExpression' && node['delegate'] === true) return [asNode(node['argument'])].flatMap((one) => one ?? [])
  return isCall(node) ? asNodes(node['arguments']).slice(0, 1) : []
}

function madeIterable(source: Source, node: SyntaxNode): readonly Candidate[] {
  const text = textIn(source, node)
  const why = 'Only lists, texts, maps and sets can be gone through one by one.'
  const isPair =
    source.parents.get(node)?.type === 'ForOfStatement' &&
    /ArrayPattern/.test(JSON.stringify(asNode(source.parents.get(node)?.['left'])?.['declarations'] ?? '', ['type', 'id', '0']))
  const by = (to: string, weight: number): Candidate =>
    replacing(source, node, { text: to, what: `Go through ${to.slice(0, 60)}`, weight, why })
  return [
    by(`Object.entries(${text})`, isPair ? 0.5 : 0.3),
    by(`Object.values(${text})`, 0.25),
    by(`Object.keys(${text})`, 0.25),
    ...(isMember(node) || nameOf(node) !== undefined ? [by(`${text}()`, 0.15)] : []),
  ]
}

/** Ways to heal `Invalid array length` and `Invalid count value`: a number that is too small, or none. */
export function badLength(scene: Scene): readonly Candidate[] {
  return atCalls(scene, /^(?:Array|repeat|padStart|padEnd|ArrayBuffer|alloc|Uint8Array)$|^length$/, ({ source, node }) => {
    const text = textIn(source, node)
    const operands =
      node.type === 'BinaryExpression' && node['operator'] === '-' ? [asNode(node['left']), asNode(node['right'])] : []
    const [left, right] = operands
    const why = 'The length comes out negative, or is no number.'
    return [
      ...(left !== undefined && right !== undefined
        ? [
            replacing(source, node, {
              text: `${textIn(source, right)} - ${textIn(source, left)}`,
              what: 'Swap the two sides of the subtraction',
              weight: 0.6,
              why,
            }),
            replacing(source, node, {
              text: `${textIn(source, left)} + ${textIn(source, right)}`,
              what: 'Add instead of subtracting',
              weight: 0.35,
              why,
            }),
          ]
        : []),
      replacing(source, node, { text: `Math.max(0, ${text})`, what: 'Let the length be 0 at least', weight: 0.35, why }),
      ...conditionChanges(source, node),
      ...valueRepairs(scene, { source, node }, { weight: 0.5 }),
    ]
  })
}

/** Ways to heal `Reduce of empty array with no initial value`. */
export function emptyReduce(scene: Scene): readonly Candidate[] {
  for (const frame of scene.frames) {
    const source = scene.source(frame.path)
    if (source === undefined || !isEditable(source)) continue
    const call = nodesAt(source, frame.line, frame.column).find(
      (node) => isCall(node) && /^reduce/.test(propertyOf(asNode(node['callee']) ?? node) ?? ''),
    )
    const last = asNodes(call?.['arguments']).at(-1)
    if (call === undefined || last === undefined || asNodes(call['arguments']).length > 1) continue
    const text = textIn(source, last)
    const values = [/\*/.test(text) ? '1' : '0', "''", '[]', '{}', '0', '1']
    const fits = (value: string): number =>
      (value === '[]' && /\[|concat|push/.test(text)) ||
      (value === "''" && /['"`]/.test(text)) ||
      (value === '{}' && /\.\.\.|\]\s*=/.test(text))
        ? 0.3
        : 0
    return [...new Set(values)].map((value, index) =>
      insertedAt(
        source,
        last.end,
        `, ${value}`,
        `Start the reduction with ${value}`,
        0.6 - 0.08 * index + fits(value),
        'The list can be empty.',
      ),
    )
  }
  return []
}

/** Ways to heal a built-in function that was given nothing, or the wrong thing. */
export function badArgument(scene: Scene): readonly Candidate[] {
  return atCalls(scene, undefined, (suspect) => valueAndUseRepairs(scene, suspect))
}

/** The arguments of the calls at the innermost place of the project. */
function atCalls(
  scene: Scene,
  callee: RegExp | undefined,
  answer: (suspect: Suspect) => readonly Candidate[],
): readonly Candidate[] {
  const found: Candidate[] = []
  for (const frame of scene.frames.slice(0, 2)) {
    const source = scene.source(frame.path)
    if (source === undefined || !isEditable(source)) continue
    const nodes = nodesAt(source, frame.line, frame.column)
    const calls = nodes.filter(isCall)
    const fitting = calls.filter(
      (call) => callee === undefined || callee.test(nameOf(call['callee']) ?? propertyOf(asNode(call['callee']) ?? call) ?? ''),
    )
    const set = nodes.filter(
      (node) => node.type === 'AssignmentExpression' && callee?.test(propertyOf(asNode(node['left']) ?? node) ?? '') === true,
    )
    for (const node of [
      ...fitting.slice(0, 2).flatMap((call) => asNodes(call['arguments']).slice(0, 3)),
      ...set.flatMap((one) => asNode(one['right']) ?? []),
    ])
      found.push(...answer({ source, node }), ...boundaries(source, node))
    if (found.length > 0) break
  }
  return found
}
