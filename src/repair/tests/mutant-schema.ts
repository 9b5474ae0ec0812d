import { parse, parseExpression, type ParserOptions, type ParserPlugin } from '@babel/parser'
import { isPure } from './pure-expression.js'
import { edited, type SingleEdit } from './single-edit.js'
import type { SyntaxNode } from '../code/syntax-node.js'
import { nodeIn, nodesIn, treeOf, walk, wordIn, type Placed } from './syntax-tree.js'

/** The environment variable that says which variant runs: the number of an edit; none of them: the code as it was. */
export const variantVariable = 'HOMEOSTAT_VARIANT'

/** An edit with the number under which it is switched on. */
export interface NumberedEdit extends SingleEdit {
  readonly id: number
}

/** One text that holds many edits, each of them off until the environment names it. */
export interface MutantSchema {
  readonly text: string
  /** The edits that are in it; others have no place where code can choose between them. */
  readonly ids: readonly number[]
}

/**
 * Puts many edits into one text, so that one process start tells of each of them what another needs a file for (mutant schemata,
 * after Untch, Offutt and Harrold 1993). `undefined` where none fits.
 */
export function mutantSchema(path: string, text: string, edits: readonly NumberedEdit[]): MutantSchema | undefined {
  const carried = carriedIn(path, text, edits)
  const whole = written(path, text, carried)
  if (whole !== undefined || carried.every(({ carrier }) => carrier.kind === 'value')) return whole
  // A statement does not always mean the same in a block of its own; values do.
  return written(
    path,
    text,
    carried.filter(({ carrier }) => carrier.kind === 'value'),
  )
}

/**
 * Puts edits into one text that never takes effect: where an edited value can be computed without changing anything, it is, beside
 * the value of the code as it is, and the first time that they differ the program is told (see `coverage-script.ts`). What the
 * failing test never sees another value of, it cannot be healed by. `ids`: the edits that are watched.
 */
export function differenceSchema(path: string, text: string, edits: readonly NumberedEdit[]): MutantSchema | undefined {
  const plugins = pluginsOf(path)
  const isWatched = ({ edit, carrier }: Carried): boolean =>
    carrier.kind === 'value' &&
    isPure(text.slice(carrier.start, carrier.end), plugins) &&
    isPure(variantText(text, carrier, edit), plugins)
  return written(
    path,
    text,
    carriedIn(path, text, edits).filter((one) => isWatched(one)),
    watched,
  )
}

function carriedIn(path: string, text: string, edits: readonly NumberedEdit[]): readonly Carried[] {
  const root = treeOf(path, text)
  if (root === undefined) return []
  const places = placesIn(root)
  const plugins = pluginsOf(path)
  return edits.flatMap((edit) => {
    const carrier = carrierOf(edit, places, text, plugins)
    return carrier === undefined ? [] : [{ edit, carrier }]
  })
}

/** The smallest part of a text that is exchanged as a whole, so that precedence and scope stay what the edit makes of them. */
interface Carrier {
  readonly start: number
  readonly end: number
  /** `effect`: a value that is a statement; without `void` it might go on with the line before. */
  readonly kind: 'value' | 'effect' | 'statement' | 'body'
  /** A value of which only matters whether it is true. */
  readonly isAsked?: boolean
}

interface Carried {
  readonly edit: NumberedEdit
  readonly carrier: Carrier
}

/** A carrier is written once more for each of its edits; so long it may be. */
const carrierLengthMax = 4_000

const chooser = 'homeostatVariant'

const watcher = 'homeostatDiffers'

/** How the variants of one carrier are written, and what they call. */
interface Style {
  choice(text: string, group: Group, original: string): string
  readonly helper: string
}

// A declared function is there before the first line of any module runs, cycles of imports included.
const chosen: Style = {
  choice,
  helper: `
function ${chooser}(id) {
  const one = (${chooser}.one ??= globalThis.process?.homeostatVariants?.() ?? { current: Number(process.env.${variantVariable}) })
  return one.asked === undefined ? one.current === id : one.asked(id)
}
`,
}

