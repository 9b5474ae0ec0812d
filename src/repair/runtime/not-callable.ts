import { moduleExports } from '../imports/import-exports.js'
import { isRelative, resolveRelative } from '../imports/import-resolve.js'
import { type SyntaxNode, asNode, asNodes, isFunction } from '../code/syntax-node.js'
import { conditionChanges } from './condition-changes.js'
import { definitionsOf, missingReturns, missingAwaits } from './missing-result.js'
import { otherNames, propertyRenames, specifierOf } from './property-rename.js'
import { type Candidate, insertedAt, likeness, replacing } from './runtime-candidate.js'
import { isUnknownProperty } from './runtime-names.js'
import { type Scene, type Suspect, isEditable } from './runtime-scene.js'
import type { Binding } from './runtime-scopes.js'
import { type Source, enclosing, isCall, isMember, keyOf, nameOf, nodesAt, propertyOf, textIn } from './runtime-source.js'
import { valueRepairs } from './undefined-value.js'

/** Ways to heal `x is not a function` and `x is not a constructor`. */
export function notCallable(scene: Scene, expression: string, constructs: boolean): readonly Candidate[] {
  const name = /(?:^|[.#\s)])([\w$]+)$/.exec(expression)?.[1] ?? expression
  return suspectCalls(scene, name).flatMap(({ source, node }) => {
    const callee = asNode(node['callee'])
    if (callee === undefined) return []
    const repairs = isMember(callee) ? methodRepairs(scene, source, callee, node) : nameRepairs(scene, source, callee)
    return [
      ...repairs,
      ...callRepairs(source, node, callee, constructs),
      ...(isEditable(source) ? conditionChanges(source, node, isUnknownProperty(scene, name) ? 0.1 : 0.5) : []),
    ]
  })
}

/** Calls at the place of the error, by name; in a test they tell what is expected of the code. */
function suspectCalls(scene: Scene, name: string): readonly Suspect[] {
  for (const frame of scene.frames) {
    const source = scene.source(frame.path)
    if (source === undefined) continue
    const calls = nodesAt(source, frame.line, frame.column).filter(isCall)
    const found = calls.filter((call) => {
      const callee = asNode(call['callee'])
      if (name.endsWith('(...)')) return isCall(callee)
      return isMember(callee) ? propertyOf(callee) === name : nameOf(callee) === name
    })
    if (found.length > 0) return found.slice(0, 2).map((node) => ({ source, node }))
    // A callback that a built-in function calls: `items.map(undefinedName)`.
    if (calls.length > 0 && frame === scene.frames[0]) return calls.slice(0, 1).map((node) => ({ source, node }))
  }
  return []
}

/** `object.name()` where the object has no such method. */
function methodRepairs(scene: Scene, source: Source, callee: SyntaxNode, call: SyntaxNode): readonly Candidate[] {
  const object = asNode(callee['object'])
  const name = propertyOf(callee)
  if (object === undefined || name === undefined) return propertyRenames(scene, { source, node: callee }, { isCalled: true })
  return [
    ...propertyRenames(scene, { source, node: callee }, { isCalled: true }),
    ...missingExports(scene, source, object, name),
    ...(isEditable(source) ? conversions(source, object, name) : []),
    ...originOf(scene, source, object),
    ...(object.type === 'ThisExpression' ? valueRepairs(scene, { source, node: object }, { weight: 0.8 }) : []),
    ...(isEditable(source) && nameOf(object) !== undefined ? otherNames(scene, { source, node: object }, 0.8) : []),
    ...(isEditable(source) && asNodes(call['arguments']).length === 0
      ? [
          replacing(
            source,
            { start: callee.end, end: call.end },
            {
              text: '',
              what: `Read "${name}" instead of calling it`,
              weight: /^(?:length|size)$/.test(name) ? 0.9 : 0.2,
              why: `"${name}" is not a function.`,
            },
          ),
        ]
      : []),
  ]
}

/** The object is a promise, or nothing that its function forgot to return. */
function originOf(scene: Scene, source: Source, object: SyntaxNode): readonly Candidate[] {
  const binding = scene.scopes(source).lookup(nameOf(object) ?? '', object)
  const init = binding === undefined ? object : asNode(binding.declaration['init'])
  if (init === undefined) return []
  if (init.type === 'NewExpression' || !isCall(init))
    return /^(?:Identifier|MemberExpression)$/.test(init.type) && isEditable(source) && init !== object
      ? [
          insertedAt(
            source,
            init.end,
            '()',
            'Call the function for its result',
            0.25,
            'The object may be the result of a function that is not called.',
          ),
        ]
      : []
  const name = nameOf(asNode(init['callee'])) ?? propertyOf(asNode(init['callee']) ?? init)
  const called = name === undefined ? [] : definitionsOf(scene, source, name)
  const isClass = name !== undefined && /^[A-Z]/.test(name)
  return [
    ...missingAwaits(scene, { source, node: init }),
    ...called.flatMap((found) => (isEditable(found.at) ? missingReturns(found.at, found.node, 0.5) : [])),
    ...(isClass && isEditable(source)
      ? [insertedAt(source, init.start, 'new ', 'Create an object with "new"', 0.5, `"${name}" is named like a class.`)]
      : []),
  ]
}

const arrayMethods =
  /^(?:map|filter|forEach|reduce|some|every|find|findIndex|slice|join|concat|sort|includes|indexOf|flat|flatMap|push|reverse)$/
const textMethods =
  /^(?:trim|split|replace|replaceAll|toLowerCase|toUpperCase|startsWith|endsWith|padStart|padEnd|charAt|charCodeAt|match|repeat|localeCompare)$/

/** A set, map or object that is used as an array; a number that is used as a text. */
function conversions(source: Source, object: SyntaxNode, name: string): readonly Candidate[] {
  const text = textIn(source, object)
  const why = `The object has no method "${name}"; an array or a text has.`
  const by = (to: string, weight: number): Candidate =>
    replacing(source, object, { text: to, what: `Use ${to.slice(0, 50)}`, weight, why })
  const inner = /^Object\.(?:keys|values|entries)\(/.test(text)
  if (arrayMethods.test(name) && !inner)
    return [
      by(`[...${text}]`, 0.3),
      by(`Object.keys(${text})`, 0.25),
      by(`Object.values(${text})`, 0.25),
      by(`Object.entries(${text})`, 0.25),
    ]
  return textMethods.test(name) ? [by(`String(${text})`, 0.35)] : []
}

/** `name()` where the name stands for no function. */
function nameRepairs(scene: Scene, source: Source, callee: SyntaxNode): readonly Candidate[] {
  const name = nameOf(callee)
  if (name === undefined) return []
  const binding = scene.scopes(source).lookup(name, callee)
  const functions = (isEditable(source) ? otherNames(scene, { source, node: callee }) : []).map((one) => {
    const target = scene
      .scopes(source)
      .visible(callee)
      .find((other) => other.name === one.edits[0]?.text)
    const isCallable = target !== undefined && (target.kind === 'function' || target.kind === 'import' || isFunctionValue(target))
    return { ...one, weight: one.weight * (isCallable ? 1.3 : 0.7) }
  })
  return [
    ...functions,
    ...(binding === undefined ? [] : importRepairs(scene, source, binding)),
    ...(binding === undefined ? [] : parameterOrder(source, binding)),
    ...(binding === undefined || binding.kind === 'import' ? [] : valueRepairs(scene, { source, node: callee }, { weight: 0.7 })),
  ]
}

function isFunctionValue({ declaration }: Binding): boolean {
  const init = asNode(declaration['init'])
  return init !== undefined && isFunction(init)
}

/** A callback and another argument that changed places in the list of parameters. */
function parameterOrder(source: Source, binding: Binding): readonly Candidate[] {
  if (binding.kind !== 'parameter' || !isEditable(source)) return []
  const parameters = asNodes(binding.declaration['params'])
  const index = parameters.indexOf(binding.node)
  if (index === -1) return []
  return [index - 1, index + 1].flatMap((other): readonly Candidate[] => {
    const [a, b] = [parameters[Math.min(index, other)], parameters[Math.max(index, other)]]
    if (other < 0 || a === undefined || b === undefined) return []
    const text = `${textIn(source, b)}${source.text.slice(a.end, b.start)}${textIn(source, a)}`
    return [
      replacing(
        source,
        { start: a.start, end: b.end },
        { text, what: 'Swap two parameters', weight: 0.3, why: `"${binding.name}" is no function when it is called.` },
      ),
    ]
  })
}

/** The name is taken from another module in the wrong way, or under a name that the module does not export. */
function importRepairs(scene: Scene, source: Source, { name, node, declaration }: Binding): readonly Candidate[] {
  const specifier = specifierOf(source, declaration)
  if (specifier === undefined) return []
  const file = isRelative(specifier) ? resolveRelative(scene.request.workspace, source.path, specifier) : undefined
  const names = file === undefined ? new Set<string>() : moduleExports(scene.request.workspace, file).names
  const pattern = asNode(declaration['id'])
  const found: Candidate[] = []
  if (isEditable(source)) {
    if (declaration.type === 'VariableDeclarator' && pattern === node) {
      const init = asNode(declaration['init'])
      const why = `"${specifier}" does not export a function as a whole.`
      for (const other of names)
        if (other !== 'default' && /^[\w$]+$/.test(other) && init !== undefined)
          found.push(
            insertedAt(source, init.end, `.${other}`, `Take "${other}" of the module`, 0.2 + 0.6 * likeness(other, name), why),
          )
      if (names.has(name))
        found.push(replacing(source, node, { text: `{ ${name} }`, what: `Take "${name}" of the module`, weight: 0.9, why }))
      if (init !== undefined)
        found.push(insertedAt(source, init.end, '.default', 'Take the default export', names.size === 0 ? 0.5 : 0.25, why))
    }
    if (declaration.type === 'ImportNamespaceSpecifier')
      found.push(
        replacing(source, declaration, {
          text: name,
          what: 'Import the default export',
          weight: 0.85,
          why: 'A module as a whole is no function.',
        }),
      )
    if (declaration.type === 'ImportDefaultSpecifier')
      found.push(
        insertedAt(source, declaration.start, '* as ', 'Import the module as a whole', 0.2, 'The default export is no function.'),
      )
    const property = source.parents.get(node)
    if (property?.type === 'ObjectProperty') {
      const key = keyOf(property) ?? name
      const why = `"${specifier}" does not export "${key}".`
      for (const other of names)
        if (other !== key && other !== 'default' && /^[\w$]+$/.test(other))
          found.push(
            replacing(source, property, {
              text: `${other}: ${name}`,
              what: `Take "${other}" instead of "${key}"`,
              weight: 0.15 + 0.7 * likeness(other, key),
              why,
            }),
          )
      if (names.size <= 1 && pattern !== undefined)
        found.push(replacing(source, pattern, { text: name, what: 'Take the module as a whole', weight: 0.5, why }))
    }
  }
  const key = keyOf(source.parents.get(node) ?? node) ?? name
  if (file !== undefined) found.push(...missingExportIn(scene, file, key))
  return found
}

/** `module.name()` where the module does not export the name under which it is wanted. */
function missingExports(scene: Scene, source: Source, object: SyntaxNode, name: string): readonly Candidate[] {
  const binding = scene.scopes(source).lookup(nameOf(object) ?? '', object)
  const specifier = binding === undefined ? undefined : specifierOf(source, binding.declaration)
  const file =
    specifier === undefined || !isRelative(specifier)
      ? undefined
      : resolveRelative(scene.request.workspace, source.path, specifier)
  return file === undefined ? [] : missingExportIn(scene, file, name)
}

/** The module has the function and does not export it: a line of its exports is missing or names another. */
function missingExportIn(scene: Scene, file: string, name: string): readonly Candidate[] {
  const module = scene.source(file)
  if (module === undefined || !isEditable(module) || moduleExports(scene.request.workspace, file).names.has(name)) return []
  const local = scene
    .scopes(module)
    .bindings.find((binding) => binding.name === name && enclosing(module, binding.declaration, isFunction) === undefined)
  const why = `${file} does not export "${name}".`
  for (const [node, parent] of module.parents) {
    const left = parent.type === 'AssignmentExpression' && parent['right'] === node ? asNode(parent['left']) : undefined
    if (node.type !== 'ObjectExpression' || left === undefined || textIn(module, left) !== 'module.exports') continue
    const last = asNodes(node['properties']).at(-1)
    if (local !== undefined && last !== undefined)
      return [insertedAt(module, last.end, `, ${name}`, `Export "${name}"`, 0.8, why)]
  }
  return []
}

/** `new` too much or too little, a call too much. */
function callRepairs(source: Source, call: SyntaxNode, callee: SyntaxNode, constructs: boolean): readonly Candidate[] {
  if (!isEditable(source)) return []
  const why = `"${textIn(source, callee).slice(0, 60)}" is no ${constructs ? 'constructor' : 'function'}.`
  if (call.type === 'NewExpression')
    return [
      replacing(source, { start: call.start, end: callee.start }, { text: '', what: 'Call it without "new"', weight: 0.4, why }),
    ]
  // `f()()`: the result is called as well.
  return isCall(callee)
    ? [replacing(source, { start: callee.end, end: call.end }, { text: '', what: 'Do not call the result', weight: 0.5, why })]
    : []
}
