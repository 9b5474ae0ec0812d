import { type SyntaxNode, asNode, asNodes, isFunction } from '../code/syntax-node.js'
import { type Candidate, insertedAt, likeness, replacing } from './runtime-candidate.js'
import { type Scene, isEditable } from './runtime-scene.js'
import { type Source, enclosing, functionAround, keyOf, nameOf, nodesAt, statementAround, textIn } from './runtime-source.js'

/** The first editable file on the stack for which there is an answer. */
function atFrames(
  scene: Scene,
  answer: (source: Source, nodes: readonly SyntaxNode[]) => readonly Candidate[],
): readonly Candidate[] {
  for (const frame of scene.frames) {
    const source = scene.source(frame.path)
    if (source === undefined || !isEditable(source)) continue
    const found = answer(source, nodesAt(source, frame.line, frame.column))
    if (found.length > 0) return found
  }
  return []
}

/** Ways to heal `Assignment to constant variable`: the variable is none, or another was meant. */
export function constantAssigned(scene: Scene): readonly Candidate[] {
  return atFrames(scene, (source, nodes) => {
    const scopes = scene.scopes(source)
    for (const node of nodes) {
      const target =
        node.type === 'AssignmentExpression'
          ? asNode(node['left'])
          : node.type === 'UpdateExpression'
            ? asNode(node['argument'])
            : undefined
      const name = nameOf(target)
      const binding = name === undefined || target === undefined ? undefined : scopes.lookup(name, target)
      const declaration = binding === undefined ? undefined : source.parents.get(binding.declaration)
      if (binding?.kind !== 'const' || declaration === undefined || target === undefined) continue
      const others = scopes
        .visible(target)
        .filter((other) => other.kind === 'let' || other.kind === 'var')
        .map((other) => ({ other, closeness: likeness(other.name, binding.name) }))
        .filter(({ closeness }) => closeness >= 0.5)
        .slice(0, 3)
      return [
        replacing(
          source,
          { start: declaration.start, end: declaration.start + 'const'.length },
          {
            text: 'let',
            what: `Declare "${binding.name}" with "let"`,
            weight: 0.94,
            why: `"${binding.name}" is given another value after its declaration.`,
          },
        ),
        ...others.map(({ other, closeness }) =>
          replacing(source, target, {
            text: other.name,
            what: `Change "${other.name}" instead of "${binding.name}"`,
            weight: 0.35 * closeness,
            why: `"${binding.name}" is a constant.`,
          }),
        ),
      ]
    }
    return []
  })
}

/** Ways to heal `Cannot access 'x' before initialization`: the declaration stands too low, or another name was meant. */
export function usedTooEarly(scene: Scene, name: string): readonly Candidate[] {
  return atFrames(scene, (source, nodes) => {
    const scopes = scene.scopes(source)
    const use = nodes.find(
      (node) => nameOf(node) === name && scopes.lookup(name, node) !== undefined && scopes.lookup(name, node)?.node !== node,
    )
    const binding = use === undefined ? undefined : scopes.lookup(name, use)
    if (use === undefined || binding === undefined) return []
    const found = [...movedDeclaration(source, binding.node, use)]
    const isOwn = binding.declaration.start <= use.start && use.end <= binding.declaration.end
    if (isOwn) found.push(...shadowing(source, name, binding.node, binding.references))
    for (const other of scopes.visible(use)) {
      const closeness = likeness(other.name, name)
      if (other.name === name || closeness < 0.4) continue
      found.push(
        replacing(source, use, {
          text: other.name,
          what: `Use "${other.name}" instead of "${name}"`,
          weight: (isOwn ? 0.6 : 0.35) * closeness,
          why: `"${name}" has no value yet at that place.`,
        }),
      )
    }
    return found
  })
}