const watched: Style = {
  choice: (text, { carrier, edits }, original) =>
    `${watcher}(${carrier.isAsked === true}, (${original}), ${edits.map((edit) => `${edit.id}, () => (${variantText(text, carrier, edit)})`).join(', ')})`,
  helper: `
function ${watcher}(isAsked, value, ...variants) {
  const known = (${watcher}.known ??= new Set())
  for (let at = 0; at < variants.length; at += 2) {
    if (known.has(variants[at])) continue
    let differs = true
    try {
      const other = variants[at + 1]()
      differs = isAsked ? !value !== !other : !Object.is(value, other)
    } catch {}
    if (!differs) continue
    known.add(variants[at])
    globalThis.process?.homeostatSeen?.(variants[at])
  }
  return value
}
`,
}

function written(path: string, text: string, carried: readonly Carried[], style = chosen): MutantSchema | undefined {
  if (carried.length === 0) return undefined
  const isTyped = /\.(?:[mc]?ts|tsx)$/i.test(path)
  const groups = new Map<string, { readonly carrier: Carrier; readonly edits: NumberedEdit[] }>()
  for (const { edit, carrier } of carried) {
    const key = `${carrier.kind}:${carrier.start}:${carrier.end}`
    const group = groups.get(key) ?? { carrier, edits: [] }
    groups.set(key, group)
    group.edits.push(edit)
  }
  const ordered = [...groups.values()].sort(
    ({ carrier: a }, { carrier: b }) => a.start - b.start || b.end - a.end || Number(isCode(b)) - Number(isCode(a)),
  )
  const body = rendered(text, ordered, style)
  // A compiler that checks types may refuse one variant, and would take all others with it.
  const whole = `${isTyped ? '// @ts-nocheck\n' : ''}${body}${style.helper}`
  return treeOf(path, whole) === undefined ? undefined : { text: whole, ids: carried.map(({ edit }) => edit.id) }
}

function isCode({ kind }: Carrier): boolean {
  return kind === 'statement' || kind === 'body'
}

interface Group {
  readonly carrier: Carrier
  readonly edits: readonly NumberedEdit[]
}

/** Carriers come from one tree: each lies inside another or beside it. The outer comes first. */
function rendered(text: string, groups: readonly Group[], style: Style): string {
  let at = 0
  const between = (start: number, end: number): string => {
    let out = ''
    let from = start
    for (let group = groups[at]; group !== undefined && group.carrier.end <= end; group = groups[at]) {
      at += 1
      const { carrier } = group
      out += text.slice(from, carrier.start) + style.choice(text, group, between(carrier.start, carrier.end))
      from = carrier.end
    }
    return out + text.slice(from, end)
  }
  return between(0, text.length)
}

function choice(text: string, { carrier, edits }: Group, original: string): string {
  const variants = edits.map((edit) => ({ id: edit.id, source: variantText(text, carrier, edit) }))
  switch (carrier.kind) {
    case 'value':
    case 'effect': {
      const chosen = variants.map(({ id, source }) => `${chooser}(${id}) ? (${source}) : `).join('')
      return `${carrier.kind === 'effect' ? 'void ' : ''}(${chosen}(${original}))`
    }
    case 'statement':
      return `{${variants.map(({ id, source }) => `if (${chooser}(${id})) {${source}\n} else `).join('')}{${original}\n}}`
    case 'body':
      return `${variants.map(({ id, source }) => `if (${chooser}(${id})) {${source}\n} else `).join('')}{${original}\n}`
  }
}

function variantText(text: string, { start, end }: Carrier, edit: NumberedEdit): string {
  return edited(text.slice(start, end), { ...edit, start: edit.start - start, end: edit.end - start })
}

function placesIn(root: SyntaxNode): readonly Placed[] {
  const places: Placed[] = []
  walk(root, (placed) => places.push(placed))
  return places
}

function carrierOf(
  edit: NumberedEdit,
  places: readonly Placed[],
  text: string,
  plugins: readonly ParserPlugin[],
): Carrier | undefined {
  const around = places.filter(({ node }) => node.start <= edit.start && edit.end <= node.end && node.type !== 'Program')
  if (around.some(({ node }) => isLoad(node))) return undefined
  // Parents come before children: the last is the innermost.
  for (const placed of around.toReversed()) {
    const carrier = carrierAt(placed, text)
    if (carrier === undefined || carrier.end - carrier.start > carrierLengthMax) continue
    if (carrier.start > edit.start || carrier.end < edit.end) continue
    if (reads(variantText(text, carrier, edit), carrier, plugins)) return carrier
  }
  return undefined
}

