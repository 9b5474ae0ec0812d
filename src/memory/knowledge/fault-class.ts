import type { FaultClass } from '../../core/experience.js'
import type { Fault } from '../../core/fault.js'
import { canonicalJson, sha256 } from '../../core/hash.js'
import { secretForms } from '../../core/secret-forms.js'
import { oneLine } from '../../core/text.js'

/** What a class is read from. */
export type Classed = Pick<Fault, 'category' | 'code' | 'tool' | 'message' | 'location' | 'details'>

const shapeLengthMax = 240

/**
 * The class of a fault: the same for all faults that differ only in names, places and numbers, so that what healed one missing
 * package is known for the next.
 */
export function faultClassOf(fault: Classed): FaultClass {
  const { category, code, tool } = fault
  return {
    category,
    code: oneLine(code, 60),
    ...(tool !== undefined && { tool: oneLine(tool, 60) }),
    shape: shapeOf(fault),
  }
}

/** 16 hex digits: equal for equal classes. */
export function classIdOf({ category, code, tool, shape }: FaultClass): string {
  return sha256(canonicalJson([category, code, tool ?? '', shape])).slice(0, 16)
}

/** Jaccard similarity of the words of two shapes, 0..1; gaps count as words. */
export function shapeSimilarity(a: string, b: string): number {
  if (a === b) return 1
  const left = wordsOf(a)
  const right = wordsOf(b)
  let common = 0
  for (const word of left) if (right.has(word)) common += 1
  const all = left.size + right.size - common
  return all === 0 ? 0 : common / all
}

/** Of two details with the same text the first one here names the gap, so that the choice does not depend on the order. */
const precedence = ['specifier', 'package', 'program', 'name', 'suggestion', 'path', 'importer', 'file']

function shapeOf({ message, details, location }: Classed): string {
  const values = Object.entries(details)
    .flatMap(([name, value]) => (typeof value === 'string' && value.length > 1 && value.length <= 300 ? [{ name, value }] : []))
    .concat(location === undefined || location.file.length < 2 ? [] : [{ name: 'file', value: location.file }])
    .sort((x, y) => y.value.length - x.value.length || rankOf(x.name) - rankOf(y.name) || (x.name < y.name ? -1 : 1))
    .slice(0, 24)
  // Shapes are kept and exported: no secret gets there, and it would only make one class of two.
  let shape = secretForms.reduce(
    (text, { mark, wide }) => (text.includes(mark) ? text.replace(wide, '$secret') : text),
    oneLine(message, 500),
  )
  for (const { name, value } of values) shape = withGaps(shape, value, `$${name}`)
  shape = shape
    .replace(/(['"`])(?!\$\w+\1)[^'"`]{1,200}\1/g, '$1…$1')
    .replace(/(?:file:\/\/)?(?:[A-Za-z]:[\\/]|(?<![\w@.~$-])\.{0,2}\/)[^\s'"`()<>|:,;]{2,400}/g, '$file')
    .replace(/\b(?=[0-9a-f-]*\d)[0-9a-f]{8}[0-9a-f-]{0,64}\b|\b0x[0-9a-f]+\b/gi, 'H')
    .replace(/(?<![A-Za-z_@\d$])\d[\d.,:]*/g, 'N')
    .replace(/\s+/g, ' ')
    .trim()
  return shape.slice(0, shapeLengthMax)
}

function rankOf(name: string): number {
  const rank = precedence.indexOf(name)
  return rank === -1 ? precedence.length : rank
}

/** Every occurrence of `value` that is not a part of a longer word becomes the gap. */
function withGaps(text: string, value: string, gap: string): string {
  let result = ''
  let from = 0
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + 1)) {
    if (at < from || isWord(text[at - 1]) || isWord(text[at + value.length])) continue
    result += text.slice(from, at) + gap
    from = at + value.length
  }
  return result + text.slice(from)
}

function isWord(character: string | undefined): boolean {
  return character !== undefined && /[\w$]/.test(character)
}

function wordsOf(shape: string): ReadonlySet<string> {
  return new Set(shape.toLowerCase().match(/[\w$…-]+/g))
}
