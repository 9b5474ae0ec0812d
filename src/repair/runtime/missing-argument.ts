import { type SyntaxNode, asNodes } from '../code/syntax-node.js'
import { initialValues } from './initial-value.js'
import { type Candidate, insertedAt, replacing } from './runtime-candidate.js'
import { calleeName } from './runtime-names.js'
import { type Scene, isEditable } from './runtime-scene.js'
import type { Binding } from './runtime-scopes.js'
import { type Source, isCall, keyOf, nameOf, nodesAt, textIn, within } from './runtime-source.js'

/** Follows an expression further, with a share of the weight. */
export type Further = (next: SyntaxNode | undefined, weight: number, at?: Source) => readonly Candidate[]

/** A parameter that was not given: a default, or an argument at the call. */
export function parameterRepairs(scene: Scene, source: Source, binding: Binding, further: Further): readonly Candidate[] {
  const { node, name, declaration, references } = binding
  const parameters = asNodes(declaration['params'])
  const index = parameters.findIndex((parameter) => within(node, parameter))
  const parameter = parameters[index]
  if (parameter === undefined) return []
  const isPlain = parameter === node
  const defaults = isPlain && isEditable(source) ? initialValues(source, references) : []
  return [
    ...defaults.map((value, rank) =>
      insertedAt(
        source,
        node.end,
        ` = ${value}`,
        `Let "${name}" be ${value} when it is not given`,
        0.45 - 0.15 * rank,
        `"${name}" is used as if it were always given.`,
      ),
    ),
    ...(parameter.type === 'ObjectPattern' && isEditable(source)
      ? [
          insertedAt(
            source,
            parameter.end,
            ' = {}',
            'Let the options be left out',
            0.5,
            'What is taken apart here is not always given.',
          ),
        ]
      : []),
    ...callsOnStack(scene, source, declaration).flatMap(({ at, call }) => [
      ...argumentRepairs(scene, at, call, { parameters, index, name }),
      ...further(asNodes(call['arguments'])[index], 0.8, at),
    ]),
  ]
}

/** Calls of a function at the places on the stack. */
function callsOnStack(
  scene: Scene,
  source: Source,
  node: SyntaxNode,
): readonly { readonly at: Source; readonly call: SyntaxNode }[] {
  const parent = source.parents.get(node)
  const name = nameOf(node['id']) ?? keyOf(node) ?? (parent?.type === 'VariableDeclarator' ? nameOf(parent['id']) : undefined)
  const found: { at: Source; call: SyntaxNode }[] = []
  for (const frame of scene.frames) {
    const at = scene.source(frame.path)
    if (at === undefined || found.length >= 4) continue
    for (const call of nodesAt(at, frame.line, frame.column)) {
      if (!isCall(call) || found.some((one) => one.call === call)) continue
      const isIt =
        calleeName(call) === name ||
        (name === 'constructor' && call.type === 'NewExpression') ||
        asNodes(call['arguments']).includes(node)
      if (isIt) found.push({ at, call })
    }
  }
  return found
}

interface ParameterPlace {
  readonly parameters: readonly SyntaxNode[]
  readonly index: number
  readonly name: string
}

/** An argument that is missing, or stands in the wrong place. */
function argumentRepairs(
  scene: Scene,
  at: Source,
  call: SyntaxNode,
  { parameters, index, name }: ParameterPlace,
): readonly Candidate[] {
  const given = asNodes(call['arguments'])
  if (!isEditable(at) || given.some(({ type }) => type === 'SpreadElement')) return []
  const found: Candidate[] = []
  const why = `The call gives ${given.length} of ${parameters.length} arguments.`
  if (given.length < parameters.length) {
    const visible = scene
      .scopes(at)
      .visible(call)
      .map((binding) => binding.name)
    const inScope = [name, ...visible.filter((other) => other !== name)].filter((other) => visible.includes(other)).slice(0, 4)
    for (const [rank, other] of inScope.entries()) {
      const place = given[index] ?? undefined
      const last = given.at(-1)
      const weight = (other === name ? 0.75 : 0.2) - rank * 0.02
      if (place !== undefined)
        found.push(insertedAt(at, place.start, `${other}, `, `Give "${other}" as an argument`, weight, why))
      else if (last !== undefined)
        found.push(insertedAt(at, last.end, `, ${other}`, `Give "${other}" as an argument`, weight, why))
      else found.push(insertedAt(at, call.end - 1, other, `Give "${other}" as an argument`, weight, why))
    }
  }
  for (const other of [index - 1, index + 1]) {
    const [a, b] = [given[Math.min(index, other)], given[Math.max(index, other)]]
    if (other < 0 || a === undefined || b === undefined) continue
    const text = `${textIn(at, b)}${at.text.slice(a.end, b.start)}${textIn(at, a)}`
    found.push(
      replacing(
        at,
        { start: a.start, end: b.end },
        { text, what: 'Swap two arguments', weight: 0.3, why: `"${name}" gets no value from this call.` },
      ),
    )
  }
  return found
}