function carrierAt({ node, parents, field }: Placed, text: string): Carrier | undefined {
  const parent = parents.at(-1)
  if (parent === undefined || parents.some(({ type }) => /^(?:TSEnum|Decorator)/.test(type))) return undefined
  if (isValue(node, parent, field, parents.at(-2)))
    return {
      start: node.start,
      end: node.end,
      kind: parent.type === 'ExpressionStatement' ? 'effect' : 'value',
      isAsked: field === 'test' && parent.type !== 'SwitchCase',
    }
  if (node.type === 'BlockStatement') return bodyOf(node)
  const isPlain = /^(?:Expression|If|Return|Throw|Break|Continue|For|ForOf|ForIn|While|DoWhile|Switch|Try)Statement$/.test(
    node.type,
  )
  const stands = field === 'body' || field === 'consequent' || field === 'alternate'
  if (!isPlain || !stands || parent.type === 'LabeledStatement' || text.slice(node.start, node.end) === '') return undefined
  return { start: node.start, end: node.end, kind: 'statement' }
}

/** What a block holds, without its braces. */
function bodyOf(node: SyntaxNode): Carrier | undefined {
  const statements = nodesIn(node, 'body')
  if (statements.length === 0 || nodesIn(node, 'directives').length > 0) return undefined
  // Declared functions are known in the whole block they stand in: in a block of its own another may not see them.
  return { start: node.start + 1, end: node.end - 1, kind: 'body' }
}

/** Whether what surrounds the node ends it on both sides, whatever operators are put into it. */
function isValue(node: SyntaxNode, parent: SyntaxNode, field: string, above: SyntaxNode | undefined): boolean {
  if (!/(?:Expression|Literal|^Identifier|^Super)$/.test(node.type) || node.type === 'Super') return false
  if (/^TS/.test(parent.type)) return false
  switch (parent.type) {
    case 'CallExpression':
    case 'OptionalCallExpression':
    case 'NewExpression':
      return field === 'arguments'
    case 'ArrayExpression':
    case 'TemplateLiteral':
    case 'SequenceExpression':
    case 'ReturnStatement':
    case 'ThrowStatement':
    case 'IfStatement':
    case 'WhileStatement':
    case 'DoWhileStatement':
    case 'ConditionalExpression':
    case 'SpreadElement':
    case 'JSXExpressionContainer':
    case 'ExpressionStatement':
      return true
    case 'SwitchStatement':
    case 'SwitchCase':
      return field === 'discriminant' || field === 'test'
    case 'ForStatement':
      return field === 'test' || field === 'update' || field === 'init'
    case 'ForOfStatement':
    case 'ForInStatement':
    case 'AssignmentExpression':
    case 'AssignmentPattern':
      return field === 'right'
    case 'VariableDeclarator':
      return field === 'init'
    case 'ArrowFunctionExpression':
      return field === 'body'
    case 'ObjectProperty':
      return field === 'value' && parent['shorthand'] !== true && above?.type === 'ObjectExpression'
    case 'ClassProperty':
    case 'ClassPrivateProperty':
      return field === 'value'
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return field === 'property' && parent['computed'] === true
    case 'ExportDefaultDeclaration':
      return true
    default:
      return false
  }
}

/** Tools look for the text of what is loaded, so it must be one. */
function isLoad(node: SyntaxNode): boolean {
  const callee = nodeIn(node, 'callee')
  if (node.type === 'ImportExpression' || callee?.type === 'Import') return true
  return callee !== undefined && wordIn(callee, 'name') === 'require'
}

function pluginsOf(path: string): readonly ParserPlugin[] {
  if (/\.(?:[mc]?ts)$/i.test(path)) return ['typescript']
  return /\.tsx$/i.test(path) ? ['typescript', 'jsx'] : ['jsx']
}

function reads(source: string, { kind }: Carrier, plugins: readonly ParserPlugin[]): boolean {
  const allowed = {
    plugins: [...plugins],
    // What only the surroundings can forbid (`return`, `break`, `await`) is judged when the whole is read.
    errorRecovery: true,
    allowAwaitOutsideFunction: true,
    allowReturnOutsideFunction: true,
    allowSuperOutsideMethod: true,
    allowNewTargetOutsideFunction: true,
  } satisfies ParserOptions
  try {
    if (kind === 'value' || kind === 'effect') parseExpression(source, allowed)
    else parse(source, allowed)
    return true
  } catch {
    return false
  }
}
