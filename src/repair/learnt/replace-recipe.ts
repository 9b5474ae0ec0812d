import type { Recipe } from '../../core/experience.js'
import type { Location } from '../../core/fault.js'
import type { FileEdit } from '../../core/patch.js'
import { filled, isWord, onlyPlace, templateOf, type Bindings } from './bindings.js'

export type ReplaceRecipe = Extract<Recipe, { kind: 'replace' }>

const findLengthMax = 400

/**
 * A change of one run of tokens as a recipe for other names and files: only where the fault itself names all that is put in,
 * and where the recipe gives exactly this change again. The narrowest run of tokens is tried first, then wider ones.
 */
export function replaceRecipeOf(
  { path, before, after }: FileEdit,
  bindings: Bindings,
  location: Location | undefined,
): ReplaceRecipe | undefined {
  if (before === null || after === null) return undefined
  const file = templateOf(path, new Map([...bindings].filter(([, value]) => value === path)))
  if (file.length !== 1 || typeof file[0] === 'string') return undefined
  const change = changeOf(before, after)
  for (const reach of reaches) {
    const { start, end } = widened(before, change, reach)
    const find = templateOf(before.slice(start, end), bindings)
    const put = templateOf(after.slice(start, end + after.length - before.length), bindings)
    if (end - start > findLengthMax || !find.some((part) => typeof part !== 'string')) continue
    if (!isBound(find, put)) continue
    const recipe: ReplaceRecipe = { kind: 'replace', file, find, put }
    if (replaced(recipe, before, { bindings, location }) === after) return recipe
  }
  return undefined
}

/** The text with the recipe done at the fault's line, or where it fits once in all; `undefined` where it does not. */
export function replaced(
  { find, put, file }: ReplaceRecipe,
  text: string,
  { bindings, location }: { readonly bindings: Bindings; readonly location: Location | undefined },
): string | undefined {
  const from = filled(find, bindings)
  const to = filled(put, bindings)
  if (from === undefined || to === undefined || from === '' || from === to) return undefined
  const isHere = filled(file, bindings) === bindings.get('file')
  const line = isHere && location?.line !== undefined ? lineAt(text, location.line) : undefined
  const inLine = line === undefined ? undefined : onlyPlace(line.text, from)
  const at = line !== undefined && inLine !== undefined ? line.start + inLine : onlyPlace(text, from)
  return at === undefined ? undefined : text.slice(0, at) + to + text.slice(at + from.length)
}

interface Span {
  readonly start: number
  readonly end: number
}

/** Characters that a run of tokens may be widened by: a name; then a path or a chain of members, with its quotes. */
const reaches = [/[\w$]/, /[\w$@./#:~-]/, /[\w$@./#:~'"`-]/] as const

/** What differs, in the text before. */
function changeOf(before: string, after: string): Span {
  const shorter = Math.min(before.length, after.length)
  let start = 0
  while (start < shorter && before[start] === after[start]) start += 1
  let tail = 0
  while (tail < shorter - start && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1
  return { start, end: before.length - tail }
}

function widened(text: string, { start, end }: Span, reach: RegExp): Span {
  let left = start
  let right = end
  while (left > 0 && reach.test(text[left - 1] ?? '')) left -= 1
  while (right < text.length && reach.test(text[right] ?? '')) right += 1
  return { start: left, end: right }
}

/** Words that mean the same in every project. */
const common = new Set(
  'async await break case catch class const continue default delete do else export extends false finally for from function if import in instanceof let new null of return static super switch this throw true try type typeof undefined var void while with yield js mjs cjs jsx ts mts cts tsx json index node'.split(
    ' ',
  ),
)

/** Whether all that is put in comes from the fault, from what stood there, or from the language. */
function isBound(find: ReplaceRecipe['find'], put: ReplaceRecipe['put']): boolean {
  const had = new Set(find.flatMap(wordsIn))
  return put.flatMap(wordsIn).every((word) => had.has(word) || common.has(word))
}

function wordsIn(part: ReplaceRecipe['find'][number]): readonly string[] {
  return typeof part === 'string' ? part.split(/[^\w$]+/).filter((word) => isWord(word[0])) : []
}

function lineAt(text: string, line: number): { readonly start: number; readonly text: string } | undefined {
  let start = 0
  for (let at = 1; at < line; at += 1) {
    const end = text.indexOf('\n', start)
    if (end === -1) return undefined
    start = end + 1
  }
  const end = text.indexOf('\n', start)
  return { start, text: text.slice(start, end === -1 ? text.length : end) }
}