/** Moves the declaration before the statement that needs it, or that statement behind the declaration. */
function movedDeclaration(source: Source, node: SyntaxNode, use: SyntaxNode): readonly Candidate[] {
  const declaration = outermost(source, node)
  const block = declaration === undefined ? undefined : source.parents.get(declaration)
  if (declaration === undefined || block === undefined) return []
  const user = asNodes(block['body']).find((statement) => statement.start <= use.start && use.end <= statement.end)
  const why = 'The name is used before the statement that gives it a value.'
  const lines = (statement: SyntaxNode): { readonly start: number; readonly end: number } => wholeLines(source, statement)
  // A function may be called early by a third statement: then it goes to the top of the block.
  const before = user === undefined || user.start >= declaration.start ? firstStatement(block) : user
  if (before === undefined || before.start >= declaration.start) return []
  const from = lines(declaration)
  const to = lines(before)
  const up: Candidate = {
    source,
    edits: [
      {
        start: to.start,
        end: to.start,
        text: withNewline(source.text.slice(from.start, from.end)),
        what: 'Move the declaration before its first use',
      },
      { start: from.start, end: from.end, text: '', what: 'Move the declaration before its first use' },
    ],
    weight: before === user ? 0.8 : 0.6,
    why,
  }
  // Where nothing stands between the two, both ways come to the same.
  if (before !== user || source.text.slice(before.end, declaration.start).trim() === '') return [up]
  const down: Candidate = {
    source,
    edits: [
      { start: to.start, end: to.end, text: '', what: 'Move the use behind the declaration' },
      {
        start: from.end,
        end: from.end,
        text: withNewline(source.text.slice(to.start, to.end)),
        what: 'Move the use behind the declaration',
      },
    ],
    weight: 0.55,
    why,
  }
  return [up, down]
}

/** The statement of a block or program that declares a name, `export` included. */
function outermost(source: Source, node: SyntaxNode): SyntaxNode | undefined {
  const statement = statementAround(source, node)
  const above = statement === undefined ? undefined : source.parents.get(statement)
  return above !== undefined && /^Export/.test(above.type) ? above : statement
}

function firstStatement(block: SyntaxNode): SyntaxNode | undefined {
  return asNodes(block['body']).find(({ type }) => type !== 'ImportDeclaration')
}

function withNewline(text: string): string {
  return text.endsWith('\n') ? text : `${text}\n`
}

/** From the start of the first line to behind the last, comments at its end included. */
function wholeLines({ text }: Source, { start, end }: SyntaxNode): { readonly start: number; readonly end: number } {
  const lineStart = text.lastIndexOf('\n', start - 1) + 1
  const from = /^[ \t]*$/.test(text.slice(lineStart, start)) ? lineStart : start
  const newline = text.indexOf('\n', end)
  return { start: from, end: newline === -1 ? text.length : newline + 1 }
}

/** `const x = x.y` inside a function that has an outer `x`: the inner one gets another name, or is none. */
function shadowing(source: Source, name: string, node: SyntaxNode, references: readonly SyntaxNode[]): readonly Candidate[] {
  const declaration = source.parents.get(source.parents.get(node) ?? node)
  if (declaration?.type !== 'VariableDeclaration' || references.length === 0) return []
  return [
    replacing(
      source,
      { start: declaration.start, end: node.start },
      {
        text: '',
        what: `Assign to the outer "${name}" instead of declaring another`,
        weight: 0.5,
        why: `The declaration hides the "${name}" that its value is made of.`,
      },
    ),
  ]
}

/** Ways to heal `Class constructor x cannot be invoked without 'new'`. */
export function classCalled(scene: Scene, name: string): readonly Candidate[] {
  return atFrames(scene, (source, nodes) => {
    const calls = nodes.filter((node) => node.type === 'CallExpression' && asNode(node['callee'])?.type !== 'Super')
    const named = calls.filter((call) => textIn(source, asNode(call['callee']) ?? call).endsWith(name))
    return (named.length > 0 ? named : calls)
      .slice(0, 2)
      .map((call, index) =>
        insertedAt(
          source,
          call.start,
          'new ',
          `Create "${name}" with "new"`,
          0.95 - 0.2 * index,
          'A class cannot be called like a function.',
        ),
      )
  })
}

