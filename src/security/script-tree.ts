import { parse, type ParserOptions } from '@babel/parser'
import type { Surroundings } from './surroundings.js'

/** A node of a syntax tree, as far as it is known without asking. Offsets are those of the side it was parsed from. */
export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

/** A node and the way up. */
export interface Place {
  readonly node: Node
  readonly parent: Place | undefined
}

/** A parsed text. */
export interface ScriptTree {
  readonly root: Node
  /** Where the parsed text begins in its side. */
  readonly start: number
  /** What to add to an offset of a node to get the offset in the text of its side. */
  readonly offset: number
}

/** Longer texts are not parsed: a tree takes some 60 times the memory of its text. */
const parsedCharactersMax = 2_000_000

/**
 * Parses JavaScript or TypeScript by the file's name; `undefined` when it is neither, or does not parse.
 *
 * @param options - `start`: where the text begins in its side; `fragment`: it is a piece of a file;
 *   `surroundings`: what to put around it, the best guess first.
 */
export function parseScript(
  path: string,
  text: string,
  options: { readonly start: number; readonly fragment: boolean; readonly surroundings: () => readonly Surroundings[] },
): ScriptTree | undefined {
  const pluginSets = pluginSetsOf(path, text)
  if (pluginSets.length === 0 || text.length > parsedCharactersMax) return undefined
  for (const { before, after } of options.surroundings()) {
    for (const plugins of pluginSets) {
      const root = tryParse(`${before}${text}${after}`, plugins, options.fragment)
      if (root !== undefined) return { root, start: options.start, offset: options.start - before.length }
    }
  }
  return undefined
}

/** Calls `visit` for every node, parents first, in the order of the text. Keeps its own stack, so depth cannot overflow it. */
export function walk(root: Node, visit: (place: Place) => void): void {
  const stack: Place[] = [{ node: root, parent: undefined }]
  for (let place = stack.pop(); place !== undefined; place = stack.pop()) {
    visit(place)
    const children = childrenOf(place.node)
    for (let index = children.length - 1; index >= 0; index -= 1) {
      const node = children[index]
      if (node !== undefined) stack.push({ node, parent: place })
    }
  }
}

/** The child under `key`, if there is one. */
export function childOf(node: Node | undefined, key: string): Node | undefined {
  const value = node?.[key]
  return isNode(value) ? value : undefined
}

/** The children in the list under `key`; holes are left out. */
export function listOf(node: Node | undefined, key: string): readonly Node[] {
  const value = node?.[key]
  return Array.isArray(value) ? value.filter(isNode) : []
}

/** The text under `key`, if it is one. */
export function textOf(node: Node | undefined, key: string): string | undefined {
  const value = node?.[key]
  return typeof value === 'string' ? value : undefined
}

export function childrenOf(node: Node): readonly Node[] {
  const children: Node[] = []
  // Written plainly: it runs for every node, and most members are texts and numbers.
  for (const key in node) {
    const value = node[key]
    if (typeof value !== 'object' || value === null || skippedKeys.has(key)) continue
    if (isNode(value)) children.push(value)
    else if (Array.isArray(value)) for (const item of value) if (isNode(item)) children.push(item)
  }
  return children
}

const skippedKeys = new Set([
  'loc',
  'extra',
  'leadingComments',
  'trailingComments',
  'innerComments',
  'comments',
  'errors',
  'tokens',
])

function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'start' in value &&
    typeof value.start === 'number'
  )
}

type Plugins = NonNullable<ParserOptions['plugins']>

function pluginSetsOf(path: string, text: string): readonly Plugins[] {
  const name = path.toLowerCase()
  if (/\.[cm]?ts$/.test(name)) return [['typescript', 'decorators-legacy', 'explicitResourceManagement']]
  if (name.endsWith('.tsx')) return [['typescript', 'jsx', 'decorators-legacy', 'explicitResourceManagement']]
  if (!/\.[cm]?jsx?$/.test(name)) return []
  const plain: Plugins = ['jsx', 'decorators-legacy', 'explicitResourceManagement']
  return flowSign.test(text) ? [plain, ['jsx', 'flow']] : [plain]
}

/** What a text has that only Flow understands: without any of it a second attempt would fail as the first one did. */
const flowSign =
  /@flow|\b(?:type|typeof|opaque|declare|interface)\s{1,20}[\w{*]|\(\s{0,200}\w{1,80}\??\s{0,20}:|\)\s{0,20}:\s{0,20}[\w?{(*|'"$]|\b(?:const|let|var|static)\s{1,20}\w{1,80}\s{0,20}:|:\s{0,20}\?\w/

function tryParse(text: string, plugins: Plugins, fragment: boolean): Node | undefined {
  try {
    const errorRecovery = text.length < recoveredCharactersMax
    const file: unknown = parse(text, { ...leniently, sourceType: sourceTypeOf(text), plugins, errorRecovery })
    return isNode(file) && errorsOf(file).every((reason) => harmlessTwice.has(reason) || (fragment && harmless.has(reason)))
      ? file
      : undefined
  } catch {
    return undefined // Not of this language, or nested deeper than the parser's stack: read by its lines instead.
  }
}

/**
 * A script may use everything that a module may, with these options, and is read once, while `unambiguous` reads a text that does
 * not parse twice. What the two kinds read differently is left to it: HTML comments, `import.meta`, and `using` at the top.
 */
function sourceTypeOf(text: string): 'script' | 'unambiguous' {
  return /<!--|-->|\bimport\s{0,20}\.\s{0,20}meta\b|\busing\b/.test(text) ? 'unambiguous' : 'script'
}

/** The parser keeps every mistake that it gets over, so long texts are parsed without that. */
const recoveredCharactersMax = 50_000

/** A name that is declared twice stops the program, and no reader: the rest of the file means what it says. */
const harmlessTwice: ReadonlySet<string> = new Set(['VarRedeclaration', 'DuplicateExport', 'DuplicateDefaultExport'])

/** Mistakes that a piece of a sound file makes only because the rest is out of sight. */
const harmless: ReadonlySet<string> = new Set([
  'IllegalBreakContinue',
  'InvalidPrivateFieldResolution',
  'ModuleExportUndefined',
  'DuplicateConstructor',
  'ConstructorIsAsync',
])

function errorsOf(file: Node): readonly string[] {
  const errors = file['errors']
  return Array.isArray(errors)
    ? errors.map((error: unknown) =>
        typeof error === 'object' && error !== null && 'reasonCode' in error ? String(error.reasonCode) : '',
      )
    : []
}

const leniently: ParserOptions = {
  allowImportExportEverywhere: true,
  allowReturnOutsideFunction: true,
  allowAwaitOutsideFunction: true,
  allowNewTargetOutsideFunction: true,
  allowSuperOutsideMethod: true,
  allowUndeclaredExports: true,
  attachComment: false,
}
