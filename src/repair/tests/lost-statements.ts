import { isFunction, type SyntaxNode } from '../code/syntax-node.js'
import { insertAt, type SingleEdit } from './single-edit.js'
import { nameOf, nodeIn, nodesIn, type Placed } from './syntax-tree.js'

/** A statement of the file that may have been lost in another place, with what stands around it where it was not. */
interface Sibling {
  readonly source: string
  /** Names that it reads and that must be known wherever it is put. */
  readonly names: readonly string[]
  readonly before: ReadonlySet<string>
  readonly after: ReadonlySet<string>
  readonly count: number
  /** Offsets of the functions that hold it. */
  readonly owners: ReadonlySet<number>
}

/** What a file says about statements that one of its places may lack. */
export interface StatementWords {
  readonly siblings: readonly Sibling[]
  /** Calls of functions that nothing calls. */
  readonly uncalled: readonly { readonly name: string; readonly parameters: readonly string[] }[]
  /** Names that are known in the whole file. */
  readonly global: ReadonlySet<string>
}

/** Statements of a file that are kept, the most frequent first; and how long one of them is at most. */
const siblingsMax = 40
const lengthMax = 120

/** A call or an assignment more: one that is made next door, or of a function that nobody calls. */
export function lostStatements({ node, parents }: Placed, words: StatementWords, text: string): readonly SingleEdit[] {
  if (node.type !== 'BlockStatement' && node.type !== 'SwitchCase') return []
  const owner = parents.findLast((above) => isFunction(above))
  if (owner === undefined) return []
  const statements = nodesIn(node, node.type === 'SwitchCase' ? 'consequent' : 'body')
  const sources = statements.map((statement) => contextOf(statement, text))
  const known = namesIn(text.slice(owner.start, owner.end))
  const fits = (names: readonly string[]): boolean => names.every((name) => known.has(name) || words.global.has(name))
  const siblings = words.siblings.filter(({ names }) => fits(names))
  const called = words.uncalled
    .filter(({ name }) => nameOf(nodeIn(owner, 'id')) !== name)
    .map(({ name, parameters }) => ({ name, given: parameters.filter((one) => known.has(one)) }))
  return placesIn(node, statements).flatMap(({ at, before, after }) => {
    const [previous, next] = [sources[before] ?? '', sources[after] ?? '']
    const put = (source: string, share: number): SingleEdit => insertAt(at, `\n${source}`, 'statement', share)
    return [
      ...siblings
        .filter(({ source }) => source !== previous && source !== next)
        .map((sibling) => put(sibling.source, likeness(sibling, { previous, next, owner }))),
      ...called.map(({ name, given }) => put(`${name}(${given.join(', ')});`, 6)),
    ]
  })
}

/** Offsets at which a statement may be put, with the numbers of those before and after it; behind the last only where it ends. */
function placesIn(
  node: SyntaxNode,
  statements: readonly SyntaxNode[],
): readonly { readonly at: number; readonly before: number; readonly after: number }[] {
  const places = statements.flatMap((statement, at) =>
    /^(?:Return|Throw|Break|Continue)Statement$/.test(statement.type) ? [] : [{ at: statement.end, before: at, after: at + 1 }],
  )
  return node.type === 'BlockStatement' ? [{ at: node.start + 1, before: -1, after: 0 }, ...places] : places
}

/** How much the place resembles those where the statement stands. */
function likeness(
  { before, after, count, owners }: Sibling,
  { previous, next, owner }: { readonly previous: string; readonly next: string; readonly owner: SyntaxNode },
): number {
  const around = (previous !== '' && before.has(previous) ? 6 : 0) + (next !== '' && after.has(next) ? 6 : 0)
  return (owners.has(owner.start) ? 1 : 0.5) * (1 + around) * Math.min(2, 0.7 + count * 0.3)
}

