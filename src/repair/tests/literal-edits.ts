import { replaceNode, type SingleEdit } from './single-edit.js'
import type { Symptom } from './symptom.js'
import type { SyntaxNode } from '../code/syntax-node.js'
import { nodeIn, wordIn, type Placed } from './syntax-tree.js'

/** What the rest of the file offers in place of a literal. */
export interface LiteralWords {
  /** Numbers of the file, as written. */
  readonly numbers: readonly string[]
  /** Short strings of the file, unquoted. */
  readonly strings: readonly string[]
  /** Words that the tests use, and other code. */
  readonly vocabulary: ReadonlySet<string>
}

/** Another constant: a number one off, a boolean the other way, a text as the failing test wants it, a flag of a pattern. */
export function literalEdits(
  { node, parents, field }: Placed,
  words: LiteralWords,
  symptoms: readonly Symptom[],
  text: string,
): readonly SingleEdit[] {
  const parent = parents.at(-1)
  if (parent === undefined || isName(parent, field) || /^TS(?!EnumMember|AsExpression|SatisfiesExpression)/.test(parent.type))
    return []
  switch (node.type) {
    case 'NumericLiteral':
      return numbers(node, parent, words, symptoms)
    case 'BooleanLiteral':
      return [replaceNode(node, node['value'] === true ? 'false' : 'true', 'boolean')]
    case 'StringLiteral':
      return strings(node, parent, words, symptoms, text)
    case 'TemplateElement':
      return templateTexts(node, symptoms, text)
    case 'RegExpLiteral':
      return patterns(node)
    default:
      return []
  }
}

/** A key of an object, the source of an import: not a value. */
function isName(parent: SyntaxNode, field: string): boolean {
  return (field === 'key' && parent['computed'] !== true) || field === 'source' || parent.type === 'Directive'
}

function numbers(node: SyntaxNode, parent: SyntaxNode, words: LiteralWords, symptoms: readonly Symptom[]): readonly SingleEdit[] {
  const { value } = node
  if (typeof value !== 'number' || !Number.isFinite(value)) return []
  const options = new Map<string, number>()
  const offer = (number: number, share: number): void => {
    if (!Number.isFinite(number) || number === value || (number < 0 && parent.type === 'UnaryExpression')) return
    const written = String(number)
    options.set(written, Math.max(options.get(written) ?? 0, share))
  }
  if (Number.isInteger(value)) {
    offer(value + 1, 0.9)
    if (value > 0) offer(value - 1, 1)
    if (value > 1) offer(0, 0.25)
    if (value > 2) offer(1, 0.25)
    if (value === 0) offer(-1, 0.3)
  }
  for (const { expectedNumber: wanted, actualNumber: got } of symptoms) {
    if (wanted === undefined || got === undefined) continue
    if (got !== 0 && wanted !== 0 && value !== 0) offer(rounded((value * wanted) / got), 1)
    if (got !== 0 && wanted !== 0 && value !== 0) offer(rounded((value * got) / wanted), 0.8)
    offer(rounded(value + wanted - got), 0.5)
    offer(rounded(value - wanted + got), 0.4)
  }
  if (value >= 2) for (const factor of [10, 0.1, 2, 0.5]) if (Number.isInteger(value * factor)) offer(value * factor, 0.35)
  const near = [...options].map(([written, share]) => replaceNode(node, written, 'number', share))
  const far = words.numbers
    .filter((written) => !options.has(written) && Number(written) !== value)
    .slice(0, 6)
    .map((written) => replaceNode(node, written, 'number-far', 1))
  return [...near, ...far]
}

function rounded(value: number): number {
  return Number(value.toPrecision(12))
}

