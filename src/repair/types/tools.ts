import type { Change } from './change.js'
import type { Checker, Node, SourceFile, Type, TypeScript } from './compiler.js'

/** A name and its type, as it can be written at some place. */
export interface Visible {
  readonly name: string
  readonly type: Type
}

/** What rules have in common. */
export interface Tools {
  /** The smallest node that spans a piece of text. */
  spanning(file: SourceFile, start: number, end: number): Node
  /** The nearest node above, or the node itself, of some kind. */
  above<N extends Node>(node: Node, guard: (node: Node) => node is N): N | undefined
  /** All nodes below, of some kind, the node itself included. */
  below<N extends Node>(node: Node, guard: (node: Node) => node is N): readonly N[]
  fileOf(node: Node): SourceFile
  /** Values that can be named at a place and that the project declares itself. */
  visible(node: Node): readonly Visible[]
  /** 0..1, 1 for the same text but for the case of letters; 0 for what is no misspelling. */
  likeness(a: string, b: string): number
  /** How much two names have in common in words, 0..1: `maxSize` and `sizeMax`. */
  kinship(a: string, b: string): number
  replaced(node: Node, text: string): Change
  inserted(node: Node, position: number, text: string): Change
  /** Takes an element out of a list between commas. */
  removed(list: readonly Node[], index: number): Change
  /** A type as people write it; `undefined` where that is unsound (`any`), long, or not the name of anything here. */
  written(type: Type, node: Node): string | undefined
  /** A type without `null` and `undefined` among its parts. */
  isMissing(type: Type): boolean
}

/** Travels into the sandbox as text, like a rule: uses nothing but its arguments. */
export function createTools(ts: TypeScript, checker: Checker): Tools {
  const spanning: Tools['spanning'] = (file, start, end) => {
    let found: Node = file
    for (;;) {
      const inner: Node | undefined = ts.forEachChild(found, (child) =>
        child.getStart() <= start && end <= child.end && child.end > child.getStart() ? child : undefined,
      )
      if (inner === undefined) return found
      found = inner
    }
  }
  const above: Tools['above'] = (node, guard) => {
    for (let at: Node | undefined = node; at !== undefined; at = at.parent) if (guard(at)) return at
    return undefined
  }
  const below: Tools['below'] = (node, guard) => {
    const found: Parameters<typeof guard>[0][] = []
    const visit = (at: Node): undefined => {
      if (guard(at)) found.push(at)
      ts.forEachChild(at, visit)
    }
    visit(node)
    return found as never // Only what the guard let through is in it.
  }
  const fileOf: Tools['fileOf'] = (node) => above(node, ts.isSourceFile) as SourceFile // Every node hangs in a file.
  const visible: Tools['visible'] = (node) =>
    checker.getSymbolsInScope(node, ts.SymbolFlags['Value'] ?? 0).flatMap((symbol) => {
      const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0]
      if (declaration === undefined || fileOf(declaration).isDeclarationFile) return []
      return [{ name: symbol.name, type: checker.getTypeOfSymbolAtLocation(symbol, node) }]
    })
  const distance = (a: string, b: string): number => {
    const rows: number[][] = [Array.from({ length: b.length + 1 }, (_, column) => column)]
    const get = (row: number, column: number): number => rows[row]?.[column] ?? 1_000
    for (let row = 1; row <= a.length; row += 1) {
      rows.push([row])
      for (let column = 1; column <= b.length; column += 1) {
        const same = a[row - 1] === b[column - 1] ? 0 : 1
        let best = Math.min(get(row - 1, column) + 1, get(row, column - 1) + 1, get(row - 1, column - 1) + same)
        if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
          best = Math.min(best, get(row - 2, column - 2) + 1)
        rows[row]?.push(best)
      }
    }
    return get(a.length, b.length)
  }
  const likeness: Tools['likeness'] = (a, b) => {
    if (a.length > 80 || b.length > 80) return 0
    const [x, y] = [a.toLowerCase(), b.toLowerCase()]
    if (x === y) return 1
    const edits = distance(x, y)
    const length = Math.max(x.length, y.length)
    if (edits <= Math.max(1, Math.floor(length * 0.34))) return 1 - edits / (length + 2)
    // `retries` for `retriesMax`: a word more or less.
    const [short, long] = x.length < y.length ? [x, y] : [y, x]
    return short.length > 2 && (long.startsWith(short) || long.endsWith(short)) ? (0.5 * short.length) / long.length : 0
  }
  const wordsOf = (name: string): readonly string[] =>
    name
      .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => word !== '')
  const kinship: Tools['kinship'] = (a, b) => {
    const [x, y] = [new Set(wordsOf(a)), new Set(wordsOf(b))]
    const common = [...x].filter((word) => y.has(word)).length
    return common === 0 ? 0 : common / (x.size + y.size - common)
  }
  const removed: Tools['removed'] = (list, index) => {
    const node = list[index] as Node // Callers count.
    const next = list[index + 1]
    const last = list[index - 1]
    const start = next === undefined && last !== undefined ? last.end : node.getStart()
    return { file: fileOf(node).fileName, start, end: next?.getStart() ?? node.end, text: '' }
  }
  const written: Tools['written'] = (type, node) => {
    const text = checker.typeToString(type, node, ts.TypeFormatFlags['NoTruncation'])
    return text.length > 160 || /\b(?:any|never|unknown|import|typeof|unique)\b|\.\.\. |\*\/|^error$/.test(text)
      ? undefined
      : text
  }
  return {
    spanning,
    above,
    below,
    fileOf,
    visible,
    likeness,
    kinship,
    replaced: (node, text) => ({ file: fileOf(node).fileName, start: node.getStart(), end: node.end, text }),
    inserted: (node, position, text) => ({ file: fileOf(node).fileName, start: position, end: position, text }),
    removed,
    written,
    isMissing: (type) =>
      (type.types ?? [type]).some(
        (part) => (part.flags & ((ts.TypeFlags['Undefined'] ?? 0) | (ts.TypeFlags['Null'] ?? 0))) !== 0,
      ),
  }
}