/** Reads the statements of a file, and the functions that it declares and does not use. */
export function statementWords(places: readonly Placed[], text: string, unused: readonly string[]): StatementWords {
  const found = new Map<
    string,
    { names: readonly string[]; before: Set<string>; after: Set<string>; count: number; owners: Set<number> }
  >()
  const parametersOf = new Map<string, readonly string[]>()
  const global = new Set<string>()
  for (const { node, parents } of places) {
    if (node.type === 'FunctionDeclaration') {
      parametersOf.set(
        nameOf(nodeIn(node, 'id')),
        nodesIn(node, 'params').map((parameter) => nameOf(parameter)),
      )
      if (parents.length <= 2) global.add(nameOf(nodeIn(node, 'id')))
    }
    if (/^(?:VariableDeclarator|ClassDeclaration)$/.test(node.type) && parents.length <= 3) global.add(nameOf(nodeIn(node, 'id')))
    if (node.type !== 'BlockStatement' && node.type !== 'SwitchCase') continue
    const owner = parents.findLast((above) => isFunction(above))?.start ?? -1
    const statements = nodesIn(node, node.type === 'SwitchCase' ? 'consequent' : 'body')
    for (const [at, statement] of statements.entries()) {
      const source = text.slice(statement.start, statement.end)
      if (!mayBeLost(statement) || source.length > lengthMax || source.includes('\n')) continue
      const known = found.get(source) ?? {
        names: [...namesIn(source)],
        before: new Set<string>(),
        after: new Set<string>(),
        count: 0,
        owners: new Set<number>(),
      }
      found.set(source, known)
      const [previous, next] = [statements[at - 1], statements[at + 1]]
      if (previous !== undefined) known.before.add(contextOf(previous, text))
      if (next !== undefined) known.after.add(contextOf(next, text))
      known.count += 1
      known.owners.add(owner)
    }
  }
  for (const [words] of text.matchAll(/^import\s[^'"]{0,2000}?from\s/gm))
    for (const name of words.match(/[A-Za-z_$][\w$]*/g) ?? []) global.add(name)
  for (const name of [
    'Object',
    'Array',
    'Math',
    'JSON',
    'Promise',
    'console',
    'process',
    'clearTimeout',
    'setTimeout',
    'this',
    'super',
  ])
    global.add(name)
  return {
    siblings: [...found]
      .map(([source, sibling]) => ({ source, ...sibling }))
      .sort((a, b) => b.count - a.count)
      .slice(0, siblingsMax),
    uncalled: unused.slice(0, 3).map((name) => ({ name, parameters: parametersOf.get(name) ?? [] })),
    global,
  }
}

function mayBeLost(statement: SyntaxNode): boolean {
  const value = statement.type === 'ExpressionStatement' ? nodeIn(statement, 'expression') : undefined
  if (value === undefined) return false
  const inner = value.type === 'AwaitExpression' ? nodeIn(value, 'argument') : value
  return inner !== undefined && /^(?:(?:Optional)?Call|Assignment|Update)Expression$/.test(inner.type) && !isSuper(inner)
}

function isSuper(node: SyntaxNode): boolean {
  return nodeIn(node, 'callee')?.type === 'Super'
}

/** A neighbour, by its beginning: of a long one the rest says little. */
function contextOf(statement: SyntaxNode, text: string): string {
  return text.slice(statement.start, Math.min(statement.end, statement.start + lengthMax))
}

/** Names that stand for themselves, without members and keys; words in quotes are left out. */
function namesIn(source: string): ReadonlySet<string> {
  const plain = source.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, "''")
  const names = plain.match(/(?<![\w$.#])[A-Za-z_$][\w$]*(?!\s*:(?!:))/g) ?? []
  return new Set(names.filter((name) => !keywords.has(name)))
}

const keywords = new Set([
  'await',
  'true',
  'false',
  'null',
  'undefined',
  'new',
  'typeof',
  'void',
  'in',
  'of',
  'instanceof',
  'function',
  'return',
])