/** Ways to heal `Must call super constructor in derived class`. */
export function superMissing(scene: Scene): readonly Candidate[] {
  return atFrames(scene, (source, nodes) => {
    const [node] = nodes
    const own =
      node === undefined
        ? undefined
        : (enclosing(source, node, (above) => isFunction(above) && keyOf(above) === 'constructor') ??
          nodes.find((one) => keyOf(one) === 'constructor'))
    const body = asNode(own?.['body'])
    if (own === undefined || body === undefined) return []
    const call = [...source.parents.keys()].find(
      (one) => one.type === 'CallExpression' && asNode(one['callee'])?.type === 'Super' && functionAround(source, one) === own,
    )
    const why = 'A derived class has no "this" before the constructor of its parent has run.'
    const statement = call === undefined ? undefined : statementAround(source, call)
    if (statement !== undefined) return movedSuper(source, body, statement, why)
    const names = asNodes(own['params']).map((parameter) =>
      parameter.type === 'AssignmentPattern'
        ? nameOf(parameter['left'])
        : parameter.type === 'RestElement'
          ? textIn(source, parameter)
          : nameOf(parameter),
    )
    const plain = names.filter((one) => one !== undefined)
    const lists = [...plain.map((_, index) => plain.slice(0, plain.length - index).join(', ')), '']
    const [first] = asNodes(body['body'])
    const indent = first === undefined ? '' : (/[ \t]*$/.exec(source.text.slice(0, first.start))?.[0] ?? '')
    const semicolon = /;\s*$/m.test(source.text) ? ';' : ''
    const wanted = parentParameters(scene, source, own)
    return lists.slice(0, 5).map((list) => {
      const fits = wanted === undefined ? 0.5 : wanted === list.split(', ').filter(Boolean).length ? 0.9 : 0.4
      return first === undefined
        ? insertedAt(source, body.start + 1, ` super(${list})${semicolon} `, 'Call the constructor of the parent', fits, why)
        : insertedAt(
            source,
            first.start,
            `super(${list})${semicolon}\n${indent}`,
            'Call the constructor of the parent',
            fits,
            why,
          )
    })
  })
}

function movedSuper(source: Source, body: SyntaxNode, statement: SyntaxNode, why: string): readonly Candidate[] {
  const [first] = asNodes(body['body'])
  if (first === undefined || first === statement) return []
  const what = 'Call the constructor of the parent first'
  const from = wholeLines(source, statement)
  const to = wholeLines(source, first)
  return [
    {
      source,
      edits: [
        { start: to.start, end: to.start, text: withNewline(source.text.slice(from.start, from.end)), what },
        { start: from.start, end: from.end, text: '', what },
      ],
      weight: 0.9,
      why,
    },
  ]
}

/** How many parameters the constructor of the parent class has; `undefined` when it is not in the project. */
function parentParameters(scene: Scene, source: Source, own: SyntaxNode): number | undefined {
  const name = nameOf(enclosing(source, own, ({ type }) => /^Class(?:Declaration|Expression)$/.test(type))?.['superClass'])
  for (const path of name === undefined ? [] : [source.path, ...scene.paths()]) {
    const other = scene.source(path)
    if (other === undefined || name === undefined || !other.text.includes(name)) continue
    for (const node of other.parents.keys()) {
      if (!/^Class(?:Declaration|Expression)$/.test(node.type) || nameOf(node['id']) !== name) continue
      const found = asNodes(asNode(node['body'])?.['body']).find((member) => keyOf(member) === 'constructor')
      return asNodes(found?.['params']).length
    }
  }
  return name === 'Error' ? 1 : undefined
}