function strings(
  node: SyntaxNode,
  parent: SyntaxNode,
  words: LiteralWords,
  symptoms: readonly Symptom[],
  text: string,
): readonly SingleEdit[] {
  const { value } = node
  if (typeof value !== 'string' || value.length > 400) return []
  const quote = text.charAt(node.start) === '"' ? '"' : "'"
  const quoted = (content: string): string =>
    quote + JSON.stringify(content).slice(1, -1).replace(/\\"/g, '"').replaceAll(quote, `\\${quote}`) + quote
  const types = isTypeOf(parent) ? typeNames.filter((name) => name !== value) : []
  if (types.length > 0)
    return types.map((name) => replaceNode(node, quoted(name), 'string', isTypeName(value) ? 0.1 : isNear(value, name) ? 2 : 0.1))
  const wanted = [...new Set(symptoms.flatMap((symptom) => meantTexts(value, symptom)))]
  const near = nearWords(value, words.vocabulary).filter((other) => !wanted.includes(other))
  const others = words.strings
    .filter((other) => other !== value && !wanted.includes(other) && !near.includes(other) && isAlike(value, other))
    .slice(0, value === '' ? 6 : 3)
  return [
    ...wanted.map((content) => replaceNode(node, quoted(content), 'string')),
    ...near.map((content) => replaceNode(node, quoted(content), 'string', 0.8)),
    ...others.map((content) => replaceNode(node, quoted(content), 'string-near', value === '' ? 2 : 1)),
    ...(value.length === 1 ? [replaceNode(node, quoted(''), 'string-near', 0.3)] : []),
  ]
}

/** What `typeof` answers. */
const typeNames = ['string', 'number', 'boolean', 'object', 'function', 'undefined', 'symbol', 'bigint']

function isTypeName(text: string): boolean {
  return typeNames.includes(text)
}

function isTypeOf(parent: SyntaxNode): boolean {
  return (
    parent.type === 'BinaryExpression' &&
    [nodeIn(parent, 'left'), nodeIn(parent, 'right')].some((side) => side !== undefined && wordIn(side, 'operator') === 'typeof')
  )
}

/** Words of the tests and of other code that differ by a letter or two: a literal that nobody else writes was misspelt. */
function nearWords(value: string, vocabulary: ReadonlySet<string>): readonly string[] {
  if (value.length < 3 || value.length > 60 || vocabulary.has(value)) return []
  const lower = value === value.toLowerCase()
  const found = new Set<string>()
  for (const word of vocabulary) {
    const other = lower ? word.toLowerCase() : word
    if (other !== value && isNear(value, other)) found.add(other)
    if (found.size >= 4) break
  }
  return [...found]
}

/** One letter more, less or other. */
function isNear(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1 || a === b) return false
  let head = 0
  while (head < a.length && head < b.length && a[head] === b[head]) head += 1
  let tail = 0
  while (tail < Math.min(a.length, b.length) - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail += 1
  return Math.max(a.length, b.length) - head - tail <= 1
}

function templateTexts(node: SyntaxNode, symptoms: readonly Symptom[], text: string): readonly SingleEdit[] {
  const written = text.slice(node.start, node.end)
  if (/[\\`$]/.test(written) || written.length > 400) return []
  const wanted = new Set(symptoms.flatMap((symptom) => meantTexts(written, symptom)))
  return [...wanted].filter((content) => !/[\\`$]/.test(content)).map((content) => replaceNode(node, content, 'string'))
}

/**
 * What a text of the code must have been for the failing test to see what it wants: the part in which the two values differ,
 * exchanged in it. Nothing for a text that has no such part.
 */
function meantTexts(value: string, { difference }: Symptom): readonly string[] {
  if (difference === undefined || difference.wanted.length > 60 || difference.got.length > 60) return []
  const { got, wanted, before, after } = difference
  if (got !== '') {
    const at = value.indexOf(got)
    if (at !== -1) return [value.slice(0, at) + wanted + value.slice(at + got.length)]
    // The difference may begin or end inside the text.
    return []
  }
  if (value === '') return [wanted]
  const places = [before.endsWith(value) && value + wanted, after.startsWith(value) && wanted + value]
  return places.filter((place) => typeof place === 'string')
}

/** Texts that might be taken for each other: separators, words of the same set. */
function isAlike(a: string, b: string): boolean {
  if (a === '') return b !== '' && b.length <= 2
  if (b === '') return false
  return /^\w+$/.test(a) === /^\w+$/.test(b) && Math.abs(a.length - b.length) <= Math.max(3, a.length / 2)
}

function patterns(node: SyntaxNode): readonly SingleEdit[] {
  const source = wordIn(node, 'pattern')
  const flags = wordIn(node, 'flags')
  if (source.length > 400) return []
  const toggled = (flag: string): string => (flags.includes(flag) ? flags.replace(flag, '') : flags + flag)
  const withFlags = ['g', 'i'].map((flag) =>
    replaceNode(node, `/${source}/${toggled(flag)}`, 'regex', flags.includes(flag) ? 0.5 : 1),
  )
  const anchored = [
    source.startsWith('^') ? source.slice(1) : `^${source}`,
    source.endsWith('$') && !source.endsWith('\\$') ? source.slice(0, -1) : `${source}$`,
  ].map((other) => replaceNode(node, `/${other}/${flags}`, 'regex', other.length > source.length ? 0.7 : 0.3))
  const repeated = [...source.matchAll(/(?<!\\|^|\(|[*+?])[*+?](?!\?)/g)]
    .slice(0, 8)
    .flatMap(({ index, 0: sign }) =>
      ['+', '*', '?']
        .filter((other) => other !== sign)
        .map((other) =>
          replaceNode(
            node,
            `/${source.slice(0, index)}${other}${source.slice(index + 1)}/${flags}`,
            'regex',
            sign === '?' || other === '?' ? 0.15 : 0.6,
          ),
        ),
    )
  const classes = [...source.matchAll(/\\([dDsSwWbB])/g)].slice(0, 6).map(({ index, 1: letter = '' }) => {
    const other = letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()
    return replaceNode(node, `/${source.slice(0, index + 1)}${other}${source.slice(index + 2)}/${flags}`, 'regex', 0.4)
  })
  const sets = [...source.matchAll(/(?<!\\)\[(\^?)/g)]
    .slice(0, 4)
    .map(({ index, 1: caret = '' }) =>
      replaceNode(
        node,
        `/${source.slice(0, index + 1)}${caret === '' ? '^' : ''}${source.slice(index + 1 + caret.length)}/${flags}`,
        'regex',
        0.4,
      ),
    )
  return [...withFlags, ...anchored, ...repeated, ...classes, ...sets].filter(({ text }) => isPattern(text))
}

function isPattern(text: string): boolean {
  const end = text.lastIndexOf('/')
  if (end <= 1) return false
  try {
    return new RegExp(text.slice(1, end), text.slice(end + 1)) instanceof RegExp
  } catch {
    return false
  }
}

/** The literals of a file that may stand in place of others: each once, the most frequent first. */
export function literalWords(nodes: readonly SyntaxNode[], text: string, vocabulary: ReadonlySet<string>): LiteralWords {
  const numberCounts = new Map<string, number>()
  const stringCounts = new Map<string, number>()
  for (const node of nodes) {
    if (node.type === 'NumericLiteral') add(numberCounts, text.slice(node.start, node.end))
    else if (node.type === 'StringLiteral' && wordIn(node, 'value').length <= 30) add(stringCounts, wordIn(node, 'value'))
  }
  return { numbers: byCount(numberCounts), strings: byCount(stringCounts), vocabulary }
}

function add(counts: Map<string, number>, word: string): void {
  counts.set(word, (counts.get(word) ?? 0) + 1)
}

function byCount(counts: ReadonlyMap<string, number>): readonly string[] {
  return [...counts].sort((a, b) => b[1] - a[1]).map(([word]) => word)
}
